// One server and the session there: requests and their errors.
import type {Problem} from "./events.js";

export class SheaflineError extends Error {
  override readonly name = "SheaflineError";

  constructor(readonly status: number, readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? `the server answered with ${status}`);
  }

  get code(): string {
    return this.problem.code ?? "";
  }

  // The same request may succeed later. Status 0: there was no answer.
  get mayPass(): boolean {
    return this.status === 0 || this.status >= 500 || [408, 423, 429].includes(this.status);
  }
}

export class Connection {
  #token = "";
  readonly #url: string;

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, "");
  }

  authorize(token: string): void {
    this.#token = token;
  }

  // Returns the answer unchanged; throws if there was none.
  async ask(path: string, options: RequestInit = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.#token !== "") headers.set("Authorization", "Bearer " + this.#token);
    try {
      return await fetch(this.#url + path, {...options, headers});
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new SheaflineError(0, {detail: `the server cannot be reached: ${String(error)}`});
    }
  }

  async send(path: string, options: RequestInit = {}): Promise<Response> {
    const reply = await this.ask(path, options);
    if (!reply.ok) throw await errorOf(reply);
    return reply;
  }

  async json<T>(path: string, options: RequestInit = {}): Promise<T> {
    return await (await this.send(path, options)).json() as T;
  }
}

export async function errorOf(reply: Response): Promise<SheaflineError> {
  return new SheaflineError(reply.status, await reply.json().catch(() => ({})) as Problem);
}

// Waits. The pauses double up to five seconds, with jitter so that many clients do not return at once.
export class Patience {
  #pause = 200;

  renew(): void {
    this.#pause = 200;
  }

  async wait(atLeast = 0): Promise<void> {
    const pause = Math.max(atLeast, this.#pause * (0.5 + Math.random()));
    this.#pause = Math.min(this.#pause * 2, 5_000);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
