// Uploads a file to a new batch by tus 1.0. After a lost connection it continues at the offset of the server.
import {Connection, Patience, SheaflineError} from "./connection.js";

// The file of a param of type `file`, at most 8 MiB; its content as a text, or in base64.
export interface ParamFile {
  readonly filename?: string;
  readonly text?: string;
  readonly base64?: string;
}

export interface SubmitOptions {
  readonly pipeline: string;
  readonly params?: Readonly<Record<string, string | number | boolean | ParamFile>>;
  readonly signal?: AbortSignal;
  readonly onSent?: (bytes: number) => void;
}

interface Created {
  readonly batch_id: string;
  readonly upload_url?: string;
}

const kPieceBytes = 8 * 2 ** 20;
const kTries = 10;  // for one piece
const kTus = {"Tus-Resumable": "1.0.0"};

// Returns the batch's id when the whole file is uploaded.
export async function submit(connection: Connection, file: Blob, options: SubmitOptions): Promise<string> {
  const batch = await create(connection, file, options);
  if (batch.upload_url === undefined) return batch.batch_id;
  const patience = new Patience();
  let offset = 0;
  for (let tries = 0; offset < file.size;) {
    try {
      offset = await sendPiece(connection, batch.upload_url, file, offset, options);
      tries = 0;
      patience.renew();
      options.onSent?.(offset);
    } catch (error) {
      if (!isBroken(error) || ++tries > kTries) throw error;
      await patience.wait();
      offset = await offsetOf(connection, batch.upload_url).catch(() => offset);
    }
  }
  return batch.batch_id;
}

// 409: the server has another offset; 460: a piece arrived damaged.
function isBroken(error: unknown): boolean {
  return error instanceof SheaflineError && (error.mayPass || error.status === 409 || error.status === 460);
}

// crypto.randomUUID() does not exist on pages without TLS; the key does not have to be secret.
const requestKey = (): string => Array.from({length: 4}, () => Math.random().toString(36).slice(2)).join("-");

// All tries use the same key, so that a lost reply does not create a second batch.
async function create(connection: Connection, file: Blob, options: SubmitOptions): Promise<Created> {
  const request = {
    method: "POST",
    headers: {"Content-Type": "application/json", "Idempotency-Key": requestKey()},
    body: JSON.stringify({pipeline: options.pipeline, params: options.params ?? {}, length: file.size}),
    signal: options.signal ?? null,
  };
  const patience = new Patience();
  for (let tries = 1;; ++tries) {
    try {
      return await connection.json<Created>("/api/batches", request);
    } catch (error) {
      if (!(error instanceof SheaflineError) || !error.mayPass || tries > kTries) throw error;
      await patience.wait();
    }
  }
}

async function sendPiece(connection: Connection, url: string, file: Blob, offset: number, options: SubmitOptions): Promise<number> {
  const reply = await connection.send(url, {
    method: "PATCH",
    headers: {...kTus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset)},
    body: file.slice(offset, offset + kPieceBytes),
    signal: options.signal ?? null,
  });
  return Number(reply.headers.get("Upload-Offset"));
}

async function offsetOf(connection: Connection, url: string): Promise<number> {
  const reply = await connection.send(url, {method: "HEAD", headers: kTus});
  return Number(reply.headers.get("Upload-Offset"));
}
