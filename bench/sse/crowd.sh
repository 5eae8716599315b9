#!/usr/bin/env bash
# 10,000 streams of one batch, and of 1,000 batches, at Sheafline's hub: they connect at once, receive every event while ten
# of them stall, and disconnect at once. Prints a line for each of the faults F44 and F45.
#   bench/sse/crowd.sh [BUILD_FOLDER]     default build/release
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="${1:-$here/../../build/release}"
if ! ulimit -n "$(ulimit -Hn)" || (($(ulimit -n) < 11000)); then
    echo "skipped: 10,000 streams need a limit of 11,000 open files, and here it is $(ulimit -n)"
    exit 77
fi
work="$(mktemp -d)"
server=
finish() {
    [[ -n $server ]] && kill "$server" 2> /dev/null
    wait
    rm -rf "$work"
}
trap finish EXIT
mkfifo "$work/stdin"
failed=0

check() { # fault, what, options of the load
    local fault="$1" what="$2" result=PASS
    shift 2
    : > "$work/port"
    "$build/bin/sse_hub_server" < "$work/stdin" > "$work/port" &
    server=$!
    exec {held}> "$work/stdin"
    until [[ -s $work/port ]]; do :; done
    echo "$what"
    timeout 240 "$build/bin/sse_load" --port "$(cat "$work/port")" --pids "$server" --sub /sub --pub /pub \
        --clients 10000 "$@" || result=FAIL
    exec {held}>&-
    wait "$server"
    server=
    echo "FAULT $fault seed=0 $result"
    [[ $result == PASS ]] && return
    failed=1
    echo "repeat: $0 $build"
}

check F44 "ten of 10,000 stall" --events 60 --rate 10 --stalled 10 ${SSE_P99_BELOW:+--p99-below "$SSE_P99_BELOW"}
check F45 "one batch" --events 50 --rate 10 --leave
check F45 "1,000 batches" --batches 1000 --events 10000 --rate 1000 --leave
exit $failed
