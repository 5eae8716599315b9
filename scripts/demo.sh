#!/usr/bin/env bash
# From a fresh clone to a filled CSV and table: installs what is missing, builds, makes a ZIP of sample sheets, sends it
# through pipelines/omr-batch.yaml, and shows what came out.
#   scripts/demo.sh [--sheets N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sheets=200
case "${1:-}" in
    "") ;;
    --sheets) sheets="${2:?--sheets needs a number}" ;;
    -h | --help) sed -n '2,4s/^# \?//p' "$0"; exit 0 ;;
    *) echo "demo.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
esac

scripts/install.sh
echo "demo.sh: building (a few minutes the first time)"
cmake --preset release > /dev/null
cmake --build --preset release --target sheafline sheafline_plugins > build/release/build.log || { tail -n 40 build/release/build.log; exit 1; }

sheafline=build/release/bin/sheafline
demo="build/demo"
rm -rf "$demo"
mkdir -p "$demo"
"$sheafline" sample --sheets "$sheets" --seed 1 --out "$demo/sample.zip" --truth "$demo/truth.json"
"$sheafline" run pipelines/omr-batch.yaml --data-dir "$demo/data" --batch-id demo --input "$demo/sample.zip"

csv="$demo/data/batches/demo/artifacts/demo.csv"
echo
echo "$csv:"
head -n 5 "$csv" | cut -c 1-120
echo
rows="$(sqlite3 "$demo/data/batches/demo/results.db" 'SELECT count(*) FROM omr_results')"
echo "$demo/data/batches/demo/results.db: $rows rows in the table omr_results"
