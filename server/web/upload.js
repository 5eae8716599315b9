// Uploads a file to a new batch by tus 1.0. After a lost connection it continues at the offset of the server.
import {Refused, batchPath, call, post} from "./api.js";

const kPieceBytes = 8 << 20;
const kTries = 10;

const kTus = {"Tus-Resumable": "1.0.0"};

// Uses XMLHttpRequest, because fetch does not report how much of a body was sent.
function patch(url, offset, piece, onSent, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PATCH", url);
    for (const [name, value] of Object.entries(kTus)) request.setRequestHeader(name, value);
    request.setRequestHeader("Content-Type", "application/offset+octet-stream");
    request.setRequestHeader("Upload-Offset", String(offset));
    request.upload.onprogress = (event) => onSent(offset + event.loaded);
    request.onload = () => request.status === 204
      ? resolve(Number(request.getResponseHeader("Upload-Offset")))
      : reject(new Refused(request.status, parsed(request.responseText)));
    request.onerror = () => reject(new Refused(0, {detail: "The connection was lost during the upload"}));
    request.onabort = () => reject(new DOMException("The upload was cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort());
    request.send(piece);
  });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

async function offsetOf(url) {
  const reply = await fetch(url, {method: "HEAD", headers: kTus});
  if (!reply.ok) throw new Refused(reply.status, {detail: "The upload no longer exists; start it again"});
  return Number(reply.headers.get("Upload-Offset"));
}

// 0: no answer; 409: another offset; 423: an earlier request still holds the upload.
const mayPass = (error) => error instanceof Refused && [0, 408, 409, 423, 502, 503, 504].includes(error.status);

async function sendAll(url, file, onSent, signal) {
  let offset = 0;
  for (let tries = 0; offset < file.size;) {
    try {
      offset = await patch(url, offset, file.slice(offset, offset + kPieceBytes), onSent, signal);
      tries = 0;
    } catch (error) {
      if (!mayPass(error) || ++tries > kTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(5_000, 250 * 2 ** tries)));
      offset = await offsetOf(url).catch(() => offset);
    }
  }
}

// Resolves to the batch's id when the upload is complete, or at once if the pipeline takes no file.
export async function submit({pipeline, params, file, onSent, signal}) {
  const order = file ? {pipeline, params, length: file.size, filename: file.name} : {pipeline, params};
  const batch = await post("/api/batches", order);
  if (!batch.upload_url) return batch.batch_id;
  try {
    await sendAll(batch.upload_url, file, onSent, signal);
  } catch (error) {
    if (signal.aborted) await call(batchPath(batch.batch_id, "/cancel"), {method: "POST"}).catch(() => {});
    throw error;
  }
  return batch.batch_id;
}
