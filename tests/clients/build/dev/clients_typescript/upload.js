import { Patience, SheaflineError } from "./problems.js";
import { sendPiece, offsetOf } from "./pieces.js";
import { fingerprintOf, sourceOf } from "./upload_source.js";
import { zipOf } from "./zip.js";
const kPieceBytes = 8 * 2 ** 20;
const kPatienceMs = 600_000;
const kRateMs = 5_000;
// Returns the id of the batch when the whole file is uploaded.
export async function upload(connection, input, options) {
    const inputs = Array.isArray(input) ? input : [input];
    const [first] = inputs;
    if (first === undefined)
        throw new TypeError("there is no file to upload");
    const source = inputs.length === 1 ? sourceOf(first) : await zipOf(inputs, options.filename ?? `${inputs.length} files.zip`, options.onPrepared);
    const key = options.store ? ["sheafline-upload", connection.url, options.pipeline, await fingerprintOf(source)].join(":") : "";
    const target = await earlierTarget(connection, source, key, options) ?? await newTarget(connection, source, key, options);
    options.onCreated?.(target.batch, source.size);
    if (target.url !== undefined)
        await sendAll(connection, source, target.url, target.offset, options);
    options.store?.removeItem(key);
    return target.batch;
}
async function earlierTarget(connection, source, key, { store, onEarlier }) {
    const kept = store?.getItem(key);
    if (!store || kept === null || kept === undefined)
        return null;
    try {
        const { batch, url } = JSON.parse(kept);
        const offset = await offsetOf(connection, url);
        if (onEarlier && !await onEarlier({ batch, offset, size: source.size }))
            return null;
        return { batch, url, offset };
    }
    catch (error) {
        if (error instanceof SheaflineError && error.mayPass)
            throw error;
        if (!(error instanceof SheaflineError) && !(error instanceof SyntaxError))
            throw error;
        store.removeItem(key); // it ended, expired or was removed
        return null;
    }
}
// crypto.randomUUID() does not exist on pages without TLS; the key does not have to be secret.
const requestKey = () => Array.from({ length: 4 }, () => Math.random().toString(36).slice(2)).join("-");
// All tries use the same key, so that a lost reply does not create a second batch.
async function newTarget(connection, source, key, options) {
    const { pipeline, params = {}, name, labels, filename = source.name } = options;
    const request = {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": requestKey() },
        body: JSON.stringify({ pipeline, params, length: source.size, ...(name ? { name } : {}), ...(labels ? { labels } : {}), ...(filename ? { filename } : {}) }),
        signal: options.signal ?? null,
    };
    const made = await repeated(options, () => connection.json("/api/batches", request));
    if (made.upload_url !== undefined)
        options.store?.setItem(key, JSON.stringify({ batch: made.batch_id, url: made.upload_url }));
    return { batch: made.batch_id, url: made.upload_url, offset: 0 };
}
// 409: the server has another offset; 460: a piece arrived damaged.
function isBroken(error) {
    return error instanceof SheaflineError && (error.mayPass || error.status === 409 || error.status === 460) && error.status !== 507;
}
async function repeated({ signal, patienceMs = kPatienceMs }, act) {
    const patience = new Patience();
    for (const end = Date.now() + patienceMs;;) {
        try {
            return await act();
        }
        catch (error) {
            if (!(error instanceof SheaflineError) || !error.mayPass || error.status === 507 || Date.now() > end)
                throw error;
            await patience.wait(0, signal);
        }
    }
}
async function sendAll(connection, source, url, offset, options) {
    const { signal, onProgress, pieceBytes = kPieceBytes, patienceMs = kPatienceMs } = options;
    const speed = new Speed();
    const show = (sent, waiting = false) => {
        const rate = waiting ? 0 : speed.at(sent);
        onProgress?.({ sent, size: source.size, rate, left: rate > 0 ? (source.size - sent) / rate : null, waiting });
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
        }
        catch (error) {
            signal?.throwIfAborted();
            if (!isBroken(error) || Date.now() > end)
                throw error;
            show(offset, true);
            await patience.wait(0, signal);
            offset = await offsetOf(connection, url).catch((problem) => {
                if (problem instanceof SheaflineError && problem.mayPass)
                    return offset;
                throw problem;
            });
            speed.renew();
        }
        show(offset);
    }
}
// The rate over the last seconds.
class Speed {
    #points = [];
    renew() {
        this.#points = [];
    }
    at(sent) {
        const now = Date.now();
        const points = this.#points;
        points.push({ at: now, sent });
        while (points.length > 2 && (points[0]?.at ?? now) < now - kRateMs)
            points.shift();
        const [first] = points;
        return first && now - first.at > 300 && sent > first.sent ? (sent - first.sent) * 1_000 / (now - first.at) : 0;
    }
}
