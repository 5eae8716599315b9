// The pages that are not about one batch's progress: the analysis of an exam, pipelines, users, audit and system; and seven tabs.
import assert from "node:assert/strict";
import {existsSync, readFileSync, readdirSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {join} from "node:path";
import {test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {assertAccessible, assertQuiet, finishedExam, kEnter, kNotSignedIn, signIn, visit} from "./dashboard_browser.mjs";
import {chromium, server} from "./dashboard_site.mjs";
import {SheaflineServer, eventually, start} from "./sheafline_server.mjs";

const freePort = () => new Promise((resolve) => {
  const listener = createServer().listen(0, "127.0.0.1", () => {
    const {port} = listener.address();
    listener.close(() => resolve(port));
  });
});
const press = (browser, text, within = "body") => browser.run(async (wanted, place) =>
  [...document.querySelector(place).querySelectorAll("button")].find((button) => button.textContent.trim() === wanted).click(), text, within);
const ofExam = async (id) => (await server.call(`/api/batches/${id}/results?limit=1000`)).items.filter((row) => row.status === "read");

let exam;

test("the analysis shows the sheets behind each bar and each answer", async () => {
  exam = await finishedExam(server, "exam", "--sheets", "60");
  const rows = await ofExam(exam);
  const analysis = await server.call(`/api/batches/${exam}/artifacts/analysis.json`);
  await signIn(chromium, server);
  await visit(chromium, "#/batches/" + exam);
  await chromium.waitFor(".actions", /Analysis/);
  await chromium.run(async () => [...document.querySelectorAll(".actions a")].find((link) => link.textContent === "Analysis").click());
  await chromium.waitFor(".head", /60 sheets analyzed/);
  assert.equal(await chromium.run(async () => document.querySelectorAll(".scatter .dot").length), analysis.questions.filter((one) => one.item_rest !== null).length);
  assert.equal(await chromium.run(async () => document.querySelectorAll(".questions tbody tr").length), analysis.questions.length);

  const bar = analysis.exam.histogram.reduce((most, one) => one.count > most.count ? one : most);
  await chromium.click(`.histogram a[href*="from=${bar.from}&"]`);
  await chromium.waitFor("#behind", new RegExp(`\\b${bar.count} sheets?\\b`));
  const shown = await chromium.run(async () => [...document.querySelectorAll("#behind li a")].map((link) => link.hash.split("/").pop()));
  assert.deepEqual(shown, rows.filter((row) => Number(row.score) >= bar.from && Number(row.score) < bar.to).map((row) => row.sheet));

  const [question] = analysis.questions;
  for (const answer of question.answers.filter((one) => one.count > 0).slice(0, 3)) {
    await visit(chromium, `#/batches/${exam}/analysis?question=${question.name}&` + (answer.kind === "blank" ? "blank=1" : `value=${answer.value}`));
    await chromium.waitFor("#behind [role=status]", new RegExp(`^${answer.count} sheets?$`));
  }
  await chromium.screenshot("18-analysis");
  await chromium.click("#behind li a");
  await chromium.waitFor("h1", /^Sheet \d+/);
  await assertQuiet(chromium, kNotSignedIn);
});

test("the rows that the table shows are saved as a CSV file, and everything of a batch as one ZIP", async () => {
  const rows = await ofExam(exam);
  const {group} = rows[0];
  await visit(chromium, `#/batches/${exam}/results?q=${encodeURIComponent(group)}`);
  await chromium.waitFor(".grid-table .rows .tr");
  const wanted = rows.filter((row) => Object.values(row).some((value) => value.includes(group)));
  await chromium.waitFor(".head [role=status]", new RegExp(`^${wanted.length} rows`));
  await press(chromium, "Download these rows");
  const file = join(chromium.folder.path, "exam.csv");
  await eventually(() => existsSync(file), "the rows were never saved");
  const lines = readFileSync(file, "utf8").trim().split("\r\n");
  assert.equal(lines.length, wanted.length + 1);
  const names = lines[0].split(",");
  assert.deepEqual(lines[1].split(","), names.map((name) => wanted[0][name]));
  await visit(chromium, "#/batches/" + exam);
  await chromium.waitFor(".files", /Download all/);
  await chromium.click(".files .row a.button");
  const zip = await eventually(() => readdirSync(chromium.folder.path).find((name) => name.endsWith(".zip")), "the bundle never arrived");
  const listed = start("python3", ["-m", "zipfile", "-l", join(chromium.folder.path, zip)]);
  assert.equal(await listed.end, 0, listed.out);
  assert.match(listed.out, /analysis\.json/);
});

test("a batch is scored again with another key, and a key with a mistake is explained", async () => {
  await visit(chromium, "#/batches/" + exam);
  await chromium.waitFor(".actions", /Score again/);
  const key = join(chromium.folder.path, "key.yaml");
  const ask = async (text) => {
    writeFileSync(key, text);
    await press(chromium, "Score again", ".actions");
    await chromium.waitFor("dialog[open] input[name=key]");
    await chromium.type("dialog input[name=key]", key);
    await chromium.type("dialog input[name=reason]", "q1 was wrong");
    await chromium.click("dialog button.main");
  };
  await ask("questions: {q1: [}\n");
  await chromium.waitFor("#error", /key|line|1:/i);
  await ask("questions: {q1: A, q2..q60: B}\n");
  const now = await eventually(async () => {
    const batch = await server.call("/api/batches/" + exam);
    return batch.execution === 2 && batch.state === "completed" ? batch : null;
  }, "the batch was never scored again");
  assert.equal(now.sheets_read, 60);
  await chromium.waitFor(".state", /completed/);
  await assertQuiet(chromium, kNotSignedIn, /score.* 422/);
});

test("an admin adds a user, changes the role, disables and removes the user, and finds that in the audit", async () => {
  await visit(chromium, "#/users");
  await chromium.waitFor(".add-user");
  await chromium.type(".add-user input[name=user]", "carla");
  await chromium.type(".add-user input[name=password]", "a first password");
  await chromium.press(kEnter);
  await chromium.waitFor("#user-carla", /active/);
  const carla = async () => (await server.call("/api/users")).items.find((user) => user.user === "carla");
  assert.equal((await carla()).role, "operator");
  await chromium.run(async () => {
    const select = document.querySelector("#user-carla select");
    select.value = "reviewer";
    select.dispatchEvent(new Event("change", {bubbles: true}));
  });
  await eventually(async () => (await carla()).role === "reviewer");
  await press(chromium, "Disable", "#user-carla");
  await chromium.waitFor("dialog[open]", /Disable carla/);
  await chromium.click("dialog button.risky");
  await chromium.waitFor("#user-carla", /disabled/);
  await chromium.screenshot("19-users");
  await visit(chromium, "#/audit?subject=carla");
  await chromium.waitFor(".audit tbody", /user_add/);
  assert.equal(await chromium.run(async () => [...document.querySelectorAll(".audit tbody tr td:nth-child(4)")].every((cell) => cell.textContent === "carla")), true);
  await visit(chromium, "#/users");
  await chromium.waitFor("#user-carla");
  await press(chromium, "Remove user", "#user-carla");
  await chromium.waitFor("dialog[open]", /Remove the user carla/);
  await chromium.click("dialog button.risky");
  await eventually(async () => await carla() === undefined);
  await assertQuiet(chromium, kNotSignedIn);
});

test("an admin ends the sessions of a user and sets the limits of the user's uploads", async () => {
  await server.addUser("dora", "operator", "a password of dora");
  const signedIn = async () => {
    const form = new URLSearchParams({username: "dora", password: "a password of dora"});
    return (await (await fetch(server.url + "/api/auth/login", {method: "POST", body: form})).json()).access_token;
  };
  const tokens = [await signedIn(), await signedIn()];
  const status = async (token) => (await fetch(server.url + "/api/auth/session", {headers: {Authorization: "Bearer " + token}})).status;
  await visit(chromium, "#/plugins");
  await visit(chromium, "#/users");
  await chromium.waitFor("#user-dora");
  await press(chromium, "Sessions and quota", "#user-dora");
  await chromium.waitFor("#more-dora .quota", /of 100/);
  await chromium.waitFor("#more-dora tbody tr:nth-child(2)");
  await assertAccessible(chromium, "the sessions and the quota of a user");
  await chromium.type("#more-dora input[name=bytes]", "0.5");
  await chromium.type("#more-dora input[name=uploads]", "3");
  await press(chromium, "Save limits", "#more-dora");
  await chromium.waitFor("#more-dora .quota", /0 of 3/);
  const quota = await server.call("/api/users/dora/quota");
  assert.equal(quota.bytes.own_limit, 2 ** 29);
  assert.equal(quota.uploads.own_limit, 3);
  await chromium.screenshot("21-user");
  await chromium.run(async () => { document.querySelector("#more-dora input[name=bytes]").value = ""; });
  await press(chromium, "Save limits", "#more-dora");
  await eventually(async () => (await server.call("/api/users/dora/quota")).bytes.own_limit === null, "an empty field never became the limit of the server");

  await press(chromium, "End all sessions", "#more-dora");
  await chromium.waitFor("dialog[open]", /End all sessions of this user/);
  await chromium.click("dialog button.risky");
  await chromium.waitFor("#more-dora", /No session is open/);
  for (const token of tokens) assert.equal(await status(token), 401);
  await assertQuiet(chromium, kNotSignedIn);
});

test("pipelines, plugins and the system are shown as the API describes them", async () => {
  const pipelines = (await server.call("/api/pipelines")).items;
  await visit(chromium, "#/pipelines");
  await chromium.waitFor(".pipeline");
  const cards = () => chromium.run(async () => [...document.querySelectorAll(".pipeline")].map((card) => ({name: card.querySelector("h2").textContent, stages: [...card.querySelectorAll(".stage-box")].map((box) => box.dataset.stage)})));
  const graphs = await Promise.all(pipelines.map(({name}) => server.call(`/api/pipelines/${name}/graph`)));
  await eventually(async () => (await cards()).every((card) => card.stages.length > 0), "a graph was never drawn");
  assert.deepEqual(await cards(), pipelines.map(({name}, i) => ({name, stages: graphs[i].nodes.map((node) => node.id)})));
  // Each edge leads to the right, and is drawn.
  const drawn = await chromium.run(async () => [...document.querySelectorAll(".pipeline")].map((card) => ({
    lines: card.querySelectorAll(".graph path").length, left: Object.fromEntries([...card.querySelectorAll(".stage-box")].map((box) => [box.dataset.stage, box.offsetLeft])),
    places: new Set([...card.querySelectorAll(".stage-box")].map((box) => `${box.offsetLeft} ${box.offsetTop}`)).size})));
  graphs.forEach(({nodes, edges}, i) => {
    assert.equal(drawn[i].lines, edges.length);
    assert.equal(drawn[i].places, nodes.length, "no box covers another");
    for (const {from, to} of edges) assert.ok(drawn[i].left[from] < drawn[i].left[to], `${from} is not before ${to}`);
  });
  // With the keyboard: a stage says what it needs.
  const last = graphs[0].edges.at(-1);
  await chromium.run(async (stage) => document.querySelector(`.pipeline [data-stage="${stage}"]`).focus(), last.to);
  await chromium.press(kEnter);
  await chromium.waitFor(".about-stage", new RegExp(last.to));
  await chromium.run(async () => document.querySelector(".source summary").click());
  await chromium.waitFor(".source pre", new RegExp(`^[^]*name: ${graphs[0].name}[^]*stages:`));
  await assertAccessible(chromium, "pipelines with a stage and the file");
  await chromium.screenshot("20-pipelines");
  await visit(chromium, "#/plugins");
  await chromium.waitFor("tbody tr");
  assert.equal(await chromium.run(async () => document.querySelectorAll("tbody tr").length), (await server.call("/api/plugins")).items.length);
  await visit(chromium, "#/system");
  await chromium.waitFor(".system", /ready/);
  const {version} = await server.call("/api/system");
  await chromium.waitFor(".system .facts", new RegExp(version.replace(/\./g, "\\.")));
  await chromium.waitFor("#redis", /uses no Redis/);
  await chromium.waitFor(".system", /SQLite|sqlite/);
  await assertQuiet(chromium, kNotSignedIn);
});

test("the system page shows a Redis that answers, and one that is gone", async () => {
  const port = await freePort();
  const startRedis = async () => {
    const redis = start("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
    await redis.waitFor(/Ready to accept connections/);
    return redis;
  };
  const redis = await startRedis();
  const mine = await SheaflineServer.create({settings: {SHEAFLINE_REDIS: `redis://127.0.0.1:${port}`}});
  const browser = await Chromium.create();
  try {
    await signIn(browser, mine);
    await visit(browser, "#/system");
    await browser.waitFor("#redis", /reachable[^]*Latency[^]*ms/);
    await assertAccessible(browser, "the system page with Redis");
    await browser.screenshot("22-system");
    await redis.stop();
    await browser.waitFor("#redis", /not reachable/);
    await assertAccessible(browser, "the system page without its Redis");
  } finally {
    await browser.remove();
    await mine.remove();
    await redis.stop();
  }
});

test("a viewer sees no pages of administrators, and the server rejects them", async () => {
  await server.addUser("vera", "viewer", "a password of vera");
  const browser = await Chromium.create();
  try {
    await signIn(browser, server, "vera", "a password of vera");
    assert.doesNotMatch(await browser.text("header"), /Users|Audit|System|New batch/);
    await visit(browser, "#/users");
    await browser.waitFor(".failure", /\w/);
    await assertQuiet(browser, kNotSignedIn, /api\/users.* 403/);
  } finally {
    await browser.remove();
  }
});

test("of seven tabs of one browser four hold a stream, and all see the batch to its end", async () => {
  const probes = await SheaflineServer.create({pipelines: {waits: "name: waits\nstages:\n  - {id: a, uses: probe, with: {act: wait_for_file}}\n"}});
  const browser = await Chromium.create();
  try {
    await signIn(browser, probes);
    const batch = await probes.batch("waits");
    const tabs = [await browser.send("GET", "/window")];
    await visit(browser, "#/batches/" + batch);
    // A tab in the background is hidden and needs no connection; here all seven count as visible.
    while (tabs.length < 7) {
      const {handle} = await browser.send("POST", "/window/new", {type: "window"});
      await browser.send("POST", "/window", {handle});
      await browser.beforeEachPage('Object.defineProperty(document, "hidden", {get: () => false}); Object.defineProperty(document, "visibilityState", {get: () => "visible"});');
      await browser.open(probes.url + "/#/batches/" + batch);
      await browser.waitFor("#now", /wait/);
      tabs.push(handle);
    }
    const streams = async () => (await probes.call("/api/system")).streams;
    await eventually(async () => await streams() === 4, `there are ${await streams()} streams`);
    writeFileSync(join(probes.folder.path, "go"), "");
    await probes.ended(batch);
    for (const handle of tabs) {
      await browser.send("POST", "/window", {handle});
      await browser.waitFor(".state", /completed/);
    }
  } finally {
    await browser.remove();
    await probes.remove();
  }
});
