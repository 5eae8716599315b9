// Requests to the server. The session is a cookie that scripts cannot read; the server checks that a request comes from this page.
import {t} from "../text/text.js";
import type {Decision, ProblemBody} from "./types.js";

let signedOut = (): void => {};
export function onSignedOut(callback: () => void): void {
  signedOut = callback;
}

// Status 0: the server did not answer.
export class ServerError extends Error {
  constructor(readonly status: number, readonly problem: ProblemBody) {
    super(messageOf(status, problem));
  }

  get code(): string {
    return this.problem.code ?? "";
  }

  // The same request may succeed later.
  get mayPass(): boolean {
    return this.status === 0 || [408, 423, 429, 502, 503, 504].includes(this.status);
  }

  // What somebody else decided first.
  get decisions(): readonly Decision[] {
    return (this.problem.errors ?? []).flatMap((error) => error.decision ?? []);
  }
}

function messageOf(status: number, problem: ProblemBody): string {
  const main = problem.detail ?? problem.title;
  if (main === undefined) return status === 0 ? t("error.unreachable") : t("error.status", {status: String(status)});
  const places = (problem.errors ?? []).map((error) => error.detail ?? "").filter((text) => text !== "" && text !== main);
  return [main, ...places].join("; ");
}

export async function call<T>(path: string, options: RequestInit = {}): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(path, options);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ServerError(0, {});
  }
  if (reply.status === 204) return undefined as T;
  if (reply.ok) return await reply.json() as T;
  if (reply.status === 401) signedOut();
  throw new ServerError(reply.status, await reply.json().catch(() => ({})) as ProblemBody);
}

// Why an image was not shown: an image element does not say it.
export async function whyMissing(path: string): Promise<string> {
  const reply = await fetch(path).catch(() => null);
  if (!reply) return t("error.unreachable");
  if (reply.ok) return t("error.image");
  return new ServerError(reply.status, await reply.json().catch(() => ({})) as ProblemBody).message;
}

const withBody = (method: string, body: unknown): RequestInit => body === undefined ? {method} : {
  method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body),
};

export const post = <T = void>(path: string, body?: unknown): Promise<T> => call<T>(path, withBody("POST", body));
export const patch = <T = void>(path: string, body: unknown): Promise<T> => call<T>(path, withBody("PATCH", body));
export const remove = (path: string): Promise<void> => call<void>(path, {method: "DELETE"});

export const batchPath = (id: string, rest = ""): string => "/api/batches/" + encodeURIComponent(id) + rest;

// "?a=1&b=2" of the values that are not empty; "" if all are.
export function query(values: Readonly<Record<string, string | number | null | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== "" && value !== null && value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === "" ? "" : "?" + text;
}
