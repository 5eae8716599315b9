// How many sheets a second were read over the time of the batch.
import type {ProgressEvent} from "../../api/types.js";
import {decimal, duration} from "../../text/format.js";
import {t} from "../../text/text.js";

const kWidth = 600;
const kHeight = 120;
const kPoints = 300;

interface Point {
  readonly at: number;
  readonly rate: number;
}

// The stage with most rates, which is the one that reads sheets, of the newest execution.
export function pointsOf(events: readonly ProgressEvent[]): readonly Point[] {
  const execution = events.at(-1)?.execution ?? 1;
  const rated = events.filter((event) => event.rate_per_second !== undefined && (event.execution ?? 1) === execution && event.sheets_total > 0);
  const counts = new Map<string, number>();
  for (const event of rated) counts.set(event.stage_id ?? "", (counts.get(event.stage_id ?? "") ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  const mine = rated.filter((event) => (event.stage_id ?? "") === most);
  const points = [...new Map(mine.map((event) => [event.elapsed_seconds, event.rate_per_second ?? 0]))].map(([at, rate]) => ({at, rate}));  // the last of each second
  const every = Math.ceil(points.length / kPoints);
  return points.filter((_, i) => i % every === 0 || i === points.length - 1);
}

export function RateChart({events, live}: {readonly events: readonly ProgressEvent[]; readonly live: boolean}) {
  const points = pointsOf(events);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last || points.length < 3 || last.at === first.at) return null;
  const top = Math.max(...points.map((point) => point.rate)) || 1;
  const x = (point: Point): number => kWidth * (point.at - first.at) / (last.at - first.at);
  const y = (point: Point): number => kHeight - (kHeight - 8) * point.rate / top;
  const line = points.map((point) => `${x(point).toFixed(1)},${y(point).toFixed(1)}`).join(" ");
  const eta = events.at(-1)?.eta_seconds;
  const text = t(live ? "rate.text" : "rate.most", {now: decimal(last.rate, 1), most: decimal(top, 1)}) + (eta === undefined ? "" : ", " + t("rate.eta", {left: duration(eta)}));
  return <section class="card">
    <div class="row spread"><h2>{t("rate")}</h2><span class="quiet">{text}</span></div>
    <div class="chart"><svg viewBox={`0 0 ${kWidth} ${kHeight}`} preserveAspectRatio="none" role="img" aria-label={text}>
      {[0.25, 0.5, 0.75].map((part) => <line key={part} class="grid" x1={0} x2={kWidth} y1={kHeight - (kHeight - 8) * part} y2={kHeight - (kHeight - 8) * part} />)}
      <polygon class="area" points={`0,${kHeight} ${line} ${kWidth},${kHeight}`} />
      <polyline class="line" points={line} />
    </svg>
    <div class="row spread quiet" aria-hidden="true"><span>{duration(first.at)}</span><span>{duration(last.at)}</span></div></div>
  </section>;
}
