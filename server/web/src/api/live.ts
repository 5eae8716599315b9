// The events of a batch for a page: those of one frame together. A hidden tab closes its stream and continues when it is visible
// again; a tab without a slot for a stream polls.
import {SheaflineError} from "@sheafline/client";
import {call} from "./call.js";
import {client} from "./client.js";
import {leaveSlot, takeSlot} from "./stream_slots.js";
import type {ProgressEvent} from "./types.js";

const kPollMs = 1_500;

export interface Following {
  readonly onEvents: (events: readonly ProgressEvent[]) => void;
  readonly onEnd: (event: ProgressEvent | null) => void;  // null: the final event was known before, or there is no access
}

// Returns a function that stops it.
export function follow(id: string, after: number, {onEvents, onEnd}: Following): () => void {
  let stopped = false;
  let seen = after;
  let last: ProgressEvent | null = null;
  let waiting: ProgressEvent[] = [];
  let frame = 0;
  let running: AbortController | undefined;

  function flush(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    const events = waiting;
    waiting = [];
    if (!stopped && events.length > 0) onEvents(events);
  }

  function pause(): void {
    running?.abort();
    running = undefined;
    leaveSlot();
  }

  function stop(): void {
    pause();
    stopped = true;
    cancelAnimationFrame(frame);
    document.removeEventListener("visibilitychange", onVisible);
  }

  function end(): void {
    if (stopped) return;
    flush();
    stop();
    onEnd(last);
  }

  async function begin(): Promise<void> {
    const mine = running = new AbortController();
    last = null;
    try {
      for await (const event of client.watch(id, {after: seen, signal: mine.signal, streams: takeSlot(), pollMs: kPollMs})) {
        if (mine.signal.aborted) return;
        seen = event.seq;
        last = event;
        waiting.push(event);
        frame ||= requestAnimationFrame(flush);
      }
      if (running === mine) end();
    } catch (error) {
      if (running !== mine) return;
      if (error instanceof SheaflineError && error.status === 401) call("/api/auth/session").catch(() => {});
      last = null;
      end();
    }
  }

  function onVisible(): void {
    if (document.hidden) pause();
    else if (!running) void begin();
  }

  document.addEventListener("visibilitychange", onVisible);
  if (!document.hidden) void begin();
  return stop;
}
