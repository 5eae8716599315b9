// One server and the session there: requests and their errors.
import {SheaflineError, errorOf} from "./problems.js";

// A token, or a function that returns the token of this moment. The function is called again when the server rejects a token.
export type TokenSource = string | (() => string | Promise<string>);

export class Connection {
  #token: TokenSource = "";
  readonly #url: string;

  // Called with each 401.
  onUnauthorized: () => void = () => {};

  constructor(url: string) {
    this.#url = url.replace(/\/+$/, "");
  }

  get url(): string {
    return this.#url;
  }

  authorize(token: TokenSource): void {
    this.#token = token;
  }

  // The header of the session; none if a cookie is the session.
  async authorization(): Promise<Record<string, string>> {
    const token = typeof this.#token === "string" ? this.#token : await this.#token();
    return token === "" ? {} : {Authorization: "Bearer " + token};
  }

  // Returns the answer unchanged; throws if there was none.
  async ask(path: string, options: RequestInit = {}): Promise<Response> {
    const reply = await this.#once(path, options);
    if (reply.status !== 401) return reply;
    if (typeof this.#token === "function") {
      await reply.body?.cancel();
      const again = await this.#once(path, options);
      if (again.status !== 401) return again;
      this.onUnauthorized();
      return again;
    }
    this.onUnauthorized();
    return reply;
  }

  async #once(path: string, options: RequestInit): Promise<Response> {
    const headers = new Headers(options.headers);
    for (const [name, value] of Object.entries(await this.authorization())) headers.set(name, value);
    try {
      return await fetch(this.#url + path, {...options, headers});
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new SheaflineError(0, typeof window === "object" ? {} : {detail: `the server cannot be reached: ${reasonOf(error)}`});
    }
  }

  async send(path: string, options: RequestInit = {}): Promise<Response> {
    const reply = await this.ask(path, options);
    if (!reply.ok) throw await errorOf(reply);
    return reply;
  }

  async json<T>(path: string, options: RequestInit = {}): Promise<T> {
    const reply = await this.send(path, options);
    if (reply.status === 204) return undefined as T;
    const text = await reply.text().catch((error: unknown) => {
      if (options.signal?.aborted) throw error;
      throw new SheaflineError(0, {detail: `the answer broke off: ${reasonOf(error)}`});
    });
    try {
      return JSON.parse(text) as T;
    } catch {
      throw new SheaflineError(0, {detail: "the answer is not JSON; a proxy may have replaced or cut it"});
    }
  }
}

// Node.js hides the reason in `cause`.
function reasonOf(error: unknown): string {
  const cause = (error as {cause?: {message?: string}}).cause?.message;
  return cause !== undefined && cause !== "" ? cause : String(error);
}
