#!/usr/bin/env python3
"""What OMRChecker reads of a sample batch, and what that costs: the peer of read_marks.

    omrchecker.py OMRCHECKER_FOLDER SAMPLE.zip TRUTH.json

OMRChecker is run as it is, by the Python that runs this, which needs its requirements (OpenCV and
others). It gets the demo sheet as a template of its own, at the sample's resolution.
"""
import csv
import json
import pathlib
import resource
import subprocess
import sys
import tempfile
import zipfile

import cv2
import numpy

UNIT = 10  # template units a millimetre
CORNER = 12  # the middle of the first mark: the cropped page begins there


def place(x, y, radius):
    return [round((x - CORNER - radius) * UNIT), round((y - CORNER - radius) * UNIT)]


def template():
    blocks = {
        "student": {
            "fieldType": "QTYPE_INT",
            "fieldLabels": ["s1..7"],
            "bubbleDimensions": [4 * UNIT, 4 * UNIT],
            "origin": place(24, 34, 2.0),
            "labelsGap": 6.2 * UNIT,
            "bubblesGap": 5.4 * UNIT,
        }
    }
    for i, x in enumerate((26, 84, 142)):
        blocks[f"questions{i}"] = {
            "fieldType": "QTYPE_MCQ5",
            "fieldLabels": [f"q{20 * i + 1}..{20 * i + 20}"],
            "origin": place(x, 100, 2.3),
            "labelsGap": 7 * UNIT,
            "bubblesGap": 7 * UNIT,
        }
    return {
        "pageDimensions": [186 * UNIT, 273 * UNIT],
        "bubbleDimensions": [46, 46],
        "customLabels": {"student": ["s1..7"]},
        "fieldBlocks": blocks,
        "preProcessors": [
            {
                "name": "CropOnMarkers",
                # The mark with the paper around it: 10 of the page's 210 mm.
                "options": {"relativePath": "marker.jpg", "sheetToMarkerWidthRatio": 21,
                            "marker_rescale_range": [85, 115]},
            }
        ],
    }


def write_inputs(folder, archive):
    with zipfile.ZipFile(archive) as sample:
        sample.extractall(folder)
    (folder / "template.json").write_text(json.dumps(template()))
    config = {"dimensions": {"processing_width": 666, "processing_height": 942},
              "outputs": {"show_image_level": 0, "save_image_level": 0, "save_detections": False}}
    (folder / "config.json").write_text(json.dumps(config))
    marker = numpy.full((100, 100), 255, numpy.uint8)
    marker[20:80, 20:80] = 25
    cv2.imwrite(str(folder / "marker.jpg"), marker)


def read(omrchecker, inputs, outputs):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "main.py", "-i", str(inputs), "-o", str(outputs)],
                   cwd=omrchecker, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    rows = {}
    for file in pathlib.Path(outputs).rglob("Results_*.csv"):
        with open(file, newline="") as lines:
            rows.update({row["file_id"]: row for row in csv.DictReader(lines)})
    return rows, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    omrchecker, archive, truth_file = sys.argv[1:]
    truth = json.loads(pathlib.Path(truth_file).read_text())
    with tempfile.TemporaryDirectory() as scratch:
        inputs, outputs = pathlib.Path(scratch, "inputs"), pathlib.Path(scratch, "outputs")
        inputs.mkdir()
        write_inputs(inputs, archive)
        rows, seconds = read(omrchecker, inputs, outputs)
    right = wrong = missing = 0
    for name, sheet in truth.items():
        for column, answer in sheet["answers"].items():
            if not column.startswith("q") or column in sheet.get("doubt", {}):
                continue
            if name not in rows:
                missing += 1
            elif rows[name].get(column, "") == answer:
                right += 1
            else:
                wrong += 1
    print(f"OMRChecker: {right} answers right, {wrong} wrong, {missing} of sheets that it did not read; "
          f"doubtful marks apart")
    print(f"OMRChecker: {len(truth) / seconds:.1f} sheets a second and core, "
          f"{1e3 * seconds / len(truth):.1f} ms CPU a sheet")


if __name__ == "__main__":
    main()
