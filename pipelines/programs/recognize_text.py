#!/usr/bin/env python3
"""Recognizes the text of one page with Tesseract, for the processor `command`.

    recognize_text.py --language=eng PAGE

Prints one JSON object: the text, the number of words, and the mean confidence of the words.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys

NO_WORD = -1  # the confidence of a line of Tesseract's table that is no word


def recognized(page, language):
    """The lines of Tesseract's table for the page, as dictionaries."""
    environment = dict(os.environ, OMP_THREAD_LIMIT="1")  # Sheafline reads several pages at once
    end = subprocess.run(
        ["tesseract", page, "stdout", "-l", language, "tsv"],
        capture_output=True, text=True, encoding="utf-8", errors="replace", env=environment, check=False)
    if end.returncode != 0:
        lines = end.stderr.strip().splitlines()
        raise ValueError(lines[-1] if lines else f"tesseract ended with status {end.returncode}")
    return list(csv.DictReader(end.stdout.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))


def reading_of(table):
    """The answer for the processor `command`."""
    words = [line for line in table if float(line["conf"]) > NO_WORD and line["text"].strip()]
    rows = {}
    for word in words:
        rows.setdefault((word["block_num"], word["par_num"], word["line_num"]), []).append(word["text"])
    confidence = sum(float(word["conf"]) for word in words) / len(words) / 100 if words else 1
    return {
        "text": "\n".join(" ".join(row) for row in rows.values()),
        "words": len(words),
        "confidence": round(min(max(confidence, 0), 1), 4),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--language", default="eng")
    parser.add_argument("page")
    arguments = parser.parse_args()
    if shutil.which("tesseract") is None:
        sys.exit("the program tesseract is missing; install tesseract-ocr")
    try:
        print(json.dumps(reading_of(recognized(arguments.page, arguments.language))))
    except (OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
