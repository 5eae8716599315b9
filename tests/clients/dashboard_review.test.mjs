// The review in Chromium: one person with the keyboard, two at once, and a server that is killed in the middle.
import assert from "node:assert/strict";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertAccessible, assertQuiet, finishedBatch, kBackspace, kCut, kEnter, kNotSignedIn, sampleOf, signIn, visit} from "./dashboard_browser.mjs";
import {chromium, server} from "./dashboard_site.mjs";
import {SheaflineServer, demoPipelines, eventually, sourceFolder, start} from "./sheafline_server.mjs";

const pending = async (id) => (await server.call(`/api/batches/${id}/decisions?state=pending&limit=1000`)).items;
const shownAnswer = (browser) => browser.run(async () => document.querySelector(".answer")?.dataset.key);
const press = (browser, text) => browser.run(async (wanted) =>
  [...document.querySelectorAll("button")].find((button) => button.textContent.trim().startsWith(wanted)).click(), text);

async function openReview(browser, id, query = "") {
  await visit(browser, `#/batches/${id}/review${query}`);
  await browser.waitFor(".answer, .contact, .quarantine");
}

test("a person decides 20 doubtful answers with the keyboard alone and applies them", async () => {
  const id = await finishedBatch(server, "keyboard", "--sheets", "20", "--profile", "hard");
  const answers = (await server.call(`/api/batches/${id}/answers?limit=1000`)).items;
  assert.ok(answers.length >= 25, `only ${answers.length} answers`);
  await signIn(chromium, server);
  await visit(chromium, "#/batches/" + id);
  await chromium.waitFor(".verdict", new RegExp(`${answers.length} doubtful answers`));
  await openReview(chromium, id);
  const wanted = [];
  for (let i = 0; i < 20; ++i) {
    const answer = answers[i];
    await eventually(async () => await shownAnswer(chromium) === `${answer.sheet}:${answer.field}`, `answer ${i} was never shown`);
    const other = answer.alternatives.find((one) => one.value !== answer.value).value;
    const [key, value] = [[kEnter, answer.value], [other.toLowerCase(), other], ["-", ""]][i % 3];
    await chromium.press(key);
    wanted.push({sheet: answer.sheet, field: answer.field, value});
  }
  await chromium.waitFor("#progress-text", /^20 of/);
  await chromium.screenshot("10-review");
  // The last one was wrong.
  await chromium.press(kBackspace);
  await eventually(async () => await shownAnswer(chromium) === `${answers[19].sheet}:${answers[19].field}`);
  await chromium.press("=AB" + kEnter);
  wanted[19].value = "AB";
  await eventually(async () => (await pending(id)).filter((one) => one.kind !== "undo").length === 20, "the decisions were never stored");
  const stored = (await pending(id)).filter((one) => one.kind !== "undo");
  for (const one of wanted) assert.equal(stored.find((other) => other.sheet === one.sheet && other.field === one.field).value, one.value);

  await chromium.press(" ");
  await chromium.waitFor(".answer .frame");  // the whole page
  await chromium.waitFor("#apply", /Apply 20 decisions/);
  await chromium.click("#apply");
  await chromium.waitFor("dialog[open]", /Apply 20 decisions/);
  await chromium.run(async () => document.querySelector("dialog button").focus());
  await chromium.press(kEnter);
  await chromium.waitFor("h1", /^keyboard$/);
  await chromium.waitFor(".files", /decisions\.csv/);
  await chromium.waitFor(".verdict", new RegExp(`\\b${answers.length - 20} doubtful answers`));
  const rows = (await server.call(`/api/batches/${id}/results?limit=1000`)).items;
  for (const one of wanted) assert.equal(rows.find((row) => row.sheet === String(one.sheet))[one.field], one.value, `${one.sheet} ${one.field}`);
  await assertQuiet(chromium, kNotSignedIn);
});

test("a contact sheet confirms all answers of one kind but two", async () => {
  const id = await finishedBatch(server, "contact", "--sheets", "20", "--profile", "hard");
  const faint = (await server.call(`/api/batches/${id}/answers?flag=faint&limit=1000`)).items;
  await signIn(chromium, server);
  await openReview(chromium, id, "?show=contact&flag=faint");
  const shown = Math.min(50, faint.length);
  await eventually(() => chromium.run(async (count) => document.querySelectorAll(".tile").length === count, shown));
  await chromium.screenshot("11-contact");
  for (const place of [1, 3]) await chromium.run(async (at) => document.querySelectorAll(".tile > button")[at].click(), place);
  await chromium.waitFor("#confirm-all", new RegExp(`Confirm ${shown - 2} answers, leave 2 open`));
  await chromium.click("#confirm-all");
  await eventually(async () => (await pending(id)).length === shown - 2, "the decisions were never stored");
  const decided = new Set((await pending(id)).map((one) => `${one.sheet}:${one.field}`));
  for (const place of [1, 3]) assert.equal(decided.has(`${faint[place].sheet}:${faint[place].field}`), false);
  assert.ok((await pending(id)).every((one) => one.kind === "confirm"));
  await assertQuiet(chromium, kNotSignedIn);
});

