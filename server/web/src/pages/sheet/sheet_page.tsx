// One sheet: its image with the reading drawn over it, and what was read.
import {useEffect, useState} from "preact/hooks";
import {batchPath, call, post, whyMissing} from "../../api/call.js";
import {mayDecide} from "../../api/rights.js";
import type {Batch, Session, SheetDetail} from "../../api/types.js";
import {go} from "../../router.js";
import {decimal} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {Button, Failed, Form, State, valueOf} from "../../ui/controls.js";
import {useData, useKeys, useTitle} from "../../ui/use_data.js";
import {nameOf} from "../batches/batch_list_page.js";
import {SheetImage, preloadSheet, sheetDetail} from "./sheet_image.js";

export interface Doubt {
  readonly field: string;
  readonly flag: string;
}

// Flags are "q7:faint;q9:multiple".
export const doubtsOf = (flags: string): readonly Doubt[] => flags.split(";").filter((flag) => flag.includes(":")).map((flag) => {
  const cut = flag.indexOf(":");
  return {field: flag.slice(0, cut), flag: flag.slice(cut + 1)};
});

function FixForm({id, sheet}: {readonly id: string; readonly sheet: SheetDetail}) {
  const decide = async (decision: object): Promise<void> => {
    await post(batchPath(id, `/sheets/${sheet.sheet}/fix`), decision);
    go("#/batches/" + id);
  };
  return <Form class="row" send={(form) => decide({qr: valueOf(form, "qr")})}>
    <label class="wide">{t("fix.code")}<input name="qr" required value={sheet.qr} autocomplete="off" /></label>
    <button class="main">{t("fix.save")}</button>
    <Button kind="risky" act={() => decide({discard: true})}>{t("fix.discard")}</Button>
  </Form>;
}

function Reading({sheet, path}: {readonly sheet: SheetDetail; readonly path: string}) {
  const [missing, setMissing] = useState<ReadonlySet<string>>(new Set());
  const {reading} = sheet;
  if (!reading) return <p class="quiet">{t("sheet.nothing")}</p>;
  const doubts = doubtsOf(reading.flags);
  const flags = new Map(doubts.map((doubt) => [doubt.field, doubt.flag]));
  return <div class="reading">
    <h2>{t("sheet.reading")}</h2>
    <p class="quiet">{t("sheet.confidence", {value: decimal(reading.confidence, 3)})}</p>
    {doubts.filter((doubt) => doubt.field !== "sheet" && !missing.has(doubt.field)).map((doubt) => <figure key={doubt.field}>
      <img alt={t("sheet.onPaper", {field: doubt.field})} src={`${path}/image?field=${encodeURIComponent(doubt.field)}`}
        onError={() => setMissing((before) => new Set([...before, doubt.field]))} />
      <figcaption>{doubt.field}: {word("flag", doubt.flag)}</figcaption></figure>)}
    <div class="values-box" tabindex={0} role="group" aria-label={t("sheet.reading")}><dl class="values">{Object.entries(reading.values).map(([name, value]) =>
      <div key={name} class={flags.has(name) ? "flagged" : ""}><dt>{name}</dt><dd class={value.length > 3 ? "long" : undefined} title={flags.has(name) ? word("flag", flags.get(name) ?? "") : undefined}>{value || "–"}</dd></div>)}</dl></div>
  </div>;
}

export function SheetPage({id, sheet: number, session}: {readonly id: string; readonly sheet: number; readonly session: Session}) {
  const path = batchPath(id, "/sheets/" + number);
  const batch = useData(() => call<Batch>(batchPath(id)), [id]);
  const {data: sheet, error} = useData(() => sheetDetail(id, number), [id, number]);
  const total = batch.data?.sheets_total ?? 0;
  const [drawn, setDrawn] = useState(true);
  const [problem, setProblem] = useState("");
  useEffect(() => setProblem(""), [path, drawn]);
  useEffect(() => { if (sheet?.sheet === number && number < total) void preloadSheet(id, number + 1); }, [sheet, total]);
  useTitle(t("sheet.title", {n: String(number)}), batch.data ? nameOf(batch.data) : "");
  const to = (other: number): string => `#/batches/${id}/sheets/${other}`;
  useKeys((key) => {
    if (key === "ArrowLeft" && number > 1) go(to(number - 1));
    else if (key === "ArrowRight" && number < total) go(to(number + 1));
    else if (key === "o") setDrawn((before) => !before);
    else return false;
    return true;
  });
  if (!sheet) return error ? <section class="page"><a class="back" href={"#/batches/" + id}>← {t("list.batch")}</a><Failed error={error} /></section> : <p class="quiet center">{t("loading")}</p>;

  const link = (other: number, text: string) => other >= 1 && other <= total ? <a class="button" href={to(other)}>{text}</a> : null;
  const mayFix = sheet.state === "quarantined" && mayDecide(session) && ["completed", "failed"].includes(batch.data?.state ?? "");
  const overlay = drawn && sheet.reading !== null;
  return <section class="page">
    <a class="back" href={"#/batches/" + id}>← {batch.data ? nameOf(batch.data) : t("list.batch")}</a>
    <div class="card stack">
      <div class="row spread"><h1>{t("sheet.title", {n: String(number)})} <span class="quiet">{sheet.file}{sheet.page > 1 ? t("sheet.page", {page: sheet.page}) : ""}</span></h1><State state={sheet.state} /></div>
      <p class="quiet">{[sheet.qr && t("sheet.code", {code: sheet.qr}), sheet.group && t("sheet.group", {group: sheet.group})].filter(Boolean).join(" · ")}</p>
      {sheet.reason ? <p class="failure">{sheet.reason}</p> : null}
      {mayFix ? <FixForm id={id} sheet={sheet} /> : null}
      <div class="row spread"><label class="check"><input type="checkbox" checked={overlay} disabled={sheet.reading === null}
        onChange={(event) => setDrawn(event.currentTarget.checked)} />{t("sheet.overlay")}</label>
        <nav class="row" aria-label={t("sheets")}>{link(number - 1, t("sheet.previous"))}{link(number + 1, t("sheet.next"))}</nav></div>
      {problem ? <p class="failure">{problem}</p> : null}
      <div class="viewer">
        {problem ? <div /> : <SheetImage batch={id} sheet={sheet} drawn={overlay} onMissing={() => void whyMissing(path + "/image").then(setProblem)} />}
        <Reading sheet={sheet} path={path} />
      </div>
    </div>
  </section>;
}
