#!/usr/bin/env bash
# Compares the front with Poco's own HTTPServer with the same handler, alternating, on loopback only, in about a minute:
# bench/http/run.sh [BUILD_FOLDER [SECONDS_A_TURN]]. The defaults are build/release and 4. Needs wrk.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="${1:-$here/../../build/release}"
seconds="${2:-4}"
source "$here/../scratch.sh"

mkfifo "$work/stdin"
exec {held}<> "$work/stdin"
for kind in front poco; do
    "$build/bin/http_server" "$kind" < "$work/stdin" > "$work/$kind" &
    pids+=($!)
    until [[ -s $work/$kind ]]; do :; done
done

# The CPU time of all threads in ticks of 10 ms.
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }

for connections in 16 256; do
    for turn in 1 2; do
        for kind in front poco; do
            pid="${pids[0]}"
            [[ $kind == poco ]] && pid="${pids[1]}"
            before="$(cpu "$pid")"
            wrk -t1 -c"$connections" -d"${seconds}s" --latency "http://127.0.0.1:$(cat "$work/$kind")/healthz" > "$work/wrk"
            ticks=$(($(cpu "$pid") - before))
            awk -v kind="$kind" -v connections="$connections" -v ticks="$ticks" '
                / 99%/ {p99 = $2} / requests in / {n = $1} /Requests\/sec/ {rate = $2}
                END {printf "%-6s %4d connections: %9s requests/s, p99 %s, %.1f CPU us a request\n",
                     kind, connections, rate, p99, ticks * 10000 / n}' "$work/wrk"
        done
    done
done
i=0
for kind in front poco; do
    printf '%-6s ' "$kind"
    /usr/bin/python3 "$here/dripping_clients.py" "$(cat "$work/$kind")" 400
    printf '%-6s RSS %s kB, %s threads\n' "$kind" \
        "$(awk '/VmRSS/ {print $2}' "/proc/${pids[$i]}/status")" "$(awk '/Threads/ {print $2}' "/proc/${pids[$i]}/status")"
    i=$((i + 1))
done
