// A headless Chromium with a temporary profile, driven over WebDriver (https://www.w3.org/TR/webdriver2/).
import {writeFileSync} from "node:fs";
import {join} from "node:path";
import {eventually, start, temporaryFolder} from "./sheafline_server.mjs";

const kElement = "element-6066-11e4-a52e-4f735466cecf";  // the key of an element's id in the standard
const kArguments = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1280,900",
];

export class Chromium {
  static async create(more = []) {
    const chromium = new Chromium();
    chromium.folder = temporaryFolder();
    try {
      await chromium.begin(more);
    } catch (error) {
      await chromium.remove();
      throw error;
    }
    return chromium;
  }

  async begin(more) {
    this.driver = start("chromedriver", ["--port=0", "--allowed-origins=*"]);
    const port = (await this.driver.waitFor(/successfully on port (\d+)/))[1];
    this.url = "http://127.0.0.1:" + port;
    const session = await this.send("POST", "/session", {capabilities: {alwaysMatch: {
      "browserName": "chrome",
      "goog:chromeOptions": {
        args: [...kArguments, ...more, "--user-data-dir=" + join(this.folder.path, "profile")],
        prefs: {"download.default_directory": this.folder.path},
      },
      "goog:loggingPrefs": {browser: "ALL"},
    }}});
    this.url += "/session/" + session.sessionId;
    await this.send("POST", "/timeouts", {script: 90_000, pageLoad: 30_000, implicit: 0});
  }

  async send(method, path, body) {
    const reply = await fetch(this.url + path, {
      method, headers: {"Content-Type": "application/json"}, body: body && JSON.stringify(body),
    });
    const {value} = await reply.json();
    if (!reply.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
    return value;
  }

  open(url) {
    return this.send("POST", "/url", {url});
  }

  // Runs an async function in the page; its arguments and its result are passed as JSON.
  async run(body, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      (${body})(...Array.from(arguments).slice(0, -1)).then((value) => done({value}), (error) => done({error: String(error)}));`;
    const answer = await this.send("POST", "/execute/async", {script, args});
    if (answer.error) throw new Error(answer.error);
    return answer.value;
  }

  async find(selector) {
    return (await this.send("POST", "/element", {using: "css selector", value: selector}))[kElement];
  }

  async click(selector) {
    await this.send("POST", `/element/${await this.find(selector)}/click`, {});
  }

  async type(selector, text) {
    await this.send("POST", `/element/${await this.find(selector)}/value`, {text});
  }

  // Types into the focused element, as from a keyboard. Keys without a character use the codes of WebDriver: "\uE004" is
  // Tab.
  async press(keys) {
    const actions = [...keys].flatMap((value) => [{type: "keyDown", value}, {type: "keyUp", value}]);
    await this.send("POST", "/actions", {actions: [{type: "key", id: "keyboard", actions}]});
  }

  // Saves a screenshot in the folder SHEAFLINE_TEST_SCREENSHOTS, if that is set.
  async screenshot(name) {
    if (!process.env.SHEAFLINE_TEST_SCREENSHOTS) return;
    writeFileSync(join(process.env.SHEAFLINE_TEST_SCREENSHOTS, name + ".png"), Buffer.from(await this.send("GET", "/screenshot"), "base64"));
  }

  // Runs before each page's own scripts.
  async beforeEachPage(source) {
    await this.send("POST", "/goog/cdp/execute", {cmd: "Page.addScriptToEvaluateOnNewDocument", params: {source}});
  }

  text(selector) {
    return this.run(async (found) => document.querySelector(found)?.innerText ?? "", selector);
  }

  async waitFor(selector, pattern = /^/) {
    try {
      await eventually(async () => await this.has(selector) && pattern.test(await this.text(selector)), `${selector} never read ${pattern}`);
    } catch (error) {
      throw new Error(`${error.message}; the page reads: ${(await this.text("body")).slice(0, 1_000)}`);
    }
  }

  has(selector) {
    return this.run(async (found) => document.querySelector(found) !== null, selector);
  }

  // The console messages since the last call: errors of scripts and requests, and violations of the page's policy.
  async complaints() {
    const entries = await this.send("POST", "/se/log", {type: "browser"});
    return entries.filter((entry) => entry.level !== "INFO" && entry.level !== "DEBUG").map((entry) => entry.message);
  }

  async remove() {
    await this.send("DELETE", "").catch(() => {});
    await this.driver.stop();
    this.folder.remove();
  }
}
