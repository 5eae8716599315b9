// Measures the dashboard in Chromium with a batch of 11,400 sheets, and prints the table of docs/decisions/dashboard.md:
//     SHEAFLINE_TEST_BINARY_DIR=build/release node bench/dashboard/figures.mjs
// The history of the large batch is filled with copies of 100 sheets that were read.
import {createServer, request} from "node:http";
import {join} from "node:path";
import {Chromium} from "../../tests/clients/chromium.mjs";
import {finishedBatch, kEnter, sampleOf, signIn, visit} from "../../tests/clients/dashboard_browser.mjs";
import {SheaflineServer, demoPipelines, eventually, sourceFolder, start} from "../../tests/clients/sheafline_server.mjs";

const kCopies = 11_400;
const middle = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const rows = [];
const say = (what, figure) => rows.push(`| ${what} | ${figure} |`);

async function firstLoad(server) {
  const browser = await Chromium.create();
  try {
    await browser.open(server.url + "/");
    await browser.waitFor(".sign-in");
    const load = await browser.run(async () => {
      const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource").filter((entry) => !entry.name.includes("/api/") && !entry.name.includes("healthz"))];
      return {bytes: entries.reduce((sum, entry) => sum + entry.transferSize, 0), ms: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0};
    });
    say("first load", `${(load.bytes / 1000).toFixed(0)} kB, first paint after ${load.ms.toFixed(0)} ms`);
  } finally {
    await browser.remove();
  }
}

async function firstDecision(server) {
  const browser = await Chromium.create();
  try {
    const zip = await sampleOf(server, "first", "--sheets", "20", "--profile", "hard");
    await signIn(browser, server);
    const begun = Date.now();
    let clicks = 0;
    const click = async (selector) => {
      await browser.waitFor(selector);
      await browser.click(selector);
      ++clicks;
    };
    await click(".head a.main, .empty a.main");
    await browser.waitFor("input[name=file]");
    await browser.type("input[name=file]", zip);
    ++clicks;
    await click(".new-batch button.main");
    await click(".actions a.main");
    await browser.waitFor(".answer");
    await browser.press(kEnter);
    await browser.waitFor("#progress-text", /^1 of/);
    say("from the empty page to the first decided answer", `${clicks} clicks and 1 key, ${((Date.now() - begun) / 1000).toFixed(1)} s (20 sheets are read on the way)`);
  } finally {
    await browser.remove();
  }
}

async function scrolling(browser, large) {
  await visit(browser, `#/batches/${large}/results`);
  await browser.waitFor(".grid-table .rows .tr .td:nth-child(3)", /\d/);
  const frames = await browser.run(async () => {
    const table = document.querySelector(".grid-table");
    const gaps = [];
    let last = performance.now();
    while (table.scrollTop + table.clientHeight < table.scrollHeight - 1 && gaps.length < 400) {
      table.scrollTop += 900;
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }
    return gaps;
  });
  say(`frame while ${kCopies.toLocaleString("en")} rows scroll`, `median ${middle(frames).toFixed(0)} ms, slowest ${Math.max(...frames).toFixed(0)} ms; ${await browser.run(async () => document.querySelectorAll(".grid-table .rows .tr").length)} rows exist`);
  say("heap after that", `${(await browser.run(async () => performance.memory.usedJSHeapSize) / 1e6).toFixed(0)} MB`);
}

async function crops(browser, large) {
  await visit(browser, `#/batches/${large}/review`);
  await browser.waitFor("#progress-text", /of/);
  await eventually(() => browser.run(async () => document.querySelector(".crop")?.complete));
  const times = [];
  for (let i = 0; i < 40; ++i) {
    times.push(await browser.run(async () => {
      const before = document.querySelector(".answer").dataset.key;
      const begun = performance.now();
      document.dispatchEvent(new KeyboardEvent("keydown", {key: ".", bubbles: true}));
      while (document.querySelector(".answer").dataset.key === before || !document.querySelector(".crop").complete) await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    }));
    await new Promise((resolve) => setTimeout(resolve, 300));  // a person looks
  }
  say("from a key to the next crop", `median ${middle(times).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms`);
}

