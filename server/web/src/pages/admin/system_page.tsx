// The state of the server: its queue, its disk, its sinks, and the workers on other hosts.
import {ServerError, call} from "../../api/call.js";
import type {Page, Plugin, System, Worker} from "../../api/types.js";
import {bytes, decimal, number, when} from "../../text/format.js";
import {t} from "../../text/text.js";
import {Failed} from "../../ui/controls.js";
import {useData, useRepeat, useTitle} from "../../ui/use_data.js";

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

export function SystemPage() {
  useTitle(t("nav.system"));
  const {data, error, reload} = useData(async () => {
    const [system, ready, workers, plugins] = await Promise.all([call<System>("/api/system"), readiness(), call<Page<Worker>>("/api/workers"), call<Page<Plugin>>("/api/plugins")]);
    return {system, ready, workers: workers.items, sinks: plugins.items.filter((plugin) => plugin.kind === "sink")};
  }, []);
  useRepeat(() => void reload(), kRepeatMs);
  if (!data) return error ? <section class="page"><h1>{t("nav.system")}</h1><Failed error={error} /></section> : <p class="quiet center">{t("loading")}</p>;
  const {system, ready, workers, sinks} = data;
  const facts = [[t("system.version"), system.version], [t("system.since"), when(system.since)], [t("system.running"), number(system.running)], [t("system.waiting"), number(system.waiting)],
    [t("system.streams"), number(system.streams)], [t("system.free"), bytes(system.free_bytes)]] as const;
  const fine = ready.status === "ready";
  return <section class="page medium system">
    <div class="head"><h1>{t("nav.system")}</h1><span class={fine ? "state completed" : "state failed"}>{t(fine ? "system.ready" : "system.notReady")}</span></div>
    <Failed error={error} />
    {ready.reasons && ready.reasons.length > 0 ? <ul class="failure" role="alert">{ready.reasons.map((reason) => <li key={reason}>{reason}</li>)}</ul> : null}
    <section class="card"><h2>{t("system.server")}</h2><dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl></section>
    <section class="card"><h2>{t("system.workers")}</h2><Workers workers={workers} /></section>
    <section class="card"><h2>{t("system.sinks")}</h2><ul class="plain-list">{sinks.map((sink) => <li key={sink.name}><b>{sink.name}</b> <span class="quiet">{sink.summary}</span></li>)}</ul></section>
  </section>;
}