test("quarantined sheets get a code or are discarded, and one apply makes that count", async () => {
  const id = await finishedBatch(server, "bad", "--sheets", "40", "--bad-cases");
  const before = await server.call("/api/batches/" + id);
  const quarantined = (await server.call(`/api/batches/${id}/sheets?state=quarantined`)).items;
  const good = (await server.call(`/api/batches/${id}/sheets?state=read&limit=1`)).items[0];
  const blank = quarantined.find((sheet) => /no QR code/.test(sheet.reason));
  assert.ok(blank, JSON.stringify(quarantined));
  await signIn(chromium, server);
  await openReview(chromium, id, "?show=quarantined");
  await chromium.waitFor(".sheet-picker", new RegExp(`\\b${blank.sheet}\\b`));
  await press(chromium, String(blank.sheet));
  await chromium.waitFor(".quarantine h2", new RegExp(`Sheet ${blank.sheet}$`));
  await eventually(() => chromium.run(async () => document.querySelector(".quarantine .frame img")?.naturalWidth > 100));
  await chromium.screenshot("12-quarantined");
  await chromium.type("input[name=qr]", "nonsense");
  await chromium.waitFor("#code-hint", /does not fit the pattern of codes yet/);
  await press(chromium, "Give this code");
  await chromium.waitFor("#error", /does not fit the pattern/);
  await chromium.run(async () => { const input = document.querySelector("input[name=qr]"); input.select(); });
  await chromium.press(good.qr.replace(/\d{4}$/, "9999") + kEnter);
  await chromium.waitFor("#apply", /Apply 1 decision/);
  const other = quarantined.find((sheet) => sheet !== blank);
  await press(chromium, String(other.sheet));
  await chromium.waitFor(".quarantine h2", new RegExp(`Sheet ${other.sheet}$`));
  await press(chromium, "Discard sheet");
  await chromium.waitFor("#apply", /Apply 2 decisions/);
  await chromium.click("#apply");
  await chromium.waitFor("dialog[open]");
  await chromium.click("dialog .risky");
  await chromium.waitFor("h1", /^bad$/);
  const now = await eventually(async () => {
    const batch = await server.call("/api/batches/" + id);
    return batch.execution === 2 && batch.state === "completed" ? batch : null;
  });
  assert.equal(now.sheets_discarded, before.sheets_discarded + 1);
  assert.ok(now.sheets_quarantined < before.sheets_quarantined);
  await assertQuiet(chromium, kNotSignedIn, /image.* 404/, /decisions.* 422/);
});

// A ZIP with four sheets, of which two were scanned once more.
async function scannedTwice() {
  const [all, again] = [await sampleOf(server, "all", "--sheets", "4"), await sampleOf(server, "again", "--sheets", "2", "--dpi", "200")];
  const both = join(server.folder.path, "both.zip");
  const join_zips = "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[3], 'w') as target:\n  for path, folder in ((sys.argv[1], ''), (sys.argv[2], 'again/')):\n    for name in zipfile.ZipFile(path).namelist():\n      if not name.endswith('/'): target.writestr(folder + name, zipfile.ZipFile(path).read(name))";
  const made = start("python3", ["-c", join_zips, all, again, both]);
  assert.equal(await made.end, 0, made.out);
  return readFileSync(both);
}

