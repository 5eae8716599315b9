// Uploads by tus 1.0, in the background of all pages. After a lost connection an upload continues at the offset of the server;
// after a reload it continues when the person chooses the same file again.
import {useEffect, useState} from "preact/hooks";
import {ServerError, batchPath, call, post} from "../../api/call.js";
import type {CreatedBatch, ProblemBody} from "../../api/types.js";
import {t} from "../../text/text.js";

const kPieceBytes = 8 << 20;
const kPausesMs = [500, 1_000, 2_000, 5_000, 10_000];
const kTries = 60;
const kTus = {"Tus-Resumable": "1.0.0"};
const kKept = "sheafline-uploads";

export interface Upload {
  readonly batch: string;
  readonly name: string;
  readonly size: number;
  sent: number;
  rate: number;  // bytes a second
  state: "sending" | "waiting" | "sent" | "failed" | "cancelled";
  problem: string;
  readonly abort: AbortController;
}

export interface Order {
  readonly pipeline: string;
  readonly params: Readonly<Record<string, string>>;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface KeptUpload {
  readonly print: string;
  readonly batch: string;
  readonly url: string;
  readonly pipeline: string;
}

let uploads: readonly Upload[] = [];
const watchers = new Set<() => void>();
const changed = (): void => watchers.forEach((watcher) => watcher());
const atWork = (upload: Upload): boolean => upload.state === "sending" || upload.state === "waiting";

addEventListener("beforeunload", (event) => { if (uploads.some(atWork)) event.preventDefault(); });

export function useUploads(): readonly Upload[] {
  const [, show] = useState(0);
  useEffect(() => {
    const watcher = (): void => show((count) => count + 1);
    watchers.add(watcher);
    return () => { watchers.delete(watcher); };
  }, []);
  return uploads;
}

export function dismiss(upload: Upload): void {
  uploads = uploads.filter((one) => one !== upload);
  changed();
}

// Name, size and time tell files apart well enough to offer the upload again; the person decides.
const printOf = (file: File): string => [file.name, file.size, file.lastModified].join("/");

function kept(): readonly KeptUpload[] {
  try {
    return JSON.parse(localStorage.getItem(kKept) ?? "[]") as readonly KeptUpload[];
  } catch {
    return [];
  }
}

const keep = (list: readonly KeptUpload[]): void => localStorage.setItem(kKept, JSON.stringify(list.slice(-20)));
const forget = (batch: string): void => keep(kept().filter((one) => one.batch !== batch));

async function offsetOf(url: string): Promise<number> {
  const reply = await fetch(url, {method: "HEAD", headers: kTus}).catch(() => { throw new ServerError(0, {}); });
  if (!reply.ok) throw new ServerError(reply.status, {detail: t("upload.gone")});
  return Number(reply.headers.get("Upload-Offset"));
}

// An upload of this file that has not ended, and how much of it the server has.
export async function unfinished(file: File, pipeline: string): Promise<{readonly found: KeptUpload; readonly offset: number} | null> {
  const found = kept().find((one) => one.print === printOf(file) && one.pipeline === pipeline);
  if (!found || uploads.some((upload) => upload.batch === found.batch && atWork(upload))) return null;
  try {
    return {found, offset: await offsetOf(found.url)};
  } catch (error) {
    if (error instanceof ServerError && !error.mayPass) forget(found.batch);
    return null;
  }
}

// XMLHttpRequest reports how much of a body was sent; fetch does not.
function sendPiece(url: string, offset: number, piece: Blob, onSent: (bytes: number) => void, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", url);
    for (const [name, value] of Object.entries(kTus)) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.setRequestHeader("Upload-Offset", String(offset));
    request.upload.onprogress = (event) => onSent(offset + event.loaded);
    request.onload = () => request.status === 204 ? resolve(Number(request.getResponseHeader("Upload-Offset")))
      : reject(new ServerError(request.status, parsed(request.responseText)));
    request.onerror = () => reject(new ServerError(0, {}));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), {once: true});
    request.send(piece);
  });
}

function parsed(text: string): ProblemBody {
  try {
    return JSON.parse(text) as ProblemBody;
  } catch {
    return {};
  }
}

// 409: the server has another offset; 423: an earlier request still holds the upload.
const mayPass = (error: unknown): boolean => error instanceof ServerError && (error.mayPass || error.status === 409 || error.status === 460);

async function sendAll(upload: Upload, url: string, file: File): Promise<void> {
  let offset = upload.sent;
  const {signal} = upload.abort;
  for (let tries = 0; offset < file.size;) {
    const begun = performance.now();
    const from = offset;
    const onSent = (bytes: number): void => {
      const seconds = (performance.now() - begun) / 1000;
      upload.sent = bytes;
      if (seconds > 0.3) upload.rate = (bytes - from) / seconds;
      changed();
    };
    try {
      upload.state = "sending";
      offset = await sendPiece(url, offset, file.slice(offset, offset + kPieceBytes), onSent, signal);
      tries = 0;
    } catch (error) {
      if (!mayPass(error) || ++tries > kTries) throw error;
      upload.state = "waiting";
      changed();
      await new Promise((resolve) => setTimeout(resolve, kPausesMs[Math.min(tries, kPausesMs.length) - 1]));
      signal.throwIfAborted();
      offset = await offsetOf(url).catch((problem: unknown) => {
        if (problem instanceof ServerError && !problem.mayPass) throw problem;
        return offset;
      });
    }
    upload.sent = offset;
    changed();
  }
}

async function run(upload: Upload, url: string, file: File): Promise<void> {
  try {
    await sendAll(upload, url, file);
    upload.state = "sent";
    forget(upload.batch);
  } catch (error) {
    upload.state = upload.abort.signal.aborted ? "cancelled" : "failed";
    upload.problem = upload.state === "failed" ? (error as Error).message : "";
    if (upload.state === "cancelled") {
      forget(upload.batch);
      await post(batchPath(upload.batch, "/cancel")).catch(() => {});
    }
  }
  changed();
}

function begin(batch: string, url: string, file: File, sent: number): Upload {
  const upload: Upload = {batch, name: file.name, size: file.size, sent, rate: 0, state: "sending", problem: "", abort: new AbortController()};
  uploads = [...uploads, upload];
  changed();
  void run(upload, url, file);
  return upload;
}

// Returns the batch's id as soon as the server knows the batch; the file is sent in the background.
export async function submit(order: Order, file: File | null): Promise<string> {
  const made = await call<CreatedBatch>("/api/batches", {
    method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({pipeline: order.pipeline, params: order.params, labels: order.labels, ...(order.name ? {name: order.name} : {}),
      ...(file ? {length: file.size, filename: file.name} : {})}),
  });
  if (!file || !made.upload_url) return made.batch_id;
  keep([...kept(), {print: printOf(file), batch: made.batch_id, url: made.upload_url, pipeline: order.pipeline}]);
  begin(made.batch_id, made.upload_url, file, 0);
  return made.batch_id;
}

export function resume(found: KeptUpload, offset: number, file: File): string {
  begin(found.batch, found.url, file, offset);
  return found.batch;
}
