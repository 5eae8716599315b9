// Other tools read the served description of the API: two linters, and a client that openapi-typescript generates.
import assert from "node:assert/strict";
import {cpSync, mkdirSync, symlinkSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {SheaflineServer, start} from "./sheafline_server.mjs";

const kHere = new URL(".", import.meta.url).pathname;
const kTools = join(kHere, "node_modules/.bin");
const kOffline = {...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true"};

let server;
let document;
before(async () => {
  server = await SheaflineServer.create();
  document = join(server.folder.path, "openapi.json");
  const reply = await fetch(server.url + "/api/openapi.json");
  writeFileSync(document, await reply.text());
});
after(async () => { await server?.remove(); });

async function run(tool, args) {
  const running = start(join(kTools, tool), args, {cwd: server.folder.path, env: kOffline});
  return {status: await running.end, out: running.out};
}

test("redocly lint finds no error in the served description", async () => {
  writeFileSync(join(server.folder.path, "redocly.yaml"), "extends: [recommended]\n");
  const {status, out} = await run("redocly", ["lint", "--format=json", document]);
  const findings = JSON.parse(out.slice(out.indexOf("{"), out.lastIndexOf("}") + 1));
  assert.equal(findings.totals.errors, 0, out);
  assert.equal(status, 0, out);
});

test("spectral lint finds no error in the served description", async () => {
  writeFileSync(join(server.folder.path, ".spectral.json"), JSON.stringify({extends: ["spectral:oas"]}));
  const {status, out} = await run("spectral", ["lint", "--ruleset=.spectral.json", "--fail-severity=error", document]);
  assert.equal(status, 0, out);
});

test("a linter does find an error that is put into the description", async () => {
  const broken = JSON.parse(await (await fetch(server.url + "/api/openapi.json")).text());
  broken.paths["/api/batches"].get.responses["200"].content["application/json"].schema.$ref = "#/components/schemas/Nowhere";
  const file = join(server.folder.path, "broken.json");
  writeFileSync(file, JSON.stringify(broken));
  assert.notEqual((await run("redocly", ["lint", file])).status, 0);
});

test("a client that openapi-typescript generates compiles and works with the server", async () => {
  const folder = join(server.folder.path, "client");
  mkdirSync(folder);
  symlinkSync(join(kHere, "node_modules"), join(folder, "node_modules"));
  const generated = await run("openapi-typescript", [document, "--output", join(folder, "api.d.ts")]);
  assert.equal(generated.status, 0, generated.out);
  cpSync(join(kHere, "generated_client.ts"), join(folder, "generated_client.ts"));
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({
    compilerOptions: {target: "ES2022", module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2022", "DOM", "DOM.Iterable"], types: [], strict: true},
    files: ["generated_client.ts"],
  }));
  const compiled = await run("tsc", ["-p", folder]);
  assert.equal(compiled.status, 0, compiled.out);

  const {runBatch} = await import(join(folder, "generated_client.js"));
  const {states, rejection} = await runBatch(server.url, "admin", server.password, "slow");
  assert.equal(states.at(-1), "completed");
  assert.equal(rejection.code, "NO_SUCH_BATCH");
  assert.match(rejection.detail, /; /, "it says what to do");
});
