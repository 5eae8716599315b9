// Tests clients/typescript with the real server; SHEAFLINE_TEST_CLIENT names the folder of the built package.
import assert from "node:assert/strict";
import {once} from "node:events";
import {readFileSync} from "node:fs";
import {createServer, request} from "node:http";
import {after, before, test} from "node:test";
import {cuttingProxy} from "./cutting_proxy.mjs";
import {replyCutter} from "./reply_cutter.mjs";
import {SheaflineServer, eventually, sha256} from "./sheafline_server.mjs";

const {SheaflineClient, SheaflineError} = await import(process.env.SHEAFLINE_TEST_CLIENT + "/index.js");

let server;
before(async () => { server = await SheaflineServer.create(); });
after(async () => { await server?.remove(); });

async function signedIn(url = server.url) {
  const client = new SheaflineClient(url);
  client.useToken(server.token);
  return client;
}

async function seqsOf(client, batch, options) {
  const seqs = [];
  for await (const event of client.follow(batch, options)) seqs.push(event.seq);
  return seqs;
}

const committed = async (batch) => (await server.events(batch)).map((event) => event.seq);

// Passes requests on to the server, except those that `take` answers or keeps (it then returns true).
async function passingProxy(take) {
  const proxy = createServer((incoming, outgoing) => {
    if (take(incoming, outgoing) || outgoing.headersSent) return;
    incoming.pipe(request(server.url + incoming.url, {method: incoming.method, headers: incoming.headers}, (reply) => {
      outgoing.writeHead(reply.statusCode, reply.headers);
      reply.pipe(outgoing);
    }));
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  return {url: "http://127.0.0.1:" + proxy.address().port, end: () => { proxy.closeAllConnections(); proxy.close(); }};
}

test("it signs in, and says what is rejected", async () => {
  const client = new SheaflineClient(server.url + "/");
  await assert.rejects(client.signIn("admin", "wrong"), (error) => error instanceof SheaflineError && error.code === "WRONG_CREDENTIALS");
  await assert.rejects(client.batch("none"), {status: 401});
  await client.signIn("admin", server.password);
  await assert.rejects(client.batch("none"), {status: 404, code: "NO_SUCH_BATCH"});
  await assert.rejects(seqsOf(client, "none"), {status: 404});
});

test("it follows a batch through a restart of the server, each event once", async () => {
  const client = await signedIn();
  const batch = await server.batch("slow");
  const following = seqsOf(client, batch);
  await eventually(async () => (await server.events(batch)).some((event) => event.stage === "processing_sheets"));
  await server.process.stop();
  await server.start();
  const seqs = await following;
  assert.deepEqual(seqs, await committed(batch));
  assert.equal((await client.batch(batch)).state, "completed");
  assert.deepEqual(await seqsOf(client, batch, {after: seqs.at(-2)}), [seqs.at(-1)]);
  assert.deepEqual(await seqsOf(client, batch, {after: seqs.at(-1)}), []);
});

test("where no stream comes through it polls", async () => {
  const proxy = await passingProxy((incoming, outgoing) => {
    if (incoming.url.endsWith("/stream")) outgoing.writeHead(502).end("no streams here");
  });
  try {
    const client = await signedIn(proxy.url);
    const batch = await server.batch("slow");
    assert.deepEqual(await seqsOf(client, batch), await committed(batch));
  } finally {
    proxy.end();
  }
});

test("after polling it returns to the stream, and reports the state of the connection", async () => {
  let streams = 0;
  const proxy = await passingProxy((incoming, outgoing) => {
    if (incoming.url.endsWith("/stream") && ++streams <= 3) outgoing.writeHead(502).end("no streams here");
  });
  try {
    const client = await signedIn(proxy.url);
    const batch = await server.batch("waits");
    const states = [];
    const seqs = [];
    for await (const event of client.watch(batch, {pollMs: 20, streamAgainMs: 100, onState: (state) => states.push(state)})) {
      seqs.push(event.seq);
      if (states.at(-1) === "streaming") continue;
      if (states.includes("polling") && event.message === "waiting") void eventually(() => states.at(-1) === "streaming").then(() => client.cancel(batch));
    }
    assert.ok(states.includes("polling") && states.indexOf("polling") < states.lastIndexOf("streaming"), states.join());
    assert.deepEqual(seqs, await committed(batch));
  } finally {
    proxy.end();
  }
});

test("the list of batches is watched, also where no stream comes through", async () => {
  for (const blocked of [false, true]) {
    const proxy = await passingProxy((incoming, outgoing) => {
      if (blocked && incoming.url.startsWith("/api/streams")) outgoing.writeHead(502).end("no streams here");
    });
    try {
      const client = await signedIn(proxy.url);
      const stop = new AbortController();
      const states = [];
      let batch = "";
      const seen = [];
      for await (const change of client.watchList({signal: stop.signal, pollMs: 50, onState: (state) => states.push(state)})) {
        batch ||= await server.batch("fails");
        if (change.kind === "changed") seen.push(...change.items);
        else for await (const one of client.batches()) seen.push(one);
        if (seen.some((one) => one.batch_id === batch && one.state === "failed")) break;
      }
      stop.abort();
      assert.equal(states.includes("polling"), blocked);
      assert.equal(states.includes("streaming"), !blocked);
    } finally {
      proxy.end();
    }
  }
});

test("a stream that never opens does not keep it from polling", async () => {
  const proxy = await passingProxy((incoming, outgoing) => {
    return incoming.url.endsWith("/stream");  // no answer, as in a browser without a free connection
  });
  try {
    const client = await signedIn(proxy.url);
    const batch = await server.batch("slow");
    assert.deepEqual(await seqsOf(client, batch, {openMs: 100, pollMs: 50}), await committed(batch));
  } finally {
    proxy.end();
  }
});

test("200 cuts at random places of one batch lose no event and repeat none", async () => {
  const stage = (_, i) => `  - {id: note${i}, uses: probe, with: {act: note, note: n${i}}}\n`;
  const mine = await SheaflineServer.create({pipelines: {long: `name: long
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 600}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, pause: 40ms}}
` + Array.from({length: 240}, stage).join("")}});
  let seed = 7;
  const dice = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const proxy = await replyCutter(mine.port, () => proxy.cuts < 200 ? 900 + Math.floor(dice() * 700) : Infinity);
  try {
    const client = new SheaflineClient(proxy.url, {token: mine.token});
    const batch = await mine.batch("long");
    const gaps = [];
    const seqs = await seqsOf(client, batch, {pollMs: 20, streamAgainMs: 100, onGap: (gap) => gaps.push(gap)});
    assert.deepEqual(seqs, (await mine.events(batch)).map((event) => event.seq));
    assert.deepEqual(gaps, []);
    assert.ok(proxy.cuts >= 200, `only ${proxy.cuts} cuts with ${seqs.length} events`);
  } finally {
    proxy.close();
    await mine.remove();
  }
});

test("an aborted watch ends at once with the reason, also while it waits for a server that is away", async () => {
  const stop = new AbortController();
  const client = new SheaflineClient("http://127.0.0.1:9", {token: "none"});
  const states = [];
  const watching = seqsOf(client, "any", {signal: stop.signal, onState: (state) => states.push(state)});
  await eventually(() => states.includes("cut"));
  stop.abort(new Error("no longer needed"));
  await assert.rejects(watching, /no longer needed/);
});

test("a rejected token is asked for again once", async () => {
  const given = ["wrong", server.token];
  const client = new SheaflineClient(server.url, {token: () => given.length > 1 ? given.shift() : given[0]});
  assert.equal((await client.session()).user, "admin");
  const never = new SheaflineClient(server.url, {token: () => "wrong"});
  await assert.rejects(never.session(), {status: 401});
});

test("it cancels, and a cancelled batch ends its stream", async () => {
  const client = await signedIn();
  const batch = await server.batch("waits");
  let last;
  for await (const event of client.follow(batch)) {
    last = event;
    if (event.message === "waiting") await client.cancel(batch);
  }
  assert.equal(last.stage, "cancelled");
});

test("an upload survives a line that breaks", async () => {
  const bytes = readFileSync(await server.sample(40));
  let seed = 5;
  const dice = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const proxy = await cuttingProxy(server.port, (number) => number < 12 ? 300_000 + Math.floor(dice() * 3_000_000) : Infinity);
  try {
    const client = await signedIn(proxy.url);
    const batch = await client.submit(new Blob([bytes]), {pipeline: "unpack", params: {note: "hi"}});
    assert.ok(proxy.cuts >= 2, `only ${proxy.cuts} cuts`);
    assert.deepEqual(await seqsOf(await signedIn(), batch), await committed(batch));
    assert.equal(sha256(server.archiveOf(batch)), sha256(bytes));
  } finally {
    proxy.close();
  }
});
