// Uses the dashboard as a person does, in Chromium. The console must have no message, so the page does not violate its
// policy. SHEAFLINE_TEST_SCREENSHOTS=FOLDER saves screenshots there.
import assert from "node:assert/strict";
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertQuiet, finishedBatch, kEnter, kNotSignedIn, kRight, kTab, sampleOf, signIn, visit} from "./dashboard_browser.mjs";
import {chromium, server} from "./dashboard_site.mjs";
import {SheaflineServer, demoPipelines, eventually, start} from "./sheafline_server.mjs";

test("a person signs in, uploads, watches until complete and downloads the CSV", async () => {
  await chromium.open(server.url + "/");
  await chromium.waitFor(".sign-in");
  await chromium.screenshot("1-sign-in");
  await chromium.type("input[name=username]", "admin");
  await chromium.type("input[name=password]", "wrong");
  await chromium.click(".sign-in button");
  await chromium.waitFor("#error", /user name or password is wrong/);
  await signIn(chromium, server);
  await chromium.waitFor(".empty", /no batches yet/);
  await chromium.screenshot("2-empty");

  await chromium.click(".empty .button");
  await chromium.waitFor("input[name=file]");
  await chromium.type("input[name=file]", await server.sample(60));
  await chromium.type("input[name='param.exam']", "math");
  await chromium.type("input[name=name]", "Mid-term");
  await chromium.type("textarea[name=labels]", "class=7B");
  await chromium.click(".new-batch button.main");
  await chromium.waitFor("h1", /^Mid-term$/);
  await chromium.waitFor(".state", /completed/);
  await chromium.waitFor(".verdict", /60 sheets read/);
  await chromium.waitFor(".tray", /Uploaded/);
  await chromium.screenshot("3-completed");
  const [batch] = (await server.call("/api/batches")).items;
  assert.deepEqual(batch.labels, {class: "7B"});
  const stages = await chromium.run(async () => [...document.querySelectorAll(".timeline li")].map((stage) => stage.dataset.state));
  assert.ok(stages.length >= 6 && stages.every((state) => state === "completed"), stages.join());
  await chromium.click("details.events summary");
  const events = await server.events(batch.batch_id);
  await eventually(() => chromium.run(async (count) => document.querySelectorAll(".log li").length === count, events.length));

  await chromium.click(".files a[download='math.csv']");
  const file = join(chromium.folder.path, "math.csv");
  await eventually(() => existsSync(file), "the CSV never arrived");
  assert.equal(readFileSync(file, "utf8").split("\n").length, 62);
  await assertQuiet(chromium, kNotSignedIn, /api\/auth\/login.* 401/);
});

// From a press of the right arrow to the frame that shows the next sheet with its drawing.
const msToNextDrawing = () => chromium.run(async () => {
  const rings = () => document.querySelector(".drawing .empty")?.getAttribute("d");
  const before = rings();
  const image = () => document.querySelector(".frame img");
  const src = image().src;
  const begun = performance.now();
  document.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
  while (image().src === src || !image().complete || !rings() || rings() === before)
    await new Promise(requestAnimationFrame);
  return performance.now() - begun;
});

