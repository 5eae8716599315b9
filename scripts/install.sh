#!/usr/bin/env bash
# Installs the packages of scripts/packages.txt that this Debian machine does not have, and the npm packages of
# tests/clients and clients/typescript. Needs root, or sudo. Changes nothing, and asks no network, where nothing is missing.
set -euo pipefail

scripts="$(dirname "${BASH_SOURCE[0]}")"
list="$scripts/packages.txt"
mapfile -t entries < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$list")
wanted=()
for entry in "${entries[@]}"; do
    if [[ $entry == *=* ]] && command -v "${entry#*=}" > /dev/null; then continue; fi
    wanted+=("${entry%%=*}")
done

install_packages() {
    if ! command -v dpkg-query > /dev/null; then
        echo "install.sh: this is no Debian system; please install the equivalents of $list yourself" >&2
        exit 1
    fi
    local installed missing as_root=()
    installed="$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')"
    mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxF "$installed" || true)
    if [[ ${#missing[@]} -eq 0 ]]; then
        echo "install.sh: all ${#wanted[@]} packages are there"
        return
    fi
    if [[ $EUID -ne 0 ]]; then
        if ! command -v sudo > /dev/null; then
            echo "install.sh: run this as root (there is no sudo): apt-get install ${missing[*]}" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "install.sh: installing ${#missing[@]} of ${#wanted[@]} packages: ${missing[*]}"
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" > /dev/null
    echo "install.sh: done"
}

# For tests alone: without them those are skipped, so this fails nothing.
install_npm_packages() {
    local folder="$scripts/../$1"
    if ! command -v npm > /dev/null; then return; fi
    if cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"; then return; fi
    echo "install.sh: installing the npm packages of $1"
    if npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund > /dev/null; then
        cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
    else
        echo "install.sh: npm failed; tests with clients of others will be skipped" >&2
    fi
}

install_packages
install_npm_packages tests/clients
install_npm_packages clients/typescript
