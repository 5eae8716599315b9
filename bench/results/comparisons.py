"""What is compared with what: a command for each comparison, and how its lines become figures.

A figure is (row, subject, value). `Row` says the unit of a row, which direction is good, and the goal against one peer.
"""
import dataclasses
import re
from typing import Callable


@dataclasses.dataclass(frozen=True)
class Row:
    unit: str
    higher_is_better: bool
    peer: str = ""        # the peer of the ratio
    goal: float = 0.0     # at least this ratio in our favor; 0: there is none
    cause: str = ""       # what a profile shows while the goal is missed


@dataclasses.dataclass(frozen=True)
class Comparison:
    title: str
    about: str
    command: Callable     # (build folder, quick) -> list of words
    parse: Callable       # text -> list of (row, subject, value)
    rows: dict
    rounds: int = 3
    tries: int = 1        # how often a round that fails is begun


def number(text):
    return float(text.replace(",", ""))


def parse_extract(text):
    figures = []
    for block in re.split(r"\n(?=\S)", text):
        head = re.match(r"(.*) \(\d+ MB packed\): (.*)", block)
        if not head:
            continue
        for name, seconds in re.findall(r"(\w+) ([\d.e+-]+) s, CPU", head[2]):
            figures.append((head[1], name, number(seconds)))
        for how, seconds in re.findall(r"^  (extract[^:]*): ([\d.e+-]+) s", block, re.M):
            durable = "durable" in how
            figures.append((head[1] + (", with a durable copy" if durable else ""), "Sheafline", number(seconds)))
            if durable:
                figures += [(head[1] + ", with a durable copy", name, value)
                            for row, name, value in figures if row == head[1] and name != "Sheafline"]
    return figures


def parse_load(text):
    figures = []
    for target, theirs, their_rate, our_rate in re.findall(
            r"^(.*): (.*?) (\d+) rows/s, \S.*? (\d+) rows/s, ratio", text, re.M):
        figures += [("rows into " + target, theirs, number(their_rate)),
                    ("rows into " + target, "Sheafline", number(our_rate))]
    return figures


def parse_batch(text):
    cpu = dict(re.findall(r"^(decoding of the pages alone|ZIP to CSV and table) +([\d.]+) ms CPU", text, re.M))
    return [("a sheet from ZIP to CSV and table", "Sheafline", number(cpu["ZIP to CSV and table"])),
            ("a sheet from ZIP to CSV and table", "decoding alone", number(cpu["decoding of the pages alone"]))]


def parse_codes(text):
    figures = []
    for reader, right, wrong, milliseconds in re.findall(
            r"^(sheafline|ZXingReader|zbarimg) +(\d+) +(\d+) +\d+ +([\d.]+)$", text, re.M):
        name = "Sheafline" if reader == "sheafline" else reader
        figures += [("codes read right, of 100 hard pages at 100 dpi", name, number(right)),
                    ("codes read wrong", name, number(wrong)), ("a page", name, number(milliseconds))]
    return figures


def parse_dispatch(text):
    figures = []
    for ours, with_results, drained in re.findall(
            r"sheafline (\d+) sheets/s .*?celery (\d+) tasks/s with results .*?, (\d+) without", text):
        figures += [("sheets to worker processes and back", "Sheafline", number(ours)),
                    ("sheets to worker processes and back", "Celery", number(with_results)),
                    ("sheets to worker processes and back", "Celery without results", number(drained))]
    figures += [("sheets to worker processes and back", "BullMQ", number(rate)) for rate in re.findall(r"bullmq (\d+) jobs/s", text)]
    for ours, celery in re.findall(r"median (\d+) us.*?celery median (\d+) us", text):
        figures += [("one sheet there and back", "Sheafline", number(ours)), ("one sheet there and back", "Celery", number(celery))]
    return figures


def parse_http(text):
    names = {"front": "Sheafline", "poco": "Poco HTTPServer", "nginx": "nginx"}
    return [(f"requests over {connections} connections", names[kind], number(rate))
            for kind, connections, rate in re.findall(r"^(\w+) +(\d+) connections: +([\d.]+) requests/s", text, re.M)]


def parse_streams(text):
    names = {"hub": "Sheafline", "nchan": "nchan", "starlette": "Starlette", "better-sse": "better-sse"}
    figures, title = [], ""
    for line in text.splitlines():
        if line.startswith("== "):
            title = line[3:]
        match = re.match(r"(hub|nchan|starlette|better-sse) .*: ([\d.]+) CPU s per million .*?, (\d+) deliveries/s", line)
        if match and title.endswith("as fast as possible"):
            figures.append((title.replace(", as fast as possible", ""), names[match[1]], number(match[2])))
    return figures


def parse_pairs(text):
    """Lines `row | subject | value`."""
    return [(row.strip(), subject.strip(), number(value))
            for row, subject, value in re.findall(r"^(.*?) \| (.*?) \| ([\d.]+)$", text, re.M)]


