#!/usr/bin/env bash
# Runs one file of tests with clients of other makers: run.sh BINARY_DIR FILE. The status is 77 (skipped) if Node.js, the npm
# packages of package-lock.json, or Chromium are missing; scripts/install.sh installs them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export SHEAFLINE_TEST_BINARY_DIR="$1"
file="$2"

skip() {
    echo "skipped: $1"
    exit 77
}
command -v node > /dev/null || skip "there is no Node.js"
[[ -d node_modules/tus-js-client && -d node_modules/eventsource4 && -d node_modules/openapi-fetch && -d node_modules/axe-core ]] || skip "the npm packages are missing: npm ci --prefix tests/clients"
if grep -qE 'from "./(chromium|dashboard_site).mjs"' "$file"; then
    command -v chromedriver > /dev/null || skip "there is no chromedriver (Debian's package chromium-driver)"
fi
if grep -q SHEAFLINE_TEST_DASHBOARD "$file"; then
    [[ -d ../../server/web/node_modules/esbuild ]] || skip "the npm packages are missing: npm ci --prefix server/web"
fi
if grep -q SHEAFLINE_TEST_CLIENT "$file"; then
    client=../../clients/typescript
    [[ -d $client/node_modules/openapi-typescript ]] || skip "the npm packages are missing: npm ci --prefix clients/typescript"
    export SHEAFLINE_TEST_CLIENT="$SHEAFLINE_TEST_BINARY_DIR/clients_typescript"
    node "$client/generate.mjs"
    "$client/node_modules/.bin/tsc" -p "$client" --outDir "$SHEAFLINE_TEST_CLIENT"
    echo '{"type": "module"}' > "$SHEAFLINE_TEST_CLIENT/package.json"
fi
exec timeout 200 node --test --test-reporter=spec "$file"
