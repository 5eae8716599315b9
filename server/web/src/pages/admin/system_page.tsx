// The state of the server: queue, batches at work, workers, disk, database, Redis and sinks.
import {ServerError, call} from "../../api/call.js";
import type {SystemState, Worker} from "../../api/types.js";
import {bytes, decimal, number, when} from "../../text/format.js";
import {t} from "../../text/text.js";
import {Bar, Failed, State} from "../../ui/controls.js";
import {useData, useRepeat, useTitle} from "../../ui/use_data.js";
import {nameOf} from "../batches/batch_list_page.js";

const kRepeatMs = 3_000;

interface Readiness {
  readonly status: string;
  readonly reasons?: readonly string[];
}

// A server that is not ready answers 503 with the reasons.
async function readiness(): Promise<Readiness> {
  try {
    return await call<Readiness>("/readyz");
  } catch (error) {
    if (error instanceof ServerError && error.status === 503) return error.problem as unknown as Readiness;
    throw error;
  }
}

function Workers({workers}: {readonly workers: readonly Worker[]}) {
  if (workers.length === 0) return <p class="quiet">{t("system.noWorkers")}</p>;
  return <div class="scroll" tabindex={0} role="region" aria-label={t("system.workers")}><table class="workers">
    <thead><tr><th>{t("system.worker")}</th><th>{t("list.state")}</th><th class="number">{t("rate.short")}</th><th class="number">{t("system.done")}</th><th class="number">{t("system.failed")}</th>
      <th>{t("system.nowReading")}</th><th>{t("system.seen")}</th></tr></thead>
    <tbody>{workers.map((worker) => <tr key={worker.name}><td>{worker.name}</td><td>{worker.state}</td><td class="number">{worker.rate_per_second === undefined ? "–" : t("perSecond", {rate: decimal(worker.rate_per_second, 1)})}</td>
      <td class="number">{number(worker.done)}</td><td class="number">{number(worker.failed)}</td>
      <td>{worker.sheets.map((sheet) => <a key={`${sheet.batch_id}${sheet.sheet}`} href={`#/batches/${sheet.batch_id}/sheets/${sheet.sheet}`}>{t("system.sheetOf", {n: sheet.sheet ?? 0})} </a>)}</td>
      <td class="quiet">{worker.seen_seconds_ago === undefined ? "–" : t("system.seenAgo", {seconds: decimal(worker.seen_seconds_ago, 0)})}</td></tr>)}</tbody>
  </table></div>;
}

