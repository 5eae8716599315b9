// The built `sheafline serve` in a temporary folder on a free port, with an admin signed in. The variable
// SHEAFLINE_TEST_BINARY_DIR names the build folder.
import {spawn} from "node:child_process";
import {createHash} from "node:crypto";
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";

const kBinaries = process.env.SHEAFLINE_TEST_BINARY_DIR;
const kSource = new URL("../..", import.meta.url).pathname;
export const sourceFolder = kSource;

const kPipelines = {
  slow: `name: slow
stages:
  - {id: make, uses: probe, with: {act: sheets, count: 60}}
  - {id: process, uses: dispatch, with: {processor: probe, workers: 2, pause: 40ms}}
`,
  waits: "name: waits\nstages:\n  - {id: a, uses: probe, with: {act: wait}}\n",
  fails: "name: fails\nstages:\n  - {id: a, uses: probe, with: {act: fail}}\n",
  unpack: `name: unpack
params:
  input: {type: path, required: true}
  note: {type: string, default: ""}
stages:
  - {id: extract, uses: extract, with: {archive: "\${{ params.input }}"}}
`,
};

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// Repeats the call until it returns a true value; throws after a long time.
export async function eventually(so, what = "it never came") {
  for (const end = Date.now() + 60_000; Date.now() < end;) {
    const value = await so();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(what);
}

export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), "sheafline-clients-"));
  return {path: folder, remove: () => rmSync(folder, {recursive: true, force: true})};
}

// Starts a program and collects its output in `out`. stop() ends it and waits for its end.
export function start(command, args, options = {}) {
  const child = spawn(command, args, {stdio: ["ignore", "pipe", "pipe"], ...options});
  const running = {child, out: "", ended: false};
  const take = (chunk) => { running.out += chunk; };
  child.stdout.on("data", take);
  child.stderr.on("data", take);
  const gone = new Promise((resolve) => child.on("close", (status) => {
    running.ended = true;
    resolve(status);
  }));
  child.on("error", (error) => { running.out += error.message; running.ended = true; });
  running.end = gone;
  running.stop = (signal = "SIGTERM") => {
    child.kill(signal);
    return gone;
  };
  running.waitFor = (pattern) => eventually(() => {
    if (running.ended && !pattern.test(running.out)) throw new Error(`${command} ended: ${running.out}`);
    return running.out.match(pattern);
  }, `${command} never said ${pattern}: ${running.out}`);
  return running;
}

export class SheaflineServer {
  // The admin's first password is changed, unless `first` is set.
  static async create({pipelines = kPipelines, settings = {}, first = false} = {}) {
    const server = new SheaflineServer();
    server.folder = temporaryFolder();
    server.settings = settings;
    mkdirSync(join(server.folder.path, "pipelines"));
    for (const [name, text] of Object.entries(pipelines))
      writeFileSync(join(server.folder.path, "pipelines", name + ".yaml"), text);
    await server.start(0);
    const printed = await server.process.waitFor(/sign in as 'admin' with the password (\S+)/);
    server.password = printed[1];
    const form = new URLSearchParams({username: "admin", password: server.password});
    const reply = await fetch(server.url + "/api/auth/login", {method: "POST", body: form});
    server.token = (await reply.json()).access_token;
    if (!first) await server.changePassword("a password of the tests");
    return server;
  }

  async start(port = this.port) {
    this.process = start(join(kBinaries, "bin/sheafline"), ["serve", "--listen", "127.0.0.1:" + port], {
      cwd: this.folder.path,
      env: {...process.env, SHEAFLINE_PLUGIN_PATH: join(kBinaries, "probes"),
            SHEAFLINE_PIPELINES_DIR: "pipelines", ...this.settings},
    });
    this.url = (await this.process.waitFor(/listening on (\S+)/))[1];
    this.port = Number(new URL(this.url).port);
  }

  async changePassword(password) {
    await this.call("/api/auth/password", {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({old: this.password, new: password}),
    });
    this.password = password;
  }

  // A user who has changed the first password.
  async addUser(user, role, password) {
    const json = (body) => ({method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
    await this.call("/api/users", json({user, role, password: "a first password"}));
    const form = new URLSearchParams({username: user, password: "a first password"});
    const {access_token: token} = await (await fetch(this.url + "/api/auth/login", {method: "POST", body: form})).json();
    const change = json({old: "a first password", new: password});
    await this.call("/api/auth/password", {...change, headers: {...change.headers, Authorization: "Bearer " + token}});
  }

  get authorization() {
    return {Authorization: "Bearer " + this.token};
  }

  async call(path, options = {}) {
    const reply = await fetch(this.url + path, {...options, headers: {...this.authorization, ...options.headers}});
    if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
    return reply.status === 204 ? null : reply.json();
  }

  async batch(pipeline) {
    const made = await this.call("/api/batches", {
      method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({pipeline}),
    });
    return made.batch_id;
  }

  // Its committed events, from polling.
  async events(batch) {
    return (await this.call(`/api/batches/${batch}/progress?after=0`)).events;
  }

  // Waits until the batch has ended, and returns it.
  ended(batch) {
    return eventually(async () => {
      const now = await this.call("/api/batches/" + batch);
      return ["completed", "failed", "cancelled"].includes(now.state) ? now : null;
    }, `batch ${batch} never ended`);
  }

  // As a power cut: no program of the server can finish anything.
  async crash() {
    await this.process.stop("SIGKILL");
  }

  archiveOf(batch) {
    return readFileSync(join(this.folder.path, "sheafline-data/batches", batch, "archive.zip"));
  }

  // A ZIP of sample sheets.
  async sample(sheets) {
    const file = join(this.folder.path, "sample.zip");
    const made = start(join(kBinaries, "bin/sheafline"), ["sample", "--sheets", String(sheets), "--out", file]);
    if (await made.end !== 0) throw new Error(made.out);
    return file;
  }

  async remove() {
    await this.process.stop();
    this.folder.remove();
  }
}

export const demoPipelines = () => ({SHEAFLINE_PIPELINES_DIR: join(kSource, "pipelines")});
export const sourceFile = (path) => readFileSync(join(kSource, path), "utf8");
