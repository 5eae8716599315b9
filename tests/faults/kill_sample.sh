#!/usr/bin/env bash
# Kills the main pipeline on a sample of 60 sheets:  kill_sample.sh PROGRAM PIPELINE OPTION...
set -euo pipefail
program="$1"
pipeline="$2"
shift 2
folder="$(mktemp -d)"
trap 'rm -r "$folder"' EXIT
"$program" sample --sheets 60 --out "$folder/sample.zip"
"$program" test --kill-everywhere "$pipeline" --input "$folder/sample.zip" --set workers=2 "$@"
