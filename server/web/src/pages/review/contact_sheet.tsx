// Many crops at once: the person marks those that are read wrong and confirms all others.
import {useEffect, useState} from "preact/hooks";
import type {Answer} from "../../api/types.js";
import {t, word} from "../../text/text.js";
import {useKeys} from "../../ui/use_data.js";
import {type Review, keyOf} from "./use_review.js";

const kCrops = 50;

interface ContactProps {
  readonly review: Review;
  readonly answers: readonly Answer[];
  readonly batch: string;
  readonly mayDecide: boolean;
}

export function ContactSheet({review, answers, batch, mayDecide}: ContactProps) {
  const [except, setExcept] = useState<ReadonlySet<string>>(new Set());
  const [skipped, setSkipped] = useState<ReadonlySet<string>>(new Set());  // left for the queue
  const open = answers.filter((answer) => !review.decided.has(keyOf(answer.sheet, answer.field)) && !skipped.has(keyOf(answer.sheet, answer.field)));
  const shown = open.slice(0, kCrops);
  const wanted = shown.filter((answer) => !except.has(keyOf(answer.sheet, answer.field)));
  const first = shown[0] ? keyOf(shown[0].sheet, shown[0].field) : "";
  useEffect(() => setExcept(new Set()), [first]);

  const toggle = (key: string): void => setExcept((before) => {
    const next = new Set(before);
    if (!next.delete(key)) next.add(key);
    return next;
  });

  function confirm(): void {
    if (!mayDecide) return;
    setSkipped((before) => new Set([...before, ...except]));
    review.decide(wanted.map((answer) => [answer, null] as const));
    scrollTo(0, 0);
  }

  // The arrow keys move between the crops.
  useKeys((key, event) => {
    if (!(event.target instanceof Element)) return false;
    const tiles = [...document.querySelectorAll<HTMLButtonElement>(".tile > button")];
    const at = tiles.findIndex((tile) => tile === event.target);
    const columns = tiles.filter((tile) => tile.offsetTop === tiles[0]?.offsetTop).length;
    const step = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns}[key];
    if (step === undefined || at < 0) return false;
    tiles[at + step]?.focus();
    return true;
  });

  if (shown.length === 0) return <p class="empty">{review.complete ? t(skipped.size > 0 ? "contact.left" : "review.noneHere", {n: skipped.size}) : t("loading")}</p>;
  return <>
    <div class="row spread contact-head"><p class="quiet">{t("contact.how")}</p>
      {mayDecide ? <button type="button" class="main" id="confirm-all" disabled={wanted.length === 0} onClick={confirm}>{except.size === 0
        ? t("contact.all", {n: wanted.length}) : t("contact.but", {n: wanted.length, but: except.size})}</button> : null}</div>
    <ul class="contact">{shown.map((answer) => {
      const key = keyOf(answer.sheet, answer.field);
      const out = except.has(key);
      return <li key={key} class={out ? "tile out" : "tile"}>
        <button type="button" aria-pressed={out} disabled={!mayDecide} onClick={() => toggle(key)}
          aria-label={t("contact.tile", {field: answer.field, sheet: answer.sheet, value: answer.value || t("review.noAnswer")})}>
          <img src={answer.image_url} alt="" />
          <span class="row spread"><b class="value">{answer.value || "–"}</b><span class="quiet">{answer.flags.map((flag) => word("flag", flag)).join(", ")}</span></span>
        </button>
        <a class="quiet" href={`#/batches/${batch}/sheets/${answer.sheet}`}>{t("contact.place", {field: answer.field, sheet: answer.sheet})}</a>
      </li>;
    })}</ul>
  </>;
}
