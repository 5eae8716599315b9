#!/usr/bin/env bash
# Compares the front with Poco's own HTTPServer with the same handler, and with nginx, which only returns a text, alternating, on loopback only, in about a minute:
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

nginx_port="$(free_port)"
echo "$nginx_port" > "$work/nginx"
cat > "$work/nginx.conf" << CONF
worker_processes 1;
pid $work/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    keepalive_requests 100000000;
    server { listen 127.0.0.1:$nginx_port; location = /healthz { return 200 "ok"; } }
}
CONF
nginx -e "$work/error.log" -p "$work" -c "$work/nginx.conf" -g 'daemon off;' &
pids+=($!)
until nginx_worker="$(pgrep -P "$!")"; do :; done
declare -A pid_of=([front]="${pids[0]}" [poco]="${pids[1]}" [nginx]="$nginx_worker")

# The CPU time of all threads in ticks of 10 ms.
cpu() { awk '{print $14 + $15}' "/proc/$1/stat"; }

for connections in 16 256; do
    for turn in 1 2; do
        for kind in front poco nginx; do
            pid="${pid_of[$kind]}"
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
for kind in front poco; do
    printf '%-6s ' "$kind"
    /usr/bin/python3 "$here/dripping_clients.py" "$(cat "$work/$kind")" 400
    printf '%-6s RSS %s kB, %s threads\n' "$kind" \
        "$(awk '/VmRSS/ {print $2}' "/proc/${pid_of[$kind]}/status")" "$(awk '/Threads/ {print $2}' "/proc/${pid_of[$kind]}/status")"
done
