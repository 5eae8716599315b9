// deploy/kubernetes without a cluster: the manifests fit the schemas of Kubernetes and KEDA, the names in them fit each other, and the
// program starts with the arguments, settings and files that they give it.
import assert from "node:assert/strict";
import {spawnSync} from "node:child_process";
import {chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {dirname, join} from "node:path";
import {after, before, test} from "node:test";
import * as keda from "@kubernetes-models/keda/keda.sh/v1alpha1";
import * as apps from "kubernetes-models/apps/v1";
import * as core from "kubernetes-models/v1";
import YAML from "yaml";
import {eventually, start, temporaryFolder} from "../../clients/sheafline_server.mjs";

const kBinaries = process.env.SHEAFLINE_TEST_BINARY_DIR;
const kProgram = join(kBinaries, "bin/sheafline");
const kManifests = new URL("../../../deploy/kubernetes/", import.meta.url).pathname;
const kHere = dirname(new URL(import.meta.url).pathname);
// The modules with the types of each `apiVersion`.
const kModules = {
  "v1": ["kubernetes-models/v1", core],
  "apps/v1": ["kubernetes-models/apps/v1", apps],
  "keda.sh/v1alpha1": ["@kubernetes-models/keda/keda.sh/v1alpha1", keda],
};

const files = readdirSync(kManifests).filter((name) => name.endsWith(".yaml"));
const documents = files.flatMap((file) => YAML.parseAllDocuments(readFileSync(join(kManifests, file), "utf8"), {merge: true}).map((document) => {
  assert.deepEqual(document.errors, [], file);
  return {file, manifest: document.toJS()};
}));
const named = (kind, name) => {
  const found = documents.find(({manifest}) => manifest.kind === kind && manifest.metadata.name === name);
  assert.ok(found, `no manifest has a ${kind} with the name ${name}`);
  return found.manifest;
};
const pods = documents.map(({manifest}) => manifest).filter(({spec}) => spec?.template)
  .map((manifest) => ({name: manifest.metadata.name, manifest, spec: manifest.spec.template.spec}));
const containersOf = (pod) => [...(pod.spec.initContainers ?? []), ...pod.spec.containers];

let folder;
const running = [];
before(() => { folder = temporaryFolder(); });
after(async () => {
  for (const one of running.reverse()) await one.stop();
  folder.remove();
});

test("each manifest fits the schema of its kind", () => {
  assert.deepEqual(files, ["redis.yaml", "scaling.yaml", "secret.yaml", "server.yaml", "workers.yaml"]);
  for (const {file, manifest} of documents) {
    const [, models] = kModules[manifest.apiVersion] ?? assert.fail(`${file}: unknown apiVersion ${manifest.apiVersion}`);
    assert.doesNotThrow(() => new models[manifest.kind](manifest).validate(), `${file}: ${manifest.kind} ${manifest.metadata.name}`);
  }
});

// The schemas accept keys that they do not know; the types of the same package reject them.
function typeErrors(manifests) {
  const lines = manifests.map((manifest, index) =>
    `import type {I${manifest.kind} as T${index}} from "${kModules[manifest.apiVersion][0]}";\n` +
    `export const m${index}: T${index} = ${JSON.stringify(manifest)};`);
  const file = join(folder.path, "manifests.ts");
  writeFileSync(file, lines.join("\n"));
  const paths = {"*": [join(kHere, "node_modules/*")]};
  writeFileSync(join(folder.path, "tsconfig.json"), JSON.stringify({
    compilerOptions: {noEmit: true, strict: true, skipLibCheck: true, types: [], module: "commonjs", moduleResolution: "node", baseUrl: folder.path, paths},
    files: [file],
  }));
  const checked = spawnSync(join(kHere, "node_modules/.bin/tsc"), ["-p", folder.path], {encoding: "utf8"});
  return checked.status === 0 ? "" : checked.stdout + checked.stderr;
}

test("no manifest has a key that Kubernetes or KEDA does not know", () => {
  assert.equal(typeErrors(documents.map(({manifest}) => manifest)), "");
  const wrong = structuredClone(named("StatefulSet", "sheafline"));
  wrong.spec.template.spec.containers[0].livenesProbe = {};
  assert.match(typeErrors([wrong]), /livenesProbe/);
});

test("the names in the manifests fit each other", () => {
  for (const pod of pods) {
    const {matchLabels} = pod.manifest.spec.selector;
    const {labels} = pod.manifest.spec.template.metadata;
    for (const [key, value] of Object.entries(matchLabels)) assert.equal(labels[key], value, pod.name);
    const volumes = new Set((pod.spec.volumes ?? []).map(({name}) => name));
    for (const volume of pod.spec.volumes ?? []) {
      if (volume.persistentVolumeClaim) named("PersistentVolumeClaim", volume.persistentVolumeClaim.claimName);
      if (volume.configMap) named("ConfigMap", volume.configMap.name);
      if (volume.secret) named("Secret", volume.secret.secretName);
    }
    for (const container of containersOf(pod)) {
      for (const {name} of container.volumeMounts ?? []) assert.ok(volumes.has(name), `${pod.name}: volume ${name}`);
      for (const {name, valueFrom} of container.env ?? [])
        if (valueFrom) assert.ok(named("Secret", valueFrom.secretKeyRef.name).stringData[valueFrom.secretKeyRef.key], name);
      const ports = new Set((container.ports ?? []).map(({name}) => name));
      for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe].filter(Boolean))
        assert.ok(ports.has((probe.httpGet ?? probe.tcpSocket).port), `${pod.name}: port of a probe`);
    }
  }
  for (const {manifest} of documents.filter(({manifest}) => manifest.kind === "Service")) {
    const behind = pods.find((pod) => Object.entries(manifest.spec.selector).every(([key, value]) => pod.manifest.spec.template.metadata.labels[key] === value));
    assert.ok(behind, `nothing is behind the service ${manifest.metadata.name}`);
    const ports = containersOf(behind).flatMap(({ports}) => ports ?? []).map(({name}) => name);
    for (const {targetPort} of manifest.spec.ports) assert.ok(ports.includes(targetPort), targetPort);
  }
  const scaled = named("ScaledObject", "sheafline-workers");
  named("Deployment", scaled.spec.scaleTargetRef.name);
  for (const trigger of scaled.spec.triggers)
    for (const {name, key} of named("TriggerAuthentication", trigger.authenticationRef.name).spec.secretTargetRef)
      assert.ok(named("Secret", name).stringData[key], key);
  assert.equal(named("StatefulSet", "sheafline").spec.replicas, 1);
});

