// One batch: what became of it, what to do next, and how it went.
import {useEffect, useState} from "preact/hooks";
import {batchPath, call, patch, post, remove} from "../../api/call.js";
import {client} from "../../api/client.js";
import {mayChange, mayDecide} from "../../api/rights.js";
import {type Batch, type BatchStatus, type ProgressEvent, type Session, type Shares, isUnfinished} from "../../api/types.js";
import {go, restoreScroll} from "../../router.js";
import {age, decimal, duration, when} from "../../text/format.js";
import {t} from "../../text/text.js";
import {askKey, askName, askShares, confirmed} from "../../ui/ask.js";
import {Bar, Button, Failed, State} from "../../ui/controls.js";
import {tell} from "../../ui/notices.js";
import {useRepeat, useTitle} from "../../ui/use_data.js";
import {Labels, nameOf} from "../batches/batch_list_page.js";
import {EventLog} from "./event_log.js";
import {Files} from "./files.js";
import {RateChart} from "./rate_chart.js";
import {SheetList} from "./sheet_list.js";
import {Timeline} from "./timeline.js";
import {useBatch} from "./use_batch.js";
import {NextSteps, Verdict, sheetsText} from "./verdict.js";

const kClockMs = 1_000;

const keyTypeOf = (name: string) => /\.csv$/i.test(name) ? "text/csv" as const : /\.json$/i.test(name) ? "application/json" as const : "application/yaml" as const;

function Actions({batch, restart}: {readonly batch: Batch; readonly restart: () => Promise<void>}) {
  const id = batch.batch_id;
  const run = async (path: string): Promise<void> => {
    await post(batchPath(id, path));
    await restart();
  };
  const live = isUnfinished(batch.state) || batch.state === "reviewing";
  return <>
    {batch.state === "failed" || batch.state === "interrupted" ? <Button kind={(batch.answers_doubtful ?? 0) + batch.sheets_quarantined > 0 ? "" : "main"} act={() => run("/retry")}>{t("retry")}</Button> : null}
    {batch.state === "completed" || batch.state === "failed" ? <Button act={async () => {
      const asked = await askKey();
      if (!asked) return;
      await client.score(id, await asked.file.text(), keyTypeOf(asked.file.name), {reason: asked.reason});
      await restart();
    }}>{t("score")}</Button> : null}
    <Button act={async () => {
      const named = await askName({name: nameOf(batch), labels: {...batch.labels}});
      if (!named) return;
      await patch(batchPath(id), named);
      await restart();
    }}>{t("rename")}</Button>
    <Button act={async () => {
      const {users = [], everybody = false} = await call<Shares>(batchPath(id, "/shares"));
      const shares = await askShares({users, everybody});
      if (!shares) return;
      await call(batchPath(id, "/shares"), {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify(shares)});
      tell(t(shares.everybody ? "share.all" : shares.users.length > 0 ? "share.some" : "share.none", {users: shares.users.join(", ")}));
    }}>{t("share")}</Button>
    {live && batch.state !== "cancelling" ? <Button kind="risky" act={async () => {
      if (await confirmed(t("cancelBatch.ask"), t("cancelBatch"), t("cancelBatch.keep"))) await run("/cancel");
    }}>{t("cancelBatch")}</Button> : null}
    {["completed", "failed", "cancelled"].includes(batch.state) ? <Button kind="risky" act={async () => {
      if (!await confirmed(t("removeBatch.ask", {name: nameOf(batch)}), t("removeBatch"), t("removeBatch.keep"))) return;
      await remove(batchPath(id));
      go("#/");
    }}>{t("removeBatch")}</Button> : null}
  </>;
}

function Progress({event}: {readonly event: ProgressEvent}) {
  const facts = [
    [t("list.sheets"), sheetsText(event.sheets_processed, event.sheets_total)],
    [t("elapsed"), duration(event.elapsed_seconds)],
    [t("remaining"), event.eta_seconds === undefined ? "–" : duration(event.eta_seconds)],
    [t("rate.short"), event.rate_per_second === undefined ? "–" : t("perSecond", {rate: decimal(event.rate_per_second, 1)})],
  ] as const;
  return <div class="progress">
    <p id="now">{event.message}</p>
    <Bar share={event.overall_percentage === undefined ? null : event.overall_percentage / 100} label={t("whole")} large />
    <dl class="facts live">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
  </div>;
}

function Problem({status}: {readonly status: BatchStatus}) {
  const {error} = status;
  if (!error) return null;
  return <div class="failure" role="alert"><b>{error.stage ? t("failedIn", {stage: error.stage}) : t("failedBatch")}</b> <span>{error.message}</span>
    <div class="quiet">{t("errorCode", {code: error.code})}</div></div>;
}

export function BatchPage({id, params, session}: {readonly id: string; readonly params: URLSearchParams; readonly session: Session}) {
  const {batch, status, events, error, restart} = useBatch(id);
  const [now, setNow] = useState(Date.now());
  const live = batch !== undefined && isUnfinished(batch.state);
  useRepeat(() => setNow(Date.now()), live ? kClockMs : 0);
  useTitle(batch ? nameOf(batch) : t("list.batch"));
  useEffect(() => { if (batch) restoreScroll(); }, [batch !== undefined]);
  if (!batch || !status) return error ? <section class="page"><a href="#/">← {t("nav.batches")}</a><Failed error={error} /></section> : <p class="quiet center">{t("loading")}</p>;

  const event = events.at(-1) ?? status.progress;
  const about = [batch.pipeline, t("by", {user: batch.user}), batch.filename && batch.filename !== nameOf(batch) ? batch.filename : "",
    batch.execution > 1 ? t("execution", {n: batch.execution}) : ""].filter((text) => text !== "");
  const toSheets = params.has("sheets");
  return <section class="page">
    <a class="back" href="#/">← {t("nav.batches")}</a>
    <div class="card hero">
      <div class="row spread"><h1>{nameOf(batch)}</h1><State state={batch.state} /></div>
      <p class="quiet">{about.join(" · ")} · <time dateTime={batch.created_at} title={when(batch.created_at)}>{age(batch.created_at)}</time>{" "}
        <Labels labels={batch.labels} /></p>
      <Verdict batch={batch} />
      <Problem status={status} />
      {live ? <Progress event={event} /> : null}
      {batch.state === "reviewing" ? <p class="hint">{t("reviewing.hint")}</p> : null}
      <div class="row actions"><NextSteps batch={batch} status={status} mayDecide={mayDecide(session)} /><span class="space" />{mayChange(session, batch) ? <Actions batch={batch} restart={restart} /> : null}</div>
    </div>
    {live ? null : <Files id={batch.batch_id} artifacts={status.artifacts} />}
    <section class="card stages"><div class="row spread"><h2>{t("timeline")}</h2>
      <span class="quiet">{batch.finished_at ? t("timeline.took", {took: duration((new Date(batch.finished_at).getTime() - new Date(batch.created_at).getTime()) / 1000)}) : ""}</span></div>
      <Timeline events={events} stages={status.stages} now={now / 1000} /></section>
    <RateChart events={events} live={live} />
    {batch.sheets_total > 0 && (!live || toSheets) ? <SheetList batch={batch} params={params} /> : null}
    <EventLog events={events} />
    <p class="quiet id">{t("batchId", {id: batch.batch_id})}</p>
  </section>;
}
