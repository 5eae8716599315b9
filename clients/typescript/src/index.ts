// A client of Sheafline's HTTP API.
import {Connection} from "./connection.js";
import type {Batch, Decision, NewDecision, ProgressEvent} from "./events.js";
import {follow, type FollowOptions} from "./follow.js";
import {submit, type SubmitOptions} from "./upload.js";

export {SheaflineError} from "./connection.js";
export type {Batch, BatchState, Decision, Gap, NewDecision, Problem, ProgressEvent} from "./events.js";
export type {FollowOptions} from "./follow.js";
export type {ParamFile, SubmitOptions} from "./upload.js";

export class SheaflineClient {
  readonly #connection: Connection;

  constructor(url: string) {
    this.#connection = new Connection(url);
  }

  // Returns the token, which is valid for hours; pass it to useToken() later.
  async signIn(user: string, password: string): Promise<string> {
    const body = new URLSearchParams({username: user, password});
    const answer = await this.#connection.json<{access_token: string}>("/api/auth/login", {method: "POST", body});
    this.useToken(answer.access_token);
    return answer.access_token;
  }

  useToken(token: string): void {
    this.#connection.authorize(token);
  }

  submit(file: Blob, options: SubmitOptions): Promise<string> {
    return submit(this.#connection, file, options);
  }

  follow(batch: string, options: FollowOptions = {}): AsyncGenerator<ProgressEvent, void> {
    return follow(this.#connection, batch, options);
  }

  batch(batch: string): Promise<Batch> {
    return this.#connection.json<Batch>(this.#path(batch));
  }

  async cancel(batch: string): Promise<void> {
    await this.#connection.send(this.#path(batch) + "/cancel", {method: "POST"});
  }

  // Stores all of the decisions, or none: SheaflineError with the code DECIDED names what others decided first.
  async decide(batch: string, decisions: readonly NewDecision[]): Promise<readonly Decision[]> {
    const list = await this.#connection.json<{items: readonly Decision[]}>(this.#path(batch) + "/decisions", {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(decisions)});
    return list.items;
  }

  async *decisions(batch: string): AsyncGenerator<Decision, void> {
    for (let after: string | null = ""; after !== null;) {
      const query: string = after === "" ? "" : "&after=" + after;
      const page: {items: readonly Decision[]; next: string | null} =
        await this.#connection.json(`${this.#path(batch)}/decisions?limit=1000${query}`);
      yield* page.items;
      after = page.next;
    }
  }

  // Scores a batch that has ended again with another key; follow() then shows it. `replaces` is the
  // other person's decision that this key replaces.
  async score(
    batch: string,
    key: string,
    type: "text/csv" | "application/yaml" | "application/json" = "application/yaml",
    options: {readonly reason?: string; readonly replaces?: number} = {},
  ): Promise<void> {
    const query = new URLSearchParams();
    if (options.reason !== undefined) query.set("reason", options.reason);
    if (options.replaces !== undefined) query.set("replace", String(options.replaces));
    await this.#connection.send(this.#path(batch) + "/score?" + query.toString(), {
      method: "POST",
      headers: {"Content-Type": type},
      body: key,
    });
  }

  // Makes the pending decisions count; follow() then shows the apply.
  async applyDecisions(batch: string): Promise<void> {
    await this.#connection.send(this.#path(batch) + "/decisions/apply", {method: "POST"});
  }

  async artifact(batch: string, name: string): Promise<Blob> {
    const reply = await this.#connection.send(`${this.#path(batch)}/artifacts/${encodeURIComponent(name)}`);
    return await reply.blob();
  }

  #path(batch: string): string {
    return "/api/batches/" + encodeURIComponent(batch);
  }
}
