// What changes in the list of batches, for a page. A hidden tab closes its stream; when it is visible again, the list is loaded
// again, because the stream cannot be resumed.
import {useEffect, useRef} from "preact/hooks";
import {SheaflineError} from "@sheafline/client";
import {call} from "./call.js";
import {client} from "./client.js";
import {leaveSlot, takeSlot} from "./stream_slots.js";
import type {Batch} from "./types.js";

interface Watching {
  readonly onReload: () => void;
  readonly onChanged: (items: readonly Batch[], removed: readonly string[]) => void;
}

export function useLiveList(watching: Watching): void {
  const latest = useRef(watching);
  latest.current = watching;
  useEffect(() => {
    let running: AbortController | undefined;
    async function begin(): Promise<void> {
      const mine = running = new AbortController();
      try {
        for await (const change of client.watchList({signal: mine.signal, streams: takeSlot()})) {
          if (mine.signal.aborted) return;
          if (change.kind === "reload") latest.current.onReload();
          else latest.current.onChanged(change.items, change.removed);
        }
      } catch (error) {
        // A session that ended shows the sign-in.
        if (!mine.signal.aborted && error instanceof SheaflineError && error.status === 401) call("/api/auth/session").catch(() => {});
      }
    }
    function pause(): void {
      running?.abort();
      running = undefined;
      leaveSlot();
    }
    const onVisible = (): void => {
      if (document.hidden) pause();
      else if (!running) void begin();
    };
    document.addEventListener("visibilitychange", onVisible);
    onVisible();
    return () => {
      document.removeEventListener("visibilitychange", onVisible);
      pause();
    };
  }, []);
}
