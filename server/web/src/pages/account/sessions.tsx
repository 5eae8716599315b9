// The open sessions of a user, each of which can be ended, and what the user's uploads and batches use of the limits.
import {call, remove} from "../../api/call.js";
import type {OpenSession, Page, Quota} from "../../api/types.js";
import {bytes, number, when} from "../../text/format.js";
import {t} from "../../text/text.js";
import {confirmed} from "../../ui/ask.js";
import {Bar, Button, Failed} from "../../ui/controls.js";
import {useData} from "../../ui/use_data.js";

// `path`: of the list. The sessions of another user can also be ended all at once.
export function SessionList({path, all = false}: {readonly path: string; readonly all?: boolean}) {
  const {data, error, reload} = useData(() => call<Page<OpenSession>>(path), [path]);
  const sessions = data?.items ?? [];
  const end = async (address: string, question: string): Promise<void> => {
    if (!await confirmed(question, t(all && address === path ? "session.endAll" : "session.end"))) return;
    await remove(address);
    await reload();
  };
  return <><Failed error={error} />
    {data && sessions.length === 0 ? <p class="quiet">{t("session.none")}</p> : <div class="scroll" tabindex={0} role="region" aria-label={t("sessions")}><table class="responsive">
      <thead><tr>{[t("session.address"), t("session.opened"), t("session.renewed"), t("session.ends")].map((name) => <th key={name}>{name}</th>)}<td /></tr></thead>
      <tbody>{sessions.map((one) => <tr key={one.id}><td class="name">{one.address}</td><td data-label={t("session.opened")}>{when(one.opened_at)}</td><td data-label={t("session.renewed")}>{when(one.refreshed_at)}</td>
        <td data-label={t("session.ends")}>{when(one.expires_at)}</td><td class="wide">{one.current ? t("session.this") : <Button kind="risky" act={() => end(`${path}/${encodeURIComponent(one.id)}`, t("session.ask"))}>{t("session.end")}</Button>}</td></tr>)}</tbody></table></div>}
    {all && sessions.length > 1 ? <div class="row"><Button kind="risky" act={() => end(path, t("session.askAll"))}>{t("session.endAll")}</Button></div> : null}
  </>;
}

export function QuotaUse({quota}: {readonly quota: Quota}) {
  const rows = [
    [t("quota.bytes"), quota.bytes.used, quota.bytes.limit, bytes(quota.bytes.used), bytes(quota.bytes.limit)],
    [t("quota.uploads"), quota.uploads.used, quota.uploads.limit, number(quota.uploads.used), number(quota.uploads.limit)],
  ] as const;
  return <div class="quota">{rows.map(([name, used, limit, usedText, limitText]) => <div key={name}>
    <div class="row spread"><span>{name}</span><span class="quiet">{t("quota.of", {used: usedText, limit: limitText})}</span></div>
    <Bar share={Math.min(1, used / (limit || 1))} label={name} /></div>)}</div>;
}
