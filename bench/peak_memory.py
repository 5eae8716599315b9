#!/usr/bin/env python3
"""Runs a command and says how much memory it and all processes below it held at once, looked at ten times a second.

    bench/peak_memory.py build/release/bin/sheafline run pipelines/omr-batch.yaml --input big.zip --json > events.jsonl

RSS counts a page of several processes once for each; PSS shares it out; anonymous pages are those of no file.
"""
import os
import subprocess
import sys
import time

FIELDS = ("Rss", "Pss", "Anonymous")


def processes_below(pid):
    waiting, found = [pid], []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as children:
                    waiting += [int(child) for child in children.read().split()]
        except OSError:
            pass  # it has ended
    return found


def memory_of(pid):
    """In KiB, by FIELDS; nothing of a process that has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as lines:
            rows = dict(line.split(":") for line in list(lines)[1:])
    except (OSError, ValueError):
        return [0] * len(FIELDS)
    return [int(rows[field].split()[0]) for field in FIELDS]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    child = subprocess.Popen(sys.argv[1:])
    peak, largest = [0] * len(FIELDS), 0
    while child.poll() is None:
        now = [memory_of(pid) for pid in processes_below(child.pid)]
        peak = [max(before, sum(column)) for before, column in zip(peak, zip(*now))]
        largest = max([largest] + [memory[0] for memory in now])
        time.sleep(0.1)
    said = ", ".join(f"{field} {value // 1024} MiB" for field, value in zip(FIELDS, peak))
    print(f"peak of all processes: {said}; largest process: RSS {largest // 1024} MiB", file=sys.stderr)
    sys.exit(child.returncode)


main()
