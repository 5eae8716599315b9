// All batches, with search and filters in the address.
import {useEffect, useRef, useState} from "preact/hooks";
import {call} from "../../api/call.js";
import {useLiveList} from "../../api/live_list.js";
import {mayCreate} from "../../api/rights.js";
import {type Batch, type BatchState, type Pipeline, type Page, type Session, isUnfinished} from "../../api/types.js";
import {restoreScroll, setParams} from "../../router.js";
import {age, when} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {Bar, Failed, State} from "../../ui/controls.js";
import {useData, useRepeat, useTitle} from "../../ui/use_data.js";
import {type BatchRows, changed, keptRows, more, refresh} from "./batch_rows.js";

const kStates: readonly BatchState[] = ["uploading", "queued", "running", "retrying", "cancelling", "interrupted", "reviewing", "completed", "failed", "cancelled"];
const kFilters = ["q", "state", "pipeline", "sort"] as const;
const kTypingMs = 250;
const kClockMs = 30_000;  // the ages of the batches

export const nameOf = (batch: Batch): string => batch.name || batch.filename || batch.exam || batch.batch_id.slice(0, 13);

export function Labels({labels}: {readonly labels: Readonly<Record<string, string>> | undefined}) {
  return <>{Object.entries(labels ?? {}).map(([key, value]) =>
    <a class="label" key={key} href={"#/?q=" + encodeURIComponent(`${key}=${value}`)} title={t("list.labelTitle")}>{key}={value}</a>)}</>;
}

function Row({batch}: {readonly batch: Batch}) {
  const event = batch.progress;
  const place = "#/batches/" + batch.batch_id;
  const live = isUnfinished(batch.state);
  const done = batch.sheets_read + batch.sheets_quarantined + batch.sheets_discarded;
  const share = event?.overall_percentage !== undefined ? event.overall_percentage / 100 : batch.sheets_total ? done / batch.sheets_total : null;
  const doubtful = batch.answers_doubtful ?? 0;
  return <tr id={"batch-" + batch.batch_id}>
    <td class="name"><a href={place} title={batch.batch_id}>{nameOf(batch)}</a><div class="labels"><Labels labels={batch.labels} /></div></td>
    <td class="state-cell"><State state={batch.state} />
      {live ? <><Bar share={batch.state === "queued" ? 0 : share} label={t("list.progressOf", {name: nameOf(batch)})} /><div class="quiet now">{event?.message ?? ""}</div></> : null}
      {batch.error ? <div class="quiet now" title={batch.error.message}>{batch.error.message}</div> : null}</td>
    <td class="number" data-label={t("list.sheets")}>{batch.sheets_total ? t("list.readOf", {read: batch.sheets_read, total: batch.sheets_total}) : "–"}</td>
    <td class="number" data-label={t("list.doubtful")}>{doubtful > 0 ? <a class="count wait" href={place + "/review"}>{t("plain", {n: doubtful})}</a> : "–"}</td>
    <td class="number" data-label={t("list.quarantined")}>{batch.sheets_quarantined > 0
      ? <a class="count wait" href={place + "/review?show=quarantined"}>{t("plain", {n: batch.sheets_quarantined})}</a> : "–"}</td>
    <td data-label={t("list.owner")}>{batch.user}<div class="quiet">{batch.pipeline}</div></td>
    <td class="quiet age" data-label={t("list.created")} title={when(batch.created_at)}>{age(batch.created_at)}</td>
  </tr>;
}

