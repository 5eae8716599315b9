import { type TokenSource } from "./connection.js";
import { type AnswerOf, type MethodOf, type OperationOf, type Path, type RequestOf } from "./routes.js";
import type { Answer, ApiToken, Batch, BatchState, BatchStatus, CreatedApiToken, Decision, Finding, NewDecision, Pipeline, ProgressEvent, Result, Scope, Session, Sheet, SheetDetail } from "./types.js";
import { type ParamValue, type UploadOptions } from "./upload.js";
import type { UploadInput } from "./upload_source.js";
import { type WatchOptions } from "./watch.js";
export type { TokenSource } from "./connection.js";
export { SheaflineError } from "./problems.js";
export type { components, operations, paths } from "./schema.js";
export type { MethodOf, OperationOf, AnswerOf, RequestOf, Path } from "./routes.js";
export * from "./types.js";
export type { EarlierUpload, ParamFile, ParamValue, UploadOptions, UploadProgress, UploadStore } from "./upload.js";
export type { UploadInput, UploadSource } from "./upload_source.js";
export type { WatchOptions, WatchState } from "./watch.js";
export type { WatchOptions as FollowOptions } from "./watch.js";
export { zipOf } from "./zip.js";
export interface SubmitOptions {
    readonly pipeline: string;
    readonly params?: Readonly<Record<string, ParamValue>>;
    readonly signal?: AbortSignal;
    readonly onSent?: (bytes: number) => void;
}
export interface ClientOptions {
    readonly token?: TokenSource;
}
export declare class SheaflineClient {
    #private;
    constructor(url: string, { token }?: ClientOptions);
    signIn(user: string, password: string): Promise<string>;
    useToken(token: TokenSource): void;
    onUnauthorized(act: () => void): void;
    request<P extends Path, M extends MethodOf<P>>(method: M, path: P, request?: RequestOf<OperationOf<P, M>>): Promise<AnswerOf<OperationOf<P, M>>>;
    fetch<P extends Path, M extends MethodOf<P>>(method: M, path: P, request?: RequestOf<OperationOf<P, M>>): Promise<Response>;
    upload(input: UploadInput | readonly UploadInput[], options: UploadOptions): Promise<string>;
    submit(file: Blob, { onSent, ...options }: SubmitOptions): Promise<string>;
    watch(batch: string, options?: WatchOptions): AsyncGenerator<ProgressEvent, void>;
    follow(batch: string, options?: WatchOptions): AsyncGenerator<ProgressEvent, void>;
    streamUrl(batch: string): Promise<string>;
    session(): Promise<Session>;
    signOut(): Promise<void>;
    batches(filter?: {
        readonly state?: BatchState;
        readonly pipeline?: string;
        readonly q?: string;
        readonly sort?: "newest" | "oldest" | "name";
    }): AsyncGenerator<Batch, void>;
    batch(batch: string): Promise<Batch>;
    status(batch: string): Promise<BatchStatus>;
    change(batch: string, change: {
        readonly name?: string;
        readonly labels?: Readonly<Record<string, string>>;
    }): Promise<Batch>;
    cancel(batch: string): Promise<void>;
    retry(batch: string): Promise<void>;
    remove(batch: string): Promise<void>;
    share(batch: string, shares: {
        readonly users?: readonly string[];
        readonly everybody?: boolean;
    }): Promise<void>;
    sheets(batch: string, filter?: {
        readonly state?: Sheet["state"];
    }): AsyncGenerator<Sheet, void>;
    sheet(batch: string, sheet: number): Promise<SheetDetail>;
    sheetImage(batch: string, sheet: number, options?: {
        readonly overlay?: boolean;
        readonly field?: string;
    }): Promise<Blob>;
    results(batch: string, filter?: {
        readonly q?: string;
        readonly sort?: "sheet" | "confidence";
    }): AsyncGenerator<Result, void>;
    findings(batch: string): AsyncGenerator<Finding, void>;
    artifact(batch: string, name: string): Promise<Blob>;
    bundle(batch: string): Promise<Response>;
    answers(batch: string, filter?: {
        readonly flag?: string;
        readonly question?: string;
        readonly sort?: "sheet" | "confidence";
    }): AsyncGenerator<Answer, void>;
    decide(batch: string, decisions: readonly NewDecision[]): Promise<readonly Decision[]>;
    decisions(batch: string, filter?: {
        readonly state?: Decision["state"];
        readonly sheet?: number;
    }): AsyncGenerator<Decision, void>;
    applyDecisions(batch: string): Promise<void>;
    score(batch: string, key: string, type?: "text/csv" | "application/yaml" | "application/json", options?: {
        readonly reason?: string;
        readonly replaces?: number;
    }): Promise<void>;
    pipelines(): Promise<readonly Pipeline[]>;
    tokens(): Promise<readonly ApiToken[]>;
    addToken(name: string, scopes: readonly Scope[], options?: {
        readonly days?: number;
    }): Promise<CreatedApiToken>;
    removeToken(id: string): Promise<void>;
}
