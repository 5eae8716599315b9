# For the scripts of this folder, which source it. $work is a folder. It and the processes in the array `pids` are removed at
# the end. Also finds a free port of 127.0.0.1.
work="$(mktemp -d)"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT

free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
