import {call} from "../api/call.js";
import {t} from "../text/text.js";
import {Form, focused} from "../ui/controls.js";
import {useTitle} from "../ui/use_data.js";

export function SignInPage({onSignedIn}: {readonly onSignedIn: () => Promise<void>}) {
  useTitle(t("signIn"));
  return <Form class="card sign-in" send={async (form) => {
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    await call("/api/auth/login?cookie=1", {method: "POST", body});
    await onSignedIn();
  }}>
    <h1>{t("signIn")}</h1>
    <label>{t("signIn.user")}<input name="username" autocomplete="username" required ref={focused} /></label>
    <label>{t("signIn.password")}<input name="password" type="password" autocomplete="current-password" required /></label>
    <button class="main">{t("signIn")}</button>
  </Form>;
}
