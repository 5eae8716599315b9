"""The same for Starlette: GET /sub streams, POST /pub publishes."""
import asyncio
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

queues = set()


async def events(queue):
    try:
        yield ": open\n\n"
        while True:
            yield await queue.get()
    finally:
        queues.discard(queue)


async def sub(request):
    queue = asyncio.Queue()
    queues.add(queue)
    return StreamingResponse(events(queue), media_type="text/event-stream")


async def pub(request):
    frame = "event: progress\ndata: " + (await request.body()).decode() + "\n\n"
    for queue in queues:
        queue.put_nowait(frame)
    return Response()


app = Starlette(routes=[Route("/sub", sub), Route("/pub", pub, methods=["POST"])])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", backlog=4096)
