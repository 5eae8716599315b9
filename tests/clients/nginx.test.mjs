// Tests behind nginx as docs/nginx.conf configures it: TLS, HTTP/2 towards clients, HTTP/1.0 towards Sheafline for streams.
import assert from "node:assert/strict";
import {once} from "node:events";
import {readFileSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {connect} from "node:tls";
import {join} from "node:path";
import {after, before, test} from "node:test";
import {Chromium} from "./chromium.mjs";
import {SheaflineServer, eventually, sha256, sourceFile, start, temporaryFolder} from "./sheafline_server.mjs";

let server;
let nginx;
before(async () => {
  server = await SheaflineServer.create({settings: {SHEAFLINE_TRUSTED_PROXIES: "127.0.0.1"}});
  nginx = await Nginx.create(server.port);
});
after(async () => {
  await nginx?.remove();
  await server?.remove();
});

async function freePort() {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const {port} = listener.address();
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

class Nginx {
  static async create(upstream, upstreamVersion = "1.1") {
    const nginx = new Nginx();
    nginx.upstreamVersion = upstreamVersion;
    nginx.folder = temporaryFolder();
    nginx.certificate = join(nginx.folder.path, "sheafline.crt");
    const key = join(nginx.folder.path, "sheafline.key");
    const made = start("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                                   "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", nginx.certificate]);
    assert.equal(await made.end, 0, made.out);
    const port = await freePort();
    nginx.port = port;
    nginx.url = "https://localhost:" + port;
    const own = ["access_log off;", ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(nginx.folder.path, name)};`)].join(" ");
    const replaced = [["server 127.0.0.1:8000;", `server 127.0.0.1:${upstream};`], ["http {", `http { ${own}`],
                      ["proxy_http_version 1.1;", `proxy_http_version ${upstreamVersion};`],
                      ["listen 443 ssl http2;", `listen 127.0.0.1:${port} ssl http2;`],
                      ["/etc/ssl/sheafline.crt", nginx.certificate], ["/etc/ssl/sheafline.key", key],
                      ["/var/log/nginx/sheafline.log", join(nginx.folder.path, "access.log")]];
    let text = sourceFile("docs/nginx.conf");
    for (const [from, to] of replaced) {
      assert.ok(text.includes(from), `docs/nginx.conf lacks ${from}`);
      text = text.replace(from, to);
    }
    const file = join(nginx.folder.path, "nginx.conf");
    writeFileSync(file, text);
    nginx.process = start("nginx", ["-p", nginx.folder.path, "-c", file, "-e", "stderr", "-g",
                                    `daemon off; pid ${join(nginx.folder.path, "pid")}; error_log stderr;`]);
    await eventually(async () => {
      if (nginx.process.ended) throw new Error("nginx ended: " + nginx.process.out);
      return (await nginx.curl("/healthz")).includes("200");
    });
    return nginx;
  }

  async curl(path, ...options) {
    const done = start("curl", ["-sNi", "--http2", "--cacert", this.certificate, ...options, this.url + path]);
    await done.end;
    return done.out;
  }

  async remove() {
    await this.process?.stop();
    this.folder.remove();
  }
}

function sheafline(args, environment = {}) {
  return start(join(process.env.SHEAFLINE_TEST_BINARY_DIR, "bin/sheafline"), args,
               {cwd: server.folder.path, env: {...process.env, SHEAFLINE_TOKEN: server.token, ...environment}});
}

const header = () => "Authorization: " + server.authorization.Authorization;

test("events come through at once over HTTP/2, though nginx asks for the stream by HTTP/1.0", async () => {
  const batch = await server.batch("waits");
  const curl = start("curl", ["-sNi", "--http2", "--cacert", nginx.certificate, "-H", header(),
                              `${nginx.url}/api/batches/${batch}/stream`]);
  await curl.waitFor(/"message":"waiting"/);
  await server.call(`/api/batches/${batch}/cancel`, {method: "POST"});
  assert.equal(await curl.end, 0);
  assert.match(curl.out, /^HTTP\/2 200/);
  const ids = [...curl.out.matchAll(/^id: (\d+)$/gm)].map((found) => Number(found[1]));
  assert.deepEqual(ids, (await server.events(batch)).map((event) => event.seq));
  const last = await nginx.curl(`/api/batches/${batch}/stream`, "-H", header(), "-H", "Last-Event-ID: " + ids.at(-1));
  assert.match(last, /^HTTP\/2 204/);
});

test("Chromium signs in with a cookie of this host alone and follows a batch over HTTP/2", async () => {
  const chromium = await Chromium.create(["--ignore-certificate-errors"]);
  try {
    await chromium.open(nginx.url + "/");
    const signedIn = await chromium.run(async (password) => {
      const body = new URLSearchParams({username: "admin", password});
      return (await fetch("/api/auth/login?cookie=1", {method: "POST", body})).status;
    }, server.password);
    assert.equal(signedIn, 200);
    const cookies = await chromium.send("GET", "/cookie");
    assert.deepEqual(cookies.map(({name, secure, httpOnly, sameSite}) => ({name, secure, httpOnly, sameSite})),
                     [{name: "__Host-sheafline", secure: true, httpOnly: true, sameSite: "Strict"}]);
    const batch = await server.batch("slow");
    const seen = await chromium.run(async (url) => {
      const ids = [];
      const source = new EventSource(url);
      source.addEventListener("progress", (event) => ids.push(event.lastEventId));
      const last = await new Promise((resolve) => source.addEventListener("complete", resolve));
      source.close();
      ids.push(last.lastEventId);
      const page = performance.getEntriesByType("navigation")[0];
      return {ids, protocol: page.nextHopProtocol};
    }, `/api/batches/${batch}/stream`);
    assert.equal(seen.protocol, "h2");
    assert.deepEqual(seen.ids, (await server.events(batch)).map((event) => String(event.seq)));
  } finally {
    await chromium.remove();
  }
});

test("submit and watch work over HTTPS, and reject an untrusted certificate", async () => {
  const archive = await server.sample(12);
  const sent = sheafline(["submit", archive, "--pipeline", "unpack", "--server", nginx.url],
                         {SSL_CERT_FILE: nginx.certificate});
  assert.equal(await sent.end, 0, sent.out);
  const batch = sent.out.match(/^batch ([^;]+);/m)[1];
  assert.equal(sha256(server.archiveOf(batch)), sha256(readFileSync(archive)));
  const watched = sheafline(["watch", batch, "--json", "--server", nginx.url], {SSL_CERT_FILE: nginx.certificate});
  assert.equal(await watched.end, 0, watched.out);
  assert.equal(watched.out.trim().split("\n").length, (await server.events(batch)).length);

  const refused = sheafline(["watch", batch, "--server", nginx.url]);
  assert.equal(await refused.end, 4);
  assert.match(refused.out, /certificate verify failed/);
});

// Sends the whole body before it reads anything, as simple clients do.
async function sendThenRead(port, certificate, path, bytes) {
  const socket = connect({port, host: "localhost", ca: readFileSync(certificate), ALPNProtocols: ["http/1.1"]});
  await once(socket, "secureConnect");
  socket.pause();
  const piece = Buffer.alloc(1 << 20, 120);
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/zip\r\nContent-Length: ${bytes}\r\n\r\n`);
  for (let sent = 0; sent < bytes; sent += piece.length) {
    if (!socket.write(piece)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
    if (socket.destroyed) return "the connection was reset after " + sent + " bytes";
  }
  let answer = "";
  socket.setEncoding("utf8");
  socket.on("data", (text) => { answer += text; });
  socket.on("error", (error) => { answer += error.message; });
  socket.resume();
  await eventually(async () => answer.includes("\r\n\r\n") || socket.destroyed);
  socket.destroy();
  return answer;
}

for (const version of ["1.0", "1.1"]) {
  test(`the answer to a rejected body reaches its client, with HTTP/${version} from nginx to Sheafline`, async () => {
    const other = await Nginx.create(server.port, version);
    try {
      const archive = await sendThenRead(other.port, other.certificate, "/api/batches?pipeline=unpack", 64 << 20);
      assert.match(archive, /^HTTP\/1.1 401/);
      assert.match(archive, /"code":"UNAUTHORIZED"/);
      const missing = await sendThenRead(other.port, other.certificate, "/api/uploads/none", 64 << 20);
      assert.match(missing, /^HTTP\/1.1 405/);
    } finally {
      await other.remove();
    }
  });
}

test("a ticket does not appear in the log of nginx, and browsers are told to use HTTPS only", async () => {
  const nginx = await Nginx.create(server.port);
  try {
    const batch = await server.batch("fails");
    const {url} = await server.call(`/api/batches/${batch}/stream-ticket`, {method: "POST"});
    const shown = await new Promise((resolve) => {
      let out = "";
      const curl = start("curl", ["-sk", "-D", "-", `https://127.0.0.1:${nginx.port}${url}`]);
      curl.end.then(() => { out = curl.out; resolve(out); });
    });
    assert.match(shown, /event: error/);
    assert.match(shown, /strict-transport-security: max-age=31536000/i);
    const log = readFileSync(join(nginx.folder.path, "access.log"), "utf8");
    assert.ok(log.includes(`/api/batches/${batch}/stream`), log);
    assert.ok(!log.includes("ticket="), log);
  } finally {
    await nginx.remove();
  }
});
