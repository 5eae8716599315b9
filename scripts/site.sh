#!/usr/bin/env bash
# Builds the documentation as a static site in build/site/html. Open index.html there. The search needs a server:
#   python3 -m http.server --bind 127.0.0.1 --directory build/site/html
#   scripts/site.sh
# Needs mkdocs-material (group `site` of scripts/packages.txt). Pages that the menu lacks and links to nowhere are errors.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
case "${1:-}" in
    -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;;
esac
# Debian's program, which sees Debian's Python packages.
mkdocs=/usr/bin/mkdocs
if [[ ! -x $mkdocs ]]; then
    echo "site.sh: mkdocs is not installed; run: scripts/install.sh site" >&2
    exit 77
fi
rm -rf build/site
mkdir -p build/site/source/clients/typescript build/site/source/bench
# Links between pages are those of the source tree, so the site has its layout.
cp -r README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md LICENSE docs pipelines build/site/source/
cp clients/typescript/README.md build/site/source/clients/typescript/
cp -r bench/RESULTS.md bench/charts build/site/source/bench/
"$mkdocs" build --strict --quiet
echo "Built build/site/html/index.html"
