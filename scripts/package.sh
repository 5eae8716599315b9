#!/usr/bin/env bash
# Builds the Debian packages `sheafline` and `libsheafline-dev`, and a relocatable archive, into build/package/packages.
#   scripts/package.sh [--version VERSION] [--jobs N]
# VERSION is the version of the packages (default: that of CMakeLists.txt). The packages are for the Debian release on which
# this runs. The archive holds bin, lib, include and share; unpack it anywhere and run bin/sheafline.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=
jobs="$(nproc)"
while [[ $# -gt 0 ]]; do
    case "$1" in
        --version) version="${2:?--version needs a version, such as 0.2.0}"; shift 2 ;;
        --jobs) jobs="${2:?--jobs needs a number}"; shift 2 ;;
        -h | --help) sed -n '2,5s/^# \?//p' "$0"; exit 0 ;;
        *) echo "package.sh: unknown option '$1'; see --help" >&2; exit 2 ;;
    esac
done
for tool in dpkg-deb dpkg-shlibdeps file cpack; do
    if ! command -v "$tool" > /dev/null; then
        echo "package.sh: $tool is missing; install the packages dpkg-dev, file and cmake" >&2
        exit 1
    fi
done
if [[ -z $version ]]; then version="$(sed -n 's/^project(Sheafline VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)"; fi
if [[ ! $version =~ ^[0-9][0-9A-Za-z.+~-]*$ ]]; then
    echo "package.sh: '$version' is not a version; it begins with a digit, such as 0.2.0" >&2
    exit 2
fi

cmake --preset package -DSHEAFLINE_PACKAGE_VERSION="$version" > /dev/null
cmake --build --preset package -j "$jobs" > build/package/build.log || { tail -40 build/package/build.log >&2; exit 1; }
packages=build/package/packages
rm -rf "$packages"
# Folders have mode 0755 in packages, whatever the umask of the user is.
umask 022
(cd build/package && cpack -G DEB > cpack.log 2>&1) || { tail -40 build/package/cpack.log >&2; exit 1; }

name="sheafline-$version-$(dpkg --print-architecture)"
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT
for component in program dev; do
    cmake --install build/package --prefix "$stage/$name" --component "$component" --strip > /dev/null
done
tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner -czf "$packages/$name.tar.gz" "$name"
rm -rf "$packages/_CPack_Packages"
ls "$packages"/*.deb "$packages"/*.tar.gz
