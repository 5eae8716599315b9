#!/usr/bin/env bash
# Builds a fuzz target and runs it; the corpus grows in build/fuzz/corpus/TARGET between runs.
#   scripts/fuzz.sh TARGET [--minutes N]     TARGET: zip_directory, image_jpeg, …; 1 minute without --minutes
#   scripts/fuzz.sh --list                   names the targets
#   scripts/fuzz.sh TARGET --file FILE       runs one input, such as a crash-… file of an earlier run
# The status is not 0 if an input breaks the target; it is then kept as build/fuzz/TARGET-crash-….
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target='' minutes=1 file='' list=''
while [[ $# -gt 0 ]]; do
    case "$1" in
        --minutes) minutes="${2:?--minutes needs a number}"; shift 2 ;;
        --file) file="${2:?--file needs a file}"; shift 2 ;;
        --list) list=yes; shift ;;
        -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;;
        -*) echo "fuzz.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
        *) target="$1"; shift ;;
    esac
done
seeds=tests/fuzz/seeds
if [[ -n $list ]]; then ls "$seeds"; exit 0; fi
if [[ -z $target || ! -d $seeds/$target ]]; then
    echo "fuzz.sh: unknown target '$target'; the targets are $(ls -x "$seeds" | tr -s ' \n' ' ')" >&2
    exit 2
fi
if [[ ! $minutes =~ ^[0-9]{1,5}$ ]]; then
    echo "fuzz.sh: --minutes needs a whole number, not '$minutes'" >&2
    exit 2
fi

if ! command -v clang++ > /dev/null; then scripts/install.sh build check; fi
cmake --preset fuzz > /dev/null
cmake --build --preset fuzz --target "fuzz_$target"
program="build/fuzz/bin/fuzz_$target"
if [[ -n $file ]]; then exec "$program" "$file"; fi
mkdir -p "build/fuzz/corpus/$target"
"$program" "-max_total_time=$((minutes * 60))" -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=1024 -print_final_stats=1 \
    "-artifact_prefix=build/fuzz/$target-" "build/fuzz/corpus/$target" "$seeds/$target"
