// The account of the person: password, open sessions, and tokens for programs.
import {useState} from "preact/hooks";
import {call, post, remove} from "../../api/call.js";
import {kScopes, mayCreate} from "../../api/rights.js";
import type {ApiToken, CreatedApiToken, Page, Quota, Session} from "../../api/types.js";
import {when} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {confirmed} from "../../ui/ask.js";
import {Button, Failed, Form, focused, valueOf} from "../../ui/controls.js";
import {tell} from "../../ui/notices.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {QuotaUse, SessionList} from "./sessions.js";

const kLeast = 10;  // characters of a password

function PasswordForm({why, onChanged}: {readonly why: string; readonly onChanged: () => Promise<void>}) {
  const field = (label: string, name: string, kind: string, first = false) => <label>{label}
    <input name={name} type="password" autocomplete={kind} required ref={first ? focused : null} {...(kind === "new-password" ? {minLength: kLeast} : {})} /></label>;
  return <Form class="card password stack" send={async (form) => {
    if (valueOf(form, "new") !== valueOf(form, "again")) throw new Error(t("password.differ"));
    await post("/api/auth/password", {old: valueOf(form, "old"), new: valueOf(form, "new")});
    form.reset();
    tell(t("password.changed"));
    await onChanged();
  }}>
    <h2>{t("password.change")}</h2>
    {why ? <p>{why}</p> : null}
    {field(t("password.old"), "old", "current-password", why !== "")}
    {field(t("password.new", {n: kLeast}), "new", "new-password")}
    {field(t("password.again"), "again", "new-password")}
    <button class="main">{t("password.change")}</button>
  </Form>;
}

// For a password that another person chose: nothing else is shown before it is changed.
export function FirstPasswordPage({onChanged}: {readonly onChanged: () => Promise<void>}) {
  useTitle(t("password.change"));
  return <section class="narrow"><h1 class="unseen">{t("password.change")}</h1><PasswordForm why={t("password.why")} onChanged={onChanged} /></section>;
}

function OwnQuota() {
  const {data, error} = useData(() => call<Quota>("/api/auth/quota"), []);
  return <section class="card"><h2>{t("quota")}</h2><Failed error={error} />{data ? <QuotaUse quota={data} /> : null}</section>;
}

function Tokens({session}: {readonly session: Session}) {
  const {data, error, reload} = useData(() => call<Page<ApiToken>>("/api/tokens"), []);
  const [made, setMade] = useState("");
  const rights = kScopes[session.role];
  const add = async (form: HTMLFormElement): Promise<void> => {
    const days = valueOf(form, "days");
    const scopes = rights.filter((scope) => (form.elements.namedItem("scope." + scope) as HTMLInputElement).checked);
    const token = await post<CreatedApiToken>("/api/tokens", {name: valueOf(form, "name"), scopes, ...(days === "" ? {} : {expires_days: Number(days)})});
    setMade(token.token);
    form.reset();
    await reload();
  };
  return <section class="card tokens"><h2>{t("tokens")}</h2><Failed error={error} />
    {made ? <p class="new-token" role="status">{t("token.copy")} <code>{made}</code></p> : null}
    {data && data.items.length > 0 ? <div class="scroll"><table><thead><tr>{[t("name"), t("token.scopes"), t("token.expires"), t("token.used"), ""].map((name) =>
      name === "" ? <td key={name} /> : <th key={name}>{name}</th>)}</tr></thead>
    <tbody>{data.items.map((token) => <tr key={token.id}><td>{token.name}</td><td>{token.scopes.join(", ")}</td>
      <td>{token.expires_at ? when(token.expires_at) : t("never")}</td><td>{token.last_used_at ? when(token.last_used_at) : t("never")}</td>
      <td><Button kind="risky" act={async () => {
        if (!await confirmed(t("token.ask", {name: token.name}), t("token.remove"))) return;
        await remove("/api/tokens/" + encodeURIComponent(token.id));
        await reload();
      }}>{t("token.remove")}</Button></td></tr>)}</tbody></table></div> : null}
    <Form class="row" send={add}>
      <label class="wide">{t("name")}<input name="name" maxlength={100} required placeholder={t("token.hint")} /></label>
      <label>{t("token.days")}<input name="days" type="number" min={1} max={3650} defaultValue="90" /></label>
      <fieldset class="row">{rights.map((scope) => <label class="check" key={scope}><input name={"scope." + scope} type="checkbox" defaultChecked={scope === "read"} />{word("scope", scope)}</label>)}
        <legend class="quiet">{t("token.may")}</legend></fieldset>
      <button>{t("token.add")}</button>
    </Form>
  </section>;
}

export function AccountPage({session}: {readonly session: Session}) {
  useTitle(t("nav.account"));
  return <section class="page">
    <div class="head"><h1>{session.user}</h1><span class="quiet">{word("role", session.role)}</span></div>
    <section class="card sessions"><h2>{t("sessions")}</h2><SessionList path="/api/auth/sessions" /></section>
    {mayCreate(session) ? <OwnQuota /> : null}<Tokens session={session} /><PasswordForm why="" onChanged={async () => {}} />
  </section>;
}
