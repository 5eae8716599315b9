import type { Decision, Problem } from "./types.js";
export declare class SheaflineError extends Error {
    readonly status: number;
    readonly problem: Problem;
    readonly name = "SheaflineError";
    constructor(status: number, problem: Problem);
    get code(): string;
    get mayPass(): boolean;
    get decisions(): readonly Decision[];
}
export declare function errorOf(reply: Response): Promise<SheaflineError>;
export declare function sleep(ms: number, signal?: AbortSignal): Promise<void>;
export declare class Patience {
    #private;
    renew(): void;
    wait(atLeast?: number, signal?: AbortSignal): Promise<void>;
}
