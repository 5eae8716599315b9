#!/usr/bin/env bash
# How long it takes to score a finished batch again with another key, and what is read for it.
# usage: bench/scores/run.sh [SHEETS] [BUILD], for example: bench/scores/run.sh 11404 build/release
set -euo pipefail
cd "$(dirname "$0")/../.."
sheets="${1:-11404}"
build="$(realpath "${2:-build/release}")"
source bench/scratch.sh
cp pipelines/templates/demo-sheet.yaml "$work/"
cat > "$work/p.yaml" <<'PIPELINE'
name: exam
params: {input: {type: path, required: true}}
stages:
  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}
  - {id: process, uses: dispatch, with: {processor: omr, template: demo-sheet.yaml}}
  - {id: collect, uses: collect}
  - {id: csv, uses: csv, with: {file: marks.csv}}
finally:
  - {id: cleanup, uses: cleanup}
PIPELINE
cd "$work"
program="$build/bin/sheafline"
"$program" sample --sheets "$sheets" --out s.zip > /dev/null
began=$(date +%s.%N)
"$program" run p.yaml --input s.zip --batch-id b > run.out 2>&1
echo "reading $sheets sheets: $(echo "$(date +%s.%N) - $began" | bc) s"
# Cleanup has removed the images. Without the archive, nothing could be read again.
rm s.zip
find sheafline-data -name 'archive*' -delete
echo "points: {right: 1, wrong: -0.25}
questions: {q1..q60: B}
grades: [{from: 50%, grade: pass}, {from: 0, grade: fail}]" > key.yaml
began=$(date +%s.%N)
"$program" score b --key key.yaml > score.out 2>&1
echo "scoring them again: $(echo "$(date +%s.%N) - $began" | bc) s"
echo "images on the disk: $(find . -name '*.jpg' -o -name '*.png' -o -name '*.zip' | wc -l)"
/usr/bin/python3 - <<'CHECK'
import csv
rows = list(csv.DictReader(open("sheafline-data/batches/b/artifacts/marks.csv")))
wrong = 0
for row in rows:
    if row["status"] != "read":
        continue
    answers = [row[f"q{i}"] for i in range(1, 61)]
    score = sum(1 if a == "B" else -0.25 if a else 0 for a in answers)
    wrong += abs(score - float(row["score"])) > 1e-9
print(f"rows: {len(rows)}, scores that differ from a sum in Python: {wrong}")
CHECK
