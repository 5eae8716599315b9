#!/usr/bin/env bash
# Installs the packages of scripts/packages.txt that this Debian machine does not have.
# Needs root, or sudo. Changes nothing, and asks no network, where nothing is missing.
set -euo pipefail

list="$(dirname "${BASH_SOURCE[0]}")/packages.txt"
mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' "$list")

if ! command -v dpkg-query > /dev/null; then
    echo "install.sh: this is no Debian system; please install the equivalents of $list yourself" >&2
    exit 1
fi

installed="$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')"
mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxF "$installed" || true)
if [[ ${#missing[@]} -eq 0 ]]; then
    echo "install.sh: all ${#wanted[@]} packages are there"
    exit 0
fi

as_root=()
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
