import type { Connection } from "./connection.js";
export declare function offsetOf(connection: Connection, url: string): Promise<number>;
export declare function sendPiece(connection: Connection, url: string, offset: number, piece: Blob | Uint8Array, onBytes: (bytes: number) => void, signal?: AbortSignal): Promise<number>;