test("a sheet is shown with its overlay, and the arrow keys show the next one", async (test) => {
  const id = await finishedBatch(server, "sheets", "--sheets", "30", "--profile", "hard");
  await signIn(chromium, server);
  await visit(chromium, `#/batches/${id}/sheets/1`);
  await chromium.waitFor(".state", /read/);
  await chromium.waitFor(".values", /student\s+\d{7}/);
  await eventually(() => chromium.run(async () => {
    const image = document.querySelector(".frame img");
    return image.complete && image.naturalWidth > 1000 && image.src.endsWith("/image") && document.querySelector(".frame .drawing .marked");
  }));
  const {reading} = await server.call(`/api/batches/${id}/sheets/1?places=1`);
  const drawn = await chromium.run(async () => ({
    labels: [...document.querySelectorAll(".drawing text")].map((label) => label.textContent), box: document.querySelector(".drawing").getBoundingClientRect().toJSON(),
    image: document.querySelector(".frame img").getBoundingClientRect().toJSON(), first: document.querySelector(".drawing path.marked").getBBox().x,
  }));
  assert.deepEqual(drawn.box, drawn.image, "the drawing covers the image");
  assert.deepEqual(drawn.labels.filter((label) => /^[A-E]$/.test(label)), reading.places.fields.filter((field) => /^[A-E]$/.test(field.value) && field.flag === "ok").map((field) => field.value));
  assert.ok(drawn.first > 0);
  await chromium.waitFor("figcaption", /^q\d+: (faint|several marks|erased)$/);  // a doubtful answer, as it is on the paper
  await eventually(() => chromium.run(async () => document.querySelector("figure img").naturalWidth > 100));
  await chromium.screenshot("4-overlay");
  await chromium.press("o");
  await eventually(async () => !await chromium.has(".drawing"), "the drawing was never hidden");
  await chromium.press("o");
  await chromium.waitFor(".drawing");
  await chromium.press(kRight);
  await chromium.waitFor("h1", /^Sheet 2 /);
  const times = [];
  for (let sheet = 3; sheet <= 12; ++sheet) {
    await eventually(() => chromium.run(async (place) => document.querySelector(".frame img").src.includes(place) && document.querySelector(".drawing") !== null, `/sheets/${sheet - 1}/`));
    times.push(await msToNextDrawing());
  }
  times.sort((a, b) => a - b);
  test.diagnostic(`the next sheet with its drawing: median ${times[5].toFixed(0)} ms, slowest ${times.at(-1).toFixed(0)} ms`);
  await chromium.waitFor(".frame img");
  await chromium.click(".zoom-buttons button");
  assert.ok(await chromium.has(".frame.zoomed"));
  await assertQuiet(chromium, kNotSignedIn);
});

