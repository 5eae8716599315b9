// People decide about doubtful answers and quarantined sheets; one apply makes the decisions count.
import {useEffect, useMemo, useRef} from "preact/hooks";
import {batchPath, post} from "../../api/call.js";
import {mayDecide} from "../../api/rights.js";
import {type Answer, type Session, isUnfinished} from "../../api/types.js";
import {go, setParams} from "../../router.js";
import {duration} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {confirmed} from "../../ui/ask.js";
import {Bar, Button, Failed} from "../../ui/controls.js";
import {tell} from "../../ui/notices.js";
import {useTitle} from "../../ui/use_data.js";
import {nameOf} from "../batches/batch_list_page.js";
import {AnswerQueue} from "./answer_queue.js";
import {ContactSheet} from "./contact_sheet.js";
import {type Choice, choicesOf, filterOf, select} from "./filter.js";
import {Quarantined, type ShownSheet} from "./quarantined.js";
import {useClass} from "./use_class.js";
import {type Conflict, type Review, keyOf, useReview} from "./use_review.js";

const kConfidences = ["0.3", "0.5", "0.8"];
const kShows = ["queue", "contact", "quarantined", "flagged"] as const;
const kSteps = 30;  // the steps from which the time that is left is estimated

// Seconds for one answer, from the last decisions of this person; 0 while unknown. Pauses do not count.
function usePace(count: number): number {
  const times = useRef<number[]>([]);
  const before = useRef(count);
  if (count > before.current) times.current = [...times.current.slice(-kSteps), ...Array.from({length: Math.min(kSteps, count - before.current)}, () => Date.now())];
  before.current = count;
  const steps = times.current.slice(1).map((at, i) => (at - (times.current[i] ?? at)) / 1000).sort((a, b) => a - b);
  return steps.length < 4 ? 0 : steps[Math.floor(steps.length / 2)] ?? 0;
}

function Filters({params, review, shown, classes}: {readonly params: URLSearchParams; readonly review: Review; readonly shown: string; readonly classes: boolean}) {
  const {answers} = review;
  const choices = useMemo(() => ({
    question: choicesOf(answers, (answer) => [answer.field]), flag: choicesOf(answers, (answer) => answer.flags),
    group: choicesOf(answers, (answer) => answer.group === "" ? [] : [answer.group]),
  }), [answers]);
  const pick = (name: "question" | "flag" | "group", label: string, texts: (choice: Choice) => string) => <label>{label}
    <select name={name} value={params.get(name) ?? ""} onChange={(event) => setParams({[name]: event.currentTarget.value})}>
      <option value="">{t("list.all")}</option>
      {choices[name].map((choice) => <option key={choice.value} value={choice.value}>{t("review.choice", {name: texts(choice), n: choice.count})}</option>)}</select></label>;
  return <div class="filters">
    {pick("question", t("review.question"), (choice) => choice.value)}
    {pick("flag", t("review.kind"), (choice) => word("flag", choice.value))}
    {choices.group.length > 1 ? pick("group", t("review.group"), (choice) => choice.value) : null}
    {classes ? <label>{t("results.class")}<input name="class" defaultValue={params.get("class") ?? ""} maxlength={100} placeholder={t("list.all")}
      onChange={(event) => setParams({class: event.currentTarget.value.trim()})} /></label> : null}
    <label>{t("review.below")}<select name="below" value={params.get("below") ?? ""} onChange={(event) => setParams({below: event.currentTarget.value})}>
      <option value="">{t("list.all")}</option>{kConfidences.map((one) => <option key={one} value={one}>{t("review.belowThis", {value: one})}</option>)}</select></label>
    {shown === "queue" ? <label>{t("review.order")}<select name="order" value={params.get("order") ?? ""} onChange={(event) => setParams({order: event.currentTarget.value})}>
      <option value="">{t("review.bySheet")}</option><option value="confidence">{t("review.byConfidence")}</option></select></label> : null}
  </div>;
}

// Each sheet once, with what is odd about it.
function sheetsOf(flagged: readonly Answer[]): readonly ShownSheet[] {
  const found = new Map<number, ShownSheet>();
  for (const {sheet, file, page, qr, flags} of flagged) {
    const reasons = [found.get(sheet)?.reason ?? "", ...flags.map((flag) => word("sheetflag", flag))].filter((text) => text !== "");
    found.set(sheet, {sheet, file, page, qr, reason: reasons.join(" ")});
  }
  return [...found.values()].sort((a, b) => a.sheet - b.sheet);
}

