// Codes of the class list that are like what is typed, for a sheet whose code cannot be read. A batch without a class list has none, so
// a person asks for them once; then they are there for each sheet.
import {useEffect, useState} from "preact/hooks";
import {ServerError, batchPath, call, query} from "../../api/call.js";
import type {NearCode, Page} from "../../api/types.js";
import {t} from "../../text/text.js";
import {tellError} from "../../ui/notices.js";

const kShown = 8;
const kTypingMs = 250;
let wanted = "";  // the batch for which a person asked for them

interface NearCodesProps {
  readonly batch: string;
  readonly sheet: number;
  readonly typed: string;
  readonly onChoose: (code: string) => void;
}

export function NearCodes({batch, sheet, typed, onChoose}: NearCodesProps) {
  const [open, setOpen] = useState(wanted === batch);
  const [codes, setCodes] = useState<readonly NearCode[]>([]);
  const [none, setNone] = useState(false);
  useEffect(() => {
    if (!open) return;
    let ended = false;
    const timer = setTimeout(() => {
      call<Page<NearCode>>(batchPath(batch, `/sheets/${sheet}/codes` + query({q: typed.trim(), limit: kShown}))).then((page) => { if (!ended) setCodes(page.items); })
        .catch((error: unknown) => {
          if (ended) return;
          if (error instanceof ServerError && error.code === "NO_ROSTER") setNone(true);
          else tellError(error);
        });
    }, kTypingMs);
    return () => {
      ended = true;
      clearTimeout(timer);
    };
  }, [open, batch, sheet, typed]);

  if (none) return <p class="quiet">{t("codes.noRoster")}</p>;
  if (!open) return <div><button type="button" onClick={() => { wanted = batch; setOpen(true); }}>{t("codes.suggest")}</button></div>;
  return <ul class="near-codes" aria-label={t("codes.list")}>{codes.map((one) => <li key={one.code}>
    <button type="button" class={one.sheet === null ? "" : "taken"} onClick={() => onChoose(one.code)}><b>{one.code}</b>
      <span>{[one.name, one.class].filter((text) => text !== "").join(", ")}</span>
      {one.sheet === null ? null : <span class="quiet">{t("codes.taken", {n: String(one.sheet)})}</span>}</button></li>)}</ul>;
}