# What a profile (`perf record`) shows for rows that miss their goals.
kDurableCopy = ("the copy of the archive writes its bytes to the disk a second time, and it is synced before the first page is used; unzip "
                "returns while its pages are in memory.")
kWholeBatch = ("half of the time is the decoding itself. A sixth is the reading of marks and codes; a fifth is the kernel, which makes, syncs and "
               "removes a file for each page; and the start of the processes counts more in a small batch.")
kDispatch = ("every sheet ends as a row with its state, reading and doubts in a durable history, and as a line of the batch process's own state. "
             "These two take a third of the CPU of a batch of empty sheets, the messages between its processes another fifth.")
kRows = ("a third of the time of db_load is outside of the database: it reads the rows of the batch and checks each value against the type of its "
         "column, where the peer takes the texts of a file as they are.")

COMPARISONS = [
    Comparison("Extraction", "1,200 entries of 250 kB, in one process each. Pages of a scanner are as good as incompressible; "
               "compressible entries are halved. A durable copy of the archive is made by nobody else.",
               lambda build, quick: [f"{build}/bin/extract_bench"], parse_extract,
               {"incompressible": Row("s", False, "unzip"), "compressible": Row("s", False, "unzip"),
                "incompressible, with a durable copy": Row("s", False, "unzip", 5, kDurableCopy),
                "compressible, with a durable copy": Row("s", False, "unzip", 3, kDurableCopy)}),
    Comparison("Loading a table", "The same rows into the same table with its key.",
               lambda build, quick: [f"{build}/bin/load_bench"] + (["100000"] if quick else []), parse_load,
               {"rows into SQLite": Row("rows/s", True, "sqlite3 .import", 2.0, kRows),
                "rows into PostgreSQL": Row("rows/s", True, "psql \\copy", 1.0, kRows)}),
    Comparison("A whole batch", "CPU time of all processes, next to decoding the same JPEG pages of 150 dpi with libjpeg and nothing else. The goal, "
               "0.67, is a batch that costs 1.5 times the decoding.",
               lambda build, quick: [f"{build}/bin/run_batch", "--sheets", "200" if quick else "600"], parse_batch,
               {"a sheet from ZIP to CSV and table": Row("ms CPU", False, "decoding alone", 1 / 1.5, kWholeBatch)}),
    Comparison("QR codes", "Hard pages: tilted, noisy, stained, at 100 dpi.",
               lambda build, quick: [f"{build}/bin/read_codes", "--profile", "hard", "--sheets", "100", "--dpi", "100", "--seed", "7005"],
               parse_codes,
               {"codes read right, of 100 hard pages at 100 dpi": Row("pages", True, "ZXingReader"),
                "codes read wrong": Row("pages", False), "a page": Row("ms", False, "ZXingReader")}),
    Comparison("Dispatch to workers", "Empty sheets and empty tasks through the same Redis to two worker processes. Sheafline also stores "
               "each result in SQLite.",
               lambda build, quick: ["bench/workers/run.sh", build, "1"], parse_dispatch,
               {"sheets to worker processes and back": Row("1/s", True, "Celery", 15, kDispatch), "one sheet there and back": Row("us", False, "Celery")}),
    Comparison("HTTP", "The same small answer over kept connections, from wrk.",
               lambda build, quick: ["bench/http/run.sh", build, "1" if quick else "4"], parse_http,
               {f"requests over {n} connections": Row("1/s", True, "Poco HTTPServer") for n in (16, 256)}),
    Comparison("Event streams", "CPU time of the server for a million deliveries, as fast as each can. Lower is better; a browser sees no difference, "
               "a machine with 10,000 of them does.",
               lambda build, quick: ["bench/sse/run.sh", build] + (["quick"] if quick else []), parse_streams,
               {"1000 clients, 1 batches": Row("CPU s", False, "nchan", 12), "10000 clients, 1 batches": Row("CPU s", False, "nchan", 12),
                "10000 clients, 1000 batches": Row("CPU s", False, "nchan")}, rounds=1,
               tries=3),  # a burst may outrun the backlog of a client, which the hub then cuts; the client of the comparison does not resume
    Comparison("Start, memory and idle cost", "`sheafline serve` with all sinks and an empty history, next to the Starlette program that only streams.",
               lambda build, quick: ["/usr/bin/python3", "bench/results/idle.py", build], parse_pairs,
               {"start to the first answer": Row("ms", False, "Starlette"), "memory (PSS)": Row("MiB", False, "Starlette"),
                "CPU in ten idle seconds": Row("ms", False, "Starlette")}),
    Comparison("Cost by size", "Empty sheets through all the machinery of a batch, with two worker processes on this host: what a sheet costs besides reading it.",
               lambda build, quick: ["/usr/bin/python3", "bench/results/sizes.py", build] + (["10000"] if quick else ["100000"]), parse_pairs,
               {f"{n} sheets": Row("us CPU a sheet", False) for n in (100, 1000, 10000, 100000)}, rounds=1),
]
