// Uses the dashboard as a person does, in Chromium. The console must have no message, so the page does not violate its
// policy. SHEAFLINE_TEST_SCREENSHOTS=FOLDER saves screenshots there.
import assert from "node:assert/strict";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, demoPipelines, eventually, start} from "./sheafline_server.mjs";

const kTab = "\uE004";
const kEnter = "\uE007";

let server;
let chromium;
let completed;  // the batch of the first test
before(async () => {
  server = await SheaflineServer.create({settings: demoPipelines()});
  chromium = await Chromium.create();
});
after(async () => {
  await chromium?.remove();
  await server?.remove();
});

async function signIn(browser, at = server) {
  await browser.send("DELETE", "/cookie");
  await browser.open(at.url + "/");
  await browser.send("POST", "/refresh", {});
  await browser.waitFor(".sign-in");
  await browser.type("input[name=username]", "admin");
  await browser.type("input[name=password]", at.password);
  await browser.click(".sign-in button");
  await browser.waitFor("#who", /admin/);
}

// The console also lists requests that the test expects to be rejected.
async function assertQuiet(browser, ...expected) {
  const complaints = await browser.complaints();
  assert.deepEqual(complaints.filter((text) => !expected.some((pattern) => pattern.test(text))), []);
}

const kNotSignedIn = /api\/auth\/session .* 401/;

// Good sheets, and sheets that cannot be read.
async function badSample() {
  const file = join(server.folder.path, "bad.zip");
  const made = start(join(process.env.SHEAFLINE_TEST_BINARY_DIR, "bin/sheafline"),
                     ["sample", "--sheets", "60", "--bad-cases", "--out", file]);
  assert.equal(await made.end, 0, made.out);
  return file;
}

test("a person signs in, uploads, watches until complete and downloads the CSV", async () => {
  await chromium.open(server.url + "/");
  await chromium.waitFor(".sign-in");
  await chromium.screenshot("1-sign-in");
  await chromium.type("input[name=username]", "admin");
  await chromium.type("input[name=password]", "wrong");
  await chromium.click(".sign-in button");
  await chromium.waitFor("#error", /user name or password is wrong/);
  await signIn(chromium);
  await chromium.waitFor(".empty", /No batches found/);
  await chromium.screenshot("2-empty");

  await chromium.type("input[name=file]", await server.sample(60));
  await chromium.type("input[name='param.exam']", "math");
  await chromium.click("form.card button.main");
  await chromium.waitFor("h1", /^[0-9a-f-]{36}$/);
  const batch = await chromium.text("h1");
  completed = batch;
  await chromium.waitFor(".stages tbody tr td:nth-child(2)", /running|completed/);
  await chromium.screenshot("3-running");
  await chromium.waitFor(".state", /completed/);
  await chromium.waitFor("a[download='math.csv']");
  await chromium.screenshot("4-completed");
  assert.equal(await chromium.run(async () => document.querySelector("progress.large").value), 100);
  const events = await server.events(batch);
  assert.equal(await chromium.run(async () => document.querySelectorAll(".log li").length), events.length);

  await chromium.click("a[download='math.csv']");
  const file = join(chromium.folder.path, "math.csv");
  await eventually(() => existsSync(file), "the CSV never arrived");
  assert.equal(readFileSync(file, "utf8").split("\n").length, 62);
  await assertQuiet(chromium, kNotSignedIn, /api\/auth\/login.* 401/);
});

test("quarantined sheets are shown with image and overlay, and a person decides about one", async () => {
  await signIn(chromium);
  await chromium.type("input[name=file]", await badSample());
  await chromium.click("form.card button.main");
  await chromium.waitFor(".state", /completed|failed/);
  await chromium.waitFor("a[href*='/sheets/']");
  await chromium.screenshot("5-quarantined");
  const before = Number(await chromium.text("dl.facts div:nth-child(2) dd"));
  await chromium.click("a[href*='/sheets/']");
  await chromium.waitFor(".state", /quarantined/);
  await chromium.screenshot("6-sheet");
  await chromium.click("button.risky");
  await chromium.waitFor("h1", /^[0-9a-f-]{36}$/);
  await eventually(async () => (await chromium.text("dl.facts")).includes("Execution"));
  await eventually(async () => /completed|failed/.test(await chromium.text(".state")) && await chromium.has("a[href*='/sheets/']"));
  assert.equal(await chromium.run(async () => document.querySelectorAll("a[href*='/sheets/']").length), before - 1);

  await chromium.run(async (id) => { location.hash = `#/batches/${id}/sheets/1`; }, completed);
  await chromium.waitFor(".state", /read/);
  await chromium.waitFor(".viewer dl", /student\s+\d{7}/);
  await eventually(() => chromium.run(async () => {
    const image = document.querySelector(".viewer img");
    return image.complete && image.naturalWidth > 1000 && image.src.endsWith("?overlay=1");
  }));
  await chromium.waitFor("figcaption", /^q\d+: (faint|multiple|erased)$/);  // a doubtful answer, as it is on the paper
  await eventually(() => chromium.run(async () => document.querySelector("figure img").naturalWidth > 100));
  await chromium.screenshot("7-overlay");
  await chromium.press("\uE014");  // the right arrow
  await chromium.waitFor("h1", /^Sheet 2: /);
  await assertQuiet(chromium, kNotSignedIn, /image.* 404/);
});