test("every setting in the manifests is one of the program", () => {
  const {stdout} = spawnSync(kProgram, ["settings", "--format", "markdown"], {encoding: "utf8"});
  const names = pods.flatMap(containersOf).flatMap(({env}) => env ?? []).map(({name}) => name).filter((name) => name.startsWith("SHEAFLINE_"));
  assert.ok(names.length >= 10);
  for (const name of names) assert.ok(stdout.includes("`" + name + "`"), name);
});

const freePort = () => new Promise((resolve) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const {port} = server.address();
    server.close(() => resolve(port));
  });
});

// What a container gets on this machine: its volumes as folders, its secrets, and loopback addresses of its services.
function onThisMachine(pod, name, ports) {
  const container = containersOf(pod).find((one) => one.name === name);
  const place = (path) => join(folder.path, pod.name, path);
  const mapped = (text) => {
    const now = text.replace("0.0.0.0:8000", "127.0.0.1:" + ports.server).replace("//sheafline:8000", "//127.0.0.1:" + ports.server)
      .replace("@redis:6379", "@127.0.0.1:" + ports.redis);
    const mounted = (container.volumeMounts ?? []).some(({mountPath}) => now === mountPath || now.startsWith(mountPath + "/"));
    return mounted ? place(now) : now;
  };
  const env = Object.fromEntries((container.env ?? []).map(({name, value, valueFrom}) =>
    [name, mapped(value ?? named("Secret", valueFrom.secretKeyRef.name).stringData[valueFrom.secretKeyRef.key])]));
  // The variables that Kubernetes adds for each Service.
  if (pod.spec.enableServiceLinks !== false) {
    for (const {manifest} of documents.filter(({manifest}) => manifest.kind === "Service")) {
      const prefix = manifest.metadata.name.toUpperCase().replaceAll("-", "_");
      Object.assign(env, {[prefix + "_SERVICE_HOST"]: "10.0.0.1", [prefix + "_PORT"]: "tcp://10.0.0.1:" + manifest.spec.ports[0].port});
    }
  }
  for (const {name: volume, mountPath} of container.volumeMounts ?? []) {
    const of = pod.spec.volumes.find((one) => one.name === volume);
    mkdirSync(place(mountPath), {recursive: true});
    const content = of.configMap ? named("ConfigMap", of.configMap.name).data : of.secret ? named("Secret", of.secret.secretName).stringData : {};
    for (const [file, text] of Object.entries(content)) {
      if (existsSync(join(place(mountPath), file))) continue;
      writeFileSync(join(place(mountPath), file), text, {mode: of.secret ? of.secret.defaultMode : 0o644});
    }
    // The folder of a volume belongs to the group `fsGroup`.
    if (of.persistentVolumeClaim || of.emptyDir) chmodSync(place(mountPath), 0o2775);
  }
  const words = [...(container.command ?? []), ...(container.args ?? [])].map((word) => mapped(word.replace(/\$\((\w+)\)/g, (_, of) => env[of])));
  return {words, env: {PATH: process.env.PATH, ...env}};
}

