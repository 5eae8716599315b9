// Receives the events of a batch: by EventSource, or by polling if streams do not get through (a buffering proxy, a server
// without room). Each event once and in order.
import {batchPath, call} from "./api.js";

const kPatienceMs = 10_000;
const kPollMs = 2_000;

// Calls onEvent(event) for each event after `after`, and onEnd(event) with the final one. Returns a function that stops it.
export function follow(id, {after = 0, onEvent, onEnd}) {
  let stopped = false;
  let source = null;
  let timer = null;
  let seen = after;

  function take(event, final) {
    if (stopped || event.seq <= seen) return;
    seen = event.seq;
    onEvent(event);
    if (!final) return;
    stop();
    onEnd(event);
  }

  function stop() {
    stopped = true;
    source?.close();
    clearTimeout(timer);
  }

  async function poll() {
    source?.close();
    source = null;
    if (stopped) return;
    try {
      const page = await call(batchPath(id, "/progress?after=" + seen));
      page.events.forEach((event, i) => take(event, page.final && i === page.events.length - 1));
    } catch (error) {
      if (error.status >= 400 && error.status < 500) return stop();
    }
    if (!stopped) timer = setTimeout(poll, kPollMs);
  }

  function stream() {
    source = new EventSource(batchPath(id, "/stream") + (after > 0 ? "?last_event_id=" + after : ""));
    timer = setTimeout(poll, kPatienceMs);  // unless the stream opens
    source.onopen = () => clearTimeout(timer);
    source.addEventListener("progress", (event) => take(JSON.parse(event.data), false));
    source.addEventListener("complete", (event) => take(JSON.parse(event.data), true));
    source.addEventListener("error", (event) => {
      if (event.data) return take(JSON.parse(event.data), true);
      // Without data it is an error of the connection; unless that is closed, it reconnects by itself.
      if (source?.readyState === EventSource.CLOSED) poll();
    });
    source.addEventListener("auth_expired", () => { stop(); call("/api/auth/session").catch(() => {}); });
  }

  if ("EventSource" in window) stream();
  else poll();
  return stop;
}
