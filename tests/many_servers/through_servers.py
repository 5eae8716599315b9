#!/usr/bin/env python3
"""Runs a test program through three servers with one history, behind a proxy that chooses one of them for each request.

through_servers.py PROGRAM_FILE             runs all its cases, except those that one_server.txt lists
through_servers.py --check PROGRAM_FILE...  fails if one_server.txt lists a case or a program that does not exist
"""
import os
import pathlib
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("one_server.txt")


def listed():
    """The names of the listed cases of each program."""
    cases = {}
    for number, line in enumerate(LIST.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        parts = line.split(" | ")
        if len(parts) != 3 or not all(parts):
            sys.exit(f"{LIST}:{number}: write 'PROGRAM | TEST | REASON'")
        cases.setdefault(parts[0], []).append(parts[1])
    return cases


def unknown(program, names):
    """Those of the names that no case of the program has."""
    # Catch2 2.13 ends with the number of cases as its status.
    output = subprocess.run([program, "--list-test-names-only"], stdout=subprocess.PIPE, text=True).stdout
    return sorted(set(names) - set(output.splitlines()))


def fail_on_unknown(program, names):
    wrong = unknown(program, names)
    if wrong:
        sys.exit(f"{LIST}: {program.name} has no case " + ", ".join(f"'{name}'" for name in wrong))


def main():
    cases = listed()
    if sys.argv[1] == "--check":
        programs = {path.name: path for path in map(pathlib.Path, sys.argv[2:])}
        missing = sorted(set(cases) - set(programs))
        if missing:
            sys.exit(f"{LIST}: no test through three servers runs " + ", ".join(missing))
        for name, names in cases.items():
            fail_on_unknown(programs[name], names)
        return
    program = pathlib.Path(sys.argv[1])
    left_out = cases.get(program.name, [])
    fail_on_unknown(program, left_out)
    # One argument: all of it must hold. A comma would begin another choice.
    spec = "".join('~"' + name.replace(",", "\\,") + '"' for name in left_out)
    os.environ["SHEAFLINE_TEST_SERVERS"] = "3"
    sys.stdout.flush()
    os.execv(program, [str(program), *([spec] if spec else []), "--durations", "yes"])


main()
