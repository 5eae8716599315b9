#!/bin/sh
# Compares a scanner's PDF with the same pages as a ZIP: equal rows, and the time of both.
#   bench/pdf/run.sh BUILD_DIR [PAGES]
set -eu
build=$(cd "$1" && pwd)
pages=${2:-300}
root=$(cd "$(dirname "$0")/../.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
"$build/bin/sheafline" sample --sheets "$pages" --seed 17 --out samples.zip >/dev/null
"$build/bin/scanner_pages" samples.zip scan
for kind in pdf zip; do
    start=$(date +%s%N)
    "$build/bin/sheafline" run "$root/pipelines/omr-batch.yaml" --input "scan.$kind" --batch-id "$kind" \
        --json >"$kind.events" || { tail -n 1 "$kind.events"; exit 1; }
    echo "$kind: $((($(date +%s%N) - start) / 1000000)) ms," \
        "extract $(sqlite3 -readonly sheafline-data/history.db \
            "SELECT active_ms FROM stage_runs WHERE batch_id = '$kind' AND stage_id = 'extract'") ms"
    # Without the batch's id, the sheet's file and its page.
    cut -d, -f2,5- "sheafline-data/batches/$kind/artifacts/demo.csv" >"$kind.rows"
done
if cmp -s pdf.rows zip.rows; then
    echo "equal rows: $(($(wc -l <pdf.rows) - 1))"
else
    echo "the rows differ:"
    diff pdf.rows zip.rows | head
    exit 1
fi
