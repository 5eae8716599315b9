// Data of the server for a component.
import {useCallback, useEffect, useLayoutEffect, useRef, useState} from "preact/hooks";

export interface Loaded<T> {
  readonly data: T | undefined;
  readonly error: Error | undefined;
  readonly reload: () => Promise<void>;
}

// Loads again when a value of `keys` changes; until then it shows the earlier data. `reload` repeats the request.
export function useData<T>(load: () => Promise<T>, keys: readonly unknown[]): Loaded<T> {
  const [data, setData] = useState<T | undefined>(undefined);
  const [error, setError] = useState<Error | undefined>(undefined);
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++asked.current;
    try {
      const loaded = await load();
      if (mine !== asked.current) return;
      setData(() => loaded);
      setError(undefined);
    } catch (problem) {
      if (mine === asked.current) setError(problem as Error);
    }
  }, keys);
  useEffect(() => {
    void reload();
    return () => { ++asked.current; };
  }, [reload]);
  return {data, error, reload};
}

// Calls `act` every `ms` while the page is visible, and at once when it becomes visible again. 0 does nothing.
export function useRepeat(act: () => unknown, ms: number): void {
  const latest = useRef(act);
  latest.current = act;
  useEffect(() => {
    if (ms === 0) return;
    const timer = setInterval(() => { if (!document.hidden) latest.current(); }, ms);
    const onVisible = (): void => { if (!document.hidden) latest.current(); };
    document.addEventListener("visibilitychange", onVisible);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, [ms]);
}

// Handles a key press anywhere on the page, except in a field or a dialog. The listener is there as soon as the page shows what the
// keys act on: with useEffect, a key that is pressed in the first moments would be lost.
export function useKeys(onKey: (key: string, event: KeyboardEvent) => boolean): void {
  const latest = useRef(onKey);
  latest.current = onKey;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof Element && event.target.closest("input:not([type=checkbox]), select, textarea, dialog")) return;
      if (latest.current(event.key, event)) event.preventDefault();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
}

export function useTitle(...parts: readonly string[]): void {
  const title = [...parts.filter((part) => part !== ""), "Sheafline"].join(" – ");
  useEffect(() => { document.title = title; }, [title]);
}
