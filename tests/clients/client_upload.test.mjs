// Uploads with clients/typescript (SHEAFLINE_TEST_CLIENT): several files as one ZIP, files of Node.js, and uploads that continue
// in another program.
import assert from "node:assert/strict";
import {readFileSync, statSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {File} from "node:buffer";
import {after, before, test} from "node:test";
import {cuttingProxy} from "./cutting_proxy.mjs";
import {SheaflineServer, sha256, start} from "./sheafline_server.mjs";

const {SheaflineClient, zipOf} = await import(process.env.SHEAFLINE_TEST_CLIENT + "/index.js");
const {fileSource, fileStore} = await import(process.env.SHEAFLINE_TEST_CLIENT + "/node.js");

let server;
before(async () => { server = await SheaflineServer.create(); });
after(async () => { await server?.remove(); });

const clientOf = (url = server.url) => new SheaflineClient(url, {token: server.token});
const bytesOf = async (source) => Buffer.from(await new Blob([await source.read(0, source.size)]).arrayBuffer());
const inFolder = (name) => join(server.folder.path, name);

test("several files become one ZIP that unzip accepts, with names that do not collide", async () => {
  const files = [new File(["one"], "scan.txt"), new File(["two, which is longer"], "scan.txt"), new File([""], "../empty"), new File(["ü"], "Prüfung 7ß.txt")];
  const source = await zipOf(files, "all.zip");
  const bytes = await bytesOf(source);
  assert.equal(bytes.length, source.size);
  writeFileSync(inFolder("all.zip"), bytes);
  const listed = start("python3", ["-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; [print(i.filename, i.file_size) for i in z.infolist()]", inFolder("all.zip")]);
  assert.equal(await listed.end, 0, listed.out);
  assert.equal(listed.out, "scan.txt 3\nscan (2).txt 20\nempty 0\nPrüfung 7ß.txt 2\n");
  const again = await bytesOf(await zipOf(files, "all.zip"));
  assert.deepEqual(again, bytes, "the same files make the same bytes");
  const parts = [];
  for (let at = 0; at < source.size; at += 7) parts.push(await source.read(at, Math.min(source.size, at + 7)));
  assert.deepEqual(Buffer.from(await new Blob(parts).arrayBuffer()), bytes, "pieces at any place are those of the whole");
});

test("a ZIP of 70,000 files has the fields of ZIP64, and Python reads it", async () => {
  const letter = {size: 1, modified: 0, read: (begin, end) => Promise.resolve(new Uint8Array(end - begin).fill(97))};
  const source = await zipOf(Array.from({length: 70_000}, (_, i) => ({...letter, name: `f${i}`})), "many.zip");
  writeFileSync(inFolder("many.zip"), await bytesOf(source));
  const listed = start("python3", ["-c", "import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(len(z.namelist()), z.read('f69999'))", inFolder("many.zip")]);
  assert.equal(await listed.end, 0, listed.out);
  assert.equal(listed.out, "70000 b'a'\n");
});

test("several files are uploaded as one batch, and the server extracts each of them", async () => {
  const client = clientOf();
  const prepared = [];
  const batch = await client.upload([new File(["a,b\n"], "a.csv"), new File([readFileSync(await server.sample(2))], "inner.zip")],
    {pipeline: "unpack", name: "two files", labels: {room: "B12"}, onPrepared: (share) => prepared.push(share)});
  const ended = await server.ended(batch);
  assert.equal(ended.filename, "2 files.zip");
  assert.equal(ended.name, "two files");
  assert.deepEqual(ended.labels, {room: "B12"});
  writeFileSync(inFolder("archive.zip"), server.archiveOf(batch));
  const listed = start("python3", ["-m", "zipfile", "-l", inFolder("archive.zip")]);
  assert.equal(await listed.end, 0);
  assert.match(listed.out, /a\.csv[^]*inner\.zip/);
  assert.equal(prepared.at(-1), 1);
});

test("an upload that a program left unfinished continues in the next one, after a restart of the server too", async () => {
  const path = inFolder("large.zip");
  writeFileSync(path, readFileSync(await server.sample(60)));
  const size = statSync(path).size;
  const store = fileStore(inFolder("uploads.json"));
  const stop = new AbortController();
  const options = {pipeline: "unpack", store, pieceBytes: 500_000};
  let created;
  await assert.rejects(clientOf().upload(await fileSource(path), {...options, signal: stop.signal, onCreated: (batch) => { created = batch; },
    onProgress: ({sent}) => { if (sent >= 2_000_000) stop.abort(); }}), {name: "AbortError"});
  await server.crash();
  await server.start();

  const asked = [];
  const sent = [];
  const next = fileStore(inFolder("uploads.json"));  // as a new program reads it
  const batch = await clientOf().upload(await fileSource(path), {...options, store: next,
    onEarlier: (earlier) => { asked.push(earlier); return true; }, onProgress: (progress) => sent.push(progress.sent)});
  assert.equal(batch, created);
  assert.equal(asked.length, 1);
  assert.ok(asked[0].offset >= 2_000_000 && asked[0].offset < size, JSON.stringify(asked));
  assert.equal(sent[0], asked[0].offset, "it does not send again what the server has");
  await server.ended(batch);
  assert.equal(sha256(server.archiveOf(batch)), sha256(readFileSync(path)));
  assert.equal(readFileSync(inFolder("uploads.json"), "utf8"), "{}\n", "nothing is remembered of an upload that has ended");
});

test("another file, a removed upload, or the answer no start a new batch", async () => {
  const path = inFolder("changing.zip");
  const bytes = readFileSync(await server.sample(20));
  writeFileSync(path, bytes);
  const store = fileStore(inFolder("uploads.json"));
  const options = {pipeline: "unpack", store, pieceBytes: 200_000};
  const begin = async () => {
    const stop = new AbortController();
    let created;
    await assert.rejects(clientOf().upload(await fileSource(path), {...options, signal: stop.signal, onCreated: (batch) => { created = batch; },
      onProgress: ({sent}) => { if (sent >= 400_000) stop.abort(); }, onEarlier: () => false}));
    return created;
  };
  const first = await begin();
  assert.notEqual(await begin(), first, "the answer was no");

  const changed = Buffer.from(bytes);
  changed[10] ^= 1;
  writeFileSync(path, changed);
  const asked = [];
  const onEarlier = (earlier) => { asked.push(earlier); return true; };
  await clientOf().upload(await fileSource(path), {...options, onEarlier}).catch(() => {});
  assert.deepEqual(asked, [], "the content differs");

  writeFileSync(path, bytes);
  const third = await begin();
  await server.call(`/api/batches/${third}/cancel`, {method: "POST"});
  const fourth = await clientOf().upload(await fileSource(path), {...options, onEarlier});
  assert.notEqual(fourth, third);
  assert.deepEqual(asked, [], "the earlier upload no longer exists");
  await server.ended(fourth);
});

test("an upload over a line that breaks reports its progress and sends each byte", async () => {
  const path = inFolder("broken-line.zip");
  writeFileSync(path, readFileSync(await server.sample(40)));
  const size = statSync(path).size;
  let number = 0;
  const proxy = await cuttingProxy(server.port, () => ++number < 8 ? 900_000 : Infinity);
  try {
    const seen = [];
    const batch = await clientOf(proxy.url).upload(await fileSource(path), {pipeline: "unpack", pieceBytes: 2_000_000, onProgress: (progress) => seen.push(progress)});
    assert.ok(proxy.cuts >= 2, `only ${proxy.cuts} cuts`);
    assert.ok(seen.some((progress) => progress.waiting));
    assert.deepEqual([seen.at(-1).sent, seen.at(-1).size], [size, size]);
    await server.ended(batch);
    assert.equal(sha256(server.archiveOf(batch)), sha256(readFileSync(path)));
  } finally {
    proxy.close();
  }
});

test("a file that becomes shorter during its upload is an error that names it", async () => {
  const path = inFolder("shorter.zip");
  writeFileSync(path, Buffer.alloc(1_000_000));
  const source = await fileSource(path);
  writeFileSync(path, Buffer.alloc(10));
  await assert.rejects(clientOf().upload(source, {pipeline: "unpack"}), /shorter\.zip became shorter/);
});

test("a rejected order throws at once with the place of the mistake", async () => {
  await assert.rejects(clientOf().upload(new Blob(["x"]), {pipeline: "none"}), (error) => error.code === "INVALID_FIELD" && /no pipeline 'none'/.test(error.message));
  await assert.rejects(clientOf().upload([], {pipeline: "unpack"}), /there is no file/);
});
