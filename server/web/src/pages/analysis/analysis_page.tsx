// The analysis of an exam: scores, questions, answers and classes, each with links to the sheets behind it.
import {useEffect} from "preact/hooks";
import {ServerError, batchPath, call} from "../../api/call.js";
import type {Batch} from "../../api/types.js";
import {decimal, number, percent} from "../../text/format.js";
import {t} from "../../text/text.js";
import {Failed} from "../../ui/controls.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {nameOf} from "../batches/batch_list_page.js";
import {Answers, Histogram, type LinkOf, Scatter} from "./charts.js";
import type {ExamAnalysis, Group, Question} from "./exam_analysis.js";
import {SheetsBehind} from "./sheets_behind.js";

export const kAnalysis = "analysis.json";
const figure = (value: number | null | undefined, digits = 2): string => value === null || value === undefined ? "–" : decimal(value, digits);

async function analysisOf(id: string): Promise<ExamAnalysis | null> {
  try {
    return await call<ExamAnalysis>(batchPath(id, "/artifacts/" + kAnalysis));
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) return null;
    throw error;
  }
}

function Figures({exam}: {readonly exam: NonNullable<ExamAnalysis["exam"]>}) {
  const facts = [
    [t("analysis.mean"), exam.most_points === null ? figure(exam.mean) : t("analysis.meanOf", {mean: figure(exam.mean), most: number(exam.most_points)})],
    [t("analysis.median"), figure(exam.median, 1)], [t("analysis.deviation"), figure(exam.standard_deviation)],
    [t("analysis.range"), t("analysis.from", {from: figure(exam.lowest, 1), to: figure(exam.highest, 1)})],
    [t("analysis.reliability", {method: exam.reliability_method ?? ""}), figure(exam.reliability)], [t("analysis.error"), figure(exam.standard_error)],
  ] as const;
  return <dl class="facts">{facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function Classes({classes, most, id}: {readonly classes: readonly (Group & {readonly name: string})[]; readonly most: number; readonly id: string}) {
  return <section class="card"><h2>{t("analysis.classes")}</h2><div class="scroll" tabindex={0} role="region" aria-label={t("analysis.classes")}><table>
    <thead><tr><th>{t("analysis.class")}</th><th class="number">{t("sheets")}</th><th class="number">{t("analysis.mean")}</th><td /><th class="number">{t("analysis.deviation")}</th><th class="number">{t("analysis.range")}</th></tr></thead>
    <tbody>{classes.map((one) => <tr key={one.name}><td><a href={`#/batches/${id}/results?q=${encodeURIComponent(one.name)}`}>{one.name}</a></td><td class="number">{number(one.sheets)}</td>
      <td class="number">{figure(one.mean)}</td><td class="bar-cell"><span class="bar" style={{width: `${100 * (one.mean ?? 0) / (most || 1)}%`}} /></td>
      <td class="number">{figure(one.standard_deviation)}</td><td class="number">{t("analysis.from", {from: figure(one.lowest, 1), to: figure(one.highest, 1)})}</td></tr>)}</tbody>
  </table></div></section>;
}

function Questions({questions, linkOf, chosen}: {readonly questions: readonly Question[]; readonly linkOf: LinkOf; readonly chosen: string}) {
  return <section class="card"><h2>{t("analysis.questions")}</h2><div class="scroll" tabindex={0} role="region" aria-label={t("analysis.questions")}><table class="questions">
    <thead><tr><th>{t("analysis.question")}</th><th class="number">{t("analysis.difficulty")}</th><th class="number">{t("analysis.discrimination")}</th><th>{t("analysis.answers")}</th><th>{t("analysis.remarks")}</th></tr></thead>
    <tbody>{questions.map((question) => <tr key={question.name} id={"question-" + question.name} class={question.name === chosen ? "chosen" : ""}>
      <td>{question.name}</td><td class="number">{question.difficulty === null ? "–" : percent(question.difficulty)}</td><td class="number">{figure(question.item_rest)}</td>
      <td class="answers-cell"><Answers question={question} linkOf={linkOf} /></td>
      <td class="quiet remarks">{question.remarks.map((remark) => remark.message).join("; ")}</td></tr>)}</tbody>
  </table></div></section>;
}

export function AnalysisPage({id, params}: {readonly id: string; readonly params: URLSearchParams}) {
  const {data, error} = useData(async () => ({batch: await call<Batch>(batchPath(id)), analysis: await analysisOf(id)}), [id]);
  const chosen = params.get("question") ?? "";
  useTitle(t("analysis"), data ? nameOf(data.batch) : "");
  const filtered = params.has("from") || params.has("value") || params.has("blank");
  useEffect(() => {
    const place = document.getElementById(filtered ? "behind" : "question-" + chosen);
    place?.scrollIntoView({block: "center"});
  }, [data !== undefined, params.toString()]);
  if (!data) return error ? <section class="page"><a class="back" href={"#/batches/" + id}>← {t("list.batch")}</a><Failed error={error} /></section> : <p class="quiet center">{t("loading")}</p>;
  const {batch, analysis} = data;
  const linkOf: LinkOf = (filter) => {
    const search = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== ""));
    return `#/batches/${id}/analysis?${search}`;
  };
  return <section class="page analysis">
    <a class="back" href={"#/batches/" + id}>← {nameOf(batch)}</a>
    <div class="head"><h1>{t("analysis")}</h1>{analysis ? <span class="quiet">{t("analysis.sheets", {n: analysis.sheets.analyzed})}</span> : null}</div>
    {!analysis ? <p class="empty">{t("analysis.none")}</p> : <>
      {analysis.remarks.length > 0 ? <p class="hint wait">{analysis.remarks.map((remark) => remark.message).join("; ")}</p> : null}
      {analysis.exam ? <section class="card"><Figures exam={analysis.exam} /></section> : null}
      {analysis.exam ? <div class="two">
        <section class="card"><h2>{t("analysis.histogram")}</h2><Histogram bars={analysis.exam.histogram} linkOf={linkOf} /><p class="quiet">{t("analysis.pick")}</p></section>
        <section class="card"><h2>{t("analysis.scatter")}</h2><Scatter questions={analysis.questions} linkOf={linkOf} /><p class="quiet">{t("analysis.scatterText")}</p></section>
      </div> : null}
      <SheetsBehind id={id} params={params} all={batch.sheets_total} />
      {analysis.classes && analysis.classes.length > 0 ? <Classes classes={analysis.classes} most={analysis.exam?.most_points ?? 1} id={id} /> : null}
      <Questions questions={analysis.questions} linkOf={linkOf} chosen={chosen} />
    </>}
  </section>;
}
