// The whole way of a person through the dashboard with one exam: drop a PDF, watch, review with the keyboard, fix codes, apply, look
// at the analysis and download. The line is cut on the way, the server is killed in the middle of the review, and a second person
// reviews at the same time. Then a batch fails.
import assert from "node:assert/strict";
import {existsSync, readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertAccessible, assertQuiet, kCut, kEnter, kNotSignedIn, resize, sampleOf, signIn, visit} from "./dashboard_browser.mjs";
import {replyCutter} from "./reply_cutter.mjs";
import {SheaflineServer, demoPipelines, eventually, start} from "./sheafline_server.mjs";

const press = (browser, text) => browser.run(async (wanted) =>
  [...document.querySelectorAll("button, a.button")].find((button) => button.textContent.trim().startsWith(wanted)).click(), text);
const shownAnswer = (browser) => browser.run(async () => document.querySelector(".answer")?.dataset.key);

// A PDF with a page for each sample sheet; the codes of two pages are painted over. Their codes are returned.
async function scannedExam(server) {
  const truth = join(server.folder.path, "truth.json");
  const zip = await sampleOf(server, "exam", "--sheets", "24", "--profile", "hard", "--truth", truth);
  const sheets = JSON.parse(readFileSync(truth, "utf8"));
  const painted = ["scan-00005.jpg", "scan-00011.jpg"];
  const script = `
import io, sys, zipfile
from PIL import Image, ImageDraw
pages = []
source = zipfile.ZipFile(sys.argv[1])
for name in sorted(source.namelist()):
    page = Image.open(io.BytesIO(source.read(name))).convert("L")
    if name in sys.argv[3:]: ImageDraw.Draw(page).rectangle((930, 110, 1170, 330), fill=236)
    pages.append(page)
pages[0].save(sys.argv[2], save_all=True, append_images=pages[1:], resolution=150, quality=92)
`;
  const pdf = join(server.folder.path, "Final exam.pdf");
  const made = start("/usr/bin/python3", ["-c", script, zip, pdf, ...painted]);
  assert.equal(await made.end, 0, made.out);
  return {pdf, codes: painted.map((name) => sheets[name].qr)};
}

async function drop(browser, path) {
  for (const type of ["dragEnter", "dragOver", "drop"])
    await browser.send("POST", "/goog/cdp/execute", {cmd: "Input.dispatchDragEvent", params: {type, x: 300, y: 300, data: {items: [], files: [path], dragOperationsMask: 1}}});
}

async function decideAnswers(browser, count) {
  for (let i = 0; i < count; ++i) {
    const before = await shownAnswer(browser);
    await browser.press(i % 3 === 2 ? "-" : kEnter);
    await eventually(async () => await shownAnswer(browser) !== before, `the answer after ${before} was never shown`);
  }
}

