#!/usr/bin/env python3
"""One table for all kinds of sheets: how much is wrong in silence, flagged and quarantined.

    table.py PROGRAM [BEFORE] [--sheets N] [--seed N] [--shared FOLDER] [--only KIND]

PROGRAM and BEFORE are two builds of sheafline; the same archives are run through both, with one
worker. FOLDER is the folder `shared` with `cases` and `data`; without it only the sheets that are
made here are read. A time is that of the stage that reads the marks, decoding included.
"""
import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
DEMO = ROOT / "pipelines/templates/demo-sheet.yaml"
PIPELINE = """name: table
params:
  input: {{type: path, required: true}}
stages:
  - {{id: extract, uses: extract, with: {{archive: "${{{{ params.input }}}}"}}}}
  - id: process
    uses: dispatch
    with: {{processor: omr, template: "{template}", workers: 1}}
    skip: {{limit: 100%}}
  - {{id: collect, uses: collect}}
  - {{id: csv, uses: csv, with: {{file: rows.csv}}}}
"""
FORTY = """sheet: forty
page: {width: 210, height: 297}
align:
  fiducials: {shape: square, side: 6, centres: [[12, 12], [198, 12], [198, 285], [12, 285]]}
  orientation: {centre: [22, 12], side: 3}
bubble: {radius: 2.3}
fields:
  - {name: q, count: 40, first: 1, values: ABCDE, step: [0, 9], value_step: [8, 0],
     columns: [{origin: [40, 60], count: 20}, {origin: [115, 60], count: 20}]}
"""


class Sheets:
    """Pictures with one template, and for each its answers; `doubt` are those to be flagged."""

    def __init__(self, template, pictures, truth, doubt=None):
        self.template = pathlib.Path(template)
        self.pictures = pictures  # name in the archive: file
        self.truth = truth  # name: {column: value}
        self.doubt = doubt or {}


class Tally:
    FIELDS = ("sheets", "answers", "wrong", "missed", "flagged", "quarantined")

    def __init__(self):
        for field in self.FIELDS:
            setattr(self, field, 0)
        self.seconds = 0.0
        self.failed = ""

    def add(self, other):
        for field in self.FIELDS:
            setattr(self, field, getattr(self, field) + getattr(other, field))
        self.seconds += other.seconds
        self.failed = self.failed or other.failed

    def line(self, kind, program):
        ms = 1e3 * self.seconds / max(1, self.sheets)
        numbers = "".join(f"{getattr(self, field):12}" for field in self.FIELDS)
        return f"{kind:34} {program:7}{numbers}{ms:9.1f}  {self.failed}"


def run(program, arguments, folder):
    return subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True,
                          check=False)


