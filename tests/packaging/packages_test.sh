#!/usr/bin/env bash
# Builds the packages, and installs, uses, upgrades, removes and purges them in a clean Debian made by mmdebstrap. Prints a
# transcript. Needs root; skipped (exit status 77) where mmdebstrap or root is missing.
#   packages_test.sh SOURCE_DIR
set -euo pipefail
source_dir="$1"
here="$source_dir/tests/packaging"

skip() {
    echo "skipped: $1"
    exit 77
}
for tool in mmdebstrap dpkg-deb dpkg-shlibdeps cpack file setpriv systemd-analyze; do
    command -v "$tool" > /dev/null || skip "$tool is missing; scripts/install.sh test installs it"
done
[[ $EUID -eq 0 ]] || skip "a clean root needs the rights of root"
sources="$(find /etc/apt -name 'debian.sources' -o -name sources.list | head -1)"
[[ -n $sources ]] || skip "this machine has no list of Debian sources"

work="$(mktemp -d)"
root="$work/root"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
    mountpoint -q "$root/proc" && umount "$root/proc"
    rm -rf --one-file-system "$work"
}
trap finish EXIT
fail() {
    echo "FAILED: $1"
    tail -n 20 "$work"/*.log
    exit 1
}
step() { printf '\n# %s\n' "$1"; }
inside() { chroot "$root" "$@"; }
as_service() { chroot "$root" /usr/bin/setpriv --reuid sheafline --regid sheafline --clear-groups "$@"; }

step "build the packages, an older version first"
packages="$work/packages"
mkdir -p "$packages/old"
"$source_dir/scripts/package.sh" --version 0.0.9 --jobs 2 > "$work/old.log" 2>&1 || fail "package.sh --version 0.0.9"
mv "$source_dir"/build/package/packages/*.deb "$packages/old"
"$source_dir/scripts/package.sh" --jobs 2 > "$work/new.log" 2>&1 || fail "package.sh"
mv "$source_dir"/build/package/packages/* "$packages"
find "$packages" -name '*.deb' -printf '%f\n' | sort
version="$(dpkg-deb -f "$packages"/sheafline_*.deb Version)"

step "the archive runs wherever it is unpacked"
mkdir "$work/moved"
tar -C "$work/moved" -xzf "$packages"/*.tar.gz --strip-components=1
"$work/moved/bin/sheafline" sample --sheets 6 --seed 1 --out "$work/sheets.zip" > "$work/sample.log"
"$work/moved/bin/sheafline" run omr-batch --input "$work/sheets.zip" --set exam=math --data-dir "$work/data" \
    --batch-id moved > "$work/moved.log" 2>&1 || fail "the unpacked archive runs no batch"
wc -l < "$work/data/batches/moved/artifacts/math.csv"

step "libsheafline-dev builds a plugin of another author"
mkdir "$work/dev"
for package in "$packages"/*.deb; do dpkg-deb -x "$package" "$work/dev"; done
cp -r "$source_dir/tests/outside_plugin" "$work/outside"
(cmake -S "$work/outside" -B "$work/outside/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/dev/usr" &&
    cmake --build "$work/outside/build") > "$work/outside.log" 2>&1 || fail "the plugin does not build"
find "$work/outside/build" -name '*.so' -printf '%f\n' | sort

step "make a clean root"
mapfile -t needed < <(dpkg-deb -f "$packages"/sheafline_*.deb Depends | tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g')
(IFS=,; mmdebstrap --quiet --variant=apt --include="${needed[*]}" bookworm "$root" "$sources") > "$work/mmdebstrap.log" 2>&1 ||
    skip "mmdebstrap cannot reach the package sources of this machine: $(tail -1 "$work/mmdebstrap.log")"
mount -t proc proc "$root/proc"
cp "$packages"/sheafline_*.deb "$root/tmp/new.deb"
cp "$packages"/old/sheafline_*.deb "$root/tmp/old.deb"
cp "$work/sheets.zip" "$root/tmp/sheets.zip"
inside dpkg-query -W -f 'packages: ${Package}\n' | wc -l

# Starts the server as its unit does, and waits for its notice. Sets `url`, `server` and, at the first start, `password`.
start_server() {
    local command
    command="$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/sheafline.service")"
    rm -f "$root/tmp/notify"
    python3 "$here/notify_listener.py" "$root/tmp/notify" > "$work/notify.log" &
    pids+=($!)
    until [[ -s $work/notify.log ]]; do sleep 0.1; done
    # shellcheck disable=SC2086 # the command and its arguments, as systemd splits them
    chroot "$root" /usr/bin/env NOTIFY_SOCKET=/tmp/notify HOME=/var/lib/sheafline \
        /usr/bin/setpriv --reuid sheafline --regid sheafline --clear-groups $command > "$work/server.log" 2>&1 &
    server=$!
    pids+=("$server")
    for _ in {1..600}; do
        if grep -q READY=1 "$work/notify.log"; then break; fi
        kill -0 "$server" 2> /dev/null || fail "the server ended"
        sleep 0.1
    done
    grep READY=1 "$work/notify.log" || fail "the server sent no READY=1"
    url="$(sed -n 's/^listening on //p' "$work/server.log")"
    password="$(sed -n "s/^first start: .* with the password //p" "$work/server.log")"
}
stop_server() {
    kill -TERM "$server"
    wait "$server" || fail "the server stopped with status $?"
    grep -q STOPPING=1 "$work/notify.log" || fail "the server sent no STOPPING=1"
}
submit() {
    inside sheafline submit /tmp/sheets.zip --pipeline omr-batch --set exam=math --server "$url" --user admin \
        <<< "$admin_password" > "$work/submit.log" 2>&1 || fail "submit"
    tail -1 "$work/submit.log"
}
batches() { as_service sheafline --config /etc/sheafline/sheafline.conf batches --json | wc -l; }

step "install 0.0.9"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
inside apt-get install -y --no-install-recommends /tmp/old.deb > "$work/install.log" 2>&1 || fail "install"
tail -1 "$work/install.log"
inside stat -c '%a %U:%G %n' /etc/sheafline/sheafline.conf /var/lib/sheafline
[[ "$(inside stat -c '%a %U:%G' /etc/sheafline/sheafline.conf)" == "640 root:sheafline" ]] || fail "mode of the configuration"
[[ "$(inside stat -c '%a %U:%G' /var/lib/sheafline)" == "750 sheafline:sheafline" ]] || fail "mode of the data folder"
inside test -s /usr/share/man/man1/sheafline-run.1.gz || fail "manual page"
mkdir "$work/units"
for unit in sheafline sheafline-worker; do  # the program is in the clean root, not on this machine
    sed "s|^ExecStart=|&$root|" "$root/lib/systemd/system/$unit.service" > "$work/units/$unit.service"
done
systemd-analyze verify --man=no "$work"/units/*.service > "$work/verify.log" 2>&1 || fail "systemd-analyze verify"
! grep sheafline "$work/verify.log" || fail "systemd-analyze verify has a remark"
systemd-analyze security --no-pager --offline=true --threshold=30 "$root/lib/systemd/system/sheafline.service" \
    > "$work/security.log" 2>&1 || fail "systemd-analyze security"
tail -1 "$work/security.log"

step "start the server as the unit does, and run a batch"
sed -i 's/^#listen =.*/listen = 127.0.0.1:0/' "$root/etc/sheafline/sheafline.conf"
start_server
admin_password="$password"
submit
stop_server

step "upgrade to $version"
inside apt-get install -y --no-install-recommends /tmp/new.deb > "$work/upgrade.log" 2>&1 || fail "upgrade"
inside dpkg-query -W -f '${Package} ${Version}\n' sheafline
grep -q '^listen = 127.0.0.1:0$' "$root/etc/sheafline/sheafline.conf" || fail "the upgrade replaced the configuration"
[[ "$(batches)" == 1 ]] || fail "the batch is gone after the upgrade"
start_server
submit
stop_server
[[ "$(batches)" == 2 ]] || fail "there are not two batches after the upgrade"

step "remove"
inside apt-get remove -y sheafline > "$work/remove.log" 2>&1 || fail "remove"
inside test ! -e /usr/bin/sheafline || fail "the program is still there"
inside test -e /etc/sheafline/sheafline.conf || fail "remove deleted the configuration"
inside test -e /var/lib/sheafline/history.db || fail "remove deleted the data"

step "purge"
inside dpkg --purge sheafline > "$work/purge.log" 2>&1 || fail "purge"
grep '^sheafline: /var/lib/sheafline .* is kept' "$work/purge.log" || fail "purge does not say what it keeps"
inside test ! -e /etc/sheafline || fail "purge left the configuration"
inside test -e /var/lib/sheafline/history.db || fail "purge deleted the data"
left="$(inside find / -xdev -name '*sheafline*' -not -path '/var/lib/sheafline*' -not -path '/tmp/*' -not -path '/proc/*' -not -path '/var/log/*' \
    -not -path '/var/cache/*')"
[[ -z $left ]] || fail "purge left: $left"
echo "passed"
