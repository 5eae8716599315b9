import type { Connection } from "./connection.js";
import { type UploadInput } from "./upload_source.js";
export interface ParamFile {
    readonly filename?: string;
    readonly text?: string;
    readonly base64?: string;
}
export type ParamValue = string | number | boolean | ParamFile;
export type UploadStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;
export interface UploadProgress {
    readonly sent: number;
    readonly size: number;
    readonly rate: number;
    readonly left: number | null;
    readonly waiting: boolean;
}
export interface EarlierUpload {
    readonly batch: string;
    readonly offset: number;
    readonly size: number;
}
export interface UploadOptions {
    readonly pipeline: string;
    readonly params?: Readonly<Record<string, ParamValue>>;
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly filename?: string;
    readonly signal?: AbortSignal | undefined;
    readonly store?: UploadStore;
    readonly onEarlier?: (earlier: EarlierUpload) => boolean | Promise<boolean>;
    readonly onCreated?: (batch: string, size: number) => void;
    readonly onPrepared?: (share: number) => void;
    readonly onProgress?: (progress: UploadProgress) => void;
    readonly pieceBytes?: number;
    readonly patienceMs?: number;
}
export declare function upload(connection: Connection, input: UploadInput | readonly UploadInput[], options: UploadOptions): Promise<string>;
