#!/usr/bin/env bash
# What a history in PostgreSQL costs, next to SQLite, in one run: durable events and all changes of a batch without stages; a
# whole batch of the example pipeline, in turns, with the same CSV; the time from a commit to the clients of three servers.
#   bench/servers/run.sh [BUILD_FOLDER] [SHEETS] [PAIRS]     default build/release 11404 3
# PostgreSQL runs here with fsync = on. Ten minutes, and 12 GB of disk space for 11,404 sheets. Do nothing else on the machine.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="$(cd "${1:-$here/../../build/release}" && pwd)"
sheets="${2:-11404}"
pairs="${3:-3}"
source "$here/../scratch.sh"
sheafline="$build/bin/sheafline"
pipeline="$here/../../pipelines/omr-batch.yaml"
cd "$work"

# PostgreSQL refuses to run as root.
as_server=()
if [[ $EUID == 0 ]]; then
    chmod 755 "$work"
    install -d -o postgres "$work/pg"
    as_server=(setpriv --reuid postgres --regid postgres --init-groups)
fi
port="$(free_port)"
postgres=(/usr/lib/postgresql/15/bin/postgres -D "$work/pg" -p "$port" -k '' -c listen_addresses=127.0.0.1)
"${as_server[@]}" /usr/lib/postgresql/15/bin/initdb -D "$work/pg" -U bench --auth=trust --encoding=UTF8 --locale=C > initdb.log
"${as_server[@]}" "${postgres[@]}" > pg.log 2>&1 &
pids+=($!)
server=$!
url() { echo "postgresql://bench@127.0.0.1:$port/$1"; }
for _ in {1..100}; do
    psql -X -q "$(url postgres)" -c 'SELECT 1' > psql.log 2>&1 && break
    sleep 0.1
done
new_database() { psql -X -q "$(url postgres)" -c "DROP DATABASE IF EXISTS $1" -c "CREATE DATABASE $1" 2> psql.log; }

# Seconds of CPU of PostgreSQL, with its processes that have ended.
cpu_of_postgres() {
    cat /proc/"$server"/stat $(printf '/proc/%s/stat ' $(pgrep -P "$server")) 2> psql.log |
        awk -v server="$server" -v hz="$(getconf CLK_TCK)" '{
            pid = $1; sub(/.*\) /, ""); sum += $12 + $13; if (pid == server) sum += $14 + $15 } END { print sum / hz }'
}
seconds() { /usr/bin/python3 -c 'import time; print(time.monotonic())'; }
minus() { awk "BEGIN { printf \"%.2f\", $1 - $2 }"; }

"$sheafline" --version
echo "load: $(cut -d' ' -f1 /proc/loadavg)"

echo "== the history alone, and 100,000 events of 50 batches"
new_database history
cpu="$(cpu_of_postgres)"
"$build/bin/history_bench" "$work" "$(url history)"
echo "CPU of PostgreSQL: $(minus "$(cpu_of_postgres)" "$cpu") s"

echo "== a whole batch of $sheets sheets; db_load into PostgreSQL in both cases"
"$sheafline" sample --sheets "$sheets" --out b.zip > sample.log 2>&1
# run NAME OPTION…: prints the seconds, and leaves the CSV as NAME.csv.
run() {
    local name="$1" from
    shift
    rm -rf data store
    new_database results
    from="$(seconds)"
    "$sheafline" run "$pipeline" --input b.zip --batch-id b --data-dir data --set database="$(url results)" "$@" > run.log 2>&1 ||
        { tail -n 20 run.log >&2; return 1; }
    minus "$(seconds)" "$from"
    find data store -name '*.csv' -exec cp {} "$name.csv" \; 2> psql.log || true
}
for ((pair = 1; pair <= pairs; ++pair)); do
    sqlite="$(run sqlite)"
    new_database history
    shared="$(run shared --history "$(url history)" --store "$work/store")"
    cmp sqlite.csv shared.csv
    echo "SQLite $sqlite s, PostgreSQL $shared s: $(awk "BEGIN { printf \"%.2f\", $shared / $sqlite }")"
done | tee pairs.txt
awk '{ one += $2; other += $5 } END { printf "means: SQLite %.1f s, PostgreSQL %.1f s: %.2f (goal 1.15)\n", one / NR, other / NR, other / one }' pairs.txt

echo "== from a commit to the clients of three servers (goal: p99 under 100 ms)"
"$build/bin/commit_to_client_bench" | grep 'commit to client'
