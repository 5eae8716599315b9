// One sheet: its image with the reading drawn over it, and the decision about a quarantined sheet.
import {batchPath, call, post} from "./api.js";
import {act, element, stateBadge} from "./dom.js";

// The picture of each flagged answer; flags are "q7:faint;q9:multiple".
function doubtsOf(flags, path) {
  return flags.split(";").filter((flag) => flag.includes(":")).map((flag) => {
    const [field, doubt] = flag.split(":");
    const image = element("img", {alt: `${field} on the paper`, src: `${path}/image?field=${encodeURIComponent(field)}`});
    image.addEventListener("error", () => image.remove());
    return element("figure", {}, image, element("figcaption", {class: "quiet"}, `${field}: ${doubt}`));
  });
}

function valuesOf(reading, path) {
  if (!reading) return element("p", {class: "quiet"}, "Nothing was read from this sheet.");
  const list = element("dl");
  for (const [name, value] of Object.entries(reading.values)) list.append(element("dt", {class: "quiet"}, name), element("dd", {}, value || "–"));
  return element("div", {}, element("h2", {}, "Reading"), ...doubtsOf(reading.flags, path),
    element("p", {class: "quiet"}, "Lowest confidence: " + reading.confidence.toFixed(3)), list);
}

function fixForm(id, sheet) {
  const done = async (decision) => {
    await post(batchPath(id, `/sheets/${sheet.sheet}/fix`), decision);
    location.hash = "#/batches/" + id;
  };
  const code = element("input", {name: "qr", required: true, value: sheet.qr, autocomplete: "off"});
  const give = element("button", {class: "main"}, "Save code");
  const discard = element("button", {type: "button", class: "risky", click: () => act(() => done({discard: true}), discard)}, "Discard sheet");
  return element("form", {class: "row", submit: (event) => { event.preventDefault(); act(() => done({qr: code.value}), give); }},
    element("label", {class: "wide"}, "Text of the QR code", code), give, discard);
}

export async function showSheet(main, session, id, number) {
  const path = batchPath(id, "/sheets/" + number);
  const [batch, sheet] = await Promise.all([call(batchPath(id)), call(path)]);
  document.title = `Sheet ${number} of ${id} – Sheafline`;
  const image = element("img", {alt: `Sheet ${number}: ${sheet.file}`});
  const unseen = element("p", {class: "failure", hidden: true});
  const drawn = element("input", {type: "checkbox", checked: sheet.reading !== null, change: showImage});

  function showImage() {
    unseen.hidden = true;
    image.hidden = false;
    image.src = path + "/image" + (drawn.checked ? "?overlay=1" : "");
  }

  // An image element does not tell why it failed, so ask the server.
  image.addEventListener("error", async () => {
    const reply = await fetch(image.src);
    image.hidden = true;
    unseen.hidden = false;
    unseen.textContent = (await reply.json().catch(() => ({}))).detail || "There is no image.";
  });

  const to = (other) => `#/batches/${id}/sheets/${other}`;
  const link = (other, text) => other >= 1 && other <= batch.sheets_total ? element("a", {class: "button", href: to(other)}, text) : null;
  const mayFix = sheet.state === "quarantined" && session.role !== "viewer" && ["completed", "failed"].includes(batch.state);
  main.replaceChildren(element("a", {href: "#/batches/" + id}, "← Batch " + id), element("section", {class: "card"},
    element("div", {class: "row spread"}, element("h1", {}, `Sheet ${number}: ${sheet.file}`, sheet.page > 1 ? `, page ${sheet.page}` : null),
      stateBadge(sheet.state)),
    element("p", {class: "quiet"}, [sheet.qr && "QR code " + sheet.qr, sheet.group && "group " + sheet.group].filter(Boolean).join(", ")),
    sheet.reason ? element("p", {class: "failure"}, sheet.reason) : null, mayFix ? fixForm(id, sheet) : null,
    element("div", {class: "row spread"}, element("label", {}, element("span", {}, drawn, " Draw the reading over the image")),
      element("nav", {class: "row", "aria-label": "Sheets"}, link(number - 1, "← Previous"), link(number + 1, "Next →"))),
    element("div", {class: "viewer"}, element("div", {}, image, unseen), valuesOf(sheet.reading, path))));
  const keys = (event) => {
    if (event.target.matches("input, select") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowLeft" && number > 1) location.hash = to(number - 1);
    if (event.key === "ArrowRight" && number < batch.sheets_total) location.hash = to(number + 1);
  };
  document.addEventListener("keydown", keys);
  showImage();
  return () => document.removeEventListener("keydown", keys);
}
