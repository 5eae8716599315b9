// One piece of an upload: a PATCH of tus 1.0, and the offset that the server has.
import type {Connection} from "./connection.js";
import {SheaflineError} from "./problems.js";
import type {Problem} from "./types.js";

const kTus = {"Tus-Resumable": "1.0.0"};

export async function offsetOf(connection: Connection, url: string): Promise<number> {
  const reply = await connection.ask(url, {method: "HEAD", headers: kTus});
  if (!reply.ok) throw new SheaflineError(reply.status, {detail: "the upload no longer exists on the server; start it again"});
  return Number(reply.headers.get("Upload-Offset"));
}

// Returns the offset behind the piece. A browser reports with `onBytes` how much of the piece was sent.
export async function sendPiece(connection: Connection, url: string, offset: number, piece: Blob | Uint8Array,
    onBytes: (bytes: number) => void, signal?: AbortSignal): Promise<number> {
  const headers = {...kTus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset)};
  if (typeof XMLHttpRequest === "function") return sendByXhr(connection, url, headers, piece, onBytes, signal);
  const reply = await connection.send(url, {method: "PATCH", headers, body: piece as BodyInit, signal: signal ?? null});
  return Number(reply.headers.get("Upload-Offset"));
}

// fetch() does not report how much of a body was sent.
async function sendByXhr(connection: Connection, url: string, headers: Readonly<Record<string, string>>, piece: Blob | Uint8Array,
    onBytes: (bytes: number) => void, signal?: AbortSignal): Promise<number> {
  const session = await connection.authorization();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open("PATCH", connection.url + url);
    for (const [name, value] of Object.entries({...headers, ...session})) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => onBytes(event.loaded);
    request.onload = () => {
      if (request.status === 204) return resolve(Number(request.getResponseHeader("Upload-Offset")));
      if (request.status === 401) connection.onUnauthorized();
      reject(new SheaflineError(request.status, problemOf(request.responseText)));
    };
    request.onerror = () => reject(new SheaflineError(0, {}));
    request.onabort = () => reject(signal?.reason ?? new DOMException("the upload was stopped", "AbortError"));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, {once: true});
    request.send(piece as XMLHttpRequestBodyInit);
  });
}

function problemOf(text: string): Problem {
  try {
    return JSON.parse(text) as Problem;
  } catch {
    return {};
  }
}
