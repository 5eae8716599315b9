import type { Connection } from "./connection.js";
import type { Gap, ProgressEvent } from "./types.js";
export type WatchState = "connecting" | "streaming" | "polling" | "cut";
export interface WatchOptions {
    readonly after?: number;
    readonly signal?: AbortSignal | undefined;
    readonly onGap?: (gap: Gap) => void;
    readonly onState?: (state: WatchState) => void;
    readonly streams?: boolean;
    readonly openMs?: number;
    readonly silenceMs?: number;
    readonly pollMs?: number;
    readonly streamAgainMs?: number;
}
export declare function watch(connection: Connection, batch: string, options?: WatchOptions): AsyncGenerator<ProgressEvent, void>;
