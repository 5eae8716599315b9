#!/usr/bin/env bash
# The documentation builds as a site without a warning, its menu names every page, and no page requests anything from elsewhere.
#   site_test.sh SOURCE_FOLDER
set -euo pipefail
cd "$1"
status=0
scripts/site.sh || status=$?
if [[ $status -eq 77 ]]; then exit 77; fi
[[ $status -eq 0 ]] || exit 1
bad=0
# docs/decisions/README.md lists the decisions.
while read -r page; do
    if ! grep -qF ": $page" mkdocs.yml; then
        echo "mkdocs.yml: the menu lacks $page"
        bad=1
    fi
done < <(find docs -name '*.md' -not -path 'docs/decisions/*')
if grep -rnoE '<(script|link|img|iframe)[^>]* (src|href)="https?://[^"]*"' build/site/html --include='*.html' | grep -v 'rel="canonical"'; then
    echo "these pages request something from elsewhere"
    bad=1
fi
# The drawing is that of its text.
if command -v dot > /dev/null &&
    ! diff <(dot -Tsvg docs/images/architecture.dot | sed '/^<!--/,/-->$/d') <(sed '/^<!--/,/-->$/d' docs/images/architecture.svg); then
    echo "docs/images/architecture.svg is old; run: dot -Tsvg docs/images/architecture.dot -o docs/images/architecture.svg"
    bad=1
fi
exit "$bad"
