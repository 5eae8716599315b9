import { SheaflineError } from "./problems.js";
const kTus = { "Tus-Resumable": "1.0.0" };
export async function offsetOf(connection, url) {
    const reply = await connection.ask(url, { method: "HEAD", headers: kTus });
    if (!reply.ok)
        throw new SheaflineError(reply.status, { detail: "the upload no longer exists on the server; start it again" });
    return Number(reply.headers.get("Upload-Offset"));
}
// Returns the offset behind the piece. A browser reports with `onBytes` how much of the piece was sent.
export async function sendPiece(connection, url, offset, piece, onBytes, signal) {
    const headers = { ...kTus, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
    if (typeof XMLHttpRequest === "function")
        return sendByXhr(connection, url, headers, piece, onBytes, signal);
    const reply = await connection.send(url, { method: "PATCH", headers, body: piece, signal: signal ?? null });
    return Number(reply.headers.get("Upload-Offset"));
}
// fetch() does not report how much of a body was sent.
async function sendByXhr(connection, url, headers, piece, onBytes, signal) {
    const session = await connection.authorization();
    return new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        const abort = () => request.abort();
        request.open("PATCH", connection.url + url);
        for (const [name, value] of Object.entries({ ...headers, ...session }))
            request.setRequestHeader(name, value);
        request.upload.onprogress = (event) => onBytes(event.loaded);
        request.onload = () => {
            if (request.status === 204)
                return resolve(Number(request.getResponseHeader("Upload-Offset")));
            if (request.status === 401)
                connection.onUnauthorized();
            reject(new SheaflineError(request.status, problemOf(request.responseText)));
        };
        request.onerror = () => reject(new SheaflineError(0, {}));
        request.onabort = () => reject(signal?.reason ?? new DOMException("the upload was stopped", "AbortError"));
        request.onloadend = () => signal?.removeEventListener("abort", abort);
        signal?.addEventListener("abort", abort, { once: true });
        request.send(piece);
    });
}
function problemOf(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return {};
    }
}
