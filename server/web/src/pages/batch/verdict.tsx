// What became of a batch, in one sentence, and what to do next.
import type {Artifact, Batch, BatchStatus} from "../../api/types.js";
import {isUnfinished} from "../../api/types.js";
import {number} from "../../text/format.js";
import {t} from "../../text/text.js";

interface Part {
  readonly text: string;
  readonly href?: string;
  readonly kind: "good" | "wait" | "quiet";
}

export function partsOf(batch: Batch): readonly Part[] {
  const place = "#/batches/" + batch.batch_id;
  const parts: Part[] = [];
  const add = (count: number | undefined, key: Parameters<typeof t>[0], kind: Part["kind"], href?: string): void => {
    if (count) parts.push({text: t(key, {n: count}), kind, ...(href ? {href} : {})});
  };
  add(batch.sheets_read, "verdict.read", "good", place + "/results");
  add(batch.answers_doubtful, "verdict.doubtful", "wait", place + "/review");
  add(batch.sheets_quarantined, "verdict.quarantined", "wait", place + "/review?show=quarantined");
  add(batch.sheets_discarded, "verdict.discarded", "quiet", place + "?sheets=discarded");
  add(batch.entries_ignored, "verdict.ignored", "quiet", place + "?sheets=ignored");
  if (isUnfinished(batch.state)) add(batch.sheets_waiting, "verdict.waiting", "quiet");
  return parts;
}

export function Verdict({batch}: {readonly batch: Batch}) {
  const parts = partsOf(batch);
  if (parts.length === 0) return null;
  return <p class="verdict">{parts.map((part, i) => <span key={i}>{i > 0 ? ", " : ""}
    {part.href ? <a class={part.kind} href={part.href}>{part.text}</a> : <span class={part.kind}>{part.text}</span>}</span>)}</p>;
}

// The links that lead on; the first one is what most people want now.
export function NextSteps({batch, status, mayDecide}: {readonly batch: Batch; readonly status: BatchStatus; readonly mayDecide: boolean}) {
  if (isUnfinished(batch.state)) return null;
  const place = "#/batches/" + batch.batch_id;
  const steps: {text: string; href: string; download?: string}[] = [];
  const open = (batch.answers_doubtful ?? 0) + batch.sheets_quarantined;
  if (open > 0) steps.push({text: t(mayDecide ? "next.review" : "next.look", {n: open}), href: place + "/review" + (batch.answers_doubtful ? "" : "?show=quarantined")});
  const main = mainArtifact(status.artifacts);
  if (main) steps.push({text: t("next.download", {name: main.name}), href: main.url, download: main.name});
  if (batch.sheets_read > 0) steps.push({text: t("next.results"), href: place + "/results"});
  if (status.artifacts.some((one) => one.name === "analysis.json")) steps.push({text: t("next.analysis"), href: place + "/analysis"});
  return <>{steps.map((step, i) => <a key={step.href} class={i === 0 ? "button main" : "button"} href={step.href} {...(step.download ? {download: step.download} : {})}>{step.text}</a>)}</>;
}

const kTrails = ["codes.csv", "decisions.csv", "errors.csv"];
export const mainArtifact = (artifacts: readonly Artifact[]): Artifact | undefined =>
  artifacts.find((one) => one.name.endsWith(".xlsx")) ?? artifacts.find((one) => one.name.endsWith(".csv") && !kTrails.includes(one.name)) ?? artifacts[0];

export const sheetsText = (done: number, total: number): string => total ? `${number(done)} / ${number(total)}` : "–";
