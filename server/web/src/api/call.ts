// Requests of the pages, through the client of the API. The server checks that a request that changes something comes from this page.
import {SheaflineError} from "@sheafline/client";
import {t} from "../text/text.js";
import {client} from "./client.js";

export function onSignedOut(callback: () => void): void {
  client.onUnauthorized(callback);
}

export {SheaflineError as ServerError};

// What to show of an error: the texts of the client itself are not in the catalog of the dashboard.
export function messageOf(error: unknown): string {
  if (!(error instanceof SheaflineError)) return error instanceof Error ? error.message : String(error);
  if (error.problem.detail !== undefined || error.problem.title !== undefined) return error.message;
  return error.status === 0 ? t("error.unreachable") : t("error.status", {status: String(error.status)});
}

export const call = <T>(path: string, options: RequestInit = {}): Promise<T> => client.json<T>(path, options);

// Why an image was not shown: an image element does not say it.
export async function whyMissing(path: string): Promise<string> {
  try {
    await client.send(path);
    return t("error.image");
  } catch (error) {
    return messageOf(error);
  }
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
