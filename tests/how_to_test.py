#!/usr/bin/env python3
"""Runs a page of docs as a reader does: its commands, with its files, against an installed Sheafline.

how_to_test.py SOURCE_DIR BUILD_DIR CXX_FLAGS PAGE
how_to_test.py --script PAGE      prints the commands as one script, with the files of the page

In an empty folder, the blocks of the page are taken in order:
    ```sh             the commands, by one bash that stops at the first error
    ```text           lines that the output of the commands so far has
    a block of another language whose first line is a comment with a file's name: that file
Free ports replace those of 127.0.0.1:8000, :8001, :8002, :5433, :6379 and :8443. $PIPELINES is the folder of the installed pipelines, $SOURCE the
source tree. Exit status 77: a program is missing.
"""
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PORTS = [f"127.0.0.1:{port}" for port in (8000, 8001, 8002, 5433, 6379, 8443)]
PROGRAMS = ["cmake", "convert", "curl", "nginx", "openssl", "pdftoppm", "redis-server"]


def blocks(page):
    """The language and the lines of each fenced block."""
    language, lines = None, []
    for line in page.splitlines():
        if language is None and line.startswith("```"):
            language, lines = line[3:].strip(), []
        elif line == "```":
            yield language, lines
            language = None
        elif language is not None:
            lines.append(line)


def with_free_ports(page):
    listeners = []
    for address in PORTS:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listeners.append(listener)
        page = page.replace(address, f"127.0.0.1:{listener.getsockname()[1]}")
    for listener in listeners:
        listener.close()
    return page


def script_of(page):
    """One bash script, and the expected lines of the output."""
    script, expected = ["set -euo pipefail"], []
    for language, lines in blocks(page):
        named = re.fullmatch(r"(?://|#) ([\w./-]+\.\w+)", lines[0]) if lines else None
        if language == "sh":
            script += lines
        elif language == "text":
            expected += lines
        elif language and named:
            script += [f"cat > {named[1]} <<'END_OF_BLOCK'", *lines, "END_OF_BLOCK"]
    return "\n".join(script) + "\n", expected


def end_of_group(group):
    """Ends the servers that a page has started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
            for _ in range(200):
                os.killpg(group, 0)
                time.sleep(0.1)
        except ProcessLookupError:
            return


def output_of(script, environment):
    """The exit status of the script and the lines of its output, in an empty folder."""
    with tempfile.TemporaryDirectory(prefix="sheafline-how-to-") as folder:
        script_file, out_file, place = (os.path.join(folder, name) for name in ("page.sh", "out", "empty"))
        with open(script_file, "w", encoding="utf-8") as file:
            file.write(script)
        os.mkdir(place)
        with open(out_file, "w", encoding="utf-8") as out:
            bash = subprocess.Popen(["bash", script_file], cwd=place, env=environment, start_new_session=True,
                                    stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT)
            try:
                status = bash.wait(timeout=400)
            except subprocess.TimeoutExpired:
                status = "none: they do not end"
            end_of_group(bash.pid)
        with open(out_file, encoding="utf-8", errors="replace") as out:
            return status, out.read().splitlines()


def check(page, environment):
    for program in PROGRAMS:
        if re.search(rf"^{program} ", page, re.MULTILINE) and not shutil.which(program, path=environment["PATH"]):
            print(f"skipped: {program} is not installed")
            return 77
    script, expected = script_of(with_free_ports(page))
    status, lines = output_of(script, environment)
    print("\n".join(lines))
    if status != 0:
        print(f"FAILED: the commands of the page end with status {status}")
        return 1
    missing = [line for line in expected if not any(line in shown for shown in lines)]
    for line in missing:
        print(f"FAILED: no line of the output has: {line}")
    return 1 if missing else 0


def main():
    with open(sys.argv[-1], encoding="utf-8") as file:
        page = file.read()
    if sys.argv[1] == "--script":
        print(script_of(page)[0], end="")
        return 0
    source, build, flags = sys.argv[1:4]
    with tempfile.TemporaryDirectory(prefix="sheafline-installed-") as prefix:
        subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        environment = {**os.environ, "PATH": f"{prefix}/bin:{source}/deploy/scanner:{os.environ['PATH']}", "CMAKE_PREFIX_PATH": prefix, "CXXFLAGS": flags,
                       "PIPELINES": f"{prefix}/share/sheafline/pipelines", "SOURCE": source}
        return check(page, environment)


if __name__ == "__main__":
    sys.exit(main())
