// The events of a batch: from its stream, or by polling if streams do not get through (a buffering proxy, a browser that has no
// connection left, a server without room). Each event once and in order. A hidden tab closes its stream and continues when it is
// visible again.
import {ServerError, batchPath, call} from "./call.js";
import type {EventPage, ProgressEvent} from "./types.js";

const kPatienceMs = 4_000;  // for a stream to open
const kPollMs = 1_500;
const kPollsBeforeStream = 20;  // then the stream is tried again

export interface Following {
  readonly onEvents: (events: readonly ProgressEvent[]) => void;
  readonly onEnd: (event: ProgressEvent | null) => void;  // null: the final event was known before, or there is no access
}

// Returns a function that stops it.
export function follow(id: string, after: number, {onEvents, onEnd}: Following): () => void {
  let stopped = false;
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let seen = after;
  let polls = 0;
  let waiting: ProgressEvent[] = [];  // events of one frame are shown together
  let frame = 0;

  function flush(): void {
    frame = 0;
    const events = waiting;
    waiting = [];
    if (!stopped && events.length > 0) onEvents(events);
  }

  function take(event: ProgressEvent, final: boolean): void {
    if (stopped || event.seq <= seen) return;
    seen = event.seq;
    waiting.push(event);
    frame ||= requestAnimationFrame(flush);
    if (!final) return;
    flush();
    end(event);
  }

  function pause(): void {
    source?.close();
    source = null;
    clearTimeout(timer);
  }

  function stop(): void {
    pause();
    stopped = true;
    cancelAnimationFrame(frame);
    document.removeEventListener("visibilitychange", onVisible);
  }

  function end(event: ProgressEvent | null): void {
    if (stopped) return;
    stop();
    onEnd(event);
  }

  async function poll(): Promise<void> {
    pause();
    if (stopped || document.hidden) return;
    try {
      const page = await call<EventPage>(batchPath(id, "/progress?after=" + seen));
      page.events.forEach((event, i) => take(event, page.final && i === page.events.length - 1));
      if (page.final && page.events.length === 0) return end(null);
    } catch (error) {
      if (error instanceof ServerError && !error.mayPass && error.status < 500) return end(null);
    }
    if (stopped) return;
    timer = setTimeout(++polls % kPollsBeforeStream === 0 ? begin : () => void poll(), kPollMs);
  }

  function begin(): void {
    pause();
    if (stopped || document.hidden) return;
    if (!("EventSource" in window)) return void poll();
    const opened = new EventSource(batchPath(id, "/stream") + (seen > 0 ? "?last_event_id=" + seen : ""));
    source = opened;
    timer = setTimeout(() => void poll(), kPatienceMs);
    opened.onopen = () => clearTimeout(timer);
    opened.addEventListener("progress", (event) => take(JSON.parse(event.data) as ProgressEvent, false));
    opened.addEventListener("complete", (event) => take(JSON.parse(event.data) as ProgressEvent, true));
    opened.addEventListener("error", (event) => {
      if (event instanceof MessageEvent) return take(JSON.parse(event.data as string) as ProgressEvent, true);
      // Without data it is an error of the connection. The next stream begins after the last event; until then it polls.
      if (source === opened) void poll();
    });
    opened.addEventListener("auth_expired", () => {
      end(null);
      call("/api/auth/session").catch(() => {});
    });
  }

  function onVisible(): void {
    if (document.hidden) pause();
    else begin();
  }

  document.addEventListener("visibilitychange", onVisible);
  begin();
  return stop;
}
