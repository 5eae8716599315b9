// Uploads by tus-js-client over a connection that breaks in the middle of its chunks.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {after, before, test} from "node:test";
import * as tus from "tus-js-client";
import {cuttingProxy} from "./cutting_proxy.mjs";
import {SheaflineServer, eventually, sha256} from "./sheafline_server.mjs";

let server;
before(async () => { server = await SheaflineServer.create(); });
after(async () => { await server?.remove(); });

function upload(bytes, options) {
  return new Promise((resolve, reject) => {
    const sending = new tus.Upload(bytes, {
      headers: server.authorization,
      metadata: {filename: "sample.zip", pipeline: "unpack", params: JSON.stringify({note: "from tus"})},
      retryDelays: Array(40).fill(20),
      onError: reject,
      onSuccess: () => resolve(sending.url.split("/").pop()),
      ...options,
    });
    sending.start();
  });
}

async function assertDone(batch, bytes) {
  const state = async () => (await server.call("/api/batches/" + batch)).state;
  await eventually(async () => await state() === "completed");
  assert.equal(sha256(server.archiveOf(batch)), sha256(bytes));
}

test("tus-js-client creates a batch and sends its archive in chunks", async () => {
  const bytes = readFileSync(await server.sample(12));
  const batch = await upload(bytes, {endpoint: server.url + "/api/uploads", chunkSize: 300_000});
  await assertDone(batch, bytes);
});

test("tus-js-client goes on after every cut in mid-chunk, and the archive is the same", async () => {
  const bytes = readFileSync(await server.sample(40));
  // A connection serves several chunks; each of the first connections breaks at another byte.
  let seed = 11;
  const dice = () => (seed = seed * 48271 % 2147483647) / 2147483647;
  const proxy = await cuttingProxy(server.port, (number) =>
    number < 30 ? 200_000 + Math.floor(dice() * 2_000_000) : Infinity);
  try {
    const batch = await upload(bytes, {endpoint: proxy.url + "/api/uploads", chunkSize: 1_000_000});
    assert.ok(proxy.cuts >= 3, `only ${proxy.cuts} cuts`);
    await assertDone(batch, bytes);
  } finally {
    proxy.close();
  }
});

test("an upload that its client gave up goes on in another client", async () => {
  const bytes = readFileSync(await server.sample(12));
  const half = new Promise((resolve, reject) => {
    const sending = new tus.Upload(bytes, {
      endpoint: server.url + "/api/uploads",
      headers: server.authorization,
      metadata: {filename: "sample.zip", pipeline: "unpack"},
      chunkSize: 200_000,
      onError: reject,
      onChunkComplete: () => sending.abort().then(() => resolve(sending.url)),
    });
    sending.start();
  });
  const batch = await upload(bytes, {uploadUrl: await half, chunkSize: 500_000});
  await assertDone(batch, bytes);
});

test("tus-js-client sends the first bytes with the creation", async () => {
  const bytes = readFileSync(await server.sample(12));
  const requests = [];
  const count = (request) => { requests.push(request.getMethod()); };
  const whole = await upload(bytes, {endpoint: server.url + "/api/uploads", uploadDataDuringCreation: true, onBeforeRequest: count});
  assert.deepEqual(requests, ["POST"]);
  await assertDone(whole, bytes);
  requests.length = 0;
  const chunks = await upload(bytes, {
    endpoint: server.url + "/api/uploads", uploadDataDuringCreation: true, chunkSize: Math.ceil(bytes.length / 3), onBeforeRequest: count,
  });
  assert.deepEqual(requests, ["POST", "PATCH", "PATCH"]);
  await assertDone(chunks, bytes);
});

test("tus-js-client finds an upload again whose creation was cut, by its Idempotency-Key", async () => {
  const bytes = readFileSync(await server.sample(40));
  const proxy = await cuttingProxy(server.port, (number) => number < 2 ? 300_000 : Infinity);
  try {
    const batch = await upload(bytes, {
      endpoint: proxy.url + "/api/uploads", uploadDataDuringCreation: true, chunkSize: 500_000,
      headers: {...server.authorization, "Idempotency-Key": "cut-creation"},
    });
    assert.ok(proxy.cuts >= 1);
    await assertDone(batch, bytes);
  } finally {
    proxy.close();
  }
});
