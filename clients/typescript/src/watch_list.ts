// What changes in the list of batches, from the stream of the server; without streams it asks for the list to be fetched again and
// again. The stream has no ids: after each connection the list is to be fetched.
import type {Connection} from "./connection.js";
import {EventStreamParser} from "./event_stream.js";
import {Patience, SheaflineError, sleep} from "./problems.js";
import {streamTexts} from "./stream_body.js";
import type {Batch} from "./types.js";
import type {WatchState} from "./watch.js";

// reload: fetch the list again. changed: these batches are new or have changed, or were removed.
export type ListChange = {readonly kind: "reload"}
  | {readonly kind: "changed"; readonly items: readonly Batch[]; readonly removed: readonly string[]};

export interface WatchListOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onState?: (state: WatchState) => void;
  readonly streams?: boolean;      // false: it only asks to reload
  readonly openMs?: number;        // for a stream to open. Default: 4 s
  readonly silenceMs?: number;     // without a byte a stream is broken. Default: 45 s
  readonly pollMs?: number;        // between two reloads without a stream. Default: 5 s
  readonly streamAgainMs?: number; // of polling, then the stream is tried again. Default: 30 s
}

type Settings = Required<Omit<WatchListOptions, "signal">> & Pick<WatchListOptions, "signal">;

export async function* watchList(connection: Connection, options: WatchListOptions = {}): AsyncGenerator<ListChange, void> {
  const settings: Settings = {streams: true, openMs: 4_000, silenceMs: 45_000, pollMs: 5_000, streamAgainMs: 30_000, onState: () => {}, ...options};
  const patience = new Patience();
  while (true) {
    if (settings.streams) {
      try {
        settings.onState("connecting");
        for await (const change of streamOnce(connection, settings)) {
          patience.renew();
          yield change;
        }
        settings.onState("cut");
        await patience.wait(0, settings.signal);
        continue;
      } catch (error) {
        if (settings.signal?.aborted || !(error instanceof SheaflineError) || !error.mayPass) throw error;
        settings.onState("cut");
      }
    }
    for (const end = Date.now() + settings.streamAgainMs; !settings.streams || Date.now() < end;) {
      settings.onState("polling");
      yield {kind: "reload"};
      await sleep(settings.pollMs, settings.signal);
    }
  }
}

async function* streamOnce(connection: Connection, settings: Settings): AsyncGenerator<ListChange, void> {
  const parser = new EventStreamParser();
  for await (const text of streamTexts(connection, "/api/streams/batches", {}, settings, () => true)) {
    for (const message of parser.take(text)) {
      if (message.name === "auth_expired") throw new SheaflineError(401, {code: "AUTH_EXPIRED", detail: "the session ended; sign in again"});
      if (message.name === "ready") settings.onState("streaming");
      if (message.name === "ready" || message.name === "reload") yield {kind: "reload"};
      if (message.name === "batches") yield {kind: "changed", ...JSON.parse(message.data) as {items: Batch[]; removed: string[]}};
    }
  }
  settings.signal?.throwIfAborted();
}
