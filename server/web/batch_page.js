// One batch: its live progress stage by stage, its results, and the sheets that wait for a decision.
import {batchPath, call, kUnfinished, post} from "./api.js";
import {act, bar, bytes, confirmed, duration, element, setBar, stateBadge, tell, when} from "./dom.js";
import {follow} from "./live.js";
import {sheetList} from "./sheet_list.js";

const kStatusMs = 1_000;  // shortest time between two requests for the status
const kLogLines = 300;

function facts(pairs) {
  return element("dl", {class: "facts"}, ...pairs.filter((pair) => pair[1] !== "" && pair[1] !== null)
    .map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, String(value)))));
}

class StageTable {
  constructor() {
    this.body = element("tbody");
    this.element = element("section", {class: "card stages"}, element("h2", {}, "Stages"), element("div", {class: "scroll"},
      element("table", {}, element("thead", {}, element("tr", {}, ...["Stage", "State", "Progress"].map((name) => element("th", {}, name)),
        ...["Attempt", "Time"].map((name) => element("th", {class: "number"}, name)))), this.body)));
    this.rows = new Map();
  }

  row(id) {
    if (!this.rows.has(id)) {
      const parts = {state: element("td"), bar: bar(0, "Stage " + id), message: element("div", {class: "quiet"}),
        attempt: element("td", {class: "number"}), time: element("td", {class: "number"})};
      this.rows.set(id, parts);
      this.body.append(element("tr", {}, element("td", {}, id), parts.state, element("td", {}, parts.bar, parts.message), parts.attempt, parts.time));
    }
    return this.rows.get(id);
  }

  show(stages) {
    for (const stage of stages) {
      const row = this.row(stage.stage_id);
      row.state.replaceChildren(stateBadge(stage.state));
      row.attempt.textContent = stage.attempt > 1 ? stage.attempt : "";
      row.time.textContent = stage.elapsed_seconds === null ? "" : duration(stage.elapsed_seconds);
      row.bar.hidden = ["pending", "skipped"].includes(stage.state);
      if (stage.state === "completed") setBar(row.bar, 100);
      if (stage.error) row.message.textContent = stage.error;
    }
  }

  take(event) {
    if (!event.stage_id) return;
    const row = this.row(event.stage_id);
    row.bar.hidden = false;
    setBar(row.bar, event.progress_percentage);
    row.message.textContent = event.message;
  }
}

