// The sheets of a batch, and the files of its archive that are not sheets.
import {useEffect, useState} from "preact/hooks";
import {batchPath, call, query} from "../../api/call.js";
import type {Batch, Entry, Page, Sheet} from "../../api/types.js";
import {setParams} from "../../router.js";
import {t, word} from "../../text/text.js";
import {Button, Failed, State} from "../../ui/controls.js";

const kPage = 100;
const kStates = ["read", "quarantined", "discarded", "waiting", "ignored"];

type Row = Sheet | Entry;
const isEntry = (row: Row): row is Entry => "entry" in row;

function SheetRow({row, batch}: {readonly row: Row; readonly batch: string}) {
  if (isEntry(row)) return <tr><td class="number" /><td class="breaks">{row.entry}</td><td><State state={row.state} /></td><td /><td class="quiet">{row.reason}</td></tr>;
  return <tr>
    <td class="number"><a href={`#/batches/${batch}/sheets/${row.sheet}`}>{row.sheet}</a></td>
    <td class="breaks">{row.file}{row.page > 1 ? t("sheet.page", {page: row.page}) : ""}</td><td><State state={row.state} /></td>
    <td class="breaks">{row.qr}</td><td class="quiet">{row.reason}</td>
  </tr>;
}

export function SheetList({batch, params}: {readonly batch: Batch; readonly params: URLSearchParams}) {
  const state = params.get("sheets") ?? (batch.sheets_quarantined > 0 ? "quarantined" : "");
  const [rows, setRows] = useState<readonly Row[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<Error | undefined>();

  async function load(before: readonly Row[], after: string | null): Promise<void> {
    const path = state === "ignored" ? "/entries" : "/sheets";
    const page = await call<Page<Row>>(batchPath(batch.batch_id, path + query({limit: kPage, after, state: state === "all" ? "" : state})));
    setRows([...before, ...page.items]);
    setNext(page.next);
    setError(undefined);
  }
  useEffect(() => { load([], null).catch(setError); }, [state, batch.batch_id, batch.execution, batch.state]);

  return <section class="card sheets" id="sheets">
    <div class="row spread"><h2>{t("sheets")}</h2><label class="inline">{t("sheets.show")}
      <select value={state === "" ? "all" : state} onChange={(event) => setParams({sheets: event.currentTarget.value})}>
        <option value="all">{t("list.all")}</option>{kStates.map((one) => <option key={one} value={one}>{word("state", one)}</option>)}</select></label></div>
    <Failed error={error} />
    {rows.length > 0 ? <div class="scroll" tabindex={0} role="region" aria-label={t("sheets")}><table>
      <thead><tr><th class="number">{t("sheet")}</th><th>{t("file")}</th><th>{t("list.state")}</th><th>{t("code")}</th><th>{t("reason")}</th></tr></thead>
      <tbody>{rows.map((row) => <SheetRow key={isEntry(row) ? row.entry : row.sheet} row={row} batch={batch.batch_id} />)}</tbody>
    </table></div> : <p class="quiet center">{t("sheets.none")}</p>}
    {next !== null ? <Button act={() => load(rows, next)}>{t("more")}</Button> : null}
  </section>;
}