async function sheets(browser, large) {
  const times = [];
  for (let i = 0; i < 12; ++i) {
    await visit(browser, `#/batches/${large}/results`);
    await browser.waitFor(".grid-table .rows .tr .td:nth-child(3)", /\d/);
    times.push(await browser.run(async (place) => {
      const begun = performance.now();
      document.querySelectorAll(".grid-table .rows .tr:not(.missing) .first a")[place].click();
      while (!document.querySelector(".drawing .marked")) await new Promise(requestAnimationFrame);
      return performance.now() - begun;
    }, i));
  }
  say("from a click on a row to its sheet with the reading drawn over it", `median ${middle(times).toFixed(0)} ms, slowest ${Math.max(...times).toFixed(0)} ms`);
}

// Passes requests on, and sends 50 events a second on the stream of a batch: those of the server, with the next numbers.
async function fastStream(target, sample) {
  let seq = sample.seq;
  const proxy = createServer((incoming, outgoing) => {
    if (!incoming.url.endsWith("/stream")) {
      const passed = request(target + incoming.url, {method: incoming.method, headers: incoming.headers}, (reply) => {
        outgoing.writeHead(reply.statusCode, reply.headers);
        reply.pipe(outgoing);
      });
      passed.on("error", () => outgoing.destroy());
      return incoming.pipe(passed);
    }
    outgoing.writeHead(200, {"Content-Type": "text/event-stream", "Cache-Control": "no-store"});
    const timer = setInterval(() => {
      ++seq;
      outgoing.write(`id: ${seq}\nevent: progress\ndata: ${JSON.stringify({...sample, seq, message: `Processed ${seq} sheets`, sheets_total: 11_404, sheets_processed: seq, rate_per_second: 50 + seq % 7, timestamp: new Date().toISOString(), elapsed_seconds: Math.floor(seq / 50)})}\n\n`);
    }, 20);
    outgoing.on("close", () => clearInterval(timer));
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {url: "http://127.0.0.1:" + proxy.address().port, sent: () => seq - sample.seq, close: () => { proxy.closeAllConnections(); proxy.close(); }};
}

async function liveEvents() {
  const server = await SheaflineServer.create();
  const browser = await Chromium.create();
  let proxy;
  try {
    const batch = await server.batch("waits");
    const sample = await eventually(async () => (await server.events(batch)).find((event) => event.message === "waiting"));
    proxy = await fastStream(server.url, sample);
    await signIn(browser, {...server, url: proxy.url, password: server.password});
    await visit(browser, "#/batches/" + batch);
    await browser.waitFor("#now", /Processed/);
    await browser.run(async () => {
      window.tasks = [0];
      new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({type: "longtask"});
    });
    const before = proxy.sent();
    await new Promise((resolve) => setTimeout(resolve, 20_000));
    const rate = (proxy.sent() - before) / 20;
    say("longest task of the page of a batch at work", `${Math.max(...await browser.run(async () => window.tasks)).toFixed(0)} ms in 20 s with ${rate.toFixed(0)} events/s (tasks below 50 ms do not count)`);
  } finally {
    await browser.remove();
    proxy?.close();
    await server.remove();
  }
}

const server = await SheaflineServer.create({settings: demoPipelines()});
try {
  await firstLoad(server);
  await firstDecision(server);
  const large = await finishedBatch(server, "large", "--sheets", "100", "--profile", "typical");
  await server.process.stop();
  const filled = start("python3", [join(sourceFolder, "tests/clients/fill_history.py"), join(server.folder.path, "sheafline-data/history.db"), "sheets", large, String(kCopies)]);
  if (await filled.end !== 0) throw new Error(filled.out);
  await server.start();
  const browser = await Chromium.create();
  try {
    await signIn(browser, server);
    await scrolling(browser, large);
    await sheets(browser, large);
    await crops(browser, large);
  } finally {
    await browser.remove();
  }
  await liveEvents();
} finally {
  await server.remove();
}
console.log(["| what | figure |", "| --- | --- |", ...rows].join("\n"));
