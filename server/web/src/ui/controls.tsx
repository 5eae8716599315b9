// The small controls of all pages.
import type {ComponentChildren, JSX} from "preact";
import {useState} from "preact/hooks";
import {messageOf} from "../api/call.js";
import {word} from "../text/text.js";
import {clearErrors, tellError} from "./notices.js";

interface ButtonProps {
  readonly act: () => unknown;
  readonly kind?: "main" | "risky" | "plain" | "";
  readonly children: ComponentChildren;
  readonly disabled?: boolean;
  readonly label?: string;
  readonly id?: string;
}

// A button that is disabled while its action runs, and shows the error of the action.
export function Button({act, kind = "", children, disabled = false, label, id}: ButtonProps) {
  const [busy, setBusy] = useState(false);
  const run = async (): Promise<void> => {
    clearErrors();
    setBusy(true);
    try {
      await act();
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  return <button type="button" id={id} class={kind} disabled={disabled || busy} aria-label={label} onClick={() => void run()}>{children}</button>;
}

interface FormProps {
  readonly send: (form: HTMLFormElement) => unknown;
  readonly class?: string;
  readonly children: ComponentChildren;
}

// A form that sends itself once and shows the error of that.
export function Form({send, class: name, children}: FormProps) {
  const [busy, setBusy] = useState(false);
  const submitted = async (event: JSX.TargetedSubmitEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    clearErrors();
    setBusy(true);
    try {
      await send(form);
    } catch (error) {
      tellError(error);
    } finally {
      setBusy(false);
    }
  };
  return <form class={name} aria-busy={busy} onSubmit={(event) => void submitted(event)}>{children}</form>;
}

// As a ref, it focuses a field when the field appears. The attribute autofocus works only once in a page.
export const focused = (element: HTMLElement | null): void => element?.focus();

export const valueOf = (form: HTMLFormElement, name: string): string =>
  (form.elements.namedItem(name) as HTMLInputElement | null)?.value ?? "";

export const State = ({state}: {readonly state: string}) => <span class={"state " + state}>{word("state", state)}</span>;

// Without a share the bar is animated: there is progress, but it is unknown how much.
export function Bar({share, label, large = false}: {readonly share: number | null; readonly label: string; readonly large?: boolean}) {
  return share === null ? <progress class={large ? "large" : ""} max={1} aria-label={label} />
    : <progress class={large ? "large" : ""} max={1} value={share} aria-label={label} />;
}

export function Failed({error}: {readonly error: Error | undefined}) {
  const text = error ? messageOf(error) : "";
  return text !== "" ? <p class="failure" role="alert">{text}</p> : null;
}

export const Key = ({children}: {readonly children: string}) => <kbd>{children}</kbd>;
