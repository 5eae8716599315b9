// The events of a batch, newest first, with a search.
import {useState} from "preact/hooks";
import type {ProgressEvent} from "../../api/types.js";
import {decimal, time, when} from "../../text/format.js";
import {t} from "../../text/text.js";

const kShown = 500;

export function EventLog({events}: {readonly events: readonly ProgressEvent[]}) {
  const [text, setText] = useState("");
  const [stage, setStage] = useState("");
  const [open, setOpen] = useState(false);
  const stages = [...new Set(events.map((event) => event.stage))];
  const wanted = text.trim().toLowerCase();
  const found = open ? events.filter((event) => (stage === "" || event.stage === stage)
    && (wanted === "" || `${event.seq} ${event.stage} ${event.message}`.toLowerCase().includes(wanted))) : [];
  return <details class="card events" onToggle={(event) => setOpen(event.currentTarget.open)}>
    <summary><h2>{t("events")}</h2> <span class="quiet">{t("events.count", {n: events.length})}</span></summary>
    {open ? <>
      <div class="filters">
        <label class="wide">{t("events.search")}<input type="search" value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
        <label>{t("events.stage")}<select value={stage} onChange={(event) => setStage(event.currentTarget.value)}>
          <option value="">{t("list.all")}</option>{stages.map((one) => <option key={one} value={one}>{one}</option>)}</select></label>
      </div>
      <ol class="log" tabindex={0} aria-label={t("events")}>
        {found.slice(-kShown).reverse().map((event) => <li key={event.seq}>
          <span class="quiet number">{event.seq}</span> <time dateTime={event.timestamp} title={when(event.timestamp)}>{time(event.timestamp)}</time>
          <span class="quiet">{event.stage}</span> <span class="number">{decimal(event.progress_percentage, 0)} %</span> <span>{event.message}</span>
        </li>)}
      </ol>
      {found.length > kShown ? <p class="quiet">{t("events.first", {shown: kShown, all: found.length})}</p> : null}
      {found.length === 0 ? <p class="quiet">{t("events.none")}</p> : null}
    </> : null}
  </details>;
}
