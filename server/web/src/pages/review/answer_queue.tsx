// The doubtful answers one by one, with the keyboard alone.
import {useEffect, useRef, useState} from "preact/hooks";
import type {Answer} from "../../api/types.js";
import {decimal} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {Dialog} from "../../ui/ask.js";
import {Failed, Key} from "../../ui/controls.js";
import {tellError} from "../../ui/notices.js";
import {useData, useKeys} from "../../ui/use_data.js";
import {SheetImage, sheetDetail} from "../sheet/sheet_image.js";
import {preload} from "./preload.js";
import {type Review, keyOf} from "./use_review.js";

const kAhead = 6;  // answers whose pictures are loaded before they are shown

interface QueueProps {
  readonly review: Review;
  readonly answers: readonly Answer[];  // those of the filter
  readonly batch: string;
  readonly mayDecide: boolean;
}

function Values({answer, value, decide}: {readonly answer: Answer; readonly value: string | undefined; readonly decide: (value: string) => void}) {
  return <div class="values-row" role="group" aria-label={t("review.values")}>
    {answer.alternatives.map((one) => <button key={one.value} type="button" class={[value === one.value ? "chosen" : "", answer.value === one.value ? "read" : ""].join(" ")}
      aria-pressed={value === one.value} onClick={() => decide(one.value)}>
      <b>{one.value}</b><meter min={0} max={1} value={one.darkness} aria-label={t("review.darkness", {value: one.value})} /></button>)}
    <button type="button" class={value === "" ? "chosen none" : "none"} aria-pressed={value === ""} onClick={() => decide("")}><b>–</b><span class="quiet">{t("review.noAnswer")}</span></button>
  </div>;
}

function Help({onClose}: {readonly onClose: () => void}) {
  const keys = [["Enter", "review.key.confirm"], ["A B C …", "review.key.value"], ["-", "review.key.none"], ["=", "review.key.other"], [". →", "review.key.skip"],
    [", ←", "review.key.back"], ["/ ⌫", "review.key.undo"], ["Space", "review.key.page"], ["?", "review.key.help"]] as const;
  return <Dialog onClose={onClose} label={t("review.keys")}><h2>{t("review.keys")}</h2>
    <dl class="keys">{keys.map(([key, text]) => <div key={key}><dt><Key>{key}</Key></dt><dd>{t(text)}</dd></div>)}</dl>
    <form method="dialog" class="row end"><button autofocus>{t("close")}</button></form></Dialog>;
}

function WholePage({batch, sheet}: {readonly batch: string; readonly sheet: number}) {
  const {data, error} = useData(() => sheetDetail(batch, sheet), [batch, sheet]);
  return data?.sheet === sheet ? <SheetImage batch={batch} sheet={data} drawn /> : <Failed error={error} />;
}