def read(program, sheets, folder):
    """The rows of a batch of these sheets, by name, and the seconds that reading took."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
    (folder / "p.yaml").write_text(PIPELINE.format(template=sheets.template.resolve()))
    with zipfile.ZipFile(folder / "in.zip", "w") as archive:
        for name, file in sheets.pictures.items():
            archive.write(file, name)
    done = run(program, ["run", "p.yaml", "--input", "in.zip", "--batch-id", "b", "--json"], folder)
    status = run(program, ["batches", "show", "b", "--json"], folder)
    seconds = 0.0
    if status.returncode == 0:
        for stage in json.loads(status.stdout).get("stages", []):
            if stage["stage_id"] == "process":
                seconds = stage.get("elapsed_seconds") or 0
    rows = {}
    for file in folder.rglob("rows.csv"):
        with open(file, newline="", encoding="utf-8") as text:
            rows = {row["file"]: row for row in csv.DictReader(text)}
    why = "" if done.returncode in (0, 1) else done.stderr.strip().splitlines()[-1][:90]
    return rows, seconds, why


def unguarded(text):
    """A CSV cell without the guard against formulas."""
    return text[1:] if text[:1] == "'" else text


def compare(sheets, rows):
    tally = Tally()
    for name, truth in sheets.truth.items():
        tally.sheets += 1
        row = rows.get(name)
        if row is None or row["status"] != "read":
            tally.quarantined += 1
            continue
        flags = {flag.split(":")[0] for flag in row["flags"].split(";") if flag}
        for column, value in truth.items():
            tally.answers += 1
            is_flagged = column in flags
            tally.flagged += is_flagged
            is_right = unguarded(row.get(column, "")) == value
            tally.wrong += not is_right and not is_flagged
            tally.missed += is_right and not is_flagged and column in sheets.doubt.get(name, ())
    return tally


def samples(program, folder, profile, count, seed):
    out = folder / f"{profile}.zip"
    truth_file = folder / f"{profile}.json"
    run(program, ["sample", "--profile", profile, "--sheets", str(count), "--seed", str(seed),
                  "--out", str(out), "--truth", str(truth_file)], folder)
    pages = folder / profile
    with zipfile.ZipFile(out) as archive:
        archive.extractall(pages)
    truth = json.loads(truth_file.read_text())
    return [Sheets(DEMO, {name: pages / name for name in truth},
                   {name: sheet["answers"] for name, sheet in truth.items()},
                   {name: set(sheet.get("doubt", {})) for name, sheet in truth.items()})]


def foreign(folder):
    subprocess.run([sys.executable, HERE / "foreign_forms.py", folder / "forms", "--forms", "20",
                    "--sheets", "4", "--seed", "1"], check=True, stdout=subprocess.DEVNULL)
    forms = []
    for form in sorted((folder / "forms").iterdir()):
        if not (form / "truth.json").exists():
            continue
        truth = json.loads((form / "truth.json").read_text())
        template = form / "template.json"
        forms.append(Sheets(template if template.exists() else form / "template.yaml",
                            {name: form / name for name in truth},
                            {name: sheet["answers"] for name, sheet in truth.items()},
                            {name: set(sheet.get("doubt", ())) for name, sheet in truth.items()}))
    return forms


def omrchecker(data):
    sets = []
    for sample in json.loads((data / "truth.json").read_text()):
        file = data / sample["file"]
        sets.append(Sheets(data / sample["template"], {file.name: file},
                           {file.name: sample["answers"]}))
    return sets


def cases(folder, shared):
    """The sheets of issue 15, with the answers that a person sees."""
    root = shared / "cases/sheets"
    forty = folder / "forty.yaml"
    forty.write_text(FORTY)
    filled = "CEBDA" * 6

    def questions(letters):
        return {f"q{i + 1}": letter.strip("-") for i, letter in enumerate(letters)}

    def one(template, file, truth, doubt=()):
        return Sheets(template, {file.name: file}, {file.name: truth}, {file.name: set(doubt)})

    rings = [one(forty, root / "bold-rings" / name, questions(filled + "-" * 10))
             for name in ("ring_l20_t1.jpg", "ring_l20_t3.jpg")]
    circled = questions("CEBDA" * 8)
    curved = {"student": "7811717",
              **questions("BACEACDBBEBEECCADAACCEDCBEDACDEBEECCBBEBBDBAEBEBBBCBEBAADEDD")}
    copied = questions("CDACCCBACCBDBDCCBDBDCCCBDDDBADDCABCADAAADDBABCBACD"
                       "CDABCACCCDBCCCCADADADCCDCDAACBCDCABCBDAACABDCDACBA")
    misaligned = root / "xerox-misaligned"
    photo = misaligned / "grayscale-80-gsm.jpg"
    return {
        "case bold-rings": rings,
        "case circled": [one(forty, root / "circled/all_circled.jpg", circled, circled)],
        "case curved": [one(DEMO, root / "curved/curved18px.jpg", curved)],
        "case blank-digit": [one(DEMO, root / "blank-digit/blank_digit.jpg",
                                 {"student": "78_1717"}, {"student"})],
        "case xerox, OMRChecker's template": [one(misaligned / "template.json", photo, copied)],
        "case xerox, native template": [one(misaligned / "native.json", photo, copied)],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("before", nargs="?")
    parser.add_argument("--sheets", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7001)
    parser.add_argument("--shared", type=pathlib.Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    programs = {"now": os.path.abspath(options.program)}
    if options.before:
        programs = {"before": os.path.abspath(options.before), **programs}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        kinds = {}
        if options.shared:
            kinds.update(cases(folder, options.shared))
            kinds["samples of OMRChecker"] = omrchecker(options.shared / "data/omrchecker")
        for i, profile in enumerate(("clean", "typical", "hard")):
            kinds[f"demo sheet, profile {profile}"] = lambda p=profile, s=options.seed + i: samples(
                programs["now"], folder, p, options.sheets, s)
        kinds["20 foreign forms"] = lambda: foreign(folder)
        print(f"{'data set or kind':34} {'program':7}" +
              "".join(f"{field:>12}" for field in Tally.FIELDS) + f"{'ms/sheet':>9}")
        total = {program: Tally() for program in programs}
        for kind, sets in kinds.items():
            if options.only not in kind:
                continue
            sets = sets() if callable(sets) else sets
            for program, path in programs.items():
                tally = Tally()
                for sheets in sets:
                    rows, seconds, why = read(path, sheets, folder)
                    part = compare(sheets, rows)
                    part.seconds, part.failed = seconds, why
                    tally.add(part)
                print(tally.line(kind, program), flush=True)
                total[program].add(tally)
        for program, tally in total.items():
            print(tally.line("all", program))


if __name__ == "__main__":
    main()