export async function showBatch(main, session, id) {
  document.title = "Batch " + id + " – Sheafline";
  let stop = () => {};
  let ended = false;
  let asked = 0;
  let timer = null;

  const state = element("span");
  const origin = element("p", {class: "quiet"});
  const overall = bar(0, "The whole batch", true);
  const message = element("p", {id: "now"});
  const numbers = element("div");
  const failure = element("p", {class: "failure", role: "alert", hidden: true});
  const actions = element("div", {class: "row"});
  const stages = new StageTable();
  const files = element("section", {class: "card", hidden: true});
  const sheets = element("div");
  const log = element("ol", {class: "log", tabindex: 0, "aria-label": "Events"});
  const head = element("section", {class: "card"},
    element("div", {class: "row spread"}, element("h1", {}, id), state), origin, message, overall, numbers, failure, actions);
  main.replaceChildren(element("a", {href: "#/"}, "← All batches"), head, files, sheets, stages.element,
    element("details", {class: "card"}, element("summary", {}, "Events"), log));

  const about = (batch) => {
    may = session.role === "admin" || (session.role === "operator" && batch.user === session.user);
    origin.textContent = [batch.pipeline, batch.user && "by " + batch.user, when(batch.created_at)].filter(Boolean).join(", ");
  };
  let may = false;  // a batch that is only shared is not cancelled, retried or removed
  const button = (name, path, question = "", no = "") => element("button", {type: "button", class: question ? "risky" : "", click: (event) => act(async () => {
    if (question && !await confirmed(question, name, no)) return;
    await post(batchPath(id, path));
    await reload();
  }, event.currentTarget)}, name);
  const removal = () => element("button", {type: "button", class: "risky", click: (event) => act(async () => {
    if (!await confirmed("Remove this batch and all of its files? This cannot be undone.", "Remove batch", "Keep batch")) return;
    await call(batchPath(id), {method: "DELETE"});
    location.hash = "#/";
  }, event.currentTarget)}, "Remove batch");

  function showActions(now) {
    if (!may || actions.dataset.state === now) return;
    actions.dataset.state = now;
    const buttons = [];
    if (kUnfinished.includes(now) && now !== "cancelling") buttons.push(button("Cancel batch", "/cancel", "Cancel this batch? It cannot be resumed afterwards.", "Keep running"));
    if (now === "failed" || now === "interrupted") buttons.push(button("Retry, starting at the stage that stopped", "/retry"));
    if (["completed", "failed", "cancelled"].includes(now)) buttons.push(removal());
    actions.replaceChildren(...buttons);
  }

  function showFiles(artifacts) {
    files.hidden = artifacts.length === 0;
    files.replaceChildren(element("h2", {}, "Results"), element("div", {class: "row"}, ...artifacts.map((artifact) =>
      element("a", {class: "button", href: artifact.url, download: artifact.name}, artifact.name,
        element("span", {class: "quiet"}, " " + bytes(artifact.size))))));
  }

  function showEvent(event) {
    setBar(overall, event.overall_percentage);
    message.textContent = event.message;
    numbers.replaceChildren(facts([
      ["Sheets", event.sheets_total ? `${event.sheets_processed} of ${event.sheets_total}` : ""],
      ["Quarantined", event.sheets_failed || ""], ["Elapsed", duration(event.elapsed_seconds)],
      ["Remaining", event.eta_seconds === undefined ? "" : duration(event.eta_seconds)],
      ["Rate", event.rate_per_second === undefined ? "" : event.rate_per_second.toFixed(1) + " / s"],
      ["Execution", event.execution > 1 ? event.execution : ""]]));
  }

  async function showStatus() {
    clearTimeout(timer);
    timer = null;
    asked = Date.now();
    const status = await call(batchPath(id, "/status"));
    if (ended) return status;
    state.replaceChildren(stateBadge(status.state));
    showActions(status.state);
    stages.show(status.stages);
    showFiles(status.artifacts);
    failure.hidden = status.error === null;
    message.hidden = !failure.hidden;  // the message has the same text
    if (status.error) failure.textContent = `${status.error.message} (${status.error.code}${status.error.stage ? ", in " + status.error.stage : ""})`;
    return status;
  }

  function statusSoon() {
    timer ??= setTimeout(() => showStatus().catch(() => {}), Math.max(0, asked + kStatusMs - Date.now()));
  }

  function take(event) {
    showEvent(event);
    stages.take(event);
    log.prepend(element("li", {}, `${event.seq}  ${when(event.timestamp)}  ${event.stage}  ${event.progress_percentage.toFixed(1)}%  ${event.message}`));
    if (log.children.length > kLogLines) log.lastChild.remove();
    statusSoon();
  }

  async function showSheets(batch) {
    if (batch.sheets_total > 0 && !kUnfinished.includes(batch.state)) sheets.replaceChildren(await sheetList(batch));
    else sheets.replaceChildren();
  }

  async function reload() {
    stop();
    log.replaceChildren();
    const batch = await call(batchPath(id));
    about(batch);
    const status = await showStatus();
    if (ended) return;
    showEvent(status.progress);
    await showSheets(batch);
    stop = follow(id, {onEvent: take, onEnd: (event) => act(async () => {
      tell(event.message);
      await showStatus();
      await showSheets(await call(batchPath(id)));
    })});
  }

  await reload();
  return () => {
    ended = true;
    stop();
    clearTimeout(timer);
  };
}
