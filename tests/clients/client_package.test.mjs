// The npm package of clients/typescript as a stranger gets it: packed in a fresh checkout, installed, compiled and run, in Node.js
// and on a page of another origin. SHEAFLINE_TEST_CLIENT: needs its npm packages.
import assert from "node:assert/strict";
import {cpSync, existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync} from "node:fs";
import {once} from "node:events";
import {createServer} from "node:http";
import {extname, join} from "node:path";
import {after, before, test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, start, temporaryFolder} from "./sheafline_server.mjs";

const kClient = new URL("../../clients/typescript/", import.meta.url).pathname;

let folder;
let project;
let server;

async function run(command, args, options) {
  const running = start(command, args, options);
  assert.equal(await running.end, 0, running.out);
  return running.out;
}

before(async () => {
  folder = temporaryFolder();
  const checkout = join(folder.path, "checkout");
  cpSync(kClient, checkout, {recursive: true, filter: (path) => !/\/(node_modules|dist)(\/|$)|schema\.ts$/.test(path)});
  symlinkSync(join(kClient, "node_modules"), join(checkout, "node_modules"));
  await run("npm", ["pack", "--silent", "--pack-destination", folder.path], {cwd: checkout});
  const [archive] = readdirSync(folder.path).filter((name) => name.endsWith(".tgz"));
  project = join(folder.path, "project");
  const installed = join(project, "node_modules/@sheafline/client");
  mkdirSync(installed, {recursive: true});
  await run("tar", ["-xzf", join(folder.path, archive), "--strip-components=1", "-C", installed]);
});
after(async () => {
  await server?.remove();
  folder?.remove();
});

test("openapi.json is what the server describes", async () => {
  server = await SheaflineServer.create();
  const {paths, components} = await server.call("/api/openapi.json");
  const committed = JSON.parse(readFileSync(join(kClient, "openapi.json"), "utf8"));
  assert.deepEqual({paths: committed.paths, components: committed.components}, {paths, components},
    "run `npm run openapi -- URL/api/openapi.json` in clients/typescript and commit openapi.json");
});

test("the package has its license, a README and examples, and nothing of the sources or tests", () => {
  const installed = join(project, "node_modules/@sheafline/client");
  for (const file of ["LICENSE", "README.md", "openapi.json", "dist/index.js", "dist/index.d.ts", "dist/schema.d.ts", "dist/node.js", "examples/upload.mjs", "examples/page.html"])
    assert.ok(existsSync(join(installed, file)), file);
  assert.deepEqual(readdirSync(installed).sort(), ["LICENSE", "README.md", "dist", "examples", "openapi.json", "package.json"]);
  assert.match(readFileSync(join(installed, "LICENSE"), "utf8"), /Apache License/);
});

