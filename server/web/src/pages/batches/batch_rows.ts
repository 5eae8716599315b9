// The rows of the list of batches for one filter. They outlive the page, so that Back shows the same rows at once.
import {call, query} from "../../api/call.js";
import type {Batch, Page} from "../../api/types.js";

const kPage = 100;
const kMost = 1_000;  // of one request

export interface BatchRows {
  readonly batches: readonly Batch[];
  readonly next: string | null;
}

const kept = new Map<string, BatchRows>();
const kKept = 8;

export const keptRows = (filter: string): BatchRows | undefined => kept.get(filter);

function keep(filter: string, rows: BatchRows): BatchRows {
  kept.delete(filter);
  kept.set(filter, rows);
  if (kept.size > kKept) kept.delete([...kept.keys()][0] ?? "");
  return rows;
}

const ask = (filter: string, limit: number, after: string | null): Promise<Page<Batch>> => {
  const params = Object.fromEntries(new URLSearchParams(filter));
  return call<Page<Batch>>("/api/batches" + query({...params, limit, after}));
};

// The newest state of the rows that are shown; more than one request can carry keep their earlier state.
export async function refresh(filter: string): Promise<BatchRows> {
  const before = kept.get(filter);
  const limit = Math.min(kMost, Math.max(kPage, before?.batches.length ?? 0));
  const page = await ask(filter, limit, null);
  const listed = new Set(page.items.map((batch) => batch.batch_id));
  const rest = before && before.batches.length > page.items.length && page.next !== null
    ? before.batches.slice(page.items.length).filter((batch) => !listed.has(batch.batch_id)) : [];
  return keep(filter, {batches: [...page.items, ...rest], next: rest.length > 0 ? before?.next ?? null : page.next});
}

export async function more(filter: string): Promise<BatchRows> {
  const before = kept.get(filter);
  if (!before || before.next === null) return refresh(filter);
  const page = await ask(filter, kPage, before.next);
  const listed = new Set(before.batches.map((batch) => batch.batch_id));
  return keep(filter, {batches: [...before.batches, ...page.items.filter((batch) => !listed.has(batch.batch_id))], next: page.next});
}

// The rows after a change that the stream tells; null if only the server can say which rows a filter or an order has now.
export function changed(filter: string, items: readonly Batch[], removed: readonly string[]): BatchRows | null {
  const before = kept.get(filter);
  if (!before) return null;
  const listed = new Set(before.batches.map((batch) => batch.batch_id));
  if (filter !== "") return null;
  const now = new Map(items.map((batch) => [batch.batch_id, batch]));
  const gone = new Set(removed);
  const fresh = items.filter((batch) => !listed.has(batch.batch_id));
  const newest = before.batches[0]?.created_at ?? "";
  if (fresh.some((batch) => batch.created_at < newest)) return null;  // such as one that is shared now
  const rows = before.batches.filter((batch) => !gone.has(batch.batch_id)).map((batch) => now.get(batch.batch_id) ?? batch);
  return keep(filter, {batches: [...[...fresh].sort((a, b) => a.created_at < b.created_at ? 1 : -1), ...rows], next: before.next});
}
