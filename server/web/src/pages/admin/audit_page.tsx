// Who did what, when and from where, for admins.
import {useEffect, useState} from "preact/hooks";
import {call, query} from "../../api/call.js";
import type {AuditEntry, Page} from "../../api/types.js";
import {setParams} from "../../router.js";
import {when} from "../../text/format.js";
import {t} from "../../text/text.js";
import {Button, Failed, Form, valueOf} from "../../ui/controls.js";
import {useTitle} from "../../ui/use_data.js";

const kPage = 100;
const kFilters = ["user", "action", "subject"] as const;
const kBatchId = /^[0-9a-f]{8}-/;

export function AuditPage({params}: {readonly params: URLSearchParams}) {
  useTitle(t("nav.audit"));
  const [entries, setEntries] = useState<readonly AuditEntry[] | undefined>();
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<Error>();
  const filter = Object.fromEntries(kFilters.map((name) => [name, params.get(name) ?? ""]));
  const load = async (before: readonly AuditEntry[], after: string | null): Promise<void> => {
    const page = await call<Page<AuditEntry>>("/api/audit" + query({...filter, limit: kPage, after}));
    setEntries([...before, ...page.items]);
    setNext(page.next);
    setError(undefined);
  };
  useEffect(() => { load([], null).catch(setError); }, [JSON.stringify(filter)]);
  return <section class="page">
    <div class="head"><h1>{t("nav.audit")}</h1></div>
    <Form class="filters" send={(form) => setParams(Object.fromEntries(kFilters.map((name) => [name, valueOf(form, name).trim()])))}>
      {kFilters.map((name) => <label key={name} class={name === "subject" ? "wide" : ""}>{t(`audit.${name}`)}<input type="search" name={name} defaultValue={filter[name]} /></label>)}
      <button>{t("list.search")}</button>
    </Form>
    <Failed error={error} />
    {entries && entries.length === 0 ? <p class="empty">{t("audit.none")}</p> : null}
    {entries && entries.length > 0 ? <div class="scroll card flush" tabindex={0} role="region" aria-label={t("nav.audit")}><table class="audit responsive">
      <thead><tr>{(["at", "user", "action", "subject", "detail", "address", "status"] as const).map((name) => <th key={name} class={name === "status" ? "number" : ""}>{t(`audit.${name}`)}</th>)}</tr></thead>
      <tbody>{entries.map((entry) => <tr key={entry.id} class={entry.status >= 400 ? "rejected" : ""}><td class="age wide">{when(entry.at)}</td><td data-label={t("audit.user")}>{entry.user}</td><td data-label={t("audit.action")}>{entry.action}</td>
        <td class="breaks" data-label={t("audit.subject")}>{kBatchId.test(entry.subject) ? <a href={"#/batches/" + entry.subject}>{entry.subject.slice(0, 13)}</a> : entry.subject}</td><td class="breaks quiet" data-label={t("audit.detail")}>{entry.detail}</td>
        <td data-label={t("audit.address")}>{entry.address === "" ? t("audit.here") : entry.address}</td><td class="number" data-label={t("audit.status")}>{entry.status || "–"}</td></tr>)}</tbody>
    </table></div> : null}
    {next !== null ? <Button act={() => load(entries ?? [], next)}>{t("more")}</Button> : null}
  </section>;
}
