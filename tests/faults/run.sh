#!/usr/bin/env bash
# Runs the faults of docs/faults.md: a line each, and after a failure the command that repeats it.
#   run.sh [--build FOLDER] [--seed N] [--nightly] [FAULT...]        ; default: build/dev, 1, every fault
set -euo pipefail
source_folder="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
build="$source_folder/build/dev" seed=1 nightly='' faults=()
while [[ $# -gt 0 ]]; do
    case "$1" in
        --build) build="$(realpath "$2")"; shift 2 ;;
        --seed) seed="$2"; shift 2 ;;
        --nightly) nightly=yes; shift ;;
        F[0-9]*) faults+=("$1"); shift ;;
        *) echo "run.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
done
if [[ ${#faults[@]} -eq 0 ]]; then
    mapfile -t faults < <(grep -o '^| F[0-9]*' "$source_folder/docs/faults.md" | tr -d '| ')
fi
tags="$(printf ',[%s]' "${faults[@]}")"
log="$(mktemp)"
trap 'rm "$log"' EXIT
for program in "$build"/bin/*_test; do
    # Only programs that print such lines have such tags.
    if [[ -z "$("$program" --list-test-names-only "${tags#,}" || true)" ]]; then continue; fi
    "$program" "${tags#,}" --rng-seed "$seed" 2>&1 | grep -E '^ *(FAULT|repeat:)' | tee -a "$log" || true
done
if [[ $nightly ]]; then
    ctest --test-dir "$build" -L nightly -V 2>&1 | sed 's/^[0-9]*: //' | grep -E '^ *(FAULT|repeat:)' | tee -a "$log" || true
fi
passed="$(grep -c ' PASS' "$log" || true)"
failed="$(grep -c ' FAIL' "$log" || true)"
skipped="$(grep -c ' SKIP' "$log" || true)"
echo "$passed passed, $failed failed, $skipped skipped; faults: $(sed -n 's/^FAULT \(F[0-9]*\).*/\1/p' "$log" | sort -u | wc -l)"
[[ $failed -eq 0 && $passed -gt 0 ]]
