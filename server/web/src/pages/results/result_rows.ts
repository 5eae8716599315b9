// The rows of the results, loaded in blocks when they are shown. In the order of the sheets without a filter, any block can be
// loaded at once, because a row is at the place of its sheet; else the blocks are loaded one after the other. So are rows of
// students, because not every sheet has one.
import {batchPath, call, query} from "../../api/call.js";
import type {Page, Result} from "../../api/types.js";

export const kBlock = 200;

export interface ResultFilter {
  readonly q: string;
  readonly state: string;
  readonly flag: string;
  readonly question: string;
  readonly class: string;  // of the class list
  readonly sort: string;
}

export const isPlain = (filter: ResultFilter): boolean => filter.q === "" && filter.state === "" && filter.flag === "" && filter.question === "" && filter.class === "" && filter.sort !== "confidence";

export const isOfStudent = (row: Result): boolean => "sheets_of_student" in row;

export class ResultRows {
  #rows = new Map<number, Result>();  // by place in the list
  #blocks = new Set<number>();        // loaded or asked for
  #next: string | null = "";
  #busy = false;
  #ended = false;
  #byStudent = false;

  // `total`: the number of sheets. `onChange` is called when rows have come.
  constructor(private readonly batch: string, private readonly filter: ResultFilter, private readonly total: number,
              private readonly onChange: () => void, private readonly onError: (error: Error) => void) {}

  end(): void {
    this.#ended = true;
  }

  get plain(): boolean {
    return !this.#byStudent && isPlain(this.filter);
  }

  get complete(): boolean {
    return this.plain || this.#next === null;
  }

  // Places in the list: of all sheets, or of the rows that are loaded so far.
  get length(): number {
    return this.plain ? this.total : this.#rows.size;
  }

  at(place: number): Result | undefined {
    return this.#rows.get(place);
  }

  // False: the row is not loaded yet. True without a row: the sheet of this place was not read.
  isLoaded(place: number): boolean {
    return this.#blocks.has(Math.floor(place / kBlock)) && !this.#pending.has(Math.floor(place / kBlock));
  }

  #pending = new Set<number>();

  need(from: number, to: number): void {
    if (this.#ended) return;
    if (this.plain) {
      for (let block = Math.floor(from / kBlock); block <= Math.floor(Math.max(from, to - 1) / kBlock); ++block) void this.#loadBlock(block);
    } else if (to >= this.#rows.size - kBlock / 2) {
      void this.#loadMore();
    }
  }

  async #loadBlock(block: number): Promise<void> {
    if (this.#blocks.has(block) || block * kBlock >= this.total) return;
    this.#blocks.add(block);
    this.#pending.add(block);
    try {
      const page = await call<Page<Result>>(batchPath(this.batch, "/results" + query({limit: kBlock, after: block * kBlock || ""})));
      if (page.items.some(isOfStudent)) {
        this.#byStudent = true;
        this.#rows.clear();
        void this.#loadMore();
        return;
      }
      for (const row of page.items) {
        const place = Number(row["sheet"]) - 1;
        if (place < (block + 1) * kBlock) this.#rows.set(place, row);
      }
    } catch (error) {
      this.#blocks.delete(block);
      this.onError(error as Error);
    } finally {
      this.#pending.delete(block);
      if (!this.#ended) this.onChange();
    }
  }

  async #loadMore(): Promise<void> {
    if (this.#busy || this.#next === null) return;
    this.#busy = true;
    try {
      const page = await call<Page<Result>>(batchPath(this.batch, "/results" + query({...this.filter, limit: kBlock, after: this.#next})));
      let place = this.#rows.size;
      for (const row of page.items) this.#rows.set(place++, row);
      this.#next = page.next;
    } catch (error) {
      this.#next = null;
      this.onError(error as Error);
    } finally {
      this.#busy = false;
      if (!this.#ended) this.onChange();
    }
  }
}
