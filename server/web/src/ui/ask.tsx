// Questions in a dialog. Its buttons name what they do; Enter alone never chooses the risky one.
import {type ComponentChildren, render} from "preact";
import {useEffect, useRef} from "preact/hooks";
import {t} from "../text/text.js";

interface DialogProps {
  readonly children: ComponentChildren;
  readonly onClose: (value: string) => void;
  readonly wide?: boolean;
  readonly label?: string;
}

export function Dialog({children, onClose, wide = false, label}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return <dialog ref={dialog} class={wide ? "wide" : ""} aria-label={label} onClose={(event) => onClose(event.currentTarget.returnValue)}>{children}</dialog>;
}

function inDialog<T>(make: (done: (value: T) => void) => ComponentChildren): Promise<T> {
  return new Promise((resolve) => {
    const place = document.createElement("div");
    document.body.append(place);
    render(make((value) => {
      render(null, place);
      place.remove();
      resolve(value);
    }), place);
  });
}

export const confirmed = (question: string, yes: string, no = t("keep"), kind: "risky" | "main" = "risky"): Promise<boolean> => inDialog((done) =>
  <Dialog onClose={(value) => done(value === "yes")}>
    <form method="dialog">
      <p>{question}</p>
      <div class="row end"><button value="yes" class={kind}>{yes}</button><button value="no" autofocus>{no}</button></div>
    </form>
  </Dialog>);

export interface NameAndLabels {
  readonly name: string;
  readonly labels: Record<string, string>;
}

const linesOf = (labels: Readonly<Record<string, string>>): string => Object.entries(labels).map(([key, value]) => `${key}=${value}`).join("\n");

export function labelsOf(text: string): Record<string, string> {
  const pairs = text.split("\n").map((line) => line.trim()).filter((line) => line !== "").map((line) => {
    const cut = line.indexOf("=");
    if (cut < 1) throw new Error(t("rename.badLabel", {line}));
    return [line.slice(0, cut).trim(), line.slice(cut + 1).trim()] as const;
  });
  return Object.fromEntries(pairs);
}

export const askName = (now: NameAndLabels): Promise<NameAndLabels | null> => inDialog((done) =>
  <Dialog onClose={() => done(null)} label={t("rename")}>
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      const form = event.currentTarget;
      const labels = form.elements.namedItem("labels") as HTMLTextAreaElement;
      try {
        done({name: (form.elements.namedItem("name") as HTMLInputElement).value, labels: labelsOf(labels.value)});
      } catch (error) {
        labels.setCustomValidity((error as Error).message);
        labels.reportValidity();
      }
    }}>
      <h2>{t("rename")}</h2>
      <label>{t("name")}<input name="name" value={now.name} maxlength={200} required autofocus /></label>
      <label>{t("rename.labels")}<textarea name="labels" rows={4} onInput={(event) => event.currentTarget.setCustomValidity("")}>{linesOf(now.labels)}</textarea></label>
      <div class="row end"><button class="main">{t("save")}</button><button type="button" onClick={() => done(null)}>{t("cancel")}</button></div>
    </form>
  </Dialog>);

export interface SharesChoice {
  readonly users: string[];
  readonly everybody: boolean;
}

export const askShares = (now: SharesChoice): Promise<SharesChoice | null> => inDialog((done) =>
  <Dialog onClose={() => done(null)} label={t("share")}>
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      const field = (name: string): HTMLInputElement => event.currentTarget.elements.namedItem(name) as HTMLInputElement;
      done({users: field("users").value.split(",").map((user) => user.trim()).filter((user) => user !== ""), everybody: field("everybody").checked});
    }}>
      <h2>{t("share")}</h2>
      <label>{t("share.users")}<input name="users" value={now.users.join(", ")} autofocus /></label>
      <label class="check"><input name="everybody" type="checkbox" checked={now.everybody} />{t("share.everybody")}</label>
      <p class="quiet">{t("share.hint")}</p>
      <div class="row end"><button class="main">{t("share")}</button><button type="button" onClick={() => done(null)}>{t("cancel")}</button></div>
    </form>
  </Dialog>);

interface TextField {
  readonly type?: "text" | "password";
  readonly minLength?: number;
}

export const askText = (label: string, yes: string, field: TextField = {}): Promise<string | null> => inDialog((done) =>
  <Dialog onClose={() => done(null)} label={label}>
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      done((event.currentTarget.elements.namedItem("text") as HTMLInputElement).value);
    }}>
      <label>{label}<input name="text" required autofocus autocomplete="off" {...field} /></label>
      <div class="row end"><button class="main">{yes}</button><button type="button" onClick={() => done(null)}>{t("cancel")}</button></div>
    </form>
  </Dialog>);

export interface NewKey {
  readonly file: File;
  readonly reason: string;
}

export const askKey = (): Promise<NewKey | null> => inDialog((done) =>
  <Dialog onClose={() => done(null)} label={t("score")}>
    <form class="stack" onSubmit={(event) => {
      event.preventDefault();
      const field = (name: string): HTMLInputElement => event.currentTarget.elements.namedItem(name) as HTMLInputElement;
      const file = field("key").files?.[0];
      if (file) done({file, reason: field("reason").value});
    }}>
      <h2>{t("score")}</h2>
      <label>{t("score.key")}<input name="key" type="file" accept=".csv,.yaml,.yml,.json" required autofocus /></label>
      <label>{t("score.reason")}<input name="reason" maxlength={500} required /></label>
      <p class="quiet">{t("score.hint")}</p>
      <div class="row end"><button class="main">{t("score")}</button><button type="button" onClick={() => done(null)}>{t("cancel")}</button></div>
    </form>
  </Dialog>);
