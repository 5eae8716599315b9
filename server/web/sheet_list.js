// The sheets of a batch that has ended; first those that wait for a decision.
import {batchPath, call} from "./api.js";
import {act, element, stateBadge} from "./dom.js";

const kPage = 100;

export async function sheetList(batch) {
  const body = element("tbody");
  const state = element("select", {change: () => act(() => load(true))}, new Option("all", ""),
    ...["quarantined", "read", "discarded", "waiting"].map((name) => new Option(name)));
  state.value = batch.sheets_quarantined > 0 ? "quarantined" : "";
  const more = element("button", {type: "button", hidden: true, click: () => act(() => load(false), more)}, "Show more");
  const empty = element("p", {class: "empty", hidden: true}, "No sheets found.");
  let next = null;

  function row(sheet) {
    const place = `#/batches/${batch.batch_id}/sheets/${sheet.sheet}`;
    return element("tr", {}, element("td", {class: "number"}, element("a", {href: place}, String(sheet.sheet))),
      element("td", {}, sheet.file + (sheet.page > 1 ? `, page ${sheet.page}` : "")), element("td", {}, stateBadge(sheet.state)),
      element("td", {}, sheet.qr), element("td", {class: "quiet"}, sheet.reason));
  }

  async function load(from_start) {
    const query = new URLSearchParams({limit: kPage});
    if (state.value) query.set("state", state.value);
    if (!from_start && next) query.set("after", next);
    const page = await call(batchPath(batch.batch_id, "/sheets?" + query));
    if (from_start) body.replaceChildren();
    body.append(...page.items.map(row));
    next = page.next;
    more.hidden = next === null;
    empty.hidden = body.children.length > 0;
  }

  await load(true);
  return element("section", {class: "card"},
    element("div", {class: "row spread"}, element("h2", {}, "Sheets"), element("label", {}, "State", state)),
    element("div", {class: "scroll"}, element("table", {}, element("thead", {}, element("tr", {}, element("th", {class: "number"}, "Sheet"),
      ...["File", "State", "QR code", "Reason"].map((name) => element("th", {}, name)))), body)), empty, more);
}
