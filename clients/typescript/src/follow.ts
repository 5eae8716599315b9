// The events of a batch, each once and in order, to the end of its execution: from the stream, resumed after its last event,
// or by polling if streams do not get through (a buffering proxy, a server without room).
import {Connection, Patience, SheaflineError, errorOf} from "./connection.js";
import type {EventPage, Gap, ProgressEvent} from "./events.js";
import {EventStreamParser} from "./event_stream.js";

export interface FollowOptions {
  readonly after?: number;  // the seq of the last known event
  readonly signal?: AbortSignal;
  readonly onGap?: (gap: Gap) => void;
}

const kPollMs = 1_000;
const kStreamTries = 3;  // without any event, before it polls

interface Ended {
  readonly final: boolean;
  readonly retry: number;
}

export async function* follow(connection: Connection, batch: string, options: FollowOptions = {}): AsyncGenerator<ProgressEvent, void> {
  const path = `/api/batches/${encodeURIComponent(batch)}`;
  const patience = new Patience();
  let seen = options.after ?? 0;
  for (let failures = 0; failures < kStreamTries;) {
    let retry = 0;
    try {
      for await (const part of streamOnce(connection, path, seen, options)) {
        if ("final" in part) {
          if (part.final) return;
          retry = part.retry;
        } else if (part.seq > seen) {
          seen = part.seq;
          failures = 0;
          patience.renew();
          yield part;
        }
      }
    } catch (error) {
      if (options.signal?.aborted || !(error instanceof SheaflineError) || !error.mayPass) throw error;
    }
    ++failures;
    await patience.wait(retry);
  }
  yield* poll(connection, path, seen, options);
}

async function* streamOnce(connection: Connection, path: string, after: number, options: FollowOptions):
    AsyncGenerator<ProgressEvent | Ended, void> {
  const headers: Record<string, string> = {Accept: "text/event-stream"};
  if (after > 0) headers["Last-Event-ID"] = String(after);
  const reply = await connection.ask(path + "/stream", {headers, signal: options.signal ?? null});
  if (reply.status === 204) return yield {final: true, retry: 0};
  if (!reply.ok) throw await errorOf(reply);
  if (!reply.body || !(reply.headers.get("Content-Type") ?? "").startsWith("text/event-stream"))
    throw new SheaflineError(0, {detail: "what came is no event stream"});
  const parser = new EventStreamParser();
  for await (const text of texts(reply.body)) {
    for (const message of parser.take(text)) {
      if (message.name === "auth_expired") throw new SheaflineError(401, {code: "AUTH_EXPIRED", detail: "the session ended"});
      if (message.name === "gap") options.onGap?.(JSON.parse(message.data) as Gap);
      if (!["progress", "complete", "error"].includes(message.name)) continue;
      yield JSON.parse(message.data) as ProgressEvent;
      if (message.name !== "progress") return yield {final: true, retry: 0};
    }
  }
  yield {final: false, retry: parser.retry};
}

// If the body breaks off, the next stream continues there.
async function* texts(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  try {
    while (true) {
      const piece = await reader.read().catch(() => ({done: true, value: undefined}));
      if (piece.done || piece.value === undefined) return;
      yield piece.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* poll(connection: Connection, path: string, after: number, options: FollowOptions): AsyncGenerator<ProgressEvent, void> {
  while (true) {
    const page = await pageAfter(connection, path, after, options);
    if (page?.gap) options.onGap?.(page.gap);
    yield* page?.events ?? [];
    if (page?.final) return;
    after = page?.next ?? after;
    await new Promise((resolve) => setTimeout(resolve, kPollMs));
    options.signal?.throwIfAborted();
  }
}

async function pageAfter(connection: Connection, path: string, after: number, options: FollowOptions): Promise<EventPage | null> {
  try {
    return await connection.json<EventPage>(`${path}/progress?after=${after}`, {signal: options.signal ?? null});
  } catch (error) {
    if (error instanceof SheaflineError && error.mayPass) return null;
    throw error;
  }
}
