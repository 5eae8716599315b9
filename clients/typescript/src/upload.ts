// Uploads a file to a new batch by tus 1.0. After a lost connection or a restart of the server it continues at the offset of the
// server; with a store also after a reload of the page or a restart of the program.
import type {Connection} from "./connection.js";
import {Patience, SheaflineError} from "./problems.js";
import {sendPiece, offsetOf} from "./pieces.js";
import type {CreatedBatch} from "./types.js";
import {type UploadInput, type UploadSource, fingerprintOf, sourceOf} from "./upload_source.js";
import {zipOf} from "./zip.js";

// The file of a param of type `file`, at most 8 MiB; its content as a text, or in base64.
export interface ParamFile {
  readonly filename?: string;
  readonly text?: string;
  readonly base64?: string;
}

export type ParamValue = string | number | boolean | ParamFile;

// localStorage is one; fileStore() of "@sheafline/client/node" makes one for Node.js.
export type UploadStore = Pick<Storage, "getItem" | "setItem" | "removeItem">;

export interface UploadProgress {
  readonly sent: number;  // bytes
  readonly size: number;
  readonly rate: number;  // bytes a second of the last seconds; 0 while unknown
  readonly left: number | null;  // seconds
  readonly waiting: boolean;  // for the server
}

// An upload that stopped in an earlier page or program.
export interface EarlierUpload {
  readonly batch: string;
  readonly offset: number;
  readonly size: number;
}

export interface UploadOptions {
  readonly pipeline: string;
  readonly params?: Readonly<Record<string, ParamValue>>;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly filename?: string;  // default: that of the file
  readonly signal?: AbortSignal | undefined;
  readonly store?: UploadStore;
  readonly onEarlier?: (earlier: EarlierUpload) => boolean | Promise<boolean>;  // whether to continue it; default: yes
  readonly onCreated?: (batch: string, size: number) => void;
  readonly onPrepared?: (share: number) => void;  // of several files: how much of their ZIP is prepared
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly pieceBytes?: number;  // default: 8 MiB
  readonly patienceMs?: number;  // without any progress; then it throws. Default: 10 minutes
}

interface Target {
  readonly batch: string;
  readonly url: string | undefined;
  readonly offset: number;
}

const kPieceBytes = 8 * 2 ** 20;
const kPatienceMs = 600_000;
const kRateMs = 5_000;

// Returns the id of the batch when the whole file is uploaded.
export async function upload(connection: Connection, input: UploadInput | readonly UploadInput[], options: UploadOptions): Promise<string> {
  const inputs = Array.isArray(input) ? input as readonly UploadInput[] : [input as UploadInput];
  const [first] = inputs;
  if (first === undefined) throw new TypeError("there is no file to upload");
  const source = inputs.length === 1 ? sourceOf(first) : await zipOf(inputs, options.filename ?? `${inputs.length} files.zip`, options.onPrepared);
  const key = options.store ? ["sheafline-upload", connection.url, options.pipeline, await fingerprintOf(source)].join(":") : "";
  const target = await earlierTarget(connection, source, key, options) ?? await newTarget(connection, source, key, options);
  options.onCreated?.(target.batch, source.size);
  if (target.url !== undefined) await sendAll(connection, source, target.url, target.offset, options);
  options.store?.removeItem(key);
  return target.batch;
}

async function earlierTarget(connection: Connection, source: UploadSource, key: string, {store, onEarlier}: UploadOptions): Promise<Target | null> {
  const kept = store?.getItem(key);
  if (!store || kept === null || kept === undefined) return null;
  try {
    const {batch, url} = JSON.parse(kept) as {batch: string; url: string};
    const offset = await offsetOf(connection, url);
    if (onEarlier && !await onEarlier({batch, offset, size: source.size})) return null;
    return {batch, url, offset};
  } catch (error) {
    if (error instanceof SheaflineError && error.mayPass) throw error;
    if (!(error instanceof SheaflineError) && !(error instanceof SyntaxError)) throw error;
    store.removeItem(key);  // it ended, expired or was removed
    return null;
  }
}

// crypto.randomUUID() does not exist on pages without TLS; the key does not have to be secret.
const requestKey = (): string => Array.from({length: 4}, () => Math.random().toString(36).slice(2)).join("-");

// All tries use the same key, so that a lost reply does not create a second batch.
async function newTarget(connection: Connection, source: UploadSource, key: string, options: UploadOptions): Promise<Target> {
  const {pipeline, params = {}, name, labels, filename = source.name} = options;
  const request = {
    method: "POST",
    headers: {"Content-Type": "application/json", "Idempotency-Key": requestKey()},
    body: JSON.stringify({pipeline, params, length: source.size, ...(name ? {name} : {}), ...(labels ? {labels} : {}), ...(filename ? {filename} : {})}),
    signal: options.signal ?? null,
  };
  const made = await repeated(options, () => connection.json<CreatedBatch>("/api/batches", request));
  if (made.upload_url !== undefined) options.store?.setItem(key, JSON.stringify({batch: made.batch_id, url: made.upload_url, name: filename, size: source.size}));
  return {batch: made.batch_id, url: made.upload_url, offset: 0};
}

// 409: the server has another offset; 460: a piece arrived damaged.
function isBroken(error: unknown): boolean {
  return error instanceof SheaflineError && (error.mayPass || error.status === 409 || error.status === 460) && error.status !== 507;
}

async function repeated<T>({signal, patienceMs = kPatienceMs}: UploadOptions, act: () => Promise<T>): Promise<T> {
  const patience = new Patience();
  for (const end = Date.now() + patienceMs;;) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof SheaflineError) || !error.mayPass || error.status === 507 || Date.now() > end) throw error;
      await patience.wait(0, signal);
    }
  }
}

async function sendAll(connection: Connection, source: UploadSource, url: string, offset: number, options: UploadOptions): Promise<void> {
  const {signal, onProgress, pieceBytes = kPieceBytes, patienceMs = kPatienceMs} = options;
  const speed = new Speed();
  const show = (sent: number, waiting = false): void => {
    const rate = waiting ? 0 : speed.at(sent);
    onProgress?.({sent, size: source.size, rate, left: rate > 0 ? (source.size - sent) / rate : null, waiting});
  };
  const patience = new Patience();
  let end = Date.now() + patienceMs;
  show(offset);
  while (offset < source.size) {
    try {
      const from = offset;
      const piece = await source.read(from, Math.min(source.size, from + pieceBytes));
      offset = await sendPiece(connection, url, from, piece, (bytes) => show(Math.min(source.size, from + bytes)), signal);
      patience.renew();
      end = Date.now() + patienceMs;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isBroken(error) || Date.now() > end) throw error;
      show(offset, true);
      await patience.wait(0, signal);
      offset = await offsetOf(connection, url).catch((problem: unknown) => {
        if (problem instanceof SheaflineError && problem.mayPass) return offset;
        throw problem;
      });
      speed.renew();
    }
    show(offset);
  }
}

// The rate over the last seconds.
class Speed {
  #points: {readonly at: number; readonly sent: number}[] = [];

  renew(): void {
    this.#points = [];
  }

  at(sent: number): number {
    const now = Date.now();
    const points = this.#points;
    points.push({at: now, sent});
    while (points.length > 2 && (points[0]?.at ?? now) < now - kRateMs) points.shift();
    const [first] = points;
    return first && now - first.at > 300 && sent > first.sent ? (sent - first.sent) * 1_000 / (now - first.at) : 0;
  }
}
