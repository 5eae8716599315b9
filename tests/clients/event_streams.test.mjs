// Reads the event stream with clients of other makers: Chromium's own EventSource, the npm packages `eventsource` and
// `event-source-polyfill`, curl.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, before, test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, eventually, start} from "./sheafline_server.mjs";

let server;
let chromium;
before(async () => {
  server = await SheaflineServer.create();
  chromium = await Chromium.create();
});
after(async () => {
  await chromium?.remove();
  await server?.remove();
});

const kPolyfill = readFileSync(new URL("node_modules/event-source-polyfill/src/eventsource.min.js", import.meta.url), "utf8");
const streamOf = (batch) => `/api/batches/${batch}/stream`;

// Runs in the page. Returns the ids of a batch's events, how the stream ended, and that the server's 204 then ends the
// EventSource permanently.
async function watchInPage(url) {
  const seen = {ids: [], opened: 0};
  window.seen = seen;
  const source = new EventSource(url);
  source.onopen = () => { ++seen.opened; };
  source.addEventListener("progress", (event) => seen.ids.push(event.lastEventId));
  const ended = await new Promise((resolve) => {
    for (const name of ["complete", "error"]) {
      source.addEventListener(name, (event) => { if (event.data) resolve(event); });
    }
  });
  seen.ids.push(ended.lastEventId);
  seen.end = ended.type;
  seen.stage = JSON.parse(ended.data).stage;
  await new Promise((resolve) => {
    const ask = () => source.readyState === EventSource.CLOSED ? resolve() : setTimeout(ask, 20);
    ask();
  });
  return seen;
}

// Compares the received events with the history: each once and in order.
async function assertWhole(batch, ids) {
  const events = await server.events(batch);
  assert.deepEqual(ids, events.map((event) => String(event.seq)));
}

async function signInPage(page) {
  await page.open(server.url + "/");
  await page.run(async (password) => {
    const body = new URLSearchParams({username: "admin", password});
    await fetch("/api/auth/login?cookie=1", {method: "POST", body});
  }, server.password);
}

async function restart(batch) {
  await eventually(async () => (await server.events(batch)).some((event) => event.stage === "processing_sheets"));
  assert.equal(await server.process.stop(), 0);
  await server.start();
}

test("Chromium's EventSource with the cookie sees each event once through a restart, and stops at 204", async () => {
  await signInPage(chromium);
  const batch = await server.batch("slow");
  const watching = chromium.run(watchInPage, streamOf(batch));
  await restart(batch);
  const seen = await watching;
  assert.equal(seen.end, "complete");
  assert.ok(seen.opened >= 2, "it came back after the restart");
  await assertWhole(batch, seen.ids);
});

test("Chromium's EventSource with a ticket needs no cookie", async () => {
  const stranger = await Chromium.create();
  try {
    await stranger.open(server.url + "/");
    const batch = await server.batch("slow");
    const rejected = await stranger.run(async (url) => (await fetch(url)).status, streamOf(batch));
    assert.equal(rejected, 401);
    const ticket = await server.call(`/api/batches/${batch}/stream-ticket`, {method: "POST"});
    const seen = await stranger.run(watchInPage, ticket.url);
    assert.equal(seen.end, "complete");
    await assertWhole(batch, seen.ids);
  } finally {
    await stranger.remove();
  }
});

test("the streams of a failed and of a cancelled batch end with an error event in Chromium, and then for good", async () => {
  await signInPage(chromium);
  const failed = await chromium.run(watchInPage, streamOf(await server.batch("fails")));
  assert.deepEqual([failed.end, failed.stage], ["error", "failed"]);

  const batch = await server.batch("waits");
  const watching = chromium.run(watchInPage, streamOf(batch));
  await eventually(async () => (await server.events(batch)).some((event) => event.message === "waiting"));
  await server.call(`/api/batches/${batch}/cancel`, {method: "POST"});
  const cancelled = await watching;
  assert.deepEqual([cancelled.end, cancelled.stage], ["error", "cancelled"]);
  await assertWhole(batch, cancelled.ids);
});

const withHeader = {
  2: () => ({headers: server.authorization}),
  3: () => ({fetch: (url, options) => fetch(url, {...options, headers: {...options.headers, ...server.authorization}})}),
  4: () => ({fetch: (url, options) => fetch(url, {...options, headers: {...options.headers, ...server.authorization}})}),
};

async function watchWith(EventSource, url, options) {
  const ids = [];
  const source = new EventSource(url, options);
  const ended = new Promise((resolve) => {
    source.addEventListener("complete", resolve);
    source.addEventListener("error", (event) => { if (event.data) resolve(event); });
  });
  source.addEventListener("progress", (event) => ids.push(event.lastEventId));
  return {ids, ended: ended.then((last) => {
    source.close();
    ids.push(last.lastEventId);
    return last.type;
  })};
}

for (const [version, name] of [[2, "eventsource2"], [3, "eventsource"], [4, "eventsource4"]]) {
  test(`the npm package eventsource ${version} sees each event once through a restart, with the header and with a ticket`, async () => {
    const module = await import(name);
    const EventSource = module.EventSource ?? module.default;
    for (const ticket of [false, true]) {
      const batch = await server.batch("slow");
      const path = ticket ? (await server.call(`/api/batches/${batch}/stream-ticket`, {method: "POST"})).url : streamOf(batch);
      const {ids, ended} = await watchWith(EventSource, server.url + path, ticket ? {} : withHeader[version]());
      await restart(batch);
      assert.equal(await ended, "complete");
      await assertWhole(batch, ids);
    }
  });
}

test("event-source-polyfill in Chromium sees each event once through a restart, with the header", async () => {
  const stranger = await Chromium.create();
  try {
    await stranger.open(server.url + "/");
    await stranger.send("POST", "/execute/sync", {script: kPolyfill, args: []});
    const batch = await server.batch("slow");
    const watching = stranger.run(async (url, headers) => {
      const ids = [];
      const source = new window.EventSourcePolyfill(url, {headers, lastEventIdQueryParameterName: "last_event_id"});
      source.addEventListener("progress", (event) => ids.push(event.lastEventId));
      const last = await new Promise((resolve) => {
        source.addEventListener("complete", resolve);
        source.addEventListener("error", (event) => { if (event.data) resolve(event); });
      });
      source.close();
      return {ids: [...ids, last.lastEventId], type: last.type};
    }, streamOf(batch), server.authorization);
    await restart(batch);
    const {ids, type} = await watching;
    assert.equal(type, "complete");
    await assertWhole(batch, ids);
  } finally {
    await stranger.remove();
  }
});

test("curl -N prints the events and ends with the batch; to the last id the answer is 204", async () => {
  const batch = await server.batch("slow");
  const header = "Authorization: " + server.authorization.Authorization;
  const curl = start("curl", ["-sN", "-H", header, server.url + streamOf(batch)]);
  assert.equal(await curl.end, 0);
  await assertWhole(batch, [...curl.out.matchAll(/^id: (\d+)$/gm)].map((found) => found[1]));
  assert.match(curl.out, /event: complete\nid: \d+\ndata: \{.*\}\n\n$/);
  const last = String((await server.events(batch)).length);
  const again = await fetch(server.url + streamOf(batch), {headers: {...server.authorization, "Last-Event-ID": last}});
  assert.equal(again.status, 204);
});
