// The list of batches, updated live, and the form for a new batch.
import {batchPath, call, kUnfinished} from "./api.js";
import {act, bar, element, setBar, stateBadge, tell, when} from "./dom.js";
import {follow} from "./live.js";
import {uploadForm} from "./upload_form.js";

const kPage = 50;
const kListMs = 5_000;
const kStreams = 3;  // a browser opens six connections to a host over HTTP/1.1, and other requests need some

const kStates = ["uploading", "queued", "running", "retrying", "cancelling", "interrupted", "reviewing", "completed", "failed", "cancelled"];

class BatchRow {
  constructor(batch) {
    this.state = element("td");
    this.bar = bar(0, "Progress of batch " + batch.batch_id);
    this.message = element("div", {class: "quiet"});
    this.sheets = element("td", {class: "number"});
    this.row = element("tr", {id: "batch-" + batch.batch_id},
      element("td", {}, element("a", {class: "id", href: "#/batches/" + batch.batch_id}, batch.batch_id.slice(0, 13)),
        element("div", {class: "quiet"}, when(batch.created_at))),
      element("td", {}, batch.pipeline, element("div", {class: "quiet"}, batch.user)),
      this.state, element("td", {}, this.bar, this.message), this.sheets);
    this.row.querySelector("a").title = batch.batch_id;
    this.update(batch);
  }

  update(batch) {
    if (this.shown !== batch.state) this.state.replaceChildren(stateBadge(batch.state));
    this.shown = batch.state;
    const done = batch.sheets_read + batch.sheets_quarantined + batch.sheets_discarded;
    this.showSheets(done, batch.sheets_total, batch.sheets_quarantined);
    this.bar.hidden = !kUnfinished.includes(batch.state);
    if (!this.bar.hidden) return;
    this.message.textContent = batch.error ? batch.error.message : "";
  }

  showSheets(done, total, quarantined) {
    this.sheets.replaceChildren(total ? `${done} / ${total}` : "",
      quarantined ? element("div", {class: "quiet"}, quarantined + " quarantined") : "");
  }

  take(event) {
    setBar(this.bar, event.overall_percentage);
    this.message.textContent = event.message;
    this.showSheets(event.sheets_processed, event.sheets_total, event.sheets_failed);
  }
}

export async function showBatches(main, session) {
  document.title = "Batches – Sheafline";
  const rows = new Map();
  const streams = new Map();
  let timer = null;
  let ended = false;
  let shown = kPage;

  const body = element("tbody");
  const empty = element("p", {class: "empty", hidden: true}, "No batches found.");
  const more = element("button", {type: "button", hidden: true, click: () => { shown += kPage; act(load, more); }}, "Show more");
  const filter = element("form", {class: "row", submit: (event) => event.preventDefault(), input: () => act(load)},
    element("label", {class: "wide"}, "Search by id", element("input", {name: "q", type: "search", maxlength: 64})),
    element("label", {}, "State", element("select", {name: "state"}, new Option("all", ""),
      ...kStates.map((state) => new Option(state)))));
  const list = element("section", {class: "card"}, element("h1", {}, "Batches"), filter,
    element("div", {class: "scroll"}, element("table", {},
      element("thead", {}, element("tr", {}, ...["Batch", "Pipeline", "State", "Progress"].map((name) => element("th", {}, name)),
        element("th", {class: "number"}, "Sheets"))), body)),
    empty, more);

  function stopStream(id) {
    streams.get(id)?.();
    streams.delete(id);
  }

  function followSome(items) {
    const active = items.filter((batch) => kUnfinished.includes(batch.state) && batch.state !== "queued");
    const wanted = new Set(active.slice(0, kStreams).map((batch) => batch.batch_id));
    for (const id of streams.keys()) if (!wanted.has(id)) stopStream(id);
    for (const batch of active.slice(0, kStreams)) {
      if (streams.has(batch.batch_id)) continue;
      // Only newer events: the page of the batch shows the earlier ones.
      streams.set(batch.batch_id, follow(batch.batch_id, {
        after: batch.seq - 1,
        onEvent: (event) => rows.get(batch.batch_id)?.take(event),
        onEnd: (event) => { tell(`Batch ${batch.batch_id}: ${event.message}`); act(load); },
      }));
    }
    for (const batch of active.slice(kStreams)) {
      call(batchPath(batch.batch_id, "/progress")).then((event) => rows.get(batch.batch_id)?.take(event)).catch(() => {});
    }
  }

  async function load() {
    clearTimeout(timer);
    const query = new URLSearchParams({limit: shown});
    if (filter.q.value) query.set("q", filter.q.value.trim());
    if (filter.state.value) query.set("state", filter.state.value);
    const asked = query.toString();
    const page = await call("/api/batches?" + query);
    if (ended) return;
    const items = page.items;
    for (const batch of items) {
      if (rows.has(batch.batch_id)) rows.get(batch.batch_id).update(batch);
      else rows.set(batch.batch_id, new BatchRow(batch));
    }
    const order = items.map((batch) => rows.get(batch.batch_id).row);
    // If the order is unchanged, keep the rows, so that the keyboard focus stays in its row.
    if (order.length !== body.children.length || order.some((row, i) => body.children[i] !== row)) body.replaceChildren(...order);
    empty.hidden = items.length > 0;
    more.hidden = page.next === null;
    body.dataset.query = asked;
    followSome(items);
    timer = setTimeout(() => load().catch(() => { if (!ended) timer = setTimeout(load, kListMs); }), kListMs);
  }

  const parts = [];
  if (["operator", "admin"].includes(session.role)) parts.push(await uploadForm((id) => { location.hash = "#/batches/" + id; }));
  main.replaceChildren(...parts, list);
  await load();
  return () => {
    ended = true;
    clearTimeout(timer);
    for (const id of [...streams.keys()]) stopStream(id);
  };
}
