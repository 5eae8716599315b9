// Empty jobs of BullMQ, for bench/workers/run.sh.
//   bullmq_jobs.mjs work PORT          a worker process; fifty jobs at a time, because one at a time leaves it idle
//   bullmq_jobs.mjs rate PORT N        N jobs whose results are waited for: jobs a second
import { Queue, QueueEvents, Worker } from "bullmq";

const [, , what, port, count] = process.argv;
const connection = { host: "127.0.0.1", port: Number(port), db: 2, maxRetriesPerRequest: null };

if (what === "work") {
    const worker = new Worker("numbers", async (job) => job.data, { connection, concurrency: 50 });
    await worker.waitUntilReady();
    process.on("SIGTERM", () => worker.close().then(() => process.exit(0)));
    console.log("ready");
} else {
    const queue = new Queue("numbers", { connection });
    const events = new QueueEvents("numbers", { connection });
    await events.waitUntilReady();
    const waiting = new Map();
    events.on("completed", ({ jobId, returnvalue }) => waiting.get(jobId)?.(returnvalue));
    const done = (id) => new Promise((resolve) => waiting.set(id, resolve));
    const first = done("first");
    await queue.add("number", 0, { jobId: "first" });
    await first; // the workers are there
    const ids = Array.from({ length: Number(count) }, (_, n) => `n${n}`);
    const results = ids.map(done);
    const start = performance.now();
    for (let n = 0; n < ids.length; n += 1000)
        await queue.addBulk(ids.slice(n, n + 1000).map((jobId, i) => ({ name: "number", data: n + i, opts: { jobId, removeOnComplete: true } })));
    const found = await Promise.all(results);
    const seconds = (performance.now() - start) / 1000;
    if (found.some((value, n) => Number(value) !== n)) throw new Error("a result is wrong");
    console.log(Math.round(ids.length / seconds));
    await events.close();
    await queue.close();
}
