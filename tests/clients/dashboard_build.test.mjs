// The committed bundle of the dashboard is what its sources make, and its types are those of the API as it is now.
import assert from "node:assert/strict";
import {mkdtempSync, readFileSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {gzipSync} from "node:zlib";
import {test} from "node:test";
import {start} from "./sheafline_server.mjs";

const kWeb = new URL("../../server/web/", import.meta.url).pathname;  // SHEAFLINE_TEST_DASHBOARD: needs its npm packages

const filesOf = (folder) => readdirSync(folder, {recursive: true, withFileTypes: true}).filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length)).sort();

async function run(command, args) {
  const running = start(command, args, {cwd: kWeb});
  assert.equal(await running.end, 0, running.out);
}

test("the committed bundle is what a build of the sources makes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sheafline-web-"));
  try {
    await run("node", ["build.mjs", "--out", folder]);
    const committed = join(kWeb, "dist");
    assert.deepEqual(filesOf(committed), filesOf(folder), "run `npm run build` in server/web and commit dist/");
    for (const file of filesOf(folder)) assert.deepEqual(readFileSync(join(committed, file)), readFileSync(join(folder, file)), file);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test("the first load of the dashboard is at most 150 kB", () => {
  const sizes = filesOf(join(kWeb, "dist")).map((file) => gzipSync(readFileSync(join(kWeb, "dist", file))).length);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 150_000, sizes.join(" + "));
});

// clients_client_package compares these types with what the server describes. SHEAFLINE_TEST_CLIENT: they need the client's packages.
test("the dashboard compiles with the types of the API", async () => {
  await run("node", [join(kWeb, "../../clients/typescript/generate.mjs")]);
  await run(join(kWeb, "node_modules/.bin/tsc"), ["--project", kWeb]);
});