test("sheets that were scanned twice are shown with their page, and one of them is discarded", async () => {
  const {batch_id: id} = await server.call("/api/batches?pipeline=omr-batch&set.exam=math&name=twice", {method: "POST", headers: {"Content-Type": "application/zip"}, body: await scannedTwice()});
  await server.ended(id);
  await signIn(chromium, server);
  await openReview(chromium, id);
  await chromium.waitFor(".tabs", /4 flagged sheets/);
  await press(chromium, "4 flagged sheets");
  await chromium.waitFor(".quarantine", /The same sheet was scanned more than once/);
  assert.deepEqual(await chromium.run(async () => [...document.querySelectorAll(".sheet-picker button")].map((button) => button.textContent)), ["1", "2", "5", "6"]);
  await chromium.waitFor(".quarantine .drawing");
  await assertAccessible(chromium, "flagged sheets");
  await chromium.screenshot("12-flagged");
  await press(chromium, "Leave it as it is");
  await chromium.waitFor(".quarantine h2", /Sheet 2$/);
  await press(chromium, "5");
  await chromium.waitFor(".quarantine h2", /Sheet 5$/);
  await press(chromium, "Discard sheet");
  await chromium.waitFor("#apply", /Apply 1 decision/);
  await chromium.click("#apply");
  await chromium.waitFor("dialog[open]");
  await chromium.click("dialog .risky");
  await chromium.waitFor("h1", /^twice$/);
  const now = await eventually(async () => {
    const batch = await server.call("/api/batches/" + id);
    return batch.execution === 2 && batch.state === "completed" ? batch : null;
  });
  assert.equal(now.sheets_discarded, 1);
  assert.deepEqual((await server.call(`/api/batches/${id}/answers?question=sheet`)).items.map((one) => one.sheet), [2, 6]);
  await assertQuiet(chromium, kNotSignedIn);
});

