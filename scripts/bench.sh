#!/usr/bin/env bash
# Compares Sheafline with its peers on this machine, side by side, and writes bench/RESULTS.md with charts.
#   scripts/bench.sh [--quick] [--only TITLE]... [--out FILE]       --quick: one round, under ten minutes after the build
# Installs the peers (group `bench` of scripts/packages.txt) and builds the preset `release`. Do nothing else on the machine
# meanwhile.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
    -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;;
esac
scripts/install.sh build run test bench
cmake --preset release > /dev/null
cmake --build --preset release --target sheafline sheafline_plugins sheafline_benches > build/release/bench.log ||
    { tail -n 40 build/release/bench.log; exit 1; }
exec /usr/bin/python3 -B bench/results/run.py build/release "$@"