test("every method of the client is in the README", () => {
  const declared = readFileSync(join(project, "node_modules/@sheafline/client/dist/index.d.ts"), "utf8");
  const methods = [...declared.matchAll(/^ {4}(\w+)[(<]/gm)].map((found) => found[1]).filter((name) => name !== "constructor");
  assert.ok(methods.length > 30, methods.join());
  const readme = readFileSync(join(kClient, "README.md"), "utf8");
  assert.deepEqual(methods.filter((name) => !readme.includes("`" + name + "(")), []);
});

test("the project of a stranger compiles with strict types and runs", async () => {
  writeFileSync(join(project, "package.json"), JSON.stringify({name: "stranger", type: "module"}));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({compilerOptions: {
    target: "ES2022", module: "NodeNext", moduleResolution: "NodeNext", strict: true, exactOptionalPropertyTypes: true, types: [], lib: ["ES2023", "DOM", "DOM.Iterable"],
  }, include: ["main.ts"]}));
  writeFileSync(join(project, "main.ts"), `
import {SheaflineClient, SheaflineError, isUnfinished, type Batch, type ProgressEvent, type UploadProgress} from "@sheafline/client";
declare const process: {argv: string[]};
const [url = "", token = ""] = process.argv.slice(2);
const client = new SheaflineClient(url, {token: () => token});
const seen: UploadProgress[] = [];
const batch = await client.upload(new Blob([new Uint8Array(22).fill(0).map((_, i) => [0x50, 0x4b, 5, 6][i] ?? 0)]), {pipeline: "unpack", params: {note: "hi"}, onProgress: (one) => { seen.push(one); }});
const events: ProgressEvent[] = [];
for await (const event of client.watch(batch)) events.push(event);
const now: Batch = await client.batch(batch);
const answer = await client.request("GET", "/api/batches/{id}/sheets", {path: {id: batch}, query: {limit: 5, after: null}});
const items: readonly {sheet: number}[] = answer.items;
// @ts-expect-error a route has only its methods
client.request("DELETE", "/api/pipelines");
// @ts-expect-error a query param has its type
const wrong = () => client.request("GET", "/api/batches", {query: {sort: "size"}});
// @ts-expect-error a field that does not exist
const missing = () => now.no_such_field;
const rejected = await client.batch("none").catch((error: unknown) => error instanceof SheaflineError ? error.code : "");
let listed = 0;
for await (const one of client.batches()) if (one.batch_id === batch) ++listed;
console.log(JSON.stringify({state: now.state, unfinished: isUnfinished(now.state), seqs: events.map((event) => event.seq), sent: seen.at(-1)?.sent, items: items.length, rejected, listed}));
`.replace("client.request(\"DELETE\", \"/api/pipelines\");", "const none = () => client.request(\"DELETE\", \"/api/pipelines\");"));
  await run(join(kClient, "node_modules/.bin/tsc"), ["-p", project]);
  const result = JSON.parse(await run("node", [join(project, "main.js"), server.url, server.token]));
  assert.deepEqual(result, {...result, unfinished: false, sent: 22, items: 0, rejected: "NO_SUCH_BATCH", listed: 1});
  assert.deepEqual(result.seqs, result.seqs.map((_, i) => i + 1));
});

test("the example for Node.js uploads a file, shows its events and saves the artifacts", async () => {
  const file = await server.sample(3);
  cpSync(join(project, "node_modules/@sheafline/client/examples/upload.mjs"), join(project, "upload.mjs"));
  const out = await run("node", ["upload.mjs", server.url, file, "unpack", "note=hi"], {cwd: project, env: {...process.env, SHEAFLINE_TOKEN: server.token}});
  assert.match(out, /100 %/);
  assert.match(out, /completed:/);
});

test("the example page uploads and watches from another origin, if the server allows the origin", async () => {
  const types = {".html": "text/html", ".js": "text/javascript"};
  const pages = createServer((request, reply) => {
    const {pathname} = new URL(request.url, "http://localhost");
    const file = join(project, "node_modules/@sheafline/client", pathname.replace(/^\/client\//, "/dist/"));
    if (!existsSync(file)) return reply.writeHead(404).end();
    reply.writeHead(200, {"Content-Type": types[extname(file)] ?? "text/plain"}).end(readFileSync(file));
  });
  pages.listen(0, "127.0.0.1");
  await once(pages, "listening");
  const origin = "http://127.0.0.1:" + pages.address().port;
  const browser = await Chromium.create();
  const open = await SheaflineServer.create({settings: {SHEAFLINE_CORS_ORIGINS: origin}});
  try {
    const file = await server.sample(3);
    for (const [target, expected] of [[server, /the server cannot be reached/], [open, /completed|Completed|extracted/]]) {
      await browser.open(`${origin}/examples/page.html?pipeline=unpack&server=${target.url}`);
      await browser.type("input[name=token]", target.token);
      await browser.type("input[name=files]", file);
      await browser.click("button");
      await browser.waitFor("p[role=status]", expected);
    }
    const [batch] = (await open.call("/api/batches")).items;
    await open.ended(batch.batch_id);
    const shared = await browser.run(async (url, token, id) => {
      const {SheaflineClient} = await import("/client/index.js");
      const client = new SheaflineClient(url, {token});
      await client.share(id, {everybody: true});
      return (await client.request("GET", "/api/batches/{id}/shares", {path: {id}})).everybody;
    }, open.url, open.token, batch.batch_id);
    assert.equal(shared, true, "PUT is allowed to pages of other origins too");
  } finally {
    pages.closeAllConnections();
    pages.close();
    await browser.remove();
    await open.remove();
  }
});
