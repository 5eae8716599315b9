// Short messages at the edge of the page. A screen reader reads them; an error stays until it is closed.
import {useEffect, useState} from "preact/hooks";
import {messageOf} from "../api/call.js";
import {t} from "../text/text.js";

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly bad: boolean;
}

const kShownMs = 6_000;
let notices: readonly Notice[] = [];
let last = 0;
let changed = (): void => {};

function set(next: readonly Notice[]): void {
  notices = next;
  changed();
}

export function close(id: number): void {
  set(notices.filter((notice) => notice.id !== id));
}

export function tell(text: string): void {
  const id = ++last;
  set([...notices, {id, text, bad: false}]);
  setTimeout(() => close(id), kShownMs);
}

export function tellError(error: unknown): void {
  const text = messageOf(error);
  if (text === "" || notices.some((notice) => notice.text === text)) return;
  set([...notices, {id: ++last, text, bad: true}]);
}

export function clearErrors(): void {
  if (notices.some((notice) => notice.bad)) set(notices.filter((notice) => !notice.bad));
}

export function Notices() {
  const [, show] = useState(0);
  useEffect(() => {
    changed = () => show((count) => count + 1);
    changed();
    return () => { changed = () => {}; };
  }, []);
  const item = (notice: Notice) => <div key={notice.id} class={notice.bad ? "notice bad" : "notice"}>
    <span>{notice.text}</span>
    <button type="button" class="plain" aria-label={t("close")} onClick={() => close(notice.id)}>×</button>
  </div>;
  return <div class="notices">
    <div role="status">{notices.filter((notice) => !notice.bad).map(item)}</div>
    <div role="alert" id="error">{notices.filter((notice) => notice.bad).map(item)}</div>
  </div>;
}
