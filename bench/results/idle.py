"""Start, memory and idle cost of `sheafline serve`, and of the Starlette program of bench/sse.

    bench/results/idle.py BUILD_FOLDER
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def tree_of(pid):
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            waiting += [int(child) for child in (task / "children").read_text().split()]
    return found


def pss_mib(pids):
    lines = [line for pid in pids for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def cpu_ms(pids):
    stats = [pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) * 1000 / TICKS


def measure(name, command, port, folder):
    with open(folder / (name + ".log"), "w", encoding="utf-8") as log:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        while not answers(port):
            if process.poll() is not None:
                sys.exit(f"{name} did not start; see its messages:\n" + (folder / (name + ".log")).read_text())
        print(f"start to the first answer | {name} | {(time.monotonic() - start) * 1000:.0f}")
        pids = tree_of(process.pid)
        print(f"memory (PSS) | {name} | {pss_mib(pids):.1f}")
        before = cpu_ms(pids)
        time.sleep(10)
        print(f"CPU in ten idle seconds | {name} | {cpu_ms(pids) - before:.0f}")
    finally:
        process.terminate()
        process.wait()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    here = pathlib.Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        port = free_port()
        measure("Sheafline", [build / "bin/sheafline", "serve", "--listen", f"127.0.0.1:{port}"], port, folder)
        port = free_port()
        measure("Starlette", ["/usr/bin/python3", "-B", here.parent / "sse/starlette_server.py", str(port)], port, folder)


main()