function Conflicts({review}: {readonly review: Review}) {
  const about = (conflict: Conflict): string => t("conflict", {user: conflict.first.user, field: conflict.answer.field, sheet: conflict.answer.sheet,
    value: conflict.first.value === "" ? t("review.noAnswer") : conflict.first.value,
    yours: (conflict.wanted.value ?? conflict.answer.value) || t("review.noAnswer")});
  return <div role="alert">{review.conflicts.map((conflict) => <div class="failure conflict" key={keyOf(conflict.answer.sheet, conflict.answer.field)}>
    <span>{about(conflict)}</span>
    <span class="row"><button type="button" onClick={() => review.settle(conflict, false)}>{t("conflict.keep", {user: conflict.first.user})}</button>
      <button type="button" class="risky" onClick={() => review.settle(conflict, true)}>{t("conflict.replace")}</button></span></div>)}</div>;
}

export function ReviewPage({id, params, session}: {readonly id: string; readonly params: URLSearchParams; readonly session: Session}) {
  const review = useReview(id, session.user);
  const {batch, answers, sheets, decided} = review;
  const flagged = useMemo(() => sheetsOf(review.flagged), [review.flagged]);
  const asked = params.get("show") ?? "queue";
  const shown = kShows.find((one) => one === asked) ?? "queue";
  useTitle(t("review"), batch ? nameOf(batch) : "");
  const filter = filterOf(params);
  const className = params.get("class") ?? "";
  const ofClass = useClass(id, className);
  const selected = useMemo(() => select(answers, filter, ofClass.keys), [answers, params.toString(), ofClass.keys?.size]);
  const done = answers.filter((answer) => decided.has(keyOf(answer.sheet, answer.field))).length;
  const pace = usePace(done);
  const left = pace > 0 && answers.length > done ? t("review.left", {left: duration(pace * (answers.length - done))}) : "";
  const running = batch ? isUnfinished(batch.state) : false;
  useEffect(() => { if (asked === "queue" && review.complete && answers.length === 0 && sheets.length > 0) setParams({show: "quarantined"}); }, [review.complete, sheets.length]);

  if (!batch) return review.error ? <section class="page"><a class="back" href={"#/batches/" + id}>← {t("list.batch")}</a><Failed error={review.error} /></section> : <p class="quiet center">{t("loading")}</p>;
  const decides = mayDecide(session) && !running;
  const tab = (name: typeof kShows[number], text: string) => <button type="button" aria-pressed={shown === name}
    onClick={() => setParams({show: name === "queue" ? "" : name})}>{text}</button>;

  async function apply(): Promise<void> {
    if (!await confirmed(t("apply.ask", {n: review.pending}), t("apply", {n: review.pending}), t("apply.not"))) return;
    await review.sent();
    await post(batchPath(id, "/decisions/apply"));
    tell(t("apply.begun"));
    go("#/batches/" + id);
  }

  return <section class="page review">
    <a class="back" href={"#/batches/" + id}>← {nameOf(batch)}</a>
    <div class="head"><h1>{t("review")}</h1>
      <div class="tabs" role="group" aria-label={t("review.views")}>{tab("queue", t("review.queue", {n: answers.length}))}{tab("contact", t("review.contact"))}
        {tab("quarantined", t("review.quarantined", {n: sheets.length || batch.sheets_quarantined}))}
        {flagged.length > 0 || shown === "flagged" ? tab("flagged", t("review.flagged", {n: flagged.length})) : null}</div>
      <span class="space" />
      {mayDecide(session) ? <Button id="apply" kind="main" disabled={running || (review.pending === 0 && review.unsent === 0)} act={apply}>{t("apply", {n: review.pending})}</Button> : null}</div>
    <div class="review-progress"><Bar share={answers.length ? done / answers.length : review.complete ? 1 : 0} label={t("review.progress")} />
      <span class="quiet" id="progress-text">{t("review.done", {done, all: answers.length})}{left ? ", " + left : ""}{review.unsent > 0 ? " · " + t("review.unsent", {n: review.unsent}) : ""}</span></div>
    {running ? <p class="hint">{t("review.running")}</p> : null}
    <Failed error={review.error ?? ofClass.error} />
    <Conflicts review={review} />
    {shown === "quarantined" || shown === "flagged" ? <Quarantined key={shown} review={review} sheets={shown === "flagged" ? flagged : sheets} flagged={shown === "flagged"} batch={id} mayDecide={decides} example={answers.find((answer) => answer.qr !== "")?.qr ?? ""} /> : <>
      <Filters params={params} review={review} shown={shown} classes={ofClass.known || className !== ""} />
      {shown === "contact" ? <ContactSheet key={params.toString()} review={review} answers={selected} batch={id} mayDecide={decides} />
        : <AnswerQueue key={params.toString()} review={review} answers={selected} batch={id} mayDecide={decides} />}</>}
  </section>;
}
