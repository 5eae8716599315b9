// Saves the rows that the table shows, with its filter, order and columns, as a CSV file.
import {batchPath, call, query} from "../../api/call.js";
import type {Page, Result} from "../../api/types.js";
import type {ResultFilter} from "./result_rows.js";

const kPage = 1_000;

// A spreadsheet takes a text that begins with one of these for a formula.
const isFormula = (text: string): boolean => /^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !/^[+-]?\d+([.,]\d+)?$/.test(text));

function cell(value: string): string {
  const safe = isFormula(value) ? "'" + value : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export async function saveRows(id: string, name: string, filter: ResultFilter, columns: readonly string[]): Promise<void> {
  const names = ["sheet", ...columns];
  const parts = [names.map(cell).join(",") + "\r\n"];
  for (let after: string | null = null;;) {
    const page: Page<Result> = await call(batchPath(id, "/results" + query({...filter, limit: kPage, after})));
    parts.push(...page.items.map((row) => names.map((column) => cell(row[column] ?? "")).join(",") + "\r\n"));
    if (page.next === null) break;
    after = page.next;
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, {type: "text/csv"}));
  link.download = name.replace(/[^\p{L}\p{N} ._-]+/gu, "-") + ".csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