test("from a dropped PDF to the scores, through a cut line, a killed server and a second reviewer", async (test) => {
  const server = await SheaflineServer.create({settings: demoPipelines()});
  const line = await replyCutter(server.port, () => Infinity);
  const admin = await Chromium.create();
  const berta = await Chromium.create();
  try {
    await server.addUser("berta", "reviewer", "a password of berta");
    const {pdf, codes} = await scannedExam(server);
    await signIn(admin, {...server, url: line.url, password: server.password});
    await admin.waitFor(".empty");
    const begun = Date.now();
    await drop(admin, pdf);
    await admin.waitFor(".drop", /1 file/);
    await assertAccessible(admin, "a dropped PDF");
    await admin.run(async () => {
      const select = document.querySelector("select[name=pipeline]");
      select.value = "omr-exam";
      select.dispatchEvent(new Event("change", {bubbles: true}));
    });
    await admin.type("input[name='param.exam']", "math");
    await admin.type("input[name=name]", "Final exam");
    await admin.click(".new-batch button.main");
    await admin.waitFor("h1", /^Final exam$/);

    line.open = false;
    line.cutAll();
    await admin.waitFor(".cut-banner", /No connection to the server since/);
    await assertAccessible(admin, "a cut line");
    line.open = true;
    await eventually(async () => !await admin.has(".cut-banner"), "the banner never went away");
    await admin.waitFor(".state", /completed/);
    await admin.waitFor(".verdict", /22 sheets read[^]*doubtful[^]*2 quarantined/);
    await assertAccessible(admin, "a batch that needs a review");
    await admin.screenshot("30-to-review");
    const [{batch_id: id}] = (await server.call("/api/batches?q=Final")).items;
    const answers = (await server.call(`/api/batches/${id}/answers?limit=1000`)).items;
    assert.ok(answers.length >= 24, `only ${answers.length} answers are doubtful`);
    await server.call(`/api/batches/${id}/shares`, {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify({users: ["berta"], everybody: false})});

    await press(admin, "Review");
    await admin.waitFor(".answer");
    await decideAnswers(admin, 10);
    test.diagnostic(`from the drop to the tenth decision: ${((Date.now() - begun) / 1000).toFixed(0)} s, with a cut line`);
    await server.crash();
    await admin.waitFor(".cut-banner");
    await decideAnswers(admin, 4);
    await admin.waitFor("#progress-text", /14 of .*being sent/);
    await server.start();
    await eventually(async () => !await admin.has(".cut-banner"), "the banner never went away");
    await admin.waitFor("#progress-text", /^14 of \d+ decided[^·]*$/);

    await signIn(berta, server, "berta", "a password of berta");
    await visit(berta, `#/batches/${id}/review?order=confidence`);
    await berta.waitFor("#progress-text", /^14 of/);
    await decideAnswers(berta, 2);
    await berta.waitFor("#progress-text", /^16 of \d+ decided[^·]*$/);
    await admin.waitFor("#progress-text", /^16 of/);
    await decideAnswers(admin, 6);
    await admin.waitFor("#progress-text", /^22 of/);
    await assertAccessible(admin, "the review");

    await press(admin, "2 quarantined sheets");
    for (const [i, code] of codes.entries()) {
      await admin.waitFor(".quarantine input[name=qr]");
      await admin.type(".quarantine input[name=qr]", code + kEnter);
      await admin.waitFor("#apply", new RegExp(`Apply ${23 + i} decisions`));
    }
    await press(admin, "Apply");
    await admin.waitFor("dialog[open]", /Apply 24 decisions/);
    await assertAccessible(admin, "the question before an apply");
    await admin.click("dialog .risky");
    await admin.waitFor("h1", /^Final exam$/);
    const ended = await eventually(async () => {
      const batch = await server.call("/api/batches/" + id);
      return batch.execution === 2 && batch.state === "completed" ? batch : null;
    }, "the apply never ended");
    assert.equal(ended.sheets_read, 24);
    assert.equal(ended.sheets_quarantined, 0);
    await admin.waitFor(".verdict", /24 sheets read/);
    const trail = (await server.call(`/api/batches/${id}/decisions?limit=1000`)).items.filter((one) => one.kind !== "undo");
    assert.equal(trail.length, 24);
    assert.equal(trail.filter((one) => one.user === "berta").length, 2);

    await press(admin, "Analysis");
    await admin.waitFor(".head", /24 sheets analyzed/);
    await assertAccessible(admin, "the analysis");
    await resize(admin, 360, 780);
    await admin.run(async () => { document.documentElement.dataset.theme = "dark"; });
    await assertAccessible(admin, "the analysis on a phone in dark colors");
    await visit(admin, "#/batches/" + id);
    await admin.waitFor(".files", /math\.xlsx/);
    await assertAccessible(admin, "the applied batch on a phone in dark colors");
    await admin.run(async () => { delete document.documentElement.dataset.theme; });
    await resize(admin, 1280, 900);
    await press(admin, "Download math.xlsx");
    const file = join(admin.folder.path, "math.xlsx");
    await eventually(() => existsSync(file), "the download never arrived");
    const rows = start("/usr/bin/python3", ["-c", "import sys, openpyxl; print(max(sheet.max_row for sheet in openpyxl.load_workbook(sys.argv[1])))", file]);
    assert.equal(await rows.end, 0, rows.out);
    assert.ok(Number(rows.out) >= 25, rows.out);

    const broken = join(server.folder.path, "broken.zip");
    writeFileSync(broken, "PK\u0003\u0004 this is no archive");
    await drop(admin, broken);
    await admin.waitFor(".drop", /1 file/);
    await admin.click(".new-batch button.main");
    await admin.waitFor(".state", /failed/);
    await admin.waitFor(".failure", /archive|ZIP/i);
    await assertAccessible(admin, "a batch that failed");
    await resize(admin, 360, 780);
    await assertAccessible(admin, "a batch that failed on a phone");
    await resize(admin, 1280, 900);
    await assertQuiet(admin, kNotSignedIn, kCut);
    await assertQuiet(berta, kNotSignedIn, kCut);
  } finally {
    await admin.remove();
    await berta.remove();
    line.close();
    await server.remove();
  }
});
