// What the tests of the dashboard share: sign in, samples, axe-core, and a quiet console.
import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {join} from "node:path";
import {start} from "./sheafline_server.mjs";

export const kTab = "\uE004";
export const kEnter = "\uE007";
export const kBackspace = "\uE003";
export const kRight = "\uE014";
export const kNotSignedIn = /api\/auth\/session .* 401/;
export const kCut = /net::ERR_/;

const kAxe = readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

export async function signIn(browser, server, user = "admin", password = server.password) {
  await browser.send("DELETE", "/cookie");
  await browser.open(server.url + "/");
  await browser.send("POST", "/refresh", {});
  await browser.waitFor(".sign-in");
  await browser.type("input[name=username]", user);
  await browser.type("input[name=password]", password);
  await browser.click(".sign-in button");
  await browser.waitFor("#who", new RegExp(user));
}

// The console also lists requests that the test expects to be rejected.
export async function assertQuiet(browser, ...expected) {
  const complaints = await browser.complaints();
  assert.deepEqual(complaints.filter((text) => !expected.some((pattern) => pattern.test(text))), []);
}

// axe-core finds nothing on the page as it is now, and the page is not wider than the window.
export async function assertAccessible(browser, what) {
  await browser.send("POST", "/execute/sync", {script: kAxe, args: []});
  const findings = await browser.run(async () => {
    const result = await window.axe.run(document, {resultTypes: ["violations"]});
    return result.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
  });
  assert.deepEqual(findings, [], what);
  const wide = await browser.run(async () => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `${what} is ${wide} pixels wider than the window`);
}

export async function resize(browser, width, height) {
  await browser.send("POST", "/goog/cdp/execute", {cmd: "Emulation.setDeviceMetricsOverride", params: {width, height, deviceScaleFactor: 1, mobile: false}});
}

export async function sampleOf(server, name, ...options) {
  const file = join(server.folder.path, name + ".zip");
  const made = start(join(process.env.SHEAFLINE_TEST_BINARY_DIR, "bin/sheafline"), ["sample", ...options, "--out", file]);
  assert.equal(await made.end, 0, made.out);
  return file;
}

// A finished batch of sample sheets.
export const finishedBatch = (server, name, ...options) => finished(server, "omr-batch", name, options);

// One with an analysis.
export const finishedExam = (server, name, ...options) => finished(server, "omr-exam", name, options);

async function finished(server, pipeline, name, options) {
  const body = readFileSync(await sampleOf(server, name, ...options));
  const {batch_id: id} = await server.call(`/api/batches?pipeline=${pipeline}&set.exam=math&name=${name}&label.class=7B`, {
    method: "POST", headers: {"Content-Type": "application/zip"}, body});
  await server.ended(id);
  return id;
}

// Goes to a page of the dashboard that is open already.
export const visit = (browser, hash) => browser.run(async (place) => { location.hash = place; }, hash);

// What the page sees when its tab goes to the background or comes back.
export const setHidden = (browser, hidden) => browser.run(async (value) => {
  Object.defineProperty(document, "hidden", {configurable: true, get: () => value});
  document.dispatchEvent(new Event("visibilitychange"));
}, hidden);
