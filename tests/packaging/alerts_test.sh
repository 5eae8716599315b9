#!/usr/bin/env bash
# Checks the alert rules of deploy/prometheus, and that each alert fires when it should; checks that the dashboard is JSON.
#   alerts_test.sh SOURCE_DIR
set -euo pipefail
if ! command -v promtool > /dev/null; then
    echo "skipped: promtool is missing; scripts/install.sh test installs it (package prometheus)"
    exit 77
fi
cd "$1/deploy/prometheus"
promtool check rules sheafline.rules.yml
promtool test rules sheafline.rules.test.yml
python3 -m json.tool ../grafana/sheafline.json > /dev/null
