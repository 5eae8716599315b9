#!/usr/bin/env bash
# Runs scripts/demo.sh as a person does, without the build: demo_test.sh SOURCE_DIR BINARY_DIR
set -euo pipefail
source_dir="$1" binary_dir="$2"
out="$(mktemp -d)"
demo=''
finish() {
    if [[ -n $demo ]]; then kill "$demo" 2> /dev/null && wait "$demo" || true; fi
    rm -rf "$out"
}
trap finish EXIT

fail() {
    echo "demo_test.sh: $1" >&2
    cat "$out/said" >&2
    exit 1
}
command=("$source_dir/scripts/demo.sh" --sheets 10 --program "$binary_dir/bin/sheafline" --out "$out/demo")

"${command[@]}" --once > "$out/said" 2>&1 || fail "--once failed"
grep -q 'results.db: 10 rows in the table omr_results' "$out/said" || fail "--once shows no rows"
grep -q '^batch_id,sheet,' "$out/said" || fail "--once shows no CSV"
url="$(sed -n 's/^listening on //p' "$out/demo/serve.log")"
if curl -sf "$url/healthz" > /dev/null; then fail "--once left its server up"; fi

"${command[@]}" > "$out/said" 2>&1 &
demo=$!
until grep -q 'Ctrl-C stops it' "$out/said"; do
    kill -0 "$demo" 2> /dev/null || fail "the demo ended"
    sleep 0.1
done
url="$(sed -n 's/^The server is up: //p' "$out/said")"
password="$(sed -n 's/.* with the password \(.*\); Ctrl-C.*/\1/p' "$out/said")"
curl -sf -d username=admin -d "password=$password" "$url/api/auth/login" > /dev/null || fail "the sign-in that is shown does not work"
kill -TERM "$demo"
wait "$demo" || fail "the demo did not end well"
demo=''
if curl -sf "$url/healthz" > /dev/null; then fail "the demo left its server up"; fi
