// The lists of the dashboard in Chromium: filters and the scroll position survive Back, and long tables keep few rows. Streams
// survive what happens to pages.
import assert from "node:assert/strict";
import {test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertQuiet, finishedBatch, kCut, kNotSignedIn, setHidden, signIn, visit} from "./dashboard_browser.mjs";
import {chromium, server} from "./dashboard_site.mjs";
import {SheaflineServer, eventually} from "./sheafline_server.mjs";

test("filters are in the address, and Back returns to the same filter and place in a long list", async () => {
  const many = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    const slow = await many.batch("slow");
    await many.ended(slow);
    for (let i = 0; i < 130; ++i) await many.batch("fails");
    await eventually(async () => (await many.call("/api/batches?state=failed&limit=1000")).items.length === 130);
    await signIn(browser, many);
    await browser.waitFor(".batches tbody tr");
    await visit(browser, "#/?state=failed&sort=oldest");
    const rows = () => browser.run(async () => document.querySelectorAll(".batches tbody tr").length);
    await eventually(async () => await rows() === 100);
    await browser.run(async () => scrollTo(0, document.body.scrollHeight));
    await eventually(async () => await rows() === 130, "the rest of the list never came");
    await browser.run(async () => document.querySelectorAll(".batches tbody tr")[120].scrollIntoView({block: "center"}));
    const y = await eventually(() => browser.run(async () => scrollY));
    await browser.run(async () => document.querySelectorAll(".batches td.name a")[120].click());
    await browser.waitFor(".hero");
    await browser.send("POST", "/back", {});
    await eventually(async () => await browser.run(async () => scrollY) === y, "Back is at another place");
    assert.equal(await rows(), 130);
    assert.equal(await browser.run(async () => document.querySelector("select[name=state]").value), "failed");
    await browser.run(async () => scrollTo(0, 0));
    await visit(browser, "#/");
    await browser.waitFor("input[name=q]");
    await browser.type("input[name=q]", slow.slice(0, 13));
    await eventually(async () => await rows() === 1);
    assert.match(await browser.run(async () => location.hash), new RegExp("q=" + slow.slice(0, 13)));
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await many.remove();
  }
});

test("the results show only the rows in view, and search, order and columns work", async () => {
  const id = await finishedBatch(server, "results", "--sheets", "400", "--profile", "hard", "--dpi", "100");
  await signIn(chromium, server);
  await visit(chromium, `#/batches/${id}/results`);
  await chromium.waitFor(".grid-table .rows .tr .td:nth-child(3)", /\d/);
  const state = () => chromium.run(async () => ({
    rows: document.querySelectorAll(".grid-table .rows .tr").length, height: document.querySelector(".rows").offsetHeight,
    flagged: document.querySelectorAll(".td.flagged").length, text: document.querySelector(".rows").innerText,
  }));
  const first = await state();
  assert.equal(first.height, 400 * 30);
  assert.ok(first.rows < 80, `${first.rows} rows exist`);
  assert.ok(first.flagged > 0);
  await chromium.run(async () => { const table = document.querySelector(".grid-table"); table.scrollTop = table.scrollHeight; });
  await eventually(async () => /\b400\b/.test((await state()).text) && (await state()).rows < 80);
  const row = (await server.call(`/api/batches/${id}/results?after=398&limit=1`)).items[0];
  await chromium.type("input[name=q]", row.student);
  await eventually(async () => (await state()).height === 30, "the search never found one row");
  await chromium.click(".grid-table .rows .tr");
  await chromium.waitFor("h1", /^Sheet 399 /);
  await chromium.send("POST", "/back", {});
  await eventually(async () => await chromium.run(async () => document.querySelector("input[name=q]")?.value) === row.student);
  await chromium.click(".columns summary");
  await chromium.run(async () => [...document.querySelectorAll(".columns label")].find((label) => label.textContent === "q1").click());
  await eventually(() => chromium.run(async () => ![...document.querySelectorAll(".header .td")].some((cell) => cell.textContent === "q1")));
  await chromium.run(async () => localStorage.removeItem("sheafline-columns"));
  await assertQuiet(chromium, kNotSignedIn);
});

test("the list follows the batches by one stream, and is fetched again after a restart and in a tab that was hidden", async () => {
  const probes = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    await signIn(browser, probes);
    await browser.waitFor(".empty");
    const lists = () => browser.run(async () => performance.getEntriesByType("resource").filter((entry) => /\/api\/batches\?/.test(entry.name)).length);
    const streams = async () => Number((await (await fetch(probes.url + "/metrics", {headers: probes.authorization})).text()).match(/^sheafline_list_streams (\d+)/m)[1]);
    await eventually(async () => await streams() === 1, "the page never opened its stream");
    await eventually(async () => await lists() >= 2, "the list is never fetched after the stream has opened");
    const before = await lists();
    const failed = await probes.batch("fails");
    await browser.waitFor(`#batch-${failed} .state`, /failed/);
    const waits = await probes.batch("waits");
    await browser.waitFor(`#batch-${waits} .state`, /running/);
    await browser.waitFor(`#batch-${waits} .now`, /waiting/);
    assert.deepEqual(await browser.run(async () => [...document.querySelectorAll(".batches tbody tr")].map((row) => row.id)), [waits, failed].map((id) => "batch-" + id));
    assert.equal(await lists() - before <= 1, true, `the list was fetched ${await lists() - before} times for two batches`);

    await setHidden(browser, true);
    await eventually(async () => await streams() === 0, "a hidden tab keeps its stream");
    await probes.call(`/api/batches/${waits}/cancel`, {method: "POST"});
    await probes.ended(waits);
    await setHidden(browser, false);
    await browser.waitFor(`#batch-${waits} .state`, /cancelled/);
    await eventually(async () => await streams() === 1);
    await probes.crash();
    await browser.waitFor(".cut-banner");
    await probes.start();
    const late = await probes.batch("fails");
    await browser.waitFor(`#batch-${late} .state`, /failed/);
    await probes.call("/api/batches/" + failed, {method: "DELETE"});
    await eventually(async () => !await browser.has("#batch-" + failed), "a removed batch stays in the list");
    await assertQuiet(browser, kNotSignedIn, kCut);
  } finally {
    await browser.remove();
    await probes.remove();
  }
});

test("a hidden tab closes its stream, and a visible one continues without a gap", async () => {
  const probes = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    await signIn(browser, probes);
    const batch = await probes.batch("waits");
    await visit(browser, "#/batches/" + batch);
    const streams = async () => (await probes.call("/api/system")).streams;
    await eventually(async () => await streams() === 1, "the page never opened a stream");
    await setHidden(browser, true);
    await eventually(async () => await streams() === 0, "a hidden tab keeps its stream");
    await probes.call(`/api/batches/${batch}/cancel`, {method: "POST"});
    await probes.ended(batch);
    await setHidden(browser, false);
    await browser.waitFor(".state", /cancelled/);
    const events = await probes.events(batch);
    await browser.waitFor(".events summary", new RegExp(`\\b${events.length} events`));
  } finally {
    await browser.remove();
    await probes.remove();
  }
});
