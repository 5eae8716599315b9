// The results of a batch: a table that shows 100,000 rows, because only the rows in view exist as elements.
import type {JSX} from "preact";
import {useEffect, useLayoutEffect, useMemo, useRef, useState} from "preact/hooks";
import {batchPath, call} from "../../api/call.js";
import type {Batch, Result} from "../../api/types.js";
import {setParams} from "../../router.js";
import {t, word} from "../../text/text.js";
import {Button, Failed} from "../../ui/controls.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {nameOf} from "../batches/batch_list_page.js";
import {doubtsOf} from "../sheet/sheet_page.js";
import {isOfStudent, type ResultFilter, ResultRows} from "./result_rows.js";
import {saveRows} from "./save_rows.js";

const kRowHeight = 30;
const kSpare = 12;  // rows beyond the edge that exist already
const kHidden = new Set(["batch_id", "sheet", "page", "status", "flags", "file", "group"]);
const kTypingMs = 300;
const kColumnsName = "sheafline-columns";

interface KeptRow {
  readonly row: Result | undefined;
  readonly loaded: boolean;
  readonly shown: readonly string[];
  readonly element: JSX.Element;
}

const scrolls = new Map<string, number>();  // of the table, by address

function Row({row, place, columns, batch, loaded}: {
  readonly row: Result | undefined; readonly place: number; readonly columns: readonly string[]; readonly batch: string; readonly loaded: boolean;
}) {
  const sheet = row?.["sheet"] ?? String(place + 1);
  const flags = useMemo(() => new Map(doubtsOf(row?.["flags"] ?? "").map((doubt) => [doubt.field, doubt.flag])), [row]);
  const href = `#/batches/${batch}/sheets/${sheet}`;
  return <div class={row ? "tr" : "tr missing"} role="row" aria-rowindex={place + 2} style={{transform: `translateY(${place * kRowHeight}px)`}}
    onClick={(event) => { if (!(event.target as Element).closest("a")) location.hash = href; }}>
    <div class="td first" role="cell"><a href={href}>{sheet}</a></div>
    {row ? columns.map((column) => {
      const flag = flags.get(column);
      return <div key={column} role="cell" class={`td ${widthOf(column)}${flag ? " flagged" : ""}`} title={flag ? word("flag", flag) : undefined}>{row[column]}{flag ? <span class="unseen"> ({word("flag", flag)})</span> : null}</div>;
    }) : <div class="td note quiet" role="cell">{loaded ? t("results.notRead") : ""}</div>}
  </div>;
}

const widthOf = (column: string): string => /^q\d+$/.test(column) ? "narrow-cell" : column === "qr" ? "wide-cell" : "";

function ColumnPicker({columns, hidden, onChange}: {readonly columns: readonly string[]; readonly hidden: ReadonlySet<string>; readonly onChange: (hidden: ReadonlySet<string>) => void}) {
  return <details class="columns"><summary class="button">{t("results.columns")}</summary>
    <div class="card menu">{columns.map((column) => <label class="check" key={column}><input type="checkbox" checked={!hidden.has(column)} onChange={(event) => {
      const next = new Set(hidden);
      if (event.currentTarget.checked) next.delete(column);
      else next.add(column);
      onChange(next);
    }} />{column}</label>)}</div></details>;
}