test("codes of the class list are suggested while a person types, and the results are filtered by class", async () => {
  const template = join(sourceFolder, "pipelines/templates/demo-exam.yaml");
  const mine = await SheaflineServer.create({pipelines: {class: `name: class
params:
  input: {type: path, required: true}
stages:
  - {id: extract, uses: extract, with: {archive: "\${{ params.input }}"}}
  - {id: organize, uses: organize_qr, with: {pattern: "(?<exam>[A-Z0-9]+)-(?<class>[A-Z0-9]+)/(?<page>[0-9]+)/(?<student>[0-9]+)", group_by: "{exam}-{class}", on_unreadable: quarantine, template: ${template}}}
  - {id: process, uses: dispatch, with: {processor: omr, template: ${template}}}
  - {id: collect, uses: collect, with: {roster: class.csv}}
`}});
  const browser = await Chromium.create();
  try {
    writeFileSync(join(mine.folder.path, "pipelines/class.csv"), "id,name,class\n7139053,Ana,5A\n7146972,Ben,5A\n7154891,Cai,5A\n7162810,Dee,5A\n7202405,Eve,5C\n7194486,Fay,5A\n7210324,Gus,5A\n7139999,Max,5A\n7250001,Zoe,5B\n");
    const zip = await sampleOf(mine, "bad", "--sheets", "4", "--seed", "3", "--bad-cases");
    const {batch_id: id} = await mine.call("/api/batches?pipeline=class&name=listed", {method: "POST", headers: {"Content-Type": "application/zip"}, body: readFileSync(zip)});
    await mine.ended(id);
    await signIn(browser, mine);
    await openReview(browser, id, "?show=quarantined");
    await browser.waitFor(".sheet-picker button");
    await browser.run(async () => [...document.querySelectorAll(".sheet-picker button")].find((button) => button.textContent === "1").click());
    await browser.waitFor(".quarantine h2", /Sheet 1$/);
    await press(browser, "Suggest codes of the class list");
    await browser.waitFor(".near-codes li:nth-child(3)");
    await browser.type(".quarantine input[name=qr]", "MATH-5A/1/7139998");
    await browser.waitFor(".near-codes li:first-child", /MATH-5A\/1\/7139999[^]*Max, 5A/);
    await browser.waitFor(".near-codes li:nth-child(2)", /7139053[^]*Ana[^]*sheet 4 has it already/);
    await assertAccessible(browser, "suggested codes");
    await browser.screenshot("12-codes");
    await browser.click(".near-codes li:first-child button");
    assert.equal(await browser.run(async () => document.querySelector(".quarantine input[name=qr]").value), "MATH-5A/1/7139999");
    await press(browser, "Give this code");
    await browser.waitFor("#apply", /Apply 1 decision/);

    const hard = await sampleOf(mine, "hard", "--sheets", "8", "--seed", "3", "--profile", "hard");
    const {batch_id: doubts} = await mine.call("/api/batches?pipeline=class&name=doubts", {method: "POST", headers: {"Content-Type": "application/zip"}, body: readFileSync(hard)});
    await mine.ended(doubts);
    const answersOf = async (query) => (await mine.call(`/api/batches/${doubts}/answers?limit=1000${query}`)).items.filter((one) => !["sheet", "identity"].includes(one.field));
    const ofClass = await answersOf("&class=5A");
    assert.ok(ofClass.length > 0 && ofClass.length < (await answersOf("")).length);
    await openReview(browser, doubts);
    await browser.waitFor("input[name=class]");
    await browser.type("input[name=class]", "5A" + kEnter);
    await visit(browser, `#/batches/${doubts}/review?show=contact&class=5A`);
    await eventually(() => browser.run(async (count) => document.querySelectorAll(".tile").length === count, ofClass.length), "not the answers of the class");
    await visit(browser, `#/batches/${doubts}/review?show=contact&class=9Z`);
    await eventually(() => browser.run(async () => document.querySelectorAll(".tile").length === 0), "answers of other classes");

    await visit(browser, `#/batches/${id}/results`);
    await browser.waitFor("input[name=class]");
    const wanted = (await mine.call(`/api/batches/${id}/results?class=5C&limit=100`)).items.map((row) => row.sheet);
    assert.ok(wanted.length > 0);
    await browser.type("input[name=class]", "5C" + kEnter);
    await browser.waitFor(".head [role=status]", new RegExp(`^${wanted.length} row`));
    assert.deepEqual(await browser.run(async () => [...document.querySelectorAll(".grid-table .rows .first")].map((cell) => cell.textContent)), wanted);
    await assertQuiet(browser, kNotSignedIn, /image.* 404/);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});

test("the second of two reviewers learns what the first one decided, and may replace it", async () => {
  const id = await finishedBatch(server, "two", "--sheets", "10", "--profile", "hard");
  await server.addUser("berta", "reviewer", "a password of berta");
  const berta = await Chromium.create();
  try {
    await signIn(chromium, server);
    await signIn(berta, server, "berta", "a password of berta");
    await visit(chromium, "#/batches/" + id);
    await chromium.waitFor(".actions", /Share/);
    await press(chromium, "Share");
    await chromium.waitFor("dialog[open] input[name=users]");
    await chromium.press("berta" + kEnter);
    await chromium.waitFor(".notices", /shared with berta/);
    await visit(berta, "#/batches/" + id);
    await berta.waitFor(".actions", /Review/);
    assert.doesNotMatch(await berta.text(".actions"), /Remove|Share|Rename/, "a reviewer only decides");
    await openReview(chromium, id);
    await openReview(berta, id);
    const key = await shownAnswer(chromium);
    assert.equal(await shownAnswer(berta), key);
    await chromium.press("a");
    await eventually(async () => (await pending(id)).length === 1);
    await berta.press("b");
    await berta.waitFor(".conflict", /admin already decided that .* is “A”; you chose “B”/);
    await berta.screenshot("13-conflict");
    await press(berta, "Replace it with mine");
    await eventually(async () => (await pending(id)).some((one) => one.value === "B" && one.user === "berta"), "it was never replaced");
    await visit(chromium, "#/");
    await openReview(chromium, id);
    await chromium.waitFor("#progress-text", /^1 of/);
    assert.notEqual(await shownAnswer(chromium), key, "the queue goes past what another person decided");
    await assertQuiet(berta, kNotSignedIn, /decisions.* 409/);
  } finally {
    await berta.remove();
  }
});

test("after a kill of the server in the middle of a review no decision is lost", async () => {
  const mine = await SheaflineServer.create({settings: demoPipelines()});
  const browser = await Chromium.create();
  try {
    const id = await finishedBatch(mine, "killed", "--sheets", "20", "--profile", "hard");
    await signIn(browser, mine);
    await openReview(browser, id);
    await eventually(async () => /^0 of (\d{2,})/.test(await browser.text("#progress-text")));
    await browser.press(kEnter + kEnter + kEnter);
    await browser.waitFor("#progress-text", /^3 of \d+ decided[^·]*$/);
    await mine.crash();
    await browser.waitFor(".cut-banner", /No connection to the server since/);
    await browser.press(kEnter + kEnter + kEnter + kEnter);
    await browser.waitFor("#progress-text", /^7 of .*decisions? (is|are) being sent/);
    await browser.screenshot("14-cut");
    await mine.start();
    await eventually(async () => !await browser.has(".cut-banner"), "the banner never went away");
    await browser.waitFor("#progress-text", /^7 of \d+ decided[^·]*$/);
    const stored = (await mine.call(`/api/batches/${id}/decisions?state=pending`)).items;
    assert.equal(new Set(stored.map((one) => `${one.sheet}:${one.field}`)).size, 7);
    await assertQuiet(browser, kNotSignedIn, kCut);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});
