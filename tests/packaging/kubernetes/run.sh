#!/usr/bin/env bash
# Checks deploy/kubernetes: run.sh BINARY_DIR. The status is 77 (skipped) if Node.js or the npm packages of package-lock.json are
# missing; scripts/install.sh installs them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export SHEAFLINE_TEST_BINARY_DIR="$1"
if ! command -v node > /dev/null || [[ ! -d node_modules/kubernetes-models || ! -d node_modules/typescript ]]; then
    echo "skipped: the npm packages are missing: npm ci --prefix tests/packaging/kubernetes"
    exit 77
fi
exec timeout 200 node --test --test-reporter=spec kubernetes.test.mjs