function Facts({facts}: {readonly facts: readonly (readonly [string, string])[]}) {
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

const Problem = ({text}: {readonly text: string}) => <p class="failure">{text}</p>;

function Storage({state: {disk, database}}: {readonly state: SystemState}) {
  return <section class="card"><h2>{t("system.storage")}</h2>
    {disk.error !== "" ? <Problem text={t("system.diskError", {error: disk.error})} /> : disk.full ? <Problem text={t("system.diskFull")} /> : null}
    <div class="quota"><div><div class="row spread"><span>{t("system.free")}</span><span class="quiet">{t("quota.of", {used: bytes(disk.free_bytes), limit: bytes(disk.total_bytes)})}</span></div>
      <Bar share={disk.free_bytes / (disk.total_bytes || 1)} label={t("system.free")} /></div></div>
    <Facts facts={[[t("system.database"), `${database.kind} ${database.version}`], [t("system.size"), bytes(database.size_bytes)], [t("system.log"), bytes(database.log_bytes)],
      [t("system.events"), number(database.events)], [t("system.changesWaiting"), number(database.changes_waiting)]]} /></section>;
}

function Redis({redis}: {readonly redis: SystemState["redis"]}) {
  return <section class="card" id="redis"><div class="row spread"><h2>Redis</h2>{redis ? <span class={redis.reachable ? "state completed" : "state failed"}>{t(redis.reachable ? "system.reachable" : "system.away")}</span> : null}</div>
    {!redis ? <p class="quiet">{t("system.noRedis")}</p> : <>
      {redis.error ? <Problem text={redis.error.message} /> : null}
      {redis.reachable ? <Facts facts={[[t("system.version"), redis.version], [t("system.latency"), redis.latency_ms === null ? "–" : t("system.ms", {ms: decimal(redis.latency_ms, 1)})]]} /> : null}</>}
  </section>;
}

// The sink of a pipeline has the name BATCH_ID/PLUGIN#NUMBER.
function SinkName({name}: {readonly name: string}) {
  const [batch, plugin] = name.includes("/") ? name.split("/", 2) : [undefined, name];
  return batch !== undefined ? <a href={"#/batches/" + batch}>{plugin}</a> : <>{plugin}</>;
}

function Sinks({sinks}: {readonly sinks: SystemState["sinks"]}) {
  if (sinks.length === 0) return <p class="quiet">{t("system.noSinks")}</p>;
  return <div class="scroll" tabindex={0} role="region" aria-label={t("system.sinks")}><table class="sinks">
    <thead><tr><th>{t("name")}</th><th class="number">{t("system.lag")}</th><th>{t("system.lastError")}</th></tr></thead>
    <tbody>{sinks.map((sink) => <tr key={sink.name}><td><SinkName name={sink.name} /></td><td class="number">{number(sink.lag)}</td><td>{sink.error?.message ?? <span class="quiet">–</span>}</td></tr>)}</tbody>
  </table></div>;
}

function AtWork({batches}: {readonly batches: SystemState["batches"]}) {
  if (batches.length === 0) return <p class="quiet">{t("system.noBatches")}</p>;
  return <div class="scroll" tabindex={0} role="region" aria-label={t("system.atWork")}><table>
    <thead><tr><th>{t("list.batch")}</th><th>{t("list.state")}</th><th class="number">{t("list.sheets")}</th><th class="number">{t("rate.short")}</th></tr></thead>
    <tbody>{batches.map((batch) => <tr key={batch.batch_id}><td><a href={"#/batches/" + batch.batch_id}>{nameOf(batch)}</a></td><td><State state={batch.state} /></td>
      <td class="number">{t("list.readOf", {read: batch.sheets_read, total: batch.sheets_total})}</td>
      <td class="number">{batch.progress?.rate_per_second === undefined ? "–" : t("perSecond", {rate: decimal(batch.progress.rate_per_second, 1)})}</td></tr>)}</tbody>
  </table></div>;
}

export function SystemPage() {
  useTitle(t("nav.system"));
  const {data, error, reload} = useData(async () => {
    const [state, ready] = await Promise.all([call<SystemState>("/api/system/state"), readiness()]);
    return {state, ready};
  }, []);
  useRepeat(() => void reload(), kRepeatMs);
  if (!data) return error ? <section class="page"><h1>{t("nav.system")}</h1><Failed error={error} /></section> : <p class="quiet center">{t("loading")}</p>;
  const {state, ready} = data;
  const {versions, queue, streams} = state;
  const fine = ready.status === "ready";
  return <section class="page medium system">
    <div class="head"><h1>{t("nav.system")}</h1><span class={fine ? "state completed" : "state failed"}>{t(fine ? "system.ready" : "system.notReady")}</span></div>
    <Failed error={error} />
    {ready.reasons && ready.reasons.length > 0 ? <div class="failure" role="alert"><ul class="plain-list">{ready.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul></div> : null}
    <section class="card"><h2>{t("system.server")}</h2>
      <Facts facts={[[t("system.version"), versions.sheafline], [t("system.since"), when(state.since)], [t("system.running"), number(queue.running)], [t("system.waiting"), number(queue.waiting)],
        [t("system.streams"), number(streams.batches + streams.lists)], [t("nav.plugins"), number(versions.plugins)]]} />
      {versions.rejected_plugins > 0 ? <Problem text={t("system.rejected", {n: versions.rejected_plugins})} /> : null}</section>
    <section class="card"><h2>{t("system.atWork")}</h2><AtWork batches={state.batches} /></section>
    <section class="card"><h2>{t("system.workers")}</h2><Workers workers={state.workers} /></section>
    <Storage state={state} />
    <Redis redis={state.redis} />
    <section class="card"><h2>{t("system.sinks")}</h2><Sinks sinks={state.sinks} /></section>
  </section>;
}
