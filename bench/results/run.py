"""Runs the comparisons of this folder several times, and writes bench/RESULTS.md with charts.

    bench/results/run.py BUILD_FOLDER [--quick] [--only TITLE]... [--out bench/RESULTS.md]
"""
import argparse
import collections
import datetime
import pathlib
import platform
import statistics
import subprocess
import sys
import time

from charts import chart
from comparisons import COMPARISONS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def output_of(words):
    result = subprocess.run([str(word) for word in words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            check=False)
    return result.returncode, result.stdout


def version_of(words):
    try:
        lines = [line for line in output_of(words)[1].splitlines() if line.strip()]
    except OSError:
        return "not installed"
    return lines[0].strip() if lines else "unknown"


def machine():
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    models = [line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")]
    memory = int(pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]) / 1024 / 1024
    return f"{len(models)} cores ({models[0] if models else platform.machine()}), {memory:.0f} GiB, Linux {platform.release()}"


def versions(build):
    packages = ["nginx-core", "nginx-light", "libnginx-mod-nchan", "python3-starlette", "python3-celery", "redis-server", "unzip", "7zip",
                "libarchive-tools", "sqlite3", "postgresql-client-15", "zxing-cpp-tools", "zbar-tools", "libpoco-dev"]
    listed = output_of(["dpkg-query", "--show", "--showformat", "${db:Status-Status} ${Package} ${Version}\n"] + packages)[1]
    found = [line.split()[1:] for line in listed.splitlines() if line.startswith("installed ")]
    return version_of([build / "bin/sheafline", "--version"]), ", ".join(" ".join(words) for words in found)


def measured(comparison, build, quick):
    """{row: {subject: [value of each round]}}, and what went wrong."""
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for _ in range(1 if quick else comparison.rounds):
        for _ in range(comparison.tries):
            status, text = output_of(comparison.command(str(build), quick))
            if status == 0:
                break
        if status != 0:
            return {}, text.strip().splitlines()[-1:] or [f"exit status {status}"]
        for row, subject, value in comparison.parse(text):
            values[row][subject].append(value)
    if not values:
        return {}, ["its output was not understood"]
    return values, []


def shown(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values):
    middle = shown(statistics.median(values))
    return middle if len(values) == 1 else f"{middle} ({shown(min(values))} to {shown(max(values))})"


def ratio(row, subjects):
    ours, theirs = (statistics.median(subjects[name]) for name in ("Sheafline", row.peer))
    if min(ours, theirs) <= 0:
        return None
    return ours / theirs if row.higher_is_better else theirs / ours


def table(comparison, values):
    causes = []
    lines = ["| what | unit | Sheafline | others | ratio | goal |", "| --- | --- | --- | --- | --- | --- |"]
    for name, subjects in values.items():
        row = comparison.rows.get(name)
        if row is None or "Sheafline" not in subjects:
            continue
        others = ", ".join(f"{other} {spread(found)}" for other, found in subjects.items() if other != "Sheafline")
        found = ratio(row, subjects) if row.peer in subjects else None
        ratio_text = f"{found:.2f} × {row.peer}" if found else ""
        missed = row.goal and not (found and found >= row.goal)
        goal = "" if not row.goal else f"{row.goal:.2f}" + (": **missed**" if missed else ": met")
        if missed and row.cause:
            causes += ["", f"Why {name} misses its goal: {row.cause}"]
        lines.append(f"| {name} | {row.unit} | {spread(subjects['Sheafline'])} | {others} | {ratio_text} | {goal} |")
    return lines + causes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--quick", action="store_true", help="one round and smaller sizes: under ten minutes")
    parser.add_argument("--only", action="append", help="title of a comparison; repeatable")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/RESULTS.md")
    options = parser.parse_args()
    build = options.build.resolve()
    known = [comparison.title for comparison in COMPARISONS]
    for title in options.only or []:
        if title not in known:
            parser.error(f"there is no comparison '{title}'; the titles are: {', '.join(known)}")
    program, peers = versions(build)
    rounds = "one round" if options.quick else "the median of three rounds (smallest to largest), or one where rounds are long"
    page = ["# Results", "",
            "Made by `scripts/bench.sh" + (" --quick" if options.quick else "") + "`; do not edit. Each row compares programs on one machine, in "
            f"one run, by turns: {rounds}. A ratio above 1 means that Sheafline needs less or does more.", "",
            f"- {datetime.date.today()}, {machine()}", f"- {program}", f"- {peers}", ""]
    failed = 0
    for comparison in COMPARISONS:
        if options.only and comparison.title not in options.only:
            continue
        began = time.monotonic()
        values, wrong = measured(comparison, build, options.quick)
        print(f"{comparison.title}: {time.monotonic() - began:.0f} s {' '.join(wrong)}", flush=True)
        page += ["## " + comparison.title, "", comparison.about, ""]
        if wrong:
            failed += 1
            page += ["Not measured: " + " ".join(wrong), ""]
            continue
        page += table(comparison, values) + [""]
        picture = chart(comparison, values, options.out.parent / "charts")
        if picture:
            page += [f"![{comparison.title}]({picture.relative_to(options.out.parent)})", ""]
    options.out.write_text("\n".join(page).rstrip() + "\n", encoding="utf-8")
    print(f"Wrote {options.out}; bench/results/readme.py brings its figures into the README")
    return 1 if failed else 0


sys.exit(main())
