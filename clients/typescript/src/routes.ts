// The types of all routes: which methods a path has, what a request needs, and what its answer is.
import type {paths} from "./schema.js";

export type Path = keyof paths & string;
type Verb = "get" | "post" | "put" | "patch" | "delete";
type Operation<P extends Path, V extends Verb> = Exclude<paths[P][V], undefined>;
export type MethodOf<P extends Path> = {[V in Verb]: [Operation<P, V>] extends [never] ? never : Uppercase<V>}[Verb];
export type OperationOf<P extends Path, M extends string> = Lowercase<M> extends Verb ? Operation<P, Lowercase<M>> : never;

type PathPart<O> = O extends {parameters: {path: infer Values}} ? {readonly path: Values} : {readonly path?: Record<string, never>};
type QueryPart<O> = O extends {parameters: {query?: infer Values}}
  ? {readonly query?: {readonly [Name in keyof Values]: Values[Name] | null} & {readonly [name: `${"set" | "label"}.${string}`]: string}} : unknown;
type BodyPart<O> = O extends {requestBody: {content: {"application/json": infer Body}}} ? {readonly json?: Body} : unknown;

// `json` is the body as JSON; `body` is any other body.
export type RequestOf<O> = PathPart<O> & QueryPart<O> & BodyPart<O> & {
  readonly body?: BodyInit;
  readonly headers?: HeadersInit;
  readonly signal?: AbortSignal | undefined;
};

type Success = 200 | 201 | 202;
export type AnswerOf<O> = O extends {responses: infer Responses}
  ? {[Status in keyof Responses & Success]: Responses[Status] extends {content: {"application/json": infer Body}} ? Body : undefined}[keyof Responses & Success] : never;

export interface LooseRequest {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, string | number | boolean | null | undefined>>;
  readonly json?: unknown;
  readonly body?: BodyInit;
  readonly headers?: HeadersInit;
  readonly signal?: AbortSignal | undefined;
}

// "/api/batches/{id}" and {id: "1"} to "/api/batches/1", with the query that is not empty.
export function addressOf(path: string, {path: values = {}, query = {}}: LooseRequest): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`the path ${path} needs a value for ${name}`);
    return encodeURIComponent(String(value));
  });
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== "" && value !== null && value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === "" ? filled : `${filled}?${text}`;
}

export function optionsOf(method: string, {json, body, headers, signal}: LooseRequest): RequestInit {
  const fields = new Headers(headers);
  if (json !== undefined) fields.set("Content-Type", "application/json");
  return {method, headers: fields, signal: signal ?? null, ...(json !== undefined ? {body: JSON.stringify(json)} : body !== undefined ? {body} : {})};
}
