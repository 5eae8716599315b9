#!/usr/bin/env bash
# Writes a new plugin of each kind with `sheafline plugin new`, and builds, tests and runs each one against an installed
# Sheafline, with the commands of its README.
#   new_plugin_test.sh BUILD_DIR CXX_FLAGS
set -euo pipefail
build_dir="$1" cxx_flags="$2"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
fail() {
    echo "FAILED: $1"
    for log in build test run; do cat "$work/$log.log" 2> /dev/null || true; done
    find "$work/data" -name 'events*'
    exit 1
}

cmake --install "$build_dir" --prefix "$work/prefix" > "$work/install.log"
sheafline="$work/prefix/bin/sheafline"
"$sheafline" sample --sheets 4 --seed 1 --out "$work/scans.zip" 2> "$work/sample.log"
cd "$work"

started=$SECONDS
for kind in stage sink processor; do
    name="my_$kind"
    "$sheafline" plugin new "$name" "--$kind" > new.log
    (cd "$name" && cmake -B build -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$cxx_flags -Wall -Wextra -Werror" &&
        cmake --build build) > build.log 2>&1 || fail "the new $kind does not build"
    ctest --test-dir "$name/build" --output-on-failure > test.log 2>&1 || fail "the tests of the new $kind do not pass"
    "$sheafline" plugins doctor "$name/build/$name.so"
    "$sheafline" run "$name/pipeline.yaml" --plugin-path "$name/build" --input scans.zip --data-dir data --batch-id "$kind" \
        > run.log 2>&1 || fail "no batch runs with the new $kind"
done
[[ $(wc -l < data/batches/stage/artifacts/sizes.csv) == 5 ]] || fail "the stage writes no line for each sheet"
[[ $(wc -l < data/batches/processor/artifacts/readings.csv) == 5 ]] || fail "the processor reads no sheets"
tail -n 1 data/batches/sink/events.txt | grep -q '"stage":"completed"' || fail "the sink receives no last event"

"$sheafline" plugin new my_python --processor --language python > new.log
(cd my_python && python3 -m unittest) > test.log 2>&1 || fail "the tests of the processor in Python do not pass"
"$sheafline" run my_python/pipeline.yaml --input scans.zip --data-dir data --batch-id python > run.log 2>&1 ||
    fail "no batch runs with the processor in Python"
cut -d, -f9 data/batches/python/artifacts/readings.csv | sort | uniq -c | tr -s ' '
[[ $(cut -d, -f9 data/batches/python/artifacts/readings.csv | grep -c jpeg) == 4 ]] || fail "the processor in Python reads no sheets"
echo "four new plugins were written, built, tested and run in $((SECONDS - started)) s"

# Names that are refused leave nothing behind.
before="$(find . -path ./data -prune -o -print | sort)"
refused() {
    local status=0
    "$sheafline" plugin new "$@" > refused.log 2>&1 || status=$?
    [[ $status == 2 ]] || fail "plugin new $* ends with $status, not with 2"
    tail -n 1 refused.log
    rm refused.log
}
refused my_stage --stage
refused extract --stage
refused ../other --sink
refused Other --sink
refused other
refused other --sink --stage
refused other --sink --language python
refused other --sink --out missing/other
[[ $(find . -path ./data -prune -o -print | sort) == "$before" ]] || fail "a refused plugin leaves files"

# A folder that a killed command left does not get in the way.
mkdir .after_kill.unfinished && touch .after_kill.unfinished/half
"$sheafline" plugin new after_kill --processor > new.log
[[ ! -e .after_kill.unfinished && ! -e after_kill/half ]] || fail "files of a killed command are left"
