#!/usr/bin/env bash
# Compares Sheafline's hub with nchan, Starlette and better-sse, in one run, on loopback only; about three minutes on a quiet machine:
#   bench/sse/run.sh [BUILD_FOLDER [quick]]     default build/release; quick: only the first round
# Needs libnginx-mod-nchan, python3-starlette, python3-uvicorn, the npm packages of bench/peers, and a limit of 11,000 open
# files.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="${1:-$here/../../build/release}"
ulimit -n "$(ulimit -Hn)"
source "$here/../scratch.sh"

wait_for() { until (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; do :; done; }
load() { timeout 180 "$build/bin/sse_load" "$@"; }

start_hub() {
    mkfifo "$work/stdin.$1"
    "$build/bin/sse_hub_server" < "$work/stdin.$1" > "$work/port.$1" &
    hub_pid=$!
    pids+=("$hub_pid")
    exec {held}> "$work/stdin.$1"
    until [[ -s $work/port.$1 ]]; do :; done
    hub_port="$(cat "$work/port.$1")"
}

start_nchan() {
    nchan_port="$(free_port)"
    cat > "$work/nginx.conf" << CONF
load_module /usr/lib/nginx/modules/ngx_nchan_module.so;
$([[ $EUID -eq 0 ]] && echo 'user root;')
worker_processes 1;
worker_rlimit_nofile 20000;
pid $work/nginx.pid;
events { worker_connections 15000; }
http {
    access_log off;
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    keepalive_requests 1000000;
    nchan_shared_memory_size 256m;
    server {
        listen 127.0.0.1:$nchan_port backlog=4096;
        location = /pub { nchan_publisher; nchan_channel_id \$arg_b; nchan_message_buffer_length 20000; nchan_message_timeout 5m; }
        location = /sub { nchan_subscriber eventsource; nchan_channel_id \$arg_b; nchan_subscriber_first_message newest; }
    }
}
CONF
    nginx -e "$work/error.log" -p "$work" -c "$work/nginx.conf" -g 'daemon off;' &
    nchan_pid=$!
    pids+=("$nchan_pid")
    wait_for "$nchan_port"
    until nchan_worker="$(pgrep -P "$nchan_pid")"; do :; done
}

start_starlette() {
    starlette_port="$(free_port)"
    /usr/bin/python3 "$here/starlette_server.py" "$starlette_port" &
    starlette_pid=$!
    pids+=("$starlette_pid")
    wait_for "$starlette_port"
}

start_better_sse() {
    better_sse_port="$(free_port)"
    node "$here/../peers/better_sse_server.mjs" "$better_sse_port" &
    better_sse_pid=$!
    pids+=("$better_sse_pid")
    wait_for "$better_sse_port"
}

stop() {
    kill "$1" 2> /dev/null || true
    wait "$1" 2> /dev/null || true
}

common() { echo --sub /sub --pub /pub; }
hub_name=0
with_hub() {
    hub_name=$((hub_name + 1))
    start_hub "$hub_name"
    echo -n "hub        " && load --port "$hub_port" --pids "$hub_pid" $(common) "$@"
    stop "$hub_pid"
}
with_nchan() {
    start_nchan
    echo -n "nchan      " && load --port "$nchan_port" --pids "$nchan_worker" $(common) "$@"
    stop "$nchan_pid"
}
with_starlette() {
    start_starlette
    echo -n "starlette  " && load --port "$starlette_port" --pids "$starlette_pid" $(common) "$@"
    stop "$starlette_pid"
}
with_better_sse() {
    if [[ ! -d $here/../peers/node_modules/better-sse ]]; then return; fi
    start_better_sse
    echo -n "better-sse " && load --port "$better_sse_port" --pids "$better_sse_pid" $(common) "$@"
    stop "$better_sse_pid"
}
round() { # clients, batches, events at saturation for each server, events and rate for the latency
    echo "== $1 clients, $2 batches, as fast as possible"
    with_hub --clients "$1" --batches "$2" --events "$3"
    with_nchan --clients "$1" --batches "$2" --events "$4"
    with_starlette --clients "$1" --batches "$2" --events "$5"
    with_better_sse --clients "$1" --batches "$2" --events "$5"
    echo "== $1 clients, $2 batches, $7 events a second"
    with_hub --clients "$1" --batches "$2" --events "$6" --rate "$7"
    with_nchan --clients "$1" --batches "$2" --events "$6" --rate "$7"
}

round 1000 1 2000 400 50 500 100
if [[ ${2:-} == quick ]]; then exit; fi
round 10000 1 500 50 5 50 10
round 10000 1000 20000 5000 1000 20000 4000
echo "== 10000 clients, 1000 batches, as fast as possible, 500 events at once, as the history gives them to a sink"
with_hub --clients 10000 --batches 1000 --events 200000 --lot 500

echo "== 60 clients, without and with 10 that stall"
for stalled in 0 10; do
    with_hub --clients 60 --events 5000 --rate 1000 --stalled "$stalled"
done
