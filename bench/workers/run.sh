#!/usr/bin/env bash
# Empty sheets through Redis to worker processes and back, compared with empty tasks of Celery and empty jobs of BullMQ: the
# same Redis, two worker processes each, one run, about two minutes.
#   bench/workers/run.sh [BUILD_FOLDER] [ROUNDS]     default build/release 3
# Needs redis-server and python3-celery; BullMQ is left out without the npm packages of bench/peers.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="$(cd "${1:-$here/../../build/release}" && pwd)"
rounds="${2:-3}"
sheets=20000
tasks=4000
source "$here/../scratch.sh"
stop() {
    kill "$1"
    wait "$1" || true
}

port="$(free_port)"
redis-server --bind 127.0.0.1 --port "$port" --save "" --appendonly no --dir "$work" > "$work/redis.log" &
pids+=($!)
until redis-cli -p "$port" PING > /dev/null 2>&1; do :; done
export SHEAFLINE_REDIS="redis://127.0.0.1:$port/0" CELERY_URL="redis://127.0.0.1:$port/1"
export SHEAFLINE_PLUGIN_PATH="$build/bench_plugins"
version="$("$build/bin/sheafline" --version)"
cat > "$work/empty.yaml" << YAML
name: empty
stages:
  - {id: list, uses: blank_sheets, with: {count: $sheets}}
  - {id: process, uses: dispatch, with: {processor: empty, executor: redis}}
YAML

start_sheafline() {
    "$build/bin/sheafline" worker --concurrency 2 > "$work/worker.log" 2>&1 &
    worker=$!
    pids+=("$worker")
    until grep -q 'sheets at a time' "$work/worker.log"; do :; done
}
start_celery() {
    (cd "$here" && exec /usr/bin/python3 -B -m celery -A celery_tasks worker --concurrency 2 -l error \
        > "$work/celery.log" 2>&1) &
    celery=$!
    pids+=("$celery")
}
# The time of the stage alone, to the last sheet in SQLite, in seconds.
sheafline_seconds() {
    (cd "$work" && rm -rf data && timeout 120 "$build/bin/sheafline" run empty.yaml --batch-id b --data-dir data --json > run.log \
        && "$build/bin/sheafline" batches show b --data-dir data --json) \
        | jq -r '.stages[] | select(.stage_id == "process") | .elapsed_seconds'
}
bullmq_rate() {
    local workers=() worker
    for worker in 1 2; do
        node "$here/../peers/bullmq_jobs.mjs" work "$port" > "$work/bullmq.$worker" 2>&1 &
        workers+=($!)
        pids+=($!)
    done
    timeout 120 node "$here/../peers/bullmq_jobs.mjs" rate "$port" "$tasks"
    for worker in "${workers[@]}"; do stop "$worker"; done
}
celery() { (cd "$here" && timeout 240 /usr/bin/python3 -B celery_tasks.py "$@"); }

for ((round = 1; round <= rounds; ++round)); do
    start_sheafline
    seconds="$(sheafline_seconds)"
    read -r median p99 longest <<< "$("$build/bin/work_latency" "$SHEAFLINE_REDIS" "$version" 500)"
    stop "$worker"
    start_celery
    with_results="$(celery rate "$tasks" results)"
    drained="$(celery rate "$tasks" drained)"
    read -r celery_median celery_p99 celery_longest <<< "$(celery latency 500)"
    stop "$celery"
    awk -v n="$sheets" -v s="$seconds" -v r="$with_results" -v d="$drained" -v round="$round" 'BEGIN {
        printf "round %d: sheafline %d sheets/s with results in SQLite; celery %d tasks/s with results (ratio %.1f), %d without (ratio %.1f)\n",
               round, n / s, r, n / s / r, d, n / s / d }'
    echo "round $round: one sheet there and back: median $median us, p99 $p99 us, longest $longest us; celery median $celery_median us, p99 $celery_p99 us, longest $celery_longest us"
    if [[ -d $here/../peers/node_modules/bullmq ]]; then
        echo "round $round: bullmq $(bullmq_rate) jobs/s with results"
    fi
done
