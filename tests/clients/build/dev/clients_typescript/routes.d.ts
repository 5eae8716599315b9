import type { paths } from "./schema.js";
export type Path = keyof paths & string;
type Verb = "get" | "post" | "put" | "patch" | "delete";
type Operation<P extends Path, V extends Verb> = Exclude<paths[P][V], undefined>;
export type MethodOf<P extends Path> = {
    [V in Verb]: [Operation<P, V>] extends [never] ? never : Uppercase<V>;
}[Verb];
export type OperationOf<P extends Path, M extends string> = Lowercase<M> extends Verb ? Operation<P, Lowercase<M>> : never;
type PathPart<O> = O extends {
    parameters: {
        path: infer Values;
    };
} ? {
    readonly path: Values;
} : {
    readonly path?: Record<string, never>;
};
type QueryPart<O> = O extends {
    parameters: {
        query?: infer Values;
    };
} ? {
    readonly query?: {
        readonly [Name in keyof Values]: Values[Name] | null;
    } & {
        readonly [name: `${"set" | "label"}.${string}`]: string;
    };
} : unknown;
type BodyPart<O> = O extends {
    requestBody: {
        content: {
            "application/json": infer Body;
        };
    };
} ? {
    readonly json?: Body;
} : unknown;
export type RequestOf<O> = PathPart<O> & QueryPart<O> & BodyPart<O> & {
    readonly body?: BodyInit;
    readonly headers?: HeadersInit;
    readonly signal?: AbortSignal | undefined;
};
type Success = 200 | 201 | 202;
export type AnswerOf<O> = O extends {
    responses: infer Responses;
} ? {
    [Status in keyof Responses & Success]: Responses[Status] extends {
        content: {
            "application/json": infer Body;
        };
    } ? Body : undefined;
}[keyof Responses & Success] : never;
export interface LooseRequest {
    readonly path?: Readonly<Record<string, string | number>>;
    readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
    readonly json?: unknown;
    readonly body?: BodyInit;
    readonly headers?: HeadersInit;
    readonly signal?: AbortSignal | undefined;
}
export declare function addressOf(path: string, { path: values, query }: LooseRequest): string;
export declare function optionsOf(method: string, { json, body, headers, signal }: LooseRequest): RequestInit;
export {};
