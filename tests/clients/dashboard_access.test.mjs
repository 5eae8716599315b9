// axe-core finds nothing on the pages of the dashboard, in light and dark, on a phone and on a large screen.
import assert from "node:assert/strict";
import {test} from "node:test";
import {assertAccessible, assertQuiet, finishedBatch, finishedExam, kNotSignedIn, resize, signIn, visit} from "./dashboard_browser.mjs";
import {chromium, server} from "./dashboard_site.mjs";

test("axe-core finds nothing on any page, in light and dark, on a phone and on a large screen", async () => {
  const id = await finishedBatch(server, "Mid-term", "--sheets", "40", "--bad-cases", "--profile", "hard");
  const exam = await finishedExam(server, "exam", "--sheets", "30");
  const quarantined = (await server.call(`/api/batches/${id}/sheets?state=quarantined`)).items.at(-1).sheet;
  const pages = [
    ["list", "#/", ".batches"], ["nothing", "#/?q=nothing-like-this", ".empty"], ["new", "#/new", ".new-batch"], ["batch", `#/batches/${id}`, ".files"],
    ["ignored", `#/batches/${id}?sheets=ignored`, ".sheets tbody tr"], ["queue", `#/batches/${id}/review`, ".answer"],
    ["contact", `#/batches/${id}/review?show=contact`, ".contact"], ["quarantined", `#/batches/${id}/review?show=quarantined`, ".quarantine"],
    ["results", `#/batches/${id}/results`, ".grid-table .rows .tr"], ["sheet", `#/batches/${id}/sheets/1`, ".reading"],
    ["quarantined sheet", `#/batches/${id}/sheets/${quarantined}`, ".viewer"], ["account", "#/account", ".sessions tbody tr"],
    ["analysis", `#/batches/${exam}/analysis`, ".histogram"], ["sheets behind a bar", `#/batches/${exam}/analysis?question=q1&value=A`, "#behind .sheet-links"],
    ["no analysis", `#/batches/${id}/analysis`, ".empty"], ["pipelines", "#/pipelines", ".pipeline .graph"], ["plugins", "#/plugins", "tbody tr"],
    ["users", "#/users", ".users tbody tr"], ["audit", "#/audit", ".audit tbody tr"], ["system", "#/system", ".system .facts"],
  ];
  await signIn(chromium, server);
  for (const [theme, width, height] of [["light", 1440, 900], ["dark", 360, 780], ["dark", 2560, 1440], ["light", 360, 780]]) {
    await resize(chromium, width, height);
    await chromium.run(async (name) => { localStorage.setItem("sheafline-theme", name); document.documentElement.dataset.theme = name; }, theme);
    for (const [name, hash, ready] of pages) {
      await visit(chromium, hash);
      await chromium.waitFor(ready);
      await chromium.screenshot(`page-${name}-${theme}-${width}`);
      await assertAccessible(chromium, `${name} (${theme}, ${width})`);
    }
  }
  await resize(chromium, 1280, 900);
  await chromium.run(async () => localStorage.removeItem("sheafline-theme"));
  await assertQuiet(chromium, kNotSignedIn, /image.* 404/, /analysis\.json.* 404/);
});

test("the sign-in page passes axe-core, and the switch changes the colors and is remembered", async () => {
  await signIn(chromium, server);
  await chromium.click("#sign-out");
  await chromium.waitFor(".sign-in");
  await assertAccessible(chromium, "sign in");
  const color = () => chromium.run(async () => getComputedStyle(document.body).backgroundColor);
  const seen = new Set();
  for (let i = 0; i < 3; ++i) {
    seen.add(await color());
    await chromium.click("button.theme");
  }
  assert.equal(seen.size, 2);
  await chromium.click("button.theme");
  await chromium.click("button.theme");
  const dark = await color();
  await chromium.send("POST", "/refresh", {});
  await chromium.waitFor(".sign-in");
  assert.equal(await color(), dark);
  await chromium.run(async () => localStorage.removeItem("sheafline-theme"));
  await chromium.complaints();
});