function Filters({params}: {readonly params: URLSearchParams}) {
  const pipelines = useData(() => call<Page<Pipeline>>("/api/pipelines"), []);
  const typing = useRef<ReturnType<typeof setTimeout>>();
  const select = (name: string, label: string, choices: readonly (readonly [string, string])[]) => <label>{label}
    <select name={name} value={params.get(name) ?? ""} onChange={(event) => setParams({[name]: event.currentTarget.value})}>
      {choices.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
    </select></label>;
  return <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
    <label class="wide">{t("list.search")}<input type="search" name="q" maxlength={64} value={params.get("q") ?? ""} placeholder={t("list.searchHint")}
      onInput={(event) => {
        const value = event.currentTarget.value.trim();
        clearTimeout(typing.current);
        typing.current = setTimeout(() => setParams({q: value}), kTypingMs);
      }} /></label>
    {select("state", t("list.state"), [["", t("list.all")], ...kStates.map((state) => [state, word("state", state)] as const)])}
    {select("pipeline", t("list.pipeline"), [["", t("list.all")], ...(pipelines.data?.items ?? []).map((one) => [one.name, one.name] as const)])}
    {select("sort", t("list.sort"), [["", t("sort.newest")], ["oldest", t("sort.oldest")], ["name", t("sort.name")]])}
  </form>;
}

export function BatchListPage({params, session}: {readonly params: URLSearchParams; readonly session: Session}) {
  useTitle(t("nav.batches"));
  const filter = new URLSearchParams(kFilters.flatMap((name) => params.get(name) ? [[name, params.get(name) ?? ""]] : [])).toString();
  const [rows, setRows] = useState<BatchRows | undefined>(keptRows(filter));
  const [shown, setShown] = useState(filter);
  const [error, setError] = useState<Error | undefined>();
  const wanted = useRef(filter);
  wanted.current = filter;

  const load = async (ask: (filter: string) => Promise<BatchRows>): Promise<void> => {
    try {
      const next = await ask(filter);
      if (wanted.current !== filter) return;
      setRows(next);
      setShown(filter);
      setError(undefined);
    } catch (problem) {
      setError(problem as Error);
    }
  };
  useEffect(restoreScroll, []);
  const [, setClock] = useState(0);
  useRepeat(() => setClock((ticks) => ticks + 1), kClockMs);
  const loading = useRef<Promise<void> | null>(null);
  // At most one request at a time, and one more for what changed in the meantime.
  const reload = (): void => {
    const begin = (): Promise<void> => load(refresh).finally(() => { if (loading.current === mine) loading.current = null; });
    const mine: Promise<void> = loading.current ? loading.current.then(begin) : begin();
    loading.current = mine;
  };
  useEffect(reload, [filter]);
  useLiveList({
    onReload: reload,
    onChanged: (items, removed) => {
      const next = changed(filter, items, removed);
      if (next && !loading.current) setRows(next);
      else reload();
    },
  });

  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || rows?.next == null) return;
    const watch = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) void load(more); }, {rootMargin: "600px"});
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [rows?.next, filter]);

  const creates = mayCreate(session);
  return <section class="page">
    <div class="head"><h1>{t("nav.batches")}</h1>{creates ? <a class="button main" href="#/new">{t("nav.new")}</a> : null}</div>
    <Filters params={params} />
    <Failed error={error} />
    {rows && rows.batches.length > 0 ? <div class="scroll card flush" data-filter={shown}><table class="batches responsive">
      <thead><tr><th>{t("list.batch")}</th><th>{t("list.state")}</th><th class="number">{t("list.sheets")}</th><th class="number">{t("list.doubtful")}</th>
        <th class="number">{t("list.quarantined")}</th><th>{t("list.owner")}</th><th>{t("list.created")}</th></tr></thead>
      <tbody>{rows.batches.map((batch) => <Row key={batch.batch_id} batch={batch} />)}</tbody>
    </table></div> : null}
    {rows && rows.batches.length === 0 ? <div class="empty">{filter === "" ? <><p>{t("list.none")}</p>
      {creates ? <a class="button main" href="#/new">{t("list.first")}</a> : null}</> : <p>{t("list.nothingFound")}</p>}</div> : null}
    <div ref={end}>{rows?.next != null ? <p class="quiet center">{t("loading")}</p> : null}</div>
  </section>;
}
