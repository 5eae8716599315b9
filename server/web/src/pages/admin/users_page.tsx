// The users of the server with their sessions and quotas, for admins.
import {useState} from "preact/hooks";
import {call, patch, post, remove} from "../../api/call.js";
import type {Page, Quota, Role, Session, User} from "../../api/types.js";
import {when} from "../../text/format.js";
import {t, word} from "../../text/text.js";
import {askText, confirmed} from "../../ui/ask.js";
import {Button, Failed, Form, valueOf} from "../../ui/controls.js";
import {tell, tellError} from "../../ui/notices.js";
import {useData, useTitle} from "../../ui/use_data.js";
import {QuotaUse, SessionList} from "../account/sessions.js";

const kRoles: readonly Role[] = ["viewer", "reviewer", "operator", "admin"];
const kLeast = 10;  // characters of a password
const pathOf = (user: string): string => "/api/users/" + encodeURIComponent(user);

const kGiB = 2 ** 30;

// The limits of a user; an empty field is the limit of the server.
function QuotaForm({user, quota, reload}: {readonly user: string; readonly quota: Quota; readonly reload: () => Promise<void>}) {
  const limitOf = (form: HTMLFormElement, name: string, unit: number): number | null => {
    const text = valueOf(form, name).trim();
    return text === "" ? null : Math.round(Number(text) * unit);
  };
  const own = (limit: number | null, unit: number): string => limit === null ? "" : String(limit / unit);
  return <Form class="row" send={async (form) => {
    const limits = {bytes: limitOf(form, "bytes", kGiB), uploads: limitOf(form, "uploads", 1)};
    await call(pathOf(user) + "/quota", {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify(limits)});
    tell(t("quota.saved", {user}));
    await reload();
  }}>
    <label>{t("quota.ownBytes")}<input name="bytes" type="number" min={0} step="any" value={own(quota.bytes.own_limit, kGiB)} placeholder={t("quota.server")} /></label>
    <label>{t("quota.ownUploads")}<input name="uploads" type="number" min={0} max={1000} value={own(quota.uploads.own_limit, 1)} placeholder={t("quota.server")} /></label>
    <button>{t("quota.save")}</button>
  </Form>;
}

function More({user}: {readonly user: string}) {
  const {data, error, reload} = useData(() => call<Quota>(pathOf(user) + "/quota"), [user]);
  return <div class="stack"><h2>{t("sessions")}</h2><SessionList path={pathOf(user) + "/sessions"} all />
    <h2>{t("quota")}</h2><Failed error={error} />
    {data ? <><QuotaUse quota={data} /><QuotaForm user={user} quota={data} reload={reload} /></> : null}</div>;
}

function Row({user, mine, reload}: {readonly user: User; readonly mine: boolean; readonly reload: () => Promise<void>}) {
  const name = user.user;
  const change = async (values: {readonly role?: Role; readonly disabled?: boolean; readonly password?: string}, done: string): Promise<void> => {
    await patch(pathOf(name), values);
    if (done !== "") tell(done);
    await reload();
  };
  const [open, setOpen] = useState(false);
  return <><tr id={"user-" + name}>
    <td>{name}</td>
    <td><select aria-label={`${t("users.role")}: ${name}`} value={user.role} disabled={mine} onChange={(event) => {
      const role = event.currentTarget.value as Role;
      change({role}, t("users.roleChanged", {user: name, role: word("role", role)})).catch((error: unknown) => { tellError(error); void reload(); });
    }}>{kRoles.map((role) => <option key={role} value={role}>{word("role", role)}</option>)}</select></td>
    <td>{t(user.disabled ? "users.disabled" : "users.active")}</td>
    <td class="quiet">{when(user.created_at)}</td>
    <td>{mine ? <a href="#/account">{t("nav.account")}</a> : <div class="row">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>{t("users.more")}</button>
      <Button act={async () => {
        const password = await askText(t("users.resetFor", {user: name}), t("users.reset"), {type: "password", minLength: kLeast});
        if (password !== null) await change({password}, t("users.passwordSet", {user: name}));
      }}>{t("users.reset")}</Button>
      {user.disabled ? <Button act={() => change({disabled: false}, "")}>{t("users.enable")}</Button> : <Button kind="risky" act={async () => {
        if (await confirmed(t("users.disableAsk", {user: name}), t("users.disable"))) await change({disabled: true}, "");
      }}>{t("users.disable")}</Button>}
      <Button kind="risky" act={async () => {
        if (!await confirmed(t("users.removeAsk", {user: name}), t("users.remove"))) return;
        await remove(pathOf(name));
        await reload();
      }}>{t("users.remove")}</Button></div>}</td>
  </tr>
  {open ? <tr class="more" id={"more-" + name}><td colspan={5}><More user={name} /></td></tr> : null}</>;
}

export function UsersPage({session}: {readonly session: Session}) {
  useTitle(t("nav.users"));
  const {data, error, reload} = useData(() => call<Page<User>>("/api/users"), []);
  return <section class="page">
    <div class="head"><h1>{t("nav.users")}</h1></div>
    <Failed error={error} />
    <div class="scroll card flush" tabindex={0} role="region" aria-label={t("nav.users")}><table class="users">
      <thead><tr><th>{t("name")}</th><th>{t("users.role")}</th><th>{t("users.state")}</th><th>{t("list.created")}</th><td /></tr></thead>
      <tbody>{data?.items.map((user) => <Row key={user.user} user={user} mine={user.user === session.user} reload={reload} />)}</tbody>
    </table></div>
    <Form class="card row add-user" send={async (form) => {
      const user = valueOf(form, "user");
      await post("/api/users", {user, password: valueOf(form, "password"), role: valueOf(form, "role")});
      form.reset();
      tell(t("users.added", {user}));
      await reload();
    }}>
      <h2>{t("users.add")}</h2>
      <label>{t("name")}<input name="user" required maxlength={64} autocomplete="off" /></label>
      <label>{t("users.password", {n: kLeast})}<input name="password" type="password" required minLength={kLeast} autocomplete="new-password" /></label>
      <label>{t("users.role")}<select name="role">{kRoles.map((role) => <option key={role} value={role} selected={role === "operator"}>{word("role", role)}</option>)}</select></label>
      <button class="main">{t("users.add")}</button>
    </Form>
  </section>;
}
