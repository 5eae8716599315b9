// Sends decisions in the background, in their order, so that a person never waits for the server. What was decided while a request
// is under way goes together into the next one. After a lost connection it tries again until the server answers.
import {ServerError, batchPath, post} from "../../api/call.js";
import type {Decision, NewDecision} from "../../api/types.js";

export interface Sending {
  readonly key: string;  // of the answer
  readonly decision: NewDecision;
}

export interface OutboxEvents {
  readonly onStored: (key: string, decision: Decision) => void;
  readonly onRejected: (sending: Sending, error: ServerError) => void;
  readonly onWaiting: (count: number) => void;
}

const kMost = 500;  // decisions of one request
const kPauseMs = 1_500;
const kSheetChanges = "SHEET_CHANGES";  // an apply changes the sheet now; the decision counts after it

interface DecisionsReply {
  readonly items: readonly Decision[];
}

export class Outbox {
  #waiting: Sending[] = [];
  #underWay = 0;
  #idle: Promise<void> = Promise.resolve();
  #running = false;

  constructor(private readonly batch: string, private readonly events: OutboxEvents) {}

  get count(): number {
    return this.#waiting.length + this.#underWay;
  }

  add(...more: readonly Sending[]): void {
    this.#waiting.push(...more);
    this.events.onWaiting(this.count);
    if (this.#running) return;
    this.#running = true;
    this.#idle = this.#run();
  }

  // Resolves when everything that was added before is answered.
  idle(): Promise<void> {
    return this.#idle;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const list = this.#waiting.splice(0, kMost);
      this.#underWay = list.length;
      await this.#send(list);
      this.#underWay = 0;
      this.events.onWaiting(this.count);
    }
    this.#running = false;
  }

  // The server stores all of a list or nothing. If it rejects a list, each decision is sent alone.
  async #send(list: readonly Sending[]): Promise<void> {
    for (;;) {
      try {
        const reply = await post<DecisionsReply>(batchPath(this.batch, "/decisions"), list.map((one) => one.decision));
        reply.items.forEach((stored, i) => { const one = list[i]; if (one) this.events.onStored(one.key, stored); });
        return;
      } catch (error) {
        const problem = error instanceof ServerError ? error : new ServerError(0, {});
        if ((problem.mayPass && problem.status !== 500) || problem.status === 401 || problem.code === kSheetChanges) {
          await new Promise((resolve) => setTimeout(resolve, kPauseMs));
        } else if (list.length > 1) {
          for (const one of list) await this.#send([one]);
          return;
        } else {
          if (list[0]) this.events.onRejected(list[0], problem);
          return;
        }
      }
    }
  }
}
