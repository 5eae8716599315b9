// The frame around the pages: who is signed in, the connection, uploads, and the page of the address.
import {useCallback, useEffect, useState} from "preact/hooks";
import {call, onSignedOut, post} from "./api/call.js";
import {useCut} from "./api/connection.js";
import {mayCreate} from "./api/rights.js";
import type {Session} from "./api/types.js";
import {AccountPage, FirstPasswordPage} from "./pages/account/account_page.js";
import {AuditPage} from "./pages/admin/audit_page.js";
import {PipelinesPage, PluginsPage} from "./pages/admin/pipelines_page.js";
import {SystemPage} from "./pages/admin/system_page.js";
import {UsersPage} from "./pages/admin/users_page.js";
import {AnalysisPage} from "./pages/analysis/analysis_page.js";
import {BatchPage} from "./pages/batch/batch_page.js";
import {BatchListPage} from "./pages/batches/batch_list_page.js";
import {useDrop} from "./pages/new_batch/files.js";
import {NewBatchPage} from "./pages/new_batch/new_batch_page.js";
import {UploadTray} from "./pages/new_batch/upload_tray.js";
import {ResultsPage} from "./pages/results/results_page.js";
import {ReviewPage} from "./pages/review/review_page.js";
import {SheetPage} from "./pages/sheet/sheet_page.js";
import {SignInPage} from "./pages/sign_in_page.js";
import {type Place, go, usePlace} from "./router.js";
import {time} from "./text/format.js";
import {t, word} from "./text/text.js";
import {Button} from "./ui/controls.js";
import {Notices, clearErrors, tellError} from "./ui/notices.js";
import {type Theme, setTheme, theme} from "./ui/theme.js";

const kRefreshMs = 30 * 60_000;
const kThemes: readonly Theme[] = ["system", "light", "dark"];

function Page({place, session}: {readonly place: Place; readonly session: Session}) {
  const [first, second, third, fourth] = place.parts;
  if (first === "account") return <AccountPage session={session} />;
  if (first === "new") return <NewBatchPage params={place.params} />;
  if (first === "pipelines") return <PipelinesPage session={session} />;
  if (first === "plugins") return <PluginsPage />;
  if (first === "users") return <UsersPage session={session} />;
  if (first === "audit") return <AuditPage params={place.params} />;
  if (first === "system") return <SystemPage />;
  if (first !== "batches" || !second) return <BatchListPage params={place.params} session={session} />;
  if (third === "review") return <ReviewPage key={second} id={second} params={place.params} session={session} />;
  if (third === "analysis") return <AnalysisPage key={second} id={second} params={place.params} />;
  if (third === "results") return <ResultsPage key={second} id={second} params={place.params} />;
  if (third === "sheets") return <SheetPage id={second} sheet={Number(fourth)} session={session} />;
  return <BatchPage key={second} id={second} params={place.params} session={session} />;
}

function ThemeButton() {
  const [now, setNow] = useState(theme());
  const next = kThemes[(kThemes.indexOf(now) + 1) % kThemes.length] ?? "system";
  return <button type="button" class="plain theme" title={t("theme.title", {now: word("theme", now)})} aria-label={t("theme.title", {now: word("theme", now)})}
    onClick={() => { setTheme(next); setNow(next); }}>{now === "light" ? "☀" : now === "dark" ? "☾" : "◐"}</button>;
}

function Header({session, onSignOut}: {readonly session: Session | null; readonly onSignOut: () => void}) {
  return <header>
    <a class="brand" href="#/"><img src="/icon.svg" alt="" width={26} height={26} />Sheafline</a>
    {session ? <nav aria-label={t("nav.label")}>
      <a href="#/">{t("nav.batches")}</a>
      {mayCreate(session) ? <a href="#/new">{t("nav.new")}</a> : null}
      <a href="#/pipelines">{t("nav.pipelines")}</a>
      {session.role === "admin" ? <><a href="#/users">{t("nav.users")}</a><a href="#/audit">{t("nav.audit")}</a><a href="#/system">{t("nav.system")}</a></> : null}
    </nav> : null}
    <span class="space" />
    <ThemeButton />
    {session ? <a id="who" href="#/account" title={t("nav.account")}>{session.user} <span class="quiet">{word("role", session.role)}</span></a> : null}
    {session ? <Button id="sign-out" kind="plain" act={async () => { await post("/api/auth/logout"); onSignOut(); }}>{t("nav.signOut")}</Button> : null}
  </header>;
}

function CutBanner({signedIn}: {readonly signedIn: boolean}) {
  const since = useCut();
  useEffect(() => { document.documentElement.classList.toggle("cut", since !== null); }, [since]);
  return <div role="status">{since && signedIn ? <p class="cut-banner">{t("cut", {since: time(since.toISOString())})}</p> : null}</div>;
}

const toNewBatch = (): void => go("#/new");

export function App() {
  const place = usePlace();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const begin = useCallback(async () => setSession(await call<Session>("/api/auth/session")), []);

  useEffect(() => {
    onSignedOut(() => setSession(null));
    begin().catch((error: unknown) => {
      setSession(null);
      if ((error as {status?: number}).status !== 401) tellError(error);
    });
    const timer = setInterval(() => { if (!document.hidden) post("/api/auth/refresh").catch(() => {}); }, kRefreshMs);
    return () => clearInterval(timer);
  }, []);
  useEffect(clearErrors, [place.parts.join("/")]);

  const over = useDrop(session && mayCreate(session) && !session.must_change_password ? toNewBatch : null);

  const mustChange = session?.must_change_password === true;
  return <>
    <a class="skip" href="#main" onClick={(event) => { event.preventDefault(); document.getElementById("main")?.focus(); }}>{t("skip")}</a>
    <Header session={mustChange ? null : session ?? null} onSignOut={() => setSession(null)} />
    <CutBanner signedIn={Boolean(session)} />
    <main id="main" tabindex={-1}>
      {session === undefined ? null : session === null ? <SignInPage onSignedIn={begin} />
        : mustChange ? <FirstPasswordPage onChanged={begin} /> : <Page place={place} session={session} />}
    </main>
    {session && !mustChange ? <UploadTray /> : null}
    {over ? <div class="drop-here" aria-hidden="true">{t("new.dropHere")}</div> : null}
    <Notices />
  </>;
}
