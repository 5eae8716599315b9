// The lists of the dashboard at the size of a year: 1,200 batches, and a batch with 100,000 sheets. The history is filled with
// copies, because reading the sheets would take half an hour.
import assert from "node:assert/strict";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertAccessible, assertQuiet, finishedBatch, kNotSignedIn, signIn, visit} from "./dashboard_browser.mjs";
import {SheaflineServer, demoPipelines, eventually, sourceFolder, start} from "./sheafline_server.mjs";

const kBatches = 1_200;
const kSheets = 100_000;

let server;
let browser;
let large;

async function fill(what, batch, count) {
  const filled = start("python3", [join(sourceFolder, "tests/clients/fill_history.py"), join(server.folder.path, "sheafline-data/history.db"), what, batch, String(count)]);
  assert.equal(await filled.end, 0, filled.out);
}

before(async () => {
  server = await SheaflineServer.create({settings: demoPipelines()});
  large = await finishedBatch(server, "large", "--sheets", "200", "--dpi", "100");
  const small = await finishedBatch(server, "small", "--sheets", "2", "--dpi", "100");
  await server.process.stop();
  await fill("batches", small, kBatches);
  await fill("sheets", large, kSheets);
  await server.start();
  browser = await Chromium.create();
  await signIn(browser, server);
});
after(async () => {
  await browser?.remove();
  await server?.remove();
});

test("more than 1,000 batches scroll, and Back returns to the filter and to the place", async () => {
  const rows = () => browser.run(async () => document.querySelectorAll(".batches tbody tr").length);
  await visit(browser, "#/?state=completed");
  await browser.waitFor(".batches tbody tr");
  await eventually(async () => {
    await browser.run(async () => scrollTo(0, document.body.scrollHeight));
    return await rows() === kBatches + 2;
  }, `only ${await rows()} batches were shown`);
  await browser.run(async () => document.querySelectorAll(".batches tbody tr")[1_100].scrollIntoView({block: "center"}));
  const name = await browser.run(async () => document.querySelectorAll(".batches td.name a")[1_100].textContent);
  const y = await eventually(() => browser.run(async () => scrollY));
  assert.ok(y > 20_000, `the list has only ${y} pixels above`);
  await browser.run(async () => document.querySelectorAll(".batches td.name a")[1_100].click());
  await browser.waitFor("h1", new RegExp(`^${name}$`));
  await browser.send("POST", "/back", {});
  await eventually(async () => await browser.run(async () => scrollY) === y, "Back is at another place");
  assert.equal(await rows(), kBatches + 2);
  assert.equal(await browser.run(async () => document.querySelector("select[name=state]").value), "completed");
  const seen = await browser.run(async () => {
    const box = document.querySelectorAll(".batches tbody tr")[1_100].getBoundingClientRect();
    return box.top > 0 && box.bottom < innerHeight;
  });
  assert.ok(seen, "the row is not in view");
  await browser.run(async () => scrollTo(0, 0));
  await browser.type("input[name=q]", "Class 777");
  await eventually(async () => await rows() === 1, "the search never found one batch");
  await assertQuiet(browser, kNotSignedIn);
});

test("100,000 rows scroll to the end, and are searched, ordered and shown by chosen columns", async (test) => {
  await visit(browser, `#/batches/${large}/results`);
  await browser.waitFor(".grid-table .rows .tr .td:nth-child(3)", /\d/);
  const state = () => browser.run(async () => ({rows: document.querySelectorAll(".grid-table .rows .tr").length, height: document.querySelector(".rows").offsetHeight,
    last: [...document.querySelectorAll(".grid-table .rows .tr:not(.missing) .first")].at(-1)?.textContent}));
  assert.equal((await state()).height, kSheets * 30);
  const frames = await browser.run(async () => {
    const table = document.querySelector(".grid-table");
    const gaps = [];
    let last = performance.now();
    for (let i = 0; i < 150; ++i) {
      table.scrollTop += 1_500;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps.sort((a, b) => a - b);
  });
  test.diagnostic(`frames while 100,000 rows scroll: median ${frames[75].toFixed(0)} ms, slowest ${frames.at(-1).toFixed(0)} ms`);
  assert.ok((await state()).rows < 90, `${(await state()).rows} rows exist`);
  await browser.run(async () => { const table = document.querySelector(".grid-table"); table.scrollTop = table.scrollHeight; });
  await eventually(async () => (await state()).last === String(kSheets), "the last row was never shown");
  await browser.screenshot("40-end-of-100000");
  await assertAccessible(browser, "the end of 100,000 rows");

  const row = (await server.call(`/api/batches/${large}/results?after=98765&limit=1`)).items[0];
  const begun = Date.now();
  await browser.type("input[name=q]", row.student);
  await browser.waitFor(".head [role=status]", /^(200|500) rows/);
  test.diagnostic(`search of 100,000 rows: ${Date.now() - begun} ms`);
  await eventually(async () => {
    await browser.run(async () => { const table = document.querySelector(".grid-table"); table.scrollTop = table.scrollHeight; });
    return (await browser.text(".head [role=status]")).startsWith("500 rows");
  }, "the search never found all copies of a row");
  await browser.run(async () => {
    const select = document.querySelector("select[name=sort]");
    select.value = "confidence";
    select.dispatchEvent(new Event("change", {bubbles: true}));
  });
  await browser.waitFor(".grid-table .rows .tr .td:nth-child(3)", /\d/);
  await browser.click(".columns summary");
  await browser.run(async () => [...document.querySelectorAll(".columns label")].find((label) => label.textContent === "q1").click());
  await eventually(() => browser.run(async () => ![...document.querySelectorAll(".header .td")].some((cell) => cell.textContent === "q1")));
  await browser.run(async () => localStorage.removeItem("sheafline-columns"));
  await browser.click(".grid-table .rows .tr .first a");
  await browser.waitFor("h1", /^Sheet \d+ /);
  await browser.send("POST", "/back", {});
  await eventually(async () => await browser.run(async () => document.querySelector("input[name=q]")?.value) === row.student);
  await assertQuiet(browser, kNotSignedIn);
});
