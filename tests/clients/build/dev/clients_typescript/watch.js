import { EventStreamParser } from "./event_stream.js";
import { Patience, SheaflineError, errorOf, sleep } from "./problems.js";
const kFullPage = 1_000; // events of one answer
const kStreamTries = 3; // without any event, before it polls
export async function* watch(connection, batch, options = {}) {
    let state;
    const settings = {
        after: 0, onGap: () => { }, streams: true, openMs: 4_000, silenceMs: 45_000, pollMs: 1_000, streamAgainMs: 30_000, ...options,
        onState: (next) => {
            if (state !== next)
                options.onState?.(next);
            state = next;
        },
    };
    const path = `/api/batches/${encodeURIComponent(batch)}`;
    let seen = settings.after;
    let tries = kStreamTries;
    for (let polls = !settings.streams;; polls = !settings.streams || !polls) {
        for await (const part of polls ? poll(connection, path, seen, settings) : stream(connection, path, seen, tries, settings)) {
            if ("final" in part)
                return;
            if (part.seq <= seen)
                continue;
            seen = part.seq;
            yield part;
        }
        tries = 1; // the stream failed before; one try shows whether it works again
    }
}
// Ends without a part when streams do not get through.
async function* stream(connection, path, after, tries, settings) {
    const patience = new Patience();
    for (let left = tries; left > 0;) {
        let retry = 0;
        let moved = false;
        settings.onState("connecting");
        try {
            for await (const part of streamOnce(connection, path, after, settings)) {
                if ("final" in part) {
                    if (part.final)
                        return yield part;
                    retry = part.retry;
                }
                else {
                    after = Math.max(after, part.seq);
                    moved = true;
                    yield part;
                }
            }
        }
        catch (error) {
            if (settings.signal?.aborted || !(error instanceof SheaflineError) || !error.mayPass)
                throw error;
            settings.onState("cut");
            if (error.code === kNotOpened)
                return;
        }
        if (moved)
            patience.renew();
        left = moved ? kStreamTries : left - 1;
        // The server asks for the pause `retry` because it is busy. A stream that was cut after some events continues sooner.
        if (left > 0)
            await patience.wait(moved ? 0 : retry, settings.signal);
    }
}
const kNotOpened = "STREAM_NOT_OPENED";
async function* streamOnce(connection, path, after, settings) {
    const headers = { Accept: "text/event-stream" };
    if (after > 0)
        headers["Last-Event-ID"] = String(after);
    const request = new AbortController();
    const abort = () => request.abort(settings.signal?.reason);
    settings.signal?.addEventListener("abort", abort, { once: true });
    let late = false;
    const timer = setTimeout(() => {
        late = true;
        request.abort();
    }, settings.openMs);
    try {
        settings.signal?.throwIfAborted();
        const reply = await connection.ask(path + "/stream", { headers, signal: request.signal, cache: "no-store" });
        clearTimeout(timer);
        if (reply.status === 204)
            return yield { final: true, retry: 0 };
        if (!reply.ok)
            throw await errorOf(reply);
        if (!reply.body || !(reply.headers.get("Content-Type") ?? "").startsWith("text/event-stream"))
            throw new SheaflineError(0, { code: kNotOpened, detail: "the answer is not an event stream; a proxy may have replaced it" });
        settings.onState("streaming");
        yield* parts(reply.body, settings);
    }
    catch (error) {
        if (late)
            throw new SheaflineError(0, { code: kNotOpened, detail: `no stream opened within ${settings.openMs} ms` });
        throw error;
    }
    finally {
        clearTimeout(timer);
        settings.signal?.removeEventListener("abort", abort);
        request.abort();
    }
}
// An event named `error` is the final event of a batch that failed or was cancelled; a broken line has no event.
async function* parts(body, settings) {
    const parser = new EventStreamParser();
    for await (const text of texts(body, settings)) {
        for (const message of parser.take(text)) {
            if (message.name === "auth_expired")
                throw new SheaflineError(401, { code: "AUTH_EXPIRED", detail: "the session ended; sign in again" });
            if (message.name === "gap")
                settings.onGap(JSON.parse(message.data));
            if (!["progress", "complete", "error"].includes(message.name))
                continue;
            yield JSON.parse(message.data);
            if (message.name !== "progress")
                return yield { final: true, retry: 0 };
        }
    }
    settings.signal?.throwIfAborted();
    settings.onState("cut");
    yield { final: false, retry: parser.retry };
}
// Ends when the body breaks off or is silent for too long.
async function* texts(body, { silenceMs }) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    try {
        while (true) {
            let timer;
            const silence = new Promise((resolve) => { timer = setTimeout(() => resolve({ done: true }), silenceMs); });
            const piece = await Promise.race([reader.read().catch(() => ({ done: true, value: undefined })), silence]);
            clearTimeout(timer);
            if (piece.done || piece.value === undefined)
                return;
            yield decoder.decode(piece.value, { stream: true });
        }
    }
    finally {
        await reader.cancel().catch(() => undefined);
    }
}
// Ends without a part when it is time to try the stream again: after a while, or when the server answers again.
async function* poll(connection, path, after, settings) {
    const end = Date.now() + settings.streamAgainMs;
    const patience = new Patience();
    for (let failed = false; !settings.streams || Date.now() < end;) {
        const page = await pageAfter(connection, path, after, settings);
        if (page) {
            settings.onState("polling");
            if (page.gap)
                settings.onGap(page.gap);
            yield* page.events;
            if (page.final)
                return yield { final: true, retry: 0 };
            after = page.next;
            if (failed && settings.streams)
                return;
            if (page.events.length < kFullPage)
                await sleep(settings.pollMs, settings.signal);
        }
        else {
            settings.onState("cut");
            failed = true;
            await patience.wait(0, settings.signal);
        }
    }
}
async function pageAfter(connection, path, after, { signal }) {
    try {
        return await connection.json(`${path}/progress?after=${after}`, { signal: signal ?? null });
    }
    catch (error) {
        if (error instanceof SheaflineError && error.mayPass)
            return null;
        throw error;
    }
}
