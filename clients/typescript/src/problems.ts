// The errors that the client throws, and how it waits before it tries again.
import type {Decision, Problem} from "./types.js";

// Status 0: there was no answer.
export class SheaflineError extends Error {
  override readonly name = "SheaflineError";

  constructor(readonly status: number, readonly problem: Problem) {
    super(messageOf(status, problem));
  }

  // The stable code of the error; docs/operate/runbook.md of Sheafline lists all of them.
  get code(): string {
    return this.problem.code ?? "";
  }

  // The same request may succeed later.
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500 || [408, 423, 429].includes(this.status);
  }

  // With the code DECIDED: what another person decided first.
  get decisions(): readonly Decision[] {
    return (this.problem.errors ?? []).flatMap((error) => error.decision ?? []);
  }
}

function messageOf(status: number, problem: Problem): string {
  const main = problem.detail ?? problem.title;
  if (main === undefined) return status === 0 ? "the server cannot be reached; check the address and the network" : `the server answered with status ${status}; try again`;
  const places = (problem.errors ?? []).map((error) => error.detail ?? "").filter((text) => text !== "" && text !== main);
  return [main, ...places].join("; ");
}

export async function errorOf(reply: Response): Promise<SheaflineError> {
  return new SheaflineError(reply.status, await reply.json().catch(() => ({})) as Problem);
}

export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, {once: true});
  });
}

const kFirstMs = 100;

// Waits. The pauses double up to five seconds, with jitter so that many clients do not return at once.
export class Patience {
  #pause = kFirstMs;

  renew(): void {
    this.#pause = kFirstMs;
  }

  async wait(atLeast = 0, signal?: AbortSignal): Promise<void> {
    const pause = Math.max(atLeast, this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, 5_000);
    await sleep(pause, signal);
  }
}
