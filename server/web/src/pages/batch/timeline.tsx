// When each stage was at work: one bar for each attempt, of all executions, on one axis of time.
import type {ProgressEvent, StageStatus} from "../../api/types.js";
import {duration, when} from "../../text/format.js";
import {t, word} from "../../text/text.js";

export interface Span {
  readonly stage: string;
  readonly execution: number;
  readonly attempt: number;
  readonly begin: number;  // seconds since the first event
  readonly end: number;
  readonly state: string;
}

const seconds = (utc: string): number => new Date(utc).getTime() / 1000;

// Times of events are whole seconds. The status has exact durations of the newest execution.
export function spansOf(events: readonly ProgressEvent[], stages: readonly StageStatus[], now: number): readonly Span[] {
  const first = events[0];
  if (!first) return [];
  const zero = seconds(first.timestamp);
  const found = new Map<string, {-readonly [Name in keyof Span]: Span[Name]}>();
  for (const event of events) {
    if (!event.stage_id) continue;
    const at = seconds(event.timestamp) - zero;
    const key = [event.stage_id, event.execution ?? 1, event.attempt ?? 1].join(" ");
    const span = found.get(key);
    if (span) span.end = at;
    else found.set(key, {stage: event.stage_id, execution: event.execution ?? 1, attempt: event.attempt ?? 1, begin: at, end: at, state: "completed"});
  }
  const spans = [...found.values()];
  for (const stage of stages) {
    const last = spans.filter((span) => span.stage === stage.stage_id).at(-1);
    if (!last) continue;
    last.state = stage.state;
    if (stage.state === "running" || stage.state === "retrying") last.end = Math.max(last.end, now - zero);
    else if (last.attempt === 1 && stage.elapsed_seconds !== null) last.end = Math.max(last.end, last.begin + stage.elapsed_seconds);
  }
  for (const span of spans) if (span.attempt < Math.max(...spans.filter((one) => one.stage === span.stage && one.execution === span.execution).map((one) => one.attempt))) span.state = "failed";
  return spans;
}

// A round step of at least `least`, so that the axis has few marks.
function stepOf(least: number): number {
  return [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400].find((step) => step >= least) ?? 86400 * Math.ceil(least / 86400);
}

// Long pauses between executions (a person decided) are cut out of the axis.
const kPause = 30;
function withoutPauses(spans: readonly Span[]): readonly Span[] {
  const sorted = [...spans].sort((a, b) => a.begin - b.begin);
  let removed = 0;
  let busy = sorted[0]?.begin ?? 0;
  let execution = sorted[0]?.execution ?? 1;
  return sorted.map((span) => {
    if (span.execution !== execution && span.begin - busy > kPause) removed += span.begin - busy - kPause / 10;
    execution = span.execution;
    busy = Math.max(busy, span.end);
    return {...span, begin: span.begin - removed, end: span.end - removed};
  });
}

const kLeft = 22;  // percent of the width for the names

export function Timeline({events, stages, now}: {readonly events: readonly ProgressEvent[]; readonly stages: readonly StageStatus[]; readonly now: number}) {
  const spans = withoutPauses(spansOf(events, stages, now));
  const begin = Math.min(...spans.map((span) => span.begin), Infinity);
  const length = Math.max(...spans.map((span) => span.end), 0) - begin;
  const whole = spans.length === 0 || length <= 0 ? 1 : length;
  const x = (at: number): string => `${kLeft + (100 - kLeft - 1) * (at - begin) / whole}%`;
  const step = stepOf(whole / 6);
  const marks = spans.length === 0 ? [] : Array.from({length: Math.floor(whole / step) + 1}, (_, i) => begin + i * step);
  return <div class="timeline">
    <div class="axis" aria-hidden="true">{marks.map((mark) => <span key={mark} style={{left: x(mark)}}>{duration(mark - begin)}</span>)}</div>
    <ul>{stages.map((stage) => {
      const mine = spans.filter((span) => span.stage === stage.stage_id);
      const share = stage.total > 0 ? stage.done / stage.total : null;
      const about = [word("state", stage.state), stage.elapsed_seconds === null ? "" : duration(stage.active_seconds ?? stage.elapsed_seconds),
        stage.attempt > 1 ? t("stage.attempt", {n: stage.attempt}) : ""].filter((text) => text !== "").join(", ");
      return <li key={stage.stage_id} data-stage={stage.stage_id} data-state={stage.state}>
        <span class="stage-name"><b>{stage.stage_id}</b><span class="quiet">{about}</span></span>
        <span class="track">{mine.map((span) => <span key={`${span.execution} ${span.attempt}`} class={"span " + span.state} title={t("timeline.span", {
          stage: span.stage, state: word("state", span.state), execution: span.execution, attempt: span.attempt, took: duration(span.end - span.begin), at: when(stage.started_at)})}
          style={{left: `${100 * (span.begin - begin) / whole}%`, width: `${Math.max(0.6, 100 * (span.end - span.begin) / whole)}%`}}>
          {stage.state === "running" && span === mine.at(-1) && share !== null ? <span class="filled" style={{width: `${100 * share}%`}} /> : null}</span>)}</span>
        {stage.error ? <span class="stage-error">{stage.error}</span> : null}
      </li>;
    })}</ul>
  </div>;
}
