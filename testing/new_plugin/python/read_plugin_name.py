#!/usr/bin/env python3
"""Reads one sheet: the path comes as the argument, the reading is printed as one JSON object.

The pipeline calls it through the processor `command`. An exit status other than 0 quarantines the
sheet, with the last line of standard error as the reason. The same sheet must always give the same
reading.
"""
import json
import os
import sys

KINDS = {b"\xff\xd8\xff": "jpeg", b"\x89PNG": "png", b"II*\0": "tiff", b"MM\0*": "tiff", b"RIFF": "webp"}


def read_sheet(path):
    """The reading of the sheet; raises ValueError with the reason if there is none."""
    with open(path, "rb") as file:
        start = file.read(16)
    for magic, kind in KINDS.items():
        if start.startswith(magic):
            return {"kind": kind, "bytes": os.path.getsize(path), "confidence": 1}
    raise ValueError("the file is not a JPEG, PNG, TIFF or WebP")


def main():
    try:
        print(json.dumps(read_sheet(sys.argv[1])))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
