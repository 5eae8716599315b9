#!/usr/bin/env bash
# Installs the Debian packages of scripts/packages.txt that are missing on this machine.
#   scripts/install.sh [GROUP...]     build, run, test, bench, site, check; without a group: all of them
# `build run` is enough to build and use Sheafline. `test` also installs the npm packages of tests/clients,
# clients/typescript, server/web and tests/packaging/kubernetes, `bench` those of bench/peers. Needs root or sudo. If nothing is missing, it changes nothing and does not
# use the network.
set -euo pipefail

case "${1:-}" in
    -h | --help) sed -n '2,6s/^# \?//p' "$0"; exit 0 ;;
esac

scripts="$(dirname "${BASH_SOURCE[0]}")"
list="$scripts/packages.txt"
mapfile -t known < <(sed -n 's/^\[\(.*\)\]$/\1/p' "$list")
groups=("$@")
if [[ $# -eq 0 ]]; then groups=("${known[@]}"); fi
for group in "${groups[@]}"; do
    if [[ " ${known[*]} " != *" $group "* ]]; then
        echo "install.sh: unknown group '$group'; the groups are ${known[*]}" >&2
        exit 2
    fi
done
mapfile -t entries < <(awk -v groups=" ${groups[*]} " '
    { sub(/#.*/, ""); gsub(/[[:space:]]/, "") }
    /^\[/ { chosen = index(groups, " " substr($0, 2, length($0) - 2) " "); next }
    chosen && $0 != ""' "$list")
wanted=()
for entry in "${entries[@]}"; do
    if [[ $entry == *=* ]] && command -v "${entry#*=}" > /dev/null; then continue; fi
    wanted+=("${entry%%=*}")
done

install_packages() {
    if ! command -v dpkg-query > /dev/null; then
        echo "install.sh: this is not a Debian system; please install the equivalents of $list yourself" >&2
        exit 1
    fi
    local installed missing as_root=()
    installed="$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p')"
    mapfile -t missing < <(printf '%s\n' "${wanted[@]}" | grep -vxF "$installed" || true)
    if [[ ${#missing[@]} -eq 0 ]]; then
        echo "install.sh: all ${#wanted[@]} packages are installed (${groups[*]})"
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

# Without these, the tests that need them are skipped, so a failure is only reported.
install_npm_packages() {
    local folder="$scripts/../$1"
    if ! command -v npm > /dev/null; then return; fi
    if cmp -s "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"; then return; fi
    echo "install.sh: installing the npm packages of $1"
    if npm ci --prefix "$folder" --ignore-scripts --no-audit --no-fund > /dev/null; then
        cp "$folder/package-lock.json" "$folder/node_modules/.installed-lock.json"
    else
        echo "install.sh: npm failed; the tests that need npm packages will be skipped" >&2
    fi
}

install_packages
if [[ " ${groups[*]} " == *" test "* ]]; then
    install_npm_packages tests/clients
    install_npm_packages clients/typescript
    install_npm_packages server/web
    install_npm_packages tests/packaging/kubernetes
fi
if [[ " ${groups[*]} " == *" bench "* ]]; then install_npm_packages bench/peers; fi
