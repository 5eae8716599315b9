#!/usr/bin/env bash
# Builds plugins as an outside author does, against an installed Sheafline: tests/outside_plugin, and every complete example
# of docs/writing-plugins.md (the C++ blocks that begin with their file's name). Then runs the pipeline of the first.
#   outside_plugin_test.sh SOURCE_DIR BUILD_DIR CXX_FLAGS
set -euo pipefail
source_dir="$1" build_dir="$2" cxx_flags="$3"
work="$(mktemp -d)"
export work cxx_flags
trap 'rm -rf "$work"' EXIT

cmake --install "$build_dir" --prefix "$work/prefix" > "$work/install.log"

configure_build_install() {
    cmake -S "$1" -B "$1-build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" -DCMAKE_CXX_FLAGS="$cxx_flags"
    cmake --build "$1-build"
    cmake --install "$1-build" --prefix "$work/prefix"
}
build() {
    # In a subshell: `set -e` has no effect inside the condition of an `if`.
    if ! bash -euc "$(declare -f configure_build_install); configure_build_install $1" > "$1.log" 2>&1; then
        cat "$1.log"
        exit 1
    fi
}

cp -r "$source_dir/tests/outside_plugin" "$work/outside"
build "$work/outside"

mkdir "$work/examples"
awk -v out="$work/examples" '
    /^```cpp$/ { open = 1; next }
    /^```$/ { open = 0; file = ""; next }
    open == 1 { file = out "/" $2; open = 2 }
    open { print > file }' "$source_dir/docs/writing-plugins.md"
{
    sed -n '1,3p' "$source_dir/tests/outside_plugin/CMakeLists.txt" | grep -v '^#'
    echo 'find_package(Sheafline REQUIRED)'
    echo 'find_package(Catch2 REQUIRED)'
    echo 'enable_testing()'
    for file in "$work"/examples/*.cpp; do
        name="$(basename "$file" .cpp)"
        case $name in
            *_test) echo "sheafline_add_plugin_test($name $name.cpp PLUGIN ${name%_test} LIBRARIES Catch2::Catch2)" ;;
            *) echo "sheafline_add_plugin($name $name.cpp)" ;;
        esac
    done
} > "$work/examples/CMakeLists.txt"
build "$work/examples"
ctest --test-dir "$work/examples-build" --output-on-failure

for plugin in count_classes file_size list_sheets newest; do
    sections="$(objdump -h "$work/prefix/lib/sheafline/plugins/$plugin.so")"
    if [[ $sections != *" sheafline_abi_"* ]]; then
        echo "$plugin.so is no plugin"
        exit 1
    fi
done
echo "built and installed: count_classes file_size list_sheets newest"

mkdir "$work/sheets"
for code in MATH-7B/1/1001 MATH-7B/1/1002 MATH-8A/1/1003; do
    ZXingWriter -size 400x400 -margin 40 QRCode "$code" "$work/sheets/${code//\//_}.png"
done
(cd "$work/sheets" && zip -q "$work/sheets.zip" ./*)
"$work/prefix/bin/sheafline" run "$work/outside/count-classes.yaml" --data-dir "$work/data" --batch-id demo \
    --input "$work/sheets.zip"
diff "$work/data/batches/demo/artifacts/classes.csv" - << 'EXPECTED'
school_class,sheets
7B,2
8A,1
EXPECTED

# Runs the outside reader of marks next to the shipped one, on the same sheets. Sample sheets have doubtful marks, on which
# the two may differ.
sheafline="$work/prefix/bin/sheafline"
"$sheafline" sample --sheets 8 --seed 1 --out "$work/marks.zip"
for reader in omr darkest_mark; do
    sed "s/PROCESSOR/$reader/" "$work/outside/read-marks.yaml" > "$work/$reader.yaml"
    "$sheafline" run "$work/$reader.yaml" --data-dir "$work/data" --batch-id "$reader" --input "$work/marks.zip" \
        --set template="$work/prefix/share/sheafline/pipelines/templates/demo-sheet.yaml"
done
python3 - "$work"/data/batches/{omr,darkest_mark}/artifacts/marks.csv << 'COMPARE'
import csv, sys
shipped, outside = [list(csv.DictReader(open(file))) for file in sys.argv[1:]]
answers = [(row[name], other[name]) for row, other in zip(shipped, outside) for name in row
           if name[0] == "q" and name[1:].isdigit()]
same = sum(left == right for left, right in answers)
print(f"darkest_mark reads {same} of {len(answers)} answers like omr")
sys.exit(not (len(shipped) == len(outside) == 8 and len(answers) > 100 and same >= 0.9 * len(answers)))
COMPARE