test("a sheet that an older program read is drawn by the server", async () => {
  const mine = await SheaflineServer.create({settings: demoPipelines()});
  const browser = await Chromium.create();
  try {
    const id = await finishedBatch(mine, "older", "--sheets", "2");
    const forget = "import sqlite3, sys; history = sqlite3.connect(sys.argv[1], timeout=30); history.execute(\"UPDATE readings SET evidence = replace(evidence, '\\\"size\\\"', '\\\"once\\\"')\"); history.commit()";
    const changed = start("python3", ["-c", forget, join(mine.folder.path, "sheafline-data/history.db")]);
    assert.equal(await changed.end, 0, changed.out);
    await signIn(browser, mine);
    await visit(browser, `#/batches/${id}/sheets/1`);
    await eventually(() => browser.run(async () => {
      const image = document.querySelector(".frame img");
      return image?.complete && image.naturalWidth > 1000 && image.src.endsWith("?overlay=1");
    }), "the picture of the server was never shown");
    assert.equal(await browser.has(".drawing"), false);
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});

test("a page that lies on its side is shown upright, with the drawing on its bubbles", async () => {
  const mine = await SheaflineServer.create({settings: demoPipelines()});
  const browser = await Chromium.create();
  try {
    const zip = await sampleOf(mine, "side", "--sheets", "3");
    const turned = join(mine.folder.path, "turned.zip");
    const turn = "import io, sys, zipfile; from PIL import Image\nsource = zipfile.ZipFile(sys.argv[1]); target = zipfile.ZipFile(sys.argv[2], 'w')\nfor i, name in enumerate(n for n in source.namelist() if n.lower().endswith(('.jpg', '.jpeg', '.png'))):\n  out = io.BytesIO(); Image.open(io.BytesIO(source.read(name))).rotate(90 * (i + 1), expand=True).save(out, 'PNG'); target.writestr(name.rsplit('.', 1)[0] + '.png', out.getvalue())\ntarget.close()";
    const made = start("/usr/bin/python3", ["-c", turn, zip, turned]);
    assert.equal(await made.end, 0, made.out);
    const {batch_id: id} = await mine.call("/api/batches?pipeline=omr-batch&set.exam=math&name=side", {method: "POST", headers: {"Content-Type": "application/zip"}, body: readFileSync(turned)});
    await mine.ended(id);
    await signIn(browser, mine);
    for (const sheet of [1, 2, 3]) {
      await visit(browser, `#/batches/${id}/sheets/${sheet}`);
      await eventually(() => browser.run(async (place) => document.querySelector(".frame img")?.src.includes(place) && document.querySelector(".drawing"), `/sheets/${sheet}/`));
      const boxes = await browser.run(async () => ["img", ".drawing"].map((name) => document.querySelector(".frame " + name).getBoundingClientRect()).map(({x, y, width, height}) => [x, y, width, height].map(Math.round)));
      assert.deepEqual(boxes[0], boxes[1], "the drawing covers the image");
      assert.ok(boxes[0][3] > boxes[0][2], "the page is upright");
      const frame = await browser.run(async () => Math.round(document.querySelector(".frame").getBoundingClientRect().width));
      assert.ok(Math.abs(frame - boxes[0][2]) <= 3, `the page has ${boxes[0][2]} of ${frame} pixels`);
      const {reading} = await mine.call(`/api/batches/${id}/sheets/${sheet}?places=1`);
      assert.equal(reading.places.quarter_turns, 4 - sheet);
      await browser.screenshot("4-turned-" + sheet);
    }
    await assertQuiet(browser, kNotSignedIn);
  } finally {
    await browser.remove();
    await mine.remove();
  }
});

test("a person renames a batch, changes its labels, and removes it", async () => {
  const id = await finishedBatch(server, "wrong name", "--sheets", "3");
  await signIn(chromium, server);
  await visit(chromium, "#/batches/" + id);
  await chromium.waitFor(".actions", /Rename/);
  const press = (text) => chromium.run(async (wanted) => [...document.querySelectorAll("button")].find((button) => button.textContent.trim() === wanted).click(), text);
  await press("Rename");
  await chromium.waitFor("dialog[open] input[name=name]");
  await chromium.run(async () => { document.querySelector("dialog input").value = document.querySelector("dialog textarea").value = ""; });
  await chromium.type("dialog input[name=name]", "Final exam");
  await chromium.type("dialog textarea", "not a label");
  await chromium.click("dialog button.main");
  assert.match(await chromium.run(async () => document.querySelector("dialog textarea").validationMessage), /write key=value/);
  await chromium.run(async () => { document.querySelector("dialog textarea").value = ""; });
  await chromium.type("dialog textarea", "class=8A");
  await chromium.click("dialog button.main");
  await chromium.waitFor("h1", /^Final exam$/);
  assert.deepEqual((await server.call("/api/batches/" + id)).labels, {class: "8A"});
  await press("Remove batch");
  await chromium.waitFor("dialog[open]", /Final exam/);
  await chromium.click("dialog button.risky");
  await chromium.waitFor("h1", /^Batches$/);
  await assert.rejects(server.call("/api/batches/" + id), /404/);
  await assertQuiet(chromium, kNotSignedIn);
});

test("the keyboard alone signs in, opens a batch and cancels it, and a failed batch says why", async () => {
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
    await browser.waitFor(`#batch-${batch} .now`, /waiting/);
    await browser.screenshot("5-list");
    await browser.run(async (id) => document.querySelector(`#batch-${id} a`).focus(), batch);
    await browser.press(kEnter);
    await browser.waitFor("button.risky", /Cancel/);
    await browser.run(async () => document.querySelector("button.risky").focus());
    await browser.press(kEnter);
    await browser.waitFor("dialog[open]");
    await browser.screenshot("6-question");
    assert.equal(await browser.run(async () => document.activeElement.textContent), "Keep running", "Enter alone does not cancel");
    await browser.run(async () => document.querySelector("dialog button").focus());
    await browser.press(kEnter);
    await browser.waitFor(".state", /cancelled/);
    await visit(browser, "#/batches/" + failed);
    await browser.waitFor(".failure", /the probe failed as asked/);
    await browser.waitFor(".actions", /Retry from the stage that stopped/);
    await browser.screenshot("7-failed");
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
    await visit(browser, "#/batches/" + batch);
    await browser.waitFor(".state", /completed/);
    const events = await probes.events(batch);
    await browser.waitFor(".events summary", new RegExp(`\\b${events.length} events`));
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
    await browser.screenshot("8-first-password");
    await browser.press(fresh.password + kTab + "qwertyuiop" + kTab + "qwertyuiop" + kEnter);
    await browser.waitFor("#error", /common/);
    await browser.run(async () => { document.querySelector("input[name=new]").value = document.querySelector("input[name=again]").value = ""; });
    await browser.type("input[name=new]", "a better password");
    await browser.type("input[name=again]", "a better password");
    await browser.press(kEnter);
    await browser.waitFor(".sessions tbody td", /127\.0\.0\.1/);
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
    await browser.run(async () => document.querySelector(".tokens form").requestSubmit());
    await browser.waitFor(".new-token code", /^sft_/);
    await browser.screenshot("9-account");
    const token = await browser.text(".new-token code");
    const get = (path, text) => fetch(mine.url + path, {headers: {Authorization: "Bearer " + text}});
    assert.equal((await get("/api/batches", token)).status, 200);
    assert.equal((await get("/api/users", token)).status, 403);
    await browser.waitFor(".tokens tbody .risky");
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
