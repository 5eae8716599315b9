// Bundles the dashboard: `node build.mjs` writes dist/, and `node build.mjs --out FOLDER` writes another folder.
// The names in dist/scripts and dist/styles contain a hash of their content, so that browsers may keep them forever.
import {build} from "esbuild";
import {cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync} from "node:fs";
import {basename, join} from "node:path";

const here = new URL(".", import.meta.url).pathname;
const option = process.argv.indexOf("--out");
const out = option > 0 ? process.argv[option + 1] : join(here, "dist");

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
const {metafile} = await build({
  absWorkingDir: here,
  entryPoints: {dashboard: "src/main.tsx"},
  outdir: join(out, "scripts"),
  entryNames: "[name]-[hash]",
  bundle: true,
  alias: {"@sheafline/client": join(here, "../../clients/typescript/src/index.ts")},
  minify: true,
  format: "esm",
  target: ["es2022", "chrome108", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  banner: {js: "/* Contains Preact, (c) 2015-present Jason Miller, MIT license: see NOTICE */"},
  metafile: true,
});
const names = Object.keys(metafile.outputs).map((path) => basename(path));
const script = names.find((name) => name.endsWith(".js"));
const styles = names.find((name) => name.endsWith(".css"));
mkdirSync(join(out, "styles"));
renameSync(join(out, "scripts", styles), join(out, "styles", styles));
const page = readFileSync(join(here, "src/index.html"), "utf8")
  .replace("{{styles}}", "/styles/" + styles).replace("{{script}}", "/scripts/" + script);
writeFileSync(join(out, "index.html"), page);
cpSync(join(here, "src/icon.svg"), join(out, "icon.svg"));
