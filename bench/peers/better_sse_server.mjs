// The same as bench/sse/starlette_server.py with better-sse: GET /sub?b=BATCH streams, POST /pub?b=BATCH publishes.
import { createChannel, createSession } from "better-sse";
import { createServer } from "node:http";

const channels = new Map();

function channelOf(batch) {
    if (!channels.has(batch)) channels.set(batch, createChannel());
    return channels.get(batch);
}

createServer(async (request, response) => {
    const url = new URL(request.url, "http://127.0.0.1");
    const channel = channelOf(url.searchParams.get("b"));
    if (url.pathname === "/sub") {
        channel.register(await createSession(request, response, { keepAlive: null, retry: null, serializer: (data) => data }));
        return;
    }
    const parts = [];
    for await (const part of request) parts.push(part);
    channel.broadcast(Buffer.concat(parts).toString(), "progress");
    response.end();
}).listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 }).keepAliveTimeout = 600_000;
