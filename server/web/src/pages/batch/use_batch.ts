// A batch with its status and events, kept up to date by its stream.
import {useCallback, useEffect, useRef, useState} from "preact/hooks";
import {batchPath, call} from "../../api/call.js";
import {follow} from "../../api/live.js";
import type {Batch, BatchStatus, ProgressEvent} from "../../api/types.js";
import {isUnfinished} from "../../api/types.js";
import {tell} from "../../ui/notices.js";

const kStatusMs = 1_000;  // shortest time between two requests for the status

export interface BatchNow {
  readonly batch: Batch | undefined;
  readonly status: BatchStatus | undefined;
  readonly events: readonly ProgressEvent[];
  readonly error: Error | undefined;
  readonly restart: () => Promise<void>;  // after the batch was started again
}

export function useBatch(id: string): BatchNow {
  const [batch, setBatch] = useState<Batch>();
  const [status, setStatus] = useState<BatchStatus>();
  const [events, setEvents] = useState<readonly ProgressEvent[]>([]);
  const [error, setError] = useState<Error>();
  const stop = useRef<() => void>(() => {});
  const seen = useRef(0);
  const asked = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  const ended = useRef(false);
  const following = useRef(false);
  const running = useRef(false);  // while this page was open

  const load = useCallback(async () => {
    clearTimeout(timer.current);
    timer.current = undefined;
    asked.current = Date.now();
    try {
      const [nextBatch, nextStatus] = await Promise.all([call<Batch>(batchPath(id)), call<BatchStatus>(batchPath(id, "/status"))]);
      if (ended.current) return;
      running.current ||= isUnfinished(nextBatch.state);
      setBatch(nextBatch);
      setStatus(nextStatus);
      setError(undefined);
    } catch (problem) {
      if (!ended.current) setError(problem as Error);
    }
  }, [id]);

  const loadSoon = useCallback(() => {
    timer.current ??= setTimeout(() => void load(), Math.max(0, asked.current + kStatusMs - Date.now()));
  }, [load]);

  const begin = useCallback(() => {
    if (following.current) return;
    following.current = true;
    stop.current = follow(id, seen.current, {
      onEvents: (more) => {
        seen.current = more.at(-1)?.seq ?? seen.current;
        setEvents((before) => [...before, ...more]);
        loadSoon();
      },
      onEnd: (event) => {
        following.current = false;
        if (event && running.current) tell(event.message);
        if (event) void load();
      },
    });
  }, [id, load, loadSoon]);

  useEffect(() => {
    ended.current = false;
    seen.current = 0;
    setEvents([]);
    void load();
    begin();
    return () => {
      ended.current = true;
      following.current = false;
      stop.current();
      clearTimeout(timer.current);
    };
  }, [id]);

  const restart = useCallback(async () => {
    await load();
    begin();
  }, [load, begin]);
  // Another person may have started it again: the stream of the earlier execution has ended.
  const live = batch !== undefined && isUnfinished(batch.state);
  useEffect(() => { if (live) begin(); }, [live, batch?.execution]);
  return {batch, status, events, error, restart};
}
