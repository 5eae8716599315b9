#!/usr/bin/env python3
"""Follows every batch, as a consumer of the old service does: from the contract's words alone.

    redis_subscriber.py PORT    prints "ready", then a line an event; ends with the first final event
"""
import json
import socket
import sys

FIXED = ["stage", "message", "progress_percentage", "sheets_total", "sheets_processed",
         "elapsed_seconds", "timestamp"]


def read_reply(lines):
    """One reply of RESP2: an array of bulk strings or integers."""
    head = lines.readline()
    kind, rest = head[:1], head[1:].strip()
    if kind == b"*":
        return [read_reply(lines) for _ in range(int(rest))]
    if kind == b"$":
        text = lines.read(int(rest) + 2)[:-2]
        return text.decode()
    if kind == b":":
        return int(rest)
    raise SystemExit(f"unexpected reply {head!r}")


def main():
    connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    connection.sendall(b'PSUBSCRIBE "batch:*:progress"\r\n')
    lines = connection.makefile("rb")
    assert read_reply(lines) == ["psubscribe", "batch:*:progress", 1]
    print("ready", flush=True)
    last = {}
    while True:
        kind, pattern, channel, message = read_reply(lines)
        event = json.loads(message)
        assert kind == "pmessage" and pattern == "batch:*:progress"
        assert channel == f"batch:{event['batch_id']}:progress", channel
        assert list(event)[:7] == FIXED, list(event)
        assert event["seq"] == last.get(channel, 0) + 1, (channel, event["seq"])
        last[channel] = event["seq"]
        print(event["seq"], event["stage"], f"{event['progress_percentage']}%", flush=True)
        if event["stage"] in ("completed", "failed", "cancelled"):
            return


main()
