// Sheets that could not be read: the person reads the code, or discards the sheet.
import {useEffect, useState} from "preact/hooks";
import {batchPath, whyMissing} from "../../api/call.js";
import {t} from "../../text/text.js";
import {Button, Failed, Form} from "../../ui/controls.js";
import {type View, ZoomImage, kWhole} from "../../ui/zoom_image.js";
import {useData} from "../../ui/use_data.js";
import {fits} from "../new_batch/param_field.js";
import {SheetImage, sheetDetail} from "../sheet/sheet_image.js";
import {NearCodes} from "./near_codes.js";
import {type Review, keyOf} from "./use_review.js";

const kCorner: View = {scale: 2.4, x: -1.4, y: 0};  // the upper right corner, where most sheets have their code

function wholeSheet(review: Review, sheet: ShownSheet) {
  return review.decided.get(keyOf(sheet.sheet, ""));
}

export interface ShownSheet {
  readonly sheet: number;
  readonly file: string;
  readonly page: number;
  readonly qr: string;
  readonly reason: string;
}

interface QuarantinedProps {
  readonly review: Review;
  readonly sheets: readonly ShownSheet[];
  readonly flagged?: boolean;  // they were read, but something about the whole sheet is odd
  readonly batch: string;
  readonly mayDecide: boolean;
  readonly example: string;  // a code that was read
}

// One sheet of a list, of which some may have been read.
function Page({batch, sheet, onMissing}: {readonly batch: string; readonly sheet: number; readonly onMissing: () => void}) {
  const {data, error} = useData(() => sheetDetail(batch, sheet), [batch, sheet]);
  return data?.sheet === sheet ? <SheetImage batch={batch} sheet={data} drawn onMissing={onMissing} /> : <Failed error={error} />;
}

export function Quarantined({review, sheets, flagged = false, batch, mayDecide, example}: QuarantinedProps) {
  const [current, setCurrent] = useState<number | null>(null);
  const [code, setCode] = useState("");
  const [missing, setMissing] = useState("");
  const [corner, setCorner] = useState(true);
  const sheet = sheets.find((one) => one.sheet === current) ?? sheets.find((one) => !wholeSheet(review, one)) ?? sheets[0];
  useEffect(() => {
    setCode(sheet?.qr ?? "");
    setMissing("");
  }, [sheet?.sheet]);
  if (!sheet) return <p class="empty">{review.complete ? t(flagged ? "flagged.none" : "quarantined.none") : t("loading")}</p>;

  const decided = wholeSheet(review, sheet);
  const advance = (): void => setCurrent(sheets.find((one) => one.sheet > sheet.sheet && !wholeSheet(review, one))?.sheet ?? null);
  const decide = async (decision: Parameters<Review["decideSheet"]>[0]): Promise<void> => {
    await review.decideSheet({...decision, ...(decided?.user && decided.id ? {replace: decided.id} : {})});
    advance();
  };
  const keep = (): void => setCurrent(sheets.find((one) => one.sheet > sheet.sheet)?.sheet ?? sheets[0]?.sheet ?? null);
  const path = batchPath(batch, `/sheets/${sheet.sheet}/image`);
  const unlike = code.trim() !== "" && !fits(review.codePattern === "" ? undefined : `^(?:${review.codePattern})$`, code.trim());
  return <div class="card quarantine">
    <ol class="sheet-picker" aria-label={t(flagged ? "flagged.list" : "quarantined.list")}>{sheets.map((one) => <li key={one.sheet}>
      <button type="button" aria-current={one === sheet} onClick={() => setCurrent(one.sheet)}>{one.sheet}{wholeSheet(review, one) ? " ✓" : ""}</button></li>)}</ol>
    <div class="viewer">
      <div>{missing ? <p class="failure">{missing}</p> : flagged ? <Page batch={batch} sheet={sheet.sheet} onMissing={() => void whyMissing(path).then(setMissing)} /> : <ZoomImage key={sheet.sheet} src={path} start={corner ? kCorner : kWhole} alt={t("sheet.image", {n: String(sheet.sheet), file: sheet.file})}
        onMissing={() => void whyMissing(path).then(setMissing)} />}
        {missing || flagged ? null : <div class="row"><button type="button" aria-pressed={corner} onClick={() => setCorner(!corner)}>{t(corner ? "quarantined.whole" : "quarantined.corner")}</button></div>}</div>
      <div class="stack">
        <h2>{t("sheet.title", {n: String(sheet.sheet)})}</h2><p class="quiet breaks">{sheet.file}{sheet.page > 1 ? t("sheet.page", {page: sheet.page}) : ""}</p>
        <p class={flagged ? "hint wait" : "failure"}>{sheet.reason}</p>
        {flagged ? <p><a href={`#/batches/${batch}/sheets/${sheet.sheet}`}>{t("flagged.open")}</a></p> : null}
        {decided ? <p class="decided" role="status">{decided.value ? t("quarantined.code", {code: decided.value}) : t("quarantined.decided")}{decided.user ? " " + t("by", {user: decided.user}) : ""}</p> : null}
        {mayDecide ? <Form class="stack" send={() => decide({sheet: sheet.sheet, qr: code.trim()})}>
          <label>{t("fix.code")}<input name="qr" required autocomplete="off" spellcheck={false} value={code} placeholder={example} aria-describedby="code-hint"
            onInput={(event) => setCode(event.currentTarget.value)} /></label>
          <p id="code-hint" role="status" class={unlike ? "hint wait" : "quiet"}>{unlike ? t(example ? "quarantined.unlike" : "quarantined.unfit", {example, pattern: review.codePattern}) : example ? t("quarantined.example", {example}) : ""}</p>
          <NearCodes batch={batch} sheet={sheet.sheet} typed={code} onChoose={setCode} />
          <div class="row"><button class="main">{t("quarantined.give")}</button>
            <Button act={() => decide({sheet: sheet.sheet, read_again: true})}>{t("quarantined.again")}</Button>
            {flagged ? <button type="button" onClick={keep}>{t("flagged.keep")}</button> : null}
            <Button kind="risky" act={() => decide({sheet: sheet.sheet, discard: true})}>{t("fix.discard")}</Button></div>
        </Form> : <p class="hint">{t("review.viewer")}</p>}
      </div>
    </div>
  </div>;
}
