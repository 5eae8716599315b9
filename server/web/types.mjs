// Writes src/api/schema.d.ts, the types of the API, from the description that a server gives: `npm run types -- URL_OR_FILE`.
// The file is not committed: a check of the types always uses the API as it is now.
import {spawnSync} from "node:child_process";
import {join} from "node:path";

const here = new URL(".", import.meta.url).pathname;
const source = process.argv[2] ?? "http://127.0.0.1:8000/api/openapi.json";
const {status} = spawnSync(join(here, "node_modules/.bin/openapi-typescript"), [source, "--output", join(here, "src/api/schema.d.ts")], {stdio: "inherit"});
process.exit(status ?? 1);
