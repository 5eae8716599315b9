// The sheets behind a bar of the analysis: all rows are searched, page by page, until enough are found.
import {useEffect, useState} from "preact/hooks";
import {client} from "../../api/client.js";
import type {Result} from "../../api/types.js";
import {t} from "../../text/text.js";
import {Failed} from "../../ui/controls.js";

const kMost = 200;
const kStep = 500;  // rows between two updates of the page

// The version of an exam is behind the answer: "B (A)".
const plain = (value: string): string => value.replace(/ \([^)]*\)$/, "");

function testOf(params: URLSearchParams): ((row: Result) => boolean) | null {
  const question = params.get("question");
  if (params.has("from")) {
    const [from, to] = [Number(params.get("from")), Number(params.get("to"))];
    return (row) => row["score"] !== undefined && row["score"] !== "" && Number(row["score"]) >= from && Number(row["score"]) < to;
  }
  if (!question || !(params.has("value") || params.has("blank"))) return null;
  const value = plain(params.get("value") ?? "");
  return (row) => (row[question] ?? "") === value;
}

function headingOf(params: URLSearchParams): string {
  if (params.has("from")) return t("analysis.sheetsWithScore", {from: params.get("from") ?? "", to: params.get("to") ?? ""});
  const question = params.get("question") ?? "";
  return params.has("blank") ? t("analysis.sheetsWithBlank", {question}) : t("analysis.sheetsWithAnswer", {question, value: params.get("value") ?? ""});
}

export function SheetsBehind({id, params, all}: {readonly id: string; readonly params: URLSearchParams; readonly all: number}) {
  const [found, setFound] = useState<readonly Result[]>([]);
  const [done, setDone] = useState(0);
  const [ended, setEnded] = useState(false);
  const [error, setError] = useState<Error>();
  const key = params.toString();
  const test = testOf(params);
  useEffect(() => {
    if (!test) return;
    let stopped = false;
    const rows: Result[] = [];
    let count = 0;
    setFound([]);
    setDone(0);
    setEnded(false);
    void (async () => {
      for await (const row of client.results(id)) {
        if (stopped) return;
        if (row["status"] === "read" && test(row)) rows.push(row);
        if (++count % kStep === 0) { setFound([...rows]); setDone(count); }
        if (rows.length >= kMost) break;
      }
      if (stopped) return;
      setFound(rows);
      setEnded(true);
    })().catch((problem: unknown) => { if (!stopped) setError(problem as Error); });
    return () => { stopped = true; };
  }, [id, key]);
  if (!test) return null;
  return <section class="card behind" id="behind" tabindex={-1}><div class="row spread"><h2>{headingOf(params)}</h2>
    <span class="quiet" role="status">{!ended ? t("analysis.searching", {done, all}) : found.length >= kMost ? t("analysis.foundMost", {n: kMost}) : t("verdict.sheets", {n: found.length})}</span></div>
    <Failed error={error} />
    {ended && found.length === 0 ? <p class="quiet">{t("analysis.foundNone")}</p> : null}
    <ul class="sheet-links">{found.map((row) => <li key={row["sheet"]}><a href={`#/batches/${id}/sheets/${row["sheet"]}`}>{t("sheet.title", {n: row["sheet"] ?? ""})}</a>{" "}
      <span class="quiet">{[row["student"], row["group"], row["score"] ? t("analysis.points", {n: Number(row["score"])}) : ""].filter(Boolean).join(" · ")}</span></li>)}</ul>
  </section>;
}