export function ResultsPage({id, params}: {readonly id: string; readonly params: URLSearchParams}) {
  const {data: batch, error: missing} = useData(() => call<Batch>(batchPath(id)), [id]);
  const filter: ResultFilter = {q: params.get("q") ?? "", state: params.get("state") ?? "", flag: params.get("flag") ?? "", question: params.get("question") ?? "", class: params.get("class") ?? "", sort: params.get("sort") ?? ""};
  const address = JSON.stringify([id, filter]);
  const [, draw] = useState(0);
  const [error, setError] = useState<Error>();
  const [view, setView] = useState({top: scrolls.get(address) ?? 0, height: 600});
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set((localStorage.getItem(kColumnsName) ?? "").split("\n").filter((name) => name !== "")));
  const table = useRef<HTMLDivElement>(null);
  const typing = useRef<ReturnType<typeof setTimeout>>();
  const known = useRef<readonly string[]>([]);
  const columns = useRef<{names: readonly string[]; hidden: ReadonlySet<string>; shown: readonly string[]}>({names: [], hidden: new Set(), shown: []});
  const kept = useRef(new Map<number, KeptRow>());
  useTitle(t("results"), batch ? nameOf(batch) : "");

  const rows = useMemo(() => {
    kept.current.clear();
    return batch ? new ResultRows(id, filter, batch.sheets_total, () => draw((count) => count + 1), setError) : undefined;
  }, [batch, address]);
  useEffect(() => {
    setError(undefined);
    return () => rows?.end();
  }, [rows]);
  useLayoutEffect(() => { if (table.current) table.current.scrollTop = scrolls.get(address) ?? 0; }, [rows]);
  useEffect(() => {
    const element = table.current;
    if (!element) return;
    const size = new ResizeObserver(() => setView({top: element.scrollTop, height: element.clientHeight}));
    size.observe(element);
    return () => size.disconnect();
  }, [rows !== undefined]);

  const from = Math.max(0, Math.floor(view.top / kRowHeight) - kSpare);
  const to = Math.ceil((view.top + view.height) / kRowHeight) + kSpare;
  useEffect(() => rows?.need(from, to), [rows, from, to, rows?.length]);
  if (!batch || !rows) return missing ? <section class="page"><a class="back" href={"#/batches/" + id}>← {t("list.batch")}</a><Failed error={missing} /></section> : <p class="quiet center">{t("loading")}</p>;

  const places = Array.from({length: Math.max(0, Math.min(to, rows.length) - from)}, (_, i) => from + i);
  const sample = places.map((place) => rows.at(place)).find((row) => row !== undefined);
  // Only a row of a student has a status that its sheet does not show: incomplete.
  const names = sample ? Object.keys(sample).filter((name) => !kHidden.has(name) || (name === "status" && isOfStudent(sample))) : [];
  if (sample && names.join() !== known.current.join()) known.current = names;
  if (columns.current.names !== known.current || columns.current.hidden !== hidden)
    columns.current = {names: known.current, hidden, shown: known.current.filter((name) => !hidden.has(name))};
  const {shown} = columns.current;
  // A row that is unchanged keeps its element, so that scrolling makes only the rows that come into view.
  const rowAt = (place: number): JSX.Element => {
    const row = rows.at(place);
    const loaded = rows.isLoaded(place);
    const before = kept.current.get(place);
    if (before && before.row === row && before.loaded === loaded && before.shown === shown) return before.element;
    const element = <Row key={place} row={row} place={place} columns={shown} batch={id} loaded={loaded} />;
    kept.current.set(place, {row, loaded, shown, element});
    return element;
  };
  for (const place of kept.current.keys()) if (place < from || place >= to) kept.current.delete(place);
  const select = (name: "state" | "sort", label: string, choices: readonly (readonly [string, string])[]) => <label>{label}<select name={name} value={filter[name]}
    onChange={(event) => setParams({[name]: event.currentTarget.value})}>{choices.map(([value, text]) => <option key={value} value={value}>{text}</option>)}</select></label>;
  return <section class="page full">
    <a class="back" href={"#/batches/" + id}>← {nameOf(batch)}</a>
    <div class="head"><h1>{t("results")}</h1><span class="quiet" role="status">{rows.complete ? t("results.count", {n: rows.plain ? batch.sheets_read : rows.length}) : t("results.soFar", {n: rows.length})}</span></div>
    <div class="filters">
      <label class="wide">{t("results.search")}<input type="search" name="q" defaultValue={filter.q} maxlength={100} onInput={(event) => {
        const value = event.currentTarget.value.trim();
        clearTimeout(typing.current);
        typing.current = setTimeout(() => setParams({q: value}), kTypingMs);
      }} /></label>
      {select("state", t("results.show"), [["", t("list.all")], ["doubtful", t("results.doubtful")]])}
      {select("sort", t("list.sort"), [["", t("review.bySheet")], ["confidence", t("review.byConfidence")]])}
      {names.includes("class") || filter.class !== "" ? <label>{t("results.class")}<input name="class" defaultValue={filter.class} maxlength={100} placeholder={t("list.all")}
        onChange={(event) => setParams({class: event.currentTarget.value.trim()})} /></label> : null}
      <Button act={() => saveRows(id, nameOf(batch), filter, shown)}>{t("results.export")}</Button>
      <ColumnPicker columns={known.current} hidden={hidden} onChange={(next) => { setHidden(next); localStorage.setItem(kColumnsName, [...next].join("\n")); }} />
    </div>
    <Failed error={error} />
    {rows.length === 0 && rows.complete ? <p class="empty">{t("results.none")}</p> : <div class="grid-table" ref={table} tabindex={0} role="table" aria-label={t("results")} aria-rowcount={rows.complete ? rows.length + 1 : -1}
      onScroll={(event) => {
        const {scrollTop: top, clientHeight: height} = event.currentTarget;
        scrolls.set(address, top);
        setView({top, height});
      }}>
      <div class="tr header" role="row" aria-rowindex={1}><div class="td first" role="columnheader">{t("sheet")}</div>
        {shown.map((column) => <div key={column} class={"td " + widthOf(column)} role="columnheader">{column}</div>)}</div>
      <div class="rows" role="rowgroup" style={{height: `${rows.length * kRowHeight}px`}}>
        {places.map(rowAt)}</div>
    </div>}
  </section>;
}
