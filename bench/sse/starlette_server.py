"""The same for Starlette: GET /sub?b=BATCH streams, POST /pub?b=BATCH publishes."""
import asyncio
import collections
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

queues = collections.defaultdict(set)


async def events(batch, queue):
    try:
        yield ": open\n\n"
        while True:
            yield await queue.get()
    finally:
        queues[batch].discard(queue)


async def sub(request):
    batch, queue = request.query_params["b"], asyncio.Queue()
    queues[batch].add(queue)
    return StreamingResponse(events(batch, queue), media_type="text/event-stream")


async def pub(request):
    frame = "event: progress\ndata: " + (await request.body()).decode() + "\n\n"
    for queue in queues[request.query_params["b"]]:
        queue.put_nowait(frame)
    return Response()


app = Starlette(routes=[Route("/sub", sub), Route("/pub", pub, methods=["POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", backlog=4096)