test("the server and a worker run with what the manifests give them", async (t) => {
  if (spawnSync("redis-server", ["--version"]).error) return t.skip("redis-server is not installed");
  const ports = {server: await freePort(), redis: await freePort()};
  const [redis, server, workers] = ["redis", "sheafline", "sheafline-workers"].map((name) => pods.find((pod) => pod.name === name));
  const {words} = onThisMachine(redis, "redis", ports);
  running.push(start(words[0], [...words.slice(1), "--port", String(ports.redis), "--bind", "127.0.0.1"], {cwd: folder.path}));
  await running.at(-1).waitFor(/Ready to accept connections/);

  for (const pod of [server, workers]) {
    const keys = onThisMachine(pod, "keys", ports);
    assert.equal(spawnSync(keys.words[0], keys.words.slice(1), {env: keys.env, stdio: "inherit"}).status, 0);
  }
  const {words: serve, env} = onThisMachine(server, "server", ports);
  const site = start(kProgram, serve, {env});
  running.push(site);
  await site.waitFor(/server started/);
  const url = "http://127.0.0.1:" + ports.server;
  const container = server.spec.containers[0];
  for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
    assert.equal((await fetch(url + probe.httpGet.path)).status, 200, probe.httpGet.path);

  const {metadata} = named("ScaledObject", "sheafline-workers").spec.triggers[0];
  const metrics = await (await fetch(metadata.url.replace("http://sheafline:8000", url))).text();
  assert.match(metrics, new RegExp(`^${metadata.valueLocation} \\d`, "m"));

  const worker = onThisMachine(workers, "worker", ports);
  running.push(start(kProgram, worker.words, {env: worker.env}));
  const sheets = join(folder.path, "sheets.zip");
  assert.equal(spawnSync(kProgram, ["sample", "--sheets", "8", "--out", sheets]).status, 0);
  const password = named("Secret", "sheafline").stringData["admin-password"];
  const submitted = spawnSync(kProgram, ["submit", sheets, "--pipeline", "codes", "--server", url, "--user", "admin", "--json"],
    {input: password + "\n", encoding: "utf8", timeout: 120_000});
  assert.equal(submitted.status, 0, submitted.stderr + submitted.stdout + running.at(-1).out);
  assert.match(submitted.stdout, /"stage":"completed"/);
  await eventually(() => {  // the entry of a worker follows with its next heartbeat
    const {stdout} = spawnSync(kProgram, ["workers", "--json"], {env: worker.env, encoding: "utf8"});
    return JSON.parse(stdout).done === 8;
  }, "the worker did not read the sheets");
});
