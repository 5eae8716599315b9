"""Writes the table of the README from bench/RESULTS.md.

    bench/results/readme.py            writes it
    bench/results/readme.py --check    fails if the README has another table
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BEGIN, END = "<!-- from bench/RESULTS.md -->\n", "<!-- end -->\n"
# Section and row of RESULTS.md, and what the README calls it.
ROWS = [
    ("Extraction", "incompressible", "extract 300 MB of scans"),
    ("QR codes", "codes read right, of 100 hard pages at 100 dpi", "QR codes read on 100 hard pages"),
    ("Loading a table", "rows into PostgreSQL", "load rows into PostgreSQL"),
    ("Dispatch to workers", "sheets to worker processes and back", "tasks to two workers and back"),
    ("Event streams", "1000 clients, 1 batches", "a million events to 1,000 browsers"),
    ("HTTP", "requests over 256 connections", "small answers over 256 connections"),
]


def cells_of(text):
    """{(section, row): the other cells}"""
    found, section = {}, ""
    for line in text.splitlines():
        if line.startswith("## "):
            section = line[3:]
        elif line.startswith("| ") and section:
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            found[section, cells[0]] = cells[1:]
    return found


def table(results):
    lines = ["| what | Sheafline | peer | ratio |", "| --- | --- | --- | --- |"]
    found = cells_of(results)
    for section, row, label in ROWS:
        if (section, row) not in found:
            sys.exit(f"RESULTS.md has no row '{row}' in '{section}'; run scripts/bench.sh again")
        unit, ours, others, ratio = found[section, row][:4]
        peer = ratio.split(" × ")[1]
        theirs = re.search(re.escape(peer) + r" ([\d,.]*\d)", others).group(1)
        ours = ours.split(" (")[0]
        lines.append(f"| {label} | {ours} {unit} | {peer}: {theirs} {unit} | {ratio.split(' × ')[0]} |")
    return "\n".join(lines) + "\n"


def main():
    wanted = table((ROOT / "bench/RESULTS.md").read_text(encoding="utf-8"))
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    if sys.argv[1:] == ["--check"]:
        if text[start:end] != wanted:
            sys.exit("the table of README.md differs from bench/RESULTS.md; run bench/results/readme.py")
        return
    readme.write_text(text[:start] + wanted + text[end:], encoding="utf-8")


main()
