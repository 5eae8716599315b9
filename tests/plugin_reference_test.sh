#!/usr/bin/env bash
# The pages of docs/reference/plugins are what the program writes for the shipped plugins.
#   plugin_reference_test.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source_dir="$1" build_dir="$2"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
"$build_dir/bin/sheafline" plugins reference --out "$work"
diff -r "$source_dir/docs/reference/plugins" "$work" || {
    echo "the pages are old; run: sheafline plugins reference --out docs/reference/plugins"
    exit 1
}
