#!/usr/bin/env bash
# Builds a package of an older commit, from which a test upgrades: the program and plugins of that commit, with the units and the
# scripts of deploy/debian of this tree, because 0.1.0 had none.
#   old_package.sh SOURCE_DIR COMMIT OUT_DIR
# Exit status 77: this clone does not have the commit.
set -euo pipefail
source_dir="$1"
commit="$2"
out="$3"
if ! git -C "$source_dir" cat-file -e "$commit^{commit}" 2> /dev/null; then
    echo "skipped: this clone has no commit $commit; 'git fetch --unshallow' gets it"
    exit 77
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
mkdir "$work/source"
git -C "$source_dir" archive "$commit" | tar -C "$work/source" -x
# The compiler's cache hits although the folder is another one each time.
export CCACHE_BASEDIR="$work/source" CCACHE_NOHASHDIR=1
cmake -S "$work/source" -B "$work/source/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX=/usr \
    -DBUILD_TESTING=OFF -DSHEAFLINE_BENCH=OFF -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DCMAKE_C_COMPILER_LAUNCHER=ccache
cmake --build "$work/source/build" -j "$(nproc)"
version="$(sed -n 's/^project(Sheafline VERSION \([0-9.]*\).*/\1/p' "$work/source/CMakeLists.txt")"

umask 022
tree="$work/tree"
DESTDIR="$tree" cmake --install "$work/source/build" --strip
rm -rf "$tree"/usr/include "$tree"/usr/lib/*/cmake
install -D -m 644 -t "$tree/lib/systemd/system" "$source_dir"/deploy/systemd/*.service
install -D -m 644 "$source_dir/deploy/systemd/sheafline.tmpfiles" "$tree/usr/lib/tmpfiles.d/sheafline.conf"
mkdir -p "$tree/etc/sheafline" "$tree/DEBIAN" "$work/debian"
cat > "$tree/etc/sheafline/sheafline.conf" <<'CONF'
data-dir = /var/lib/sheafline
pipelines-dir = /usr/share/sheafline/pipelines
#listen = 127.0.0.1:8000
CONF
install -m 755 -t "$tree/DEBIAN" "$source_dir"/deploy/debian/{postinst,prerm,postrm}
install -m 644 -t "$tree/DEBIAN" "$source_dir/deploy/debian/conffiles"
touch "$work/debian/control"  # dpkg-shlibdeps looks for it
libraries="$(find "$tree/usr/lib" -name 'libsheafline*.so*' -printf '%h\n' | sort -u | sed 's/^/-l/')"
# shellcheck disable=SC2086,SC2046 # folders and files without spaces, which mktemp named
depends="$(cd "$work" && dpkg-shlibdeps -O $libraries --ignore-missing-info \
    $(find "$tree/usr" -type f \( -name '*.so' -o -path '*/bin/*' \)) 2> "$work/shlibdeps.log")"
cat > "$tree/DEBIAN/control" <<CONTROL
Package: sheafline
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The Sheafline authors <sheafline@localhost>
Depends: adduser, ${depends#shlibs:Depends=}
Description: Sheafline $version, for the test of an upgrade
CONTROL
dpkg-deb --root-owner-group --build "$tree" "$out/sheafline_${version}_$(dpkg --print-architecture).deb"
