// Writes src/schema.ts, the types of the API, from openapi.json. With an address or a file as its argument, it first replaces
// openapi.json by the description there: `npm run openapi -- http://127.0.0.1:8000/api/openapi.json`.
import {spawnSync} from "node:child_process";
import {readFileSync, writeFileSync} from "node:fs";
import {join} from "node:path";

const here = new URL(".", import.meta.url).pathname;
const [source] = process.argv.slice(2);
const description = join(here, "openapi.json");

if (source !== undefined) {
  const text = /^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(source, "utf8");
  writeFileSync(description, JSON.stringify(JSON.parse(text), null, 1) + "\n");
}
const {status, error} = spawnSync(join(here, "node_modules/.bin/openapi-typescript"), [description, "--output", join(here, "src/schema.ts")], {stdio: ["ignore", "ignore", "inherit"]});
if (error) console.error(`${error.message}; run: npm ci --prefix ${here}`);
process.exit(status ?? 1);
