// Whether the server can be reached: a visible page asks every second. A cut is known within three seconds.
import {useEffect, useState} from "preact/hooks";

const kAskMs = 1_000;
const kPatienceMs = 2_000;

// The time since which the server has not answered, or null.
export function useCut(): Date | null {
  const [since, setSince] = useState<Date | null>(null);
  useEffect(() => {
    let ended = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = new Date();
    async function ask(): Promise<void> {
      const begun = new Date();
      const fine = await fetch("/healthz", {signal: AbortSignal.timeout(kPatienceMs), cache: "no-store"}).then((reply) => reply.ok, () => false);
      if (ended) return;
      if (fine) last = begun;
      setSince(fine ? null : last);
      timer = setTimeout(() => void ask(), kAskMs);
    }
    const onVisible = (): void => {
      clearTimeout(timer);
      if (!document.hidden) void ask();
    };
    document.addEventListener("visibilitychange", onVisible);
    onVisible();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", onVisible);
    };
  }, []);
  return since;
}