export function AnswerQueue({review, answers, batch, mayDecide}: QueueProps) {
  const open = (answer: Answer): boolean => !review.decided.has(keyOf(answer.sheet, answer.field));
  const [current, setCurrent] = useState<string | null>(null);
  const [page, setPage] = useState(false);
  const [help, setHelp] = useState(false);
  const card = useRef<HTMLDivElement>(null);
  const other = useRef<HTMLInputElement>(null);
  const found = answers.findIndex((answer) => keyOf(answer.sheet, answer.field) === current);
  const index = found >= 0 ? found : Math.max(0, answers.findIndex(open));
  const answer = answers[index];
  const key = answer ? keyOf(answer.sheet, answer.field) : "";

  const show = (next: Answer | undefined): void => { if (next) setCurrent(keyOf(next.sheet, next.field)); };
  const nextOpen = (): Answer | undefined => [...answers.slice(index + 1), ...answers.slice(0, index)].find(open);
  useEffect(() => preload(answers.slice(index, index + kAhead + 1).flatMap((one) => [one.image_url, one.context_url])), [answers, index]);
  useEffect(() => card.current?.focus({preventScroll: true}), [key]);

  // null confirms what was read.
  function decide(value: string | null): void {
    if (!answer || !mayDecide) return;
    const next = nextOpen();
    review.decide([[answer, value]]);
    setPage(false);
    if (next) show(next);
    else setCurrent(key);
  }

  async function undo(): Promise<void> {
    const back = await review.undo();
    const undone = answers.find((one) => keyOf(one.sheet, one.field) === back);
    show(undone);
  }

  useKeys((pressed, event) => {
    if (!answer) return false;
    const onControl = event.target instanceof Element && event.target.closest("button, a, summary, .frame") !== null;
    if (onControl && (pressed === "Enter" || pressed === " ")) return false;
    const value = answer.alternatives.find((one) => one.value.length === 1 && one.value.toUpperCase() === pressed.toUpperCase());
    if (value) decide(value.value === answer.value ? null : value.value);
    else if (pressed === "Enter") decide(null);
    else if (pressed === "-") decide("");
    else if (pressed === "=") other.current?.focus();
    else if (pressed === "." || pressed === "ArrowRight") show(answers[index + 1] ?? answers[0]);
    else if (pressed === "," || pressed === "ArrowLeft") show(answers[index - 1] ?? answers.at(-1));
    else if (pressed === "/" || pressed === "Backspace") undo().catch(tellError);
    else if (pressed === " ") setPage((before) => !before);
    else if (pressed === "Escape" && page) setPage(false);
    else if (pressed === "?") setHelp(true);
    else return false;
    return true;
  });

  if (!answer) return <p class="empty">{review.complete ? t("review.noneHere") : t("loading")}</p>;
  const decided = review.decided.get(key);
  const allDone = review.complete && !answers.some(open);
  const sheet = `#/batches/${batch}/sheets/${answer.sheet}`;
  return <>
    {allDone ? <p class="hint done" role="status">{t("review.allDecided")}</p> : null}
    <div class="card answer" ref={card} tabindex={-1} role="group" aria-label={t("review.answer", {field: answer.field, sheet: answer.sheet})} data-key={key}>
      <div class="answer-picture">
        {page ? <WholePage batch={batch} sheet={answer.sheet} />
          : <><img class="crop" key={answer.image_url} src={answer.image_url} alt={t("sheet.onPaper", {field: answer.field})} />
            <img class="rows" key={answer.context_url} src={answer.context_url} alt={t("review.rows", {field: answer.field})} /></>}
      </div>
      <div class="answer-side">
        <div class="row spread"><h2 class="field">{answer.field}</h2><span class="quiet">{t("review.place", {n: index + 1, all: answers.length})}</span></div>
        <p class="doubt">{answer.flags.map((flag) => word("doubt", flag)).join(" ")}</p>
        <p>{t("review.read")} <b class="value">{answer.value === "" ? t("review.noAnswer") : answer.value}</b> <span class="quiet">{t("sheet.confidence", {value: decimal(answer.confidence, 2)})}</span></p>
        {mayDecide ? <>
          <Values answer={answer} value={decided?.value} decide={(value) => decide(value === answer.value ? null : value)} />
          <button type="button" class="main confirm" onClick={() => decide(null)}>{t("review.confirm", {value: answer.value === "" ? t("review.noAnswer") : answer.value})} <Key>Enter</Key></button>
          <div class="row">
            <button type="button" onClick={() => show(answers[index - 1] ?? answers.at(-1))}>{t("review.back")} <Key>,</Key></button>
            <button type="button" onClick={() => show(answers[index + 1] ?? answers[0])}>{t("review.skip")} <Key>.</Key></button>
            <button type="button" onClick={() => void undo().catch(tellError)}>{t("review.undo")} <Key>/</Key></button>
          </div>
          <form class="row" onSubmit={(event) => { event.preventDefault(); const input = other.current; if (input) { decide(input.value); input.value = ""; } }}>
            <label class="wide">{t("review.other")}<input ref={other} name="other" autocomplete="off" placeholder={t("review.otherHint")}
              onKeyDown={(event) => { if (event.key === "Escape") card.current?.focus(); }} /></label><button>{t("review.set")}</button></form>
        </> : <p class="hint">{t("review.viewer")}</p>}
        <p class="row"><button type="button" aria-pressed={page} onClick={() => setPage(!page)}>{t(page ? "review.crop" : "review.page")} <Key>Space</Key></button>
          <button type="button" onClick={() => setHelp(true)}>{t("review.keys")} <Key>?</Key></button></p>
        {decided ? <p class="decided" role="status">{t(decided.user ? "review.decidedBy" : "review.decidedByYou", {user: decided.user ?? "", value: decided.value === "" ? t("review.noAnswer") : decided.value})}</p> : null}
        <p class="quiet breaks"><a href={sheet}>{t("sheet.title", {n: String(answer.sheet)})}</a> · {answer.file}{answer.page > 1 ? t("sheet.page", {page: answer.page}) : ""} · {answer.qr}</p>
      </div>
    </div>
    {help ? <Help onClose={() => setHelp(false)} /> : null}
  </>;
}
