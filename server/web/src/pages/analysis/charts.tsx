// The charts of an analysis. Each bar, dot and answer is a link to the sheets behind it.
import {decimal, number, percent} from "../../text/format.js";
import {t} from "../../text/text.js";
import type {AnswerShare, HistogramBar, Question} from "./exam_analysis.js";

export type LinkOf = (filter: Readonly<Record<string, string>>) => string;

export function Histogram({bars, linkOf}: {readonly bars: readonly HistogramBar[]; readonly linkOf: LinkOf}) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return <ol class="histogram">{bars.map((bar) => {
    const text = t("analysis.bar", {n: bar.count, from: number(bar.from), to: number(bar.to)});
    const column = <span class="column"><span class="fill" style={{height: `${100 * bar.count / most}%`}} /></span>;
    return <li key={bar.from} title={text}>{bar.count > 0 ? <a href={linkOf({from: String(bar.from), to: String(bar.to)})} aria-label={text}>{column}</a> : column}
      <span class="mark quiet" aria-hidden="true">{number(bar.from)}</span></li>;
  })}</ol>;
}

const kSide = 100;
const kLowest = -0.4;  // discrimination at the bottom

export function Scatter({questions, linkOf}: {readonly questions: readonly Question[]; readonly linkOf: LinkOf}) {
  const y = (value: number): number => kSide * (1 - (Math.max(kLowest, value) - kLowest) / (1 - kLowest));
  return <div class="scatter">
    <span class="y quiet" aria-hidden="true">{t("analysis.separates")}</span>
    <div class="field">
      {[0, 0.2, 0.5].map((value) => <span key={value} class={value === 0.2 ? "line limit" : "line"} style={{top: `${y(value)}%`}}><i class="quiet">{decimal(value, 1)}</i></span>)}
      {questions.map((question) => question.difficulty === null || question.item_rest === null ? null
        : <a key={question.name} href={linkOf({question: question.name})} class={question.remarks.length > 0 ? "dot remarked" : "dot"} style={{left: `${100 * question.difficulty}%`, top: `${y(question.item_rest)}%`}}
          title={`${question.name}: ${percent(question.difficulty)}, ${decimal(question.item_rest, 2)}`} aria-label={`${question.name}: ${t("analysis.difficulty")} ${percent(question.difficulty)}, ${t("analysis.discrimination")} ${decimal(question.item_rest, 2)}`} />)}
    </div>
    <span class="x quiet" aria-hidden="true">{t("analysis.easy")}</span>
  </div>;
}

const kLeast = 0.005;  // share of an answer that is shown

export function Answers({question, linkOf}: {readonly question: Question; readonly linkOf: LinkOf}) {
  const shown = question.answers.filter((answer) => answer.share >= kLeast);
  const name = (answer: AnswerShare): string => answer.value === "" || answer.kind === "blank" ? t("analysis.blank") : answer.value;
  return <div class="answers">{shown.map((answer) => {
    const text = t("analysis.answer", {value: name(answer), n: answer.count, share: percent(answer.share)});
    return <a key={answer.value} class={"share " + answer.kind} style={{flexGrow: answer.share}} title={text} aria-label={text}
      href={linkOf({question: question.name, value: answer.kind === "blank" ? "" : answer.value, blank: answer.kind === "blank" || answer.value === "" ? "1" : ""})}>{answer.share > 0.05 ? name(answer) : ""}</a>;
  })}</div>;
}
