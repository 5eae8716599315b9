// Builds dist/ for `npm pack`, also in a fresh checkout, where it installs the compiler first.
import {spawnSync} from "node:child_process";
import {existsSync, rmSync} from "node:fs";
import {join} from "node:path";

const here = new URL(".", import.meta.url).pathname;
function run(command, ...args) {
  const {status, error} = spawnSync(command, args, {cwd: here, stdio: ["ignore", "inherit", "inherit"]});
  if (status === 0) return;
  console.error(error ? error.message : `${command} ended with status ${status}`);
  process.exit(1);
}

if (!existsSync(join(here, "node_modules/typescript")) || !existsSync(join(here, "node_modules/openapi-typescript"))) run("npm", "ci", "--ignore-scripts", "--silent");
rmSync(join(here, "dist"), {recursive: true, force: true});
run("npm", "run", "--silent", "build");
