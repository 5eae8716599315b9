#!/usr/bin/env bash
# Installs missing packages (groups build, run and test), configures, builds and runs the tests.
#   scripts/test.sh [--preset dev|asan|tsan|release] [--quick] [--retry]
# --quick leaves out the tests labelled `slow`. --retry runs a failed test a second time; if it passes then, it is listed at
# the end as `flaky: NAME`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=dev
quick=
ctest_options=()
while [[ $# -gt 0 ]]; do
    case "$1" in
        --preset) preset="${2:?--preset needs a name: dev, asan, tsan or release}"; shift 2 ;;
        --retry) ctest_options+=(--repeat until-pass:2); shift ;;
        --quick) quick=-quick; shift ;;
        -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;;
        *) echo "test.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
    esac
done
if [[ ! $preset =~ ^(dev|asan|tsan|release)$ ]]; then
    echo "test.sh: unknown preset '$preset'; there are dev, asan, tsan and release" >&2
    exit 2
fi

# g++ 12's ThreadSanitizer supports few address layouts. On a kernel that spreads mappings further ("unexpected memory
# mapping"), its programs run only without address randomization.
tsan_wrapper() {
    local folder
    folder="$(mktemp -d)"
    echo 'int main() {}' > "$folder/probe.cpp"
    g++ -fsanitize=thread "$folder/probe.cpp" -o "$folder/probe"
    # The layout differs from run to run, so one success is not enough.
    for _ in {1..20}; do
        if ! "$folder/probe" 2> /dev/null; then
            echo setarch -R
            break
        fi
    done
    rm -r "$folder"
}

scripts/install.sh build run test
wrapper=()
if [[ $preset == tsan ]]; then
    read -r -a wrapper <<< "$(tsan_wrapper)"
fi
cmake --preset "$preset" > /dev/null
cmake --build --preset "$preset"
status=0
"${wrapper[@]}" ctest --preset "$preset$quick" "${ctest_options[@]}" | tee "build/$preset/ctest.log" || status=$?
.ci/flaky "build/$preset/ctest.log"
exit "$status"
