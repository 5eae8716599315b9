#!/usr/bin/env python3
"""Batches beside a Redis in trouble, next to batches beside a sound one, in one run: the time from the first to the final
event, and whether Redis has every event afterwards. The goal: within 20 % of undisturbed, and no event lost.

    disturbed.py SHEAFLINE PIPELINE [SHEETS] [ROUNDS]
"""
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

SHEAFLINE, PIPELINE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
SHEETS = sys.argv[3] if len(sys.argv) > 3 else "200"
ROUNDS = int(sys.argv[4]) if len(sys.argv) > 4 else 3


class Redis:
    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL)
        while self.cli("PING") != "PONG":
            time.sleep(0.01)

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-p", self.port, *words], capture_output=True,
                              text=True).stdout.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()


def killed(redis):
    redis.kill()
    time.sleep(1)
    redis.start()


TROUBLES = {
    "undisturbed": lambda redis: None,
    "killed, empty after 1 s": killed,
    "CLIENT PAUSE 2 s": lambda redis: redis.cli("CLIENT", "PAUSE", "2000", "ALL"),
    "maxmemory reached": lambda redis: redis.cli("CONFIG", "SET", "maxmemory", "1mb"),
}


def batch(folder, name, disturb):
    """Seconds from the first to the final event, and whether Redis has all events afterwards."""
    redis = Redis()
    command = [SHEAFLINE, "run", PIPELINE, "--input", "scans.zip", "--json", "--batch-id", name,
               "--redis", f"redis://127.0.0.1:{redis.port}"]
    run = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True)
    begin, events, disturbance = None, [], None
    for line in run.stdout:
        now = time.monotonic()
        begin = begin or now
        events.append(line.strip())
        event = json.loads(line)
        if not disturbance and event["stage"] == "processing_sheets" and event["sheets_processed"] > 0:
            # A reader beside the batch reports when its events arrive.
            disturbance = threading.Thread(target=disturb, args=(redis,))
            disturbance.start()
    run.wait()
    disturbance.join()
    assert run.returncode == 0
    redis.cli("CONFIG", "SET", "maxmemory", "0")
    # The next owner delivers the events for which `run` did not wait.
    subprocess.run(command[:3] + ["--input", "scans.zip", "--json", "--batch-id", name + "-next",
                                  "--redis", command[-1]],
                   cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    whole = redis.cli("LRANGE", f"batch:{name}:progress:log", "0", "-1").split("\n") == events
    redis.kill()
    return now - begin, whole


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([SHEAFLINE, "sample", "--sheets", SHEETS, "--out", "scans.zip"], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
        seconds, lost = {name: [] for name in TROUBLES}, 0
        for round_number in range(ROUNDS):
            for number, (name, disturb) in enumerate(TROUBLES.items()):
                took, whole = batch(folder, f"r{round_number}-{number}", disturb)
                seconds[name].append(took)
                lost += not whole
        sound = statistics.median(seconds["undisturbed"])
        worst = 0
        for name, took in seconds.items():
            ratio = statistics.median(took) / sound
            worst = max(worst, ratio)
            print(f"{name:26} {statistics.median(took):6.2f} s  {ratio:5.2f} of undisturbed")
        print(f"batches whose events Redis did not have whole: {lost}")
        print("goal met" if worst <= 1.2 and lost == 0 else "goal missed")
        sys.exit(0 if worst <= 1.2 and lost == 0 else 1)


main()
