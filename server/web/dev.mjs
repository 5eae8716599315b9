// Shows the dashboard while it is being changed: serves dist/, rebuilds it for each load of the page, and passes requests for
// the API on to a server. `npm run dev -- http://127.0.0.1:8000 [PORT]`
import {spawnSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {createServer, request} from "node:http";
import {extname, join, normalize} from "node:path";

const here = new URL(".", import.meta.url).pathname;
const [target = "http://127.0.0.1:8000", port = "8080"] = process.argv.slice(2);
const types = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"};
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'";

createServer((incoming, outgoing) => {
  const path = normalize(new URL(incoming.url, target).pathname);
  const file = join(here, "dist", path === "/" ? "index.html" : path);
  if (path === "/") spawnSync("node", [join(here, "build.mjs")], {stdio: "inherit"});
  if (!path.startsWith("/api/") && existsSync(file)) {
    outgoing.writeHead(200, {"Content-Type": types[extname(file)] ?? "text/plain", "Content-Security-Policy": policy});
    return outgoing.end(readFileSync(file));
  }
  const passed = request(target + incoming.url, {method: incoming.method, headers: incoming.headers}, (reply) => {
    outgoing.writeHead(reply.statusCode, reply.headers);
    reply.pipe(outgoing);
  });
  passed.on("error", () => outgoing.destroy());
  incoming.pipe(passed);
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}`));
