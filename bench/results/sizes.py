"""What a sheet costs besides reading it, for batches of 100 sheets and more: CPU of all processes.

    bench/results/sizes.py BUILD_FOLDER [LARGEST]
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile

PIPELINE = """name: empty
stages:
  - {{id: list, uses: blank_sheets, with: {{count: {count}}}}}
  - {{id: process, uses: dispatch, with: {{processor: empty, workers: 2}}}}
  - {{id: collect, uses: collect}}
  - {{id: csv, uses: csv, with: {{file: rows.csv}}}}
"""


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    largest = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    environment = dict(os.environ, SHEAFLINE_PLUGIN_PATH=str(build / "bench_plugins"))
    for count in (100, 1_000, 10_000, 100_000):
        if count > largest:
            break
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "p.yaml").write_text(PIPELINE.format(count=count), encoding="utf-8")
            before = cpu_seconds()
            result = subprocess.run([build / "bin/sheafline", "run", "p.yaml", "--json"], cwd=folder, env=environment,
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            if result.returncode != 0:
                sys.exit(result.stderr)
            print(f"{count} sheets | Sheafline | {(cpu_seconds() - before) / count * 1e6:.1f}")


main()
