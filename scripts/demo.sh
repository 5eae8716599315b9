#!/usr/bin/env bash
# From a fresh clone to a server with a batch in it: installs missing packages (groups build and run), builds, starts
# `sheafline serve`, makes a ZIP of sample sheets, submits it to pipelines/omr-batch.yaml, shows the results, and keeps the
# server running until Ctrl-C.
#   scripts/demo.sh [--sheets N] [--once]          --once stops the server after the batch
#   --program FILE uses a built sheafline instead of building one; --out DIR (default build/demo; it is replaced)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

sheets=200 once='' sheafline='' demo=build/demo
while [[ $# -gt 0 ]]; do
    case "$1" in
        --sheets) sheets="${2:?--sheets needs a number}"; shift 2 ;;
        --once) once=yes; shift ;;
        --program) sheafline="${2:?--program needs a file}"; shift 2 ;;
        --out) demo="${2:?--out needs a folder}"; shift 2 ;;
        -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;;
        *) echo "demo.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
    esac
done

if [[ -z $sheafline ]]; then
    scripts/install.sh build run
    echo "demo.sh: building (a few minutes the first time)"
    cmake --preset release > /dev/null
    cmake --build --preset release --target sheafline sheafline_plugins > build/release/build.log ||
        { tail -n 40 build/release/build.log; exit 1; }
    sheafline=build/release/bin/sheafline
fi

rm -rf "$demo"
mkdir -p "$demo"
server=''
stop() {
    if [[ -n $server ]]; then kill "$server" 2> /dev/null && wait "$server" || true; fi
}
trap stop EXIT

# Port 8000, or any free port if it is taken.
serve() {
    "$sheafline" serve --listen "127.0.0.1:$1" --data-dir "$demo/data" > "$demo/serve.log" 2> "$demo/serve.err" &
    server=$!
    until grep -q '^listening on ' "$demo/serve.log"; do
        if ! kill -0 "$server" 2> /dev/null; then server=''; return 1; fi
        sleep 0.1
    done
}
serve 8000 || { rm -rf "$demo/data"; serve 0; } || { cat "$demo/serve.err" >&2; exit 1; }
url="$(sed -n 's/^listening on //p' "$demo/serve.log")"
password="$(sed -n "s/.*sign in as 'admin' with the password //p" "$demo/serve.log")"

"$sheafline" sample --sheets "$sheets" --seed 1 --out "$demo/sample.zip" --truth "$demo/truth.json"
"$sheafline" submit "$demo/sample.zip" --pipeline omr-batch --set exam=demo --server "$url" --user admin <<< "$password" \
    2> >(tee "$demo/submit.err" >&2)
batch="$(sed -n 's/^batch \([^;]*\);.*/\1/p' "$demo/submit.err")"

csv="$demo/data/batches/$batch/artifacts/demo.csv"
echo
echo "$csv:"
head -n 5 "$csv" | cut -c 1-120
echo
rows="$(sqlite3 "$demo/data/batches/$batch/results.db" 'SELECT count(*) FROM omr_results')"
echo "$demo/data/batches/$batch/results.db: $rows rows in the table omr_results"
if [[ -n $once ]]; then exit 0; fi

echo
echo "The server is up: $url"
echo "Sign in there as admin with the password $password; Ctrl-C stops it."
trap 'exit 0' INT TERM
wait "$server"
