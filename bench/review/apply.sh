#!/usr/bin/env bash
# 500 decisions on a batch of 11,404 sheets: seconds, and bytes read and written by all processes of the apply, compared with
# writing the CSV alone (temporary file, fsync, rename, fsync of the folder). Half a minute.
#   bench/review/apply.sh [BUILD_FOLDER] [SHEETS] [DECISIONS]     default build/release 11404 500
# 300 sheets are read. Their rows in the history are repeated up to SHEETS: an apply of values needs no image.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="$(cd "${1:-$here/../../build/release}" && pwd)"
sheets="${2:-11404}"
decisions="${3:-500}"
source "$here/../scratch.sh"
sheafline="$build/bin/sheafline"
cd "$work"
"$sheafline" --version
"$sheafline" sample --sheets 300 --profile hard --out b.zip > sample.log
"$sheafline" run "$here/../../pipelines/omr-batch.yaml" --input b.zip --batch-id b --data-dir data > run.log 2>&1 ||
    { cat run.log; exit 1; }
/usr/bin/python3 -B "$here/apply.py" "$sheafline" "$sheets" "$decisions"
