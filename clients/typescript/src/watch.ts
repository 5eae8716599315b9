// The events of a batch, each once and in order, to the end of its execution: from the stream, resumed after its last event,
// or by polling while streams do not get through (a buffering proxy, a browser without a free connection). It returns to the
// stream when that works again.
import type {Connection} from "./connection.js";
import {EventStreamParser} from "./event_stream.js";
import {Patience, SheaflineError, sleep} from "./problems.js";
import {kNotOpened, streamTexts} from "./stream_body.js";
import type {EventPage, Gap, ProgressEvent} from "./types.js";

// connecting: a stream is being opened. cut: the server does not answer; the next try follows.
export type WatchState = "connecting" | "streaming" | "polling" | "cut";

export interface WatchOptions {
  readonly after?: number;  // the seq of the last known event
  readonly signal?: AbortSignal | undefined;
  readonly onGap?: (gap: Gap) => void;
  readonly onState?: (state: WatchState) => void;
  readonly streams?: boolean;      // false: it only polls
  readonly openMs?: number;        // for a stream to open; then it polls. Default: 4 s
  readonly silenceMs?: number;     // without a byte a stream is broken; the server sends one every 15 s. Default: 45 s
  readonly pollMs?: number;        // between two polls. Default: 1 s
  readonly streamAgainMs?: number; // of polling, then the stream is tried again. Default: 30 s
}

const kFullPage = 1_000;  // events of one answer
const kStreamTries = 3;  // without any event, before it polls

interface Ended {
  readonly final: boolean;
  readonly retry: number;
}

type Settings = Required<Omit<WatchOptions, "signal">> & Pick<WatchOptions, "signal">;

export async function* watch(connection: Connection, batch: string, options: WatchOptions = {}): AsyncGenerator<ProgressEvent, void> {
  let state: WatchState | undefined;
  const settings: Settings = {
    after: 0, onGap: () => {}, streams: true, openMs: 4_000, silenceMs: 45_000, pollMs: 1_000, streamAgainMs: 30_000, ...options,
    onState: (next) => {
      if (state !== next) options.onState?.(next);
      state = next;
    },
  };
  const path = `/api/batches/${encodeURIComponent(batch)}`;
  let seen = settings.after;
  let tries = kStreamTries;
  for (let polls = !settings.streams;; polls = !settings.streams || !polls) {
    for await (const part of polls ? poll(connection, path, seen, settings) : stream(connection, path, seen, tries, settings)) {
      if ("final" in part) return;
      if (part.seq <= seen) continue;
      seen = part.seq;
      yield part;
    }
    tries = 1;  // the stream failed before; one try shows whether it works again
  }
}

// Ends without a part when streams do not get through.
async function* stream(connection: Connection, path: string, after: number, tries: number, settings: Settings): AsyncGenerator<ProgressEvent | Ended, void> {
  const patience = new Patience();
  for (let left = tries; left > 0;) {
    let retry = 0;
    let moved = false;
    settings.onState("connecting");
    try {
      for await (const part of streamOnce(connection, path, after, settings)) {
        if ("final" in part) {
          if (part.final) return yield part;
          retry = part.retry;
        } else {
          after = Math.max(after, part.seq);
          moved = true;
          yield part;
        }
      }
    } catch (error) {
      if (settings.signal?.aborted || !(error instanceof SheaflineError) || !error.mayPass) throw error;
      settings.onState("cut");
      if (error.code === kNotOpened) return;
    }
    if (moved) patience.renew();
    left = moved ? kStreamTries : left - 1;
    // The server asks for the pause `retry` because it is busy. A stream that was cut after some events continues sooner.
    if (left > 0) await patience.wait(moved ? 0 : retry, settings.signal);
  }
}

async function* streamOnce(connection: Connection, path: string, after: number, settings: Settings): AsyncGenerator<ProgressEvent | Ended, void> {
  let ended = false;
  const texts = streamTexts(connection, path + "/stream", after > 0 ? {"Last-Event-ID": String(after)} : {}, settings, (reply) => {
    ended = reply.status === 204;
    if (!ended) settings.onState("streaming");
    return !ended;
  });
  yield* parts(texts, () => ended, settings);
}

// An event named `error` is the final event of a batch that failed or was cancelled; a broken line has no event.
async function* parts(texts: AsyncIterable<string>, ended: () => boolean, settings: Settings): AsyncGenerator<ProgressEvent | Ended, void> {
  const parser = new EventStreamParser();
  for await (const text of texts) {
    for (const message of parser.take(text)) {
      if (message.name === "auth_expired") throw new SheaflineError(401, {code: "AUTH_EXPIRED", detail: "the session ended; sign in again"});
      if (message.name === "gap") settings.onGap(JSON.parse(message.data) as Gap);
      if (!["progress", "complete", "error"].includes(message.name)) continue;
      yield JSON.parse(message.data) as ProgressEvent;
      if (message.name !== "progress") return yield {final: true, retry: 0};
    }
  }
  settings.signal?.throwIfAborted();
  if (ended()) return yield {final: true, retry: 0};
  settings.onState("cut");
  yield {final: false, retry: parser.retry};
}

// Ends without a part when it is time to try the stream again: after a while, or when the server answers again.
async function* poll(connection: Connection, path: string, after: number, settings: Settings): AsyncGenerator<ProgressEvent | Ended, void> {
  const end = Date.now() + settings.streamAgainMs;
  const patience = new Patience();
  for (let failed = false; !settings.streams || Date.now() < end;) {
    const page = await pageAfter(connection, path, after, settings);
    if (page) {
      settings.onState("polling");
      if (page.gap) settings.onGap(page.gap);
      yield* page.events;
      if (page.final) return yield {final: true, retry: 0};
      after = page.next;
      if (failed && settings.streams) return;
      if (page.events.length < kFullPage) await sleep(settings.pollMs, settings.signal);
    } else {
      settings.onState("cut");
      failed = true;
      await patience.wait(0, settings.signal);
    }
  }
}

async function pageAfter(connection: Connection, path: string, after: number, {signal}: Settings): Promise<EventPage | null> {
  try {
    return await connection.json<EventPage>(`${path}/progress?after=${after}`, {signal: signal ?? null});
  } catch (error) {
    if (error instanceof SheaflineError && error.mayPass) return null;
    throw error;
  }
}