test("the keyboard alone signs in, opens a batch and cancels it; a failed one says why", async () => {
  const probes = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    await browser.open(probes.url + "/");
    await browser.waitFor(".sign-in");
    await browser.press("admin" + kTab + probes.password + kEnter);
    await browser.waitFor("#who", /admin/);
    const failed = await probes.batch("fails");
    const batch = await probes.batch("waits");
    await browser.waitFor(`#batch-${batch} .state`, /running/);
    await browser.waitFor(`#batch-${failed} .state`, /failed/);
    await browser.waitFor(`#batch-${batch} td:nth-child(4)`, /waiting/);
    await browser.screenshot("8-list");
    await browser.run(async (id) => document.querySelector(`#batch-${id} a`).focus(), batch);
    await browser.press(kEnter);
    await browser.waitFor("button.risky", /Cancel/);
    await browser.run(async () => document.querySelector("button.risky").focus());
    await browser.press(kEnter);
    await browser.waitFor("dialog[open]");
    await browser.screenshot("9-question");
    assert.equal(await browser.run(async () => document.activeElement.textContent), "Keep running", "Enter alone does not cancel");
    await browser.run(async () => document.querySelector("dialog button").focus());
    await browser.press(kEnter);
    await browser.waitFor(".state", /cancelled/);
    await browser.open(`${probes.url}/#/batches/${failed}`);
    await browser.waitFor(".failure", /the probe failed as asked/);
    await browser.screenshot("10-failed");
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await probes.remove();
  }
});

test("without event streams the dashboard polls, and sees the batch to its end", async () => {
  const probes = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    await browser.beforeEachPage("delete window.EventSource");
    await signIn(browser, probes);
    const batch = await probes.batch("slow");
    await browser.open(`${probes.url}/#/batches/${batch}`);
    await browser.waitFor(".state", /completed/);
    const count = () => browser.run(async () => document.querySelectorAll(".log li").length);
    const events = await probes.events(batch);
    await eventually(async () => await count() === events.length);
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await probes.remove();
  }
});

test("the first password must be changed, by keyboard too, before anything else is shown", async () => {
  const fresh = await SheaflineServer.create({first: true});
  const browser = await Chromium.create();
  try {
    await browser.open(fresh.url + "/#/account");
    await browser.waitFor(".sign-in");
    await browser.press("admin" + kTab + fresh.password + kEnter);
    await browser.waitFor(".password p", /only you know/);
    assert.equal(await browser.has(".sessions"), false);
    await browser.screenshot("11-first-password");
    await browser.press(fresh.password + kTab + "qwertyuiop" + kTab + "qwertyuiop" + kEnter);
    await browser.waitFor("#error", /common/);
    await browser.run(async () => { document.querySelector("input[name=new]").value = document.querySelector("input[name=again]").value = ""; });
    await browser.type("input[name=new]", "a better password");
    await browser.type("input[name=again]", "a better password");
    await browser.press(kEnter);
    await browser.waitFor(".sessions td", /127\.0\.0\.1/);
    assert.equal(await browser.has(".password p"), false);
    await assertQuiet(browser, kNotSignedIn, /api\/auth\/password .* 422/);
  } finally {
    await browser.remove();
    await fresh.remove();
  }
});

test("a person makes a token, sees it once, and ends another session", async () => {
  const mine = await SheaflineServer.create();
  const browser = await Chromium.create();
  try {
    await signIn(browser, mine);
    await browser.click("#who");
    await browser.waitFor(".tokens form");
    await browser.type(".tokens input[name=name]", "nightly");
    await browser.click(".tokens form button");
    await browser.waitFor(".new-token code", /^sft_/);
    await browser.screenshot("12-account");
    const token = await browser.text(".new-token code");
    const get = (path, text) => fetch(mine.url + path, {headers: {Authorization: "Bearer " + text}});
    assert.equal((await get("/api/batches", token)).status, 200);
    assert.equal((await get("/api/users", token)).status, 403);
    await browser.click(".tokens tbody .risky");
    await browser.waitFor("dialog[open]");
    await browser.click("dialog button");
    await eventually(async () => !await browser.has(".tokens tbody tr"));
    assert.equal((await get("/api/batches", token)).status, 401);

    assert.equal((await get("/api/auth/session", mine.token)).status, 200);
    await browser.click(".sessions tbody .risky");
    await browser.waitFor("dialog[open]");
    await browser.click("dialog button");
    await eventually(async () => (await get("/api/auth/session", mine.token)).status === 401);
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});
