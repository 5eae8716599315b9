#!/usr/bin/env bash
# Builds the packages, and installs, uses, upgrades, removes and purges them in a clean Debian made by mmdebstrap. Prints a
# transcript. The upgrade starts from a package of the release 0.1.0, with a batch that its server left interrupted. Needs root; skipped
# (exit status 77) where mmdebstrap, root or the commit of 0.1.0 is missing.
#   packages_test.sh SOURCE_DIR
set -euo pipefail
source_dir="$1"
release_commit=a6a623f216e4252af085967af170e5a86bdfe6d9  # 0.1.0
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
    for place in "$root" "$work/author"; do
        if mountpoint -q "$place/proc"; then umount "$place/proc"; fi
    done
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

step "build the packages, and one of the release 0.1.0"
packages="$work/packages"
mkdir -p "$packages/old"
"$here/old_package.sh" "$source_dir" "$release_commit" "$packages/old" > "$work/old.log" 2>&1 || {
    [[ $? -ne 77 ]] || skip "$(sed -n 's/^skipped: //p' "$work/old.log")"
    fail "old_package.sh"
}
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
mapfile -t needed < <(for package in "$packages"/sheafline_*.deb "$packages"/old/sheafline_*.deb; do dpkg-deb -f "$package" Depends; done |
    tr ',' '\n' | sed 's/(.*//; s/|.*//; s/ //g' | sort -u)
(IFS=,; mmdebstrap --quiet --variant=apt --include="${needed[*]}" bookworm "$root" "$sources") > "$work/mmdebstrap.log" 2>&1 ||
    skip "mmdebstrap cannot reach the package sources of this machine: $(tail -1 "$work/mmdebstrap.log")"
mount -t proc proc "$root/proc"
cp "$packages"/sheafline_*.deb "$root/tmp/new.deb"
cp "$packages"/old/sheafline_*.deb "$root/tmp/old.deb"
cp "$work/sheets.zip" "$root/tmp/sheets.zip"
"$work/moved/bin/sheafline" sample --sheets 400 --seed 2 --out "$root/tmp/many.zip" > "$work/sample.log"
inside dpkg-query -W -f 'packages: ${Package}\n' | wc -l

# Waits until the file of a running server has the text.
wait_for() {
    for _ in {1..600}; do
        if grep -q "$1" "$2"; then return; fi
        kill -0 "$server" 2> /dev/null || fail "the server ended"
        sleep 0.1
    done
    fail "the server did not say '$1'"
}
# Starts the server as its unit does, and waits until it listens. Sets `url`, `server` and, at the first start, `password`. With the
# argument `notice` it also waits for the notice to systemd, which 0.1.0 did not send.
start_server() {
    local command
    command="$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/sheafline.service")"
    rm -f "$root/tmp/notify"
    : > "$work/notify.log"
    : > "$work/server.log"
    python3 "$here/notify_listener.py" "$root/tmp/notify" > "$work/notify.log" &
    pids+=($!)
    until [[ -s $work/notify.log ]]; do sleep 0.1; done
    # shellcheck disable=SC2086 # the command and its arguments, as systemd splits them
    chroot "$root" /usr/bin/env NOTIFY_SOCKET=/tmp/notify HOME=/var/lib/sheafline \
        /usr/bin/setpriv --reuid sheafline --regid sheafline --clear-groups $command > "$work/server.log" 2>&1 &
    server=$!
    pids+=("$server")
    wait_for "listening on" "$work/server.log"
    if [[ ${1-} == notice ]]; then
        wait_for READY=1 "$work/notify.log"
        grep READY=1 "$work/notify.log"
    fi
    url="$(sed -n 's/^listening on //p' "$work/server.log")"
    password="$(sed -n "s/^first start: .* with the password //p" "$work/server.log")"
}
stop_server() {
    kill -TERM "$server"
    wait "$server" || fail "the server stopped with status $?"
    [[ ${1-} != notice ]] || grep -q STOPPING=1 "$work/notify.log" || fail "the server sent no STOPPING=1"
}
# The batches for the transcript: state, sheets and exam of each.
show_batches() { batches | sed 's/.*"state":"\([^"]*\)".*"sheets_total":\([0-9]*\).*"sheets_read":\([0-9]*\).*/\1: \3 of \2 sheets read/'; }
submit() {
    inside sheafline submit /tmp/sheets.zip --pipeline omr-batch --set exam=math --server "$url" --user admin \
        <<< "$admin_password" > "$work/submit.log" 2>&1 || fail "submit"
    tail -1 "$work/submit.log"
}
# 0.1.0 takes --config behind the command only.
batches() { as_service sheafline batches --json --config /etc/sheafline/sheafline.conf; }

verify_units() {
    local unit
    mkdir -p "$work/units"
    for unit in sheafline sheafline-worker; do  # the program is in the clean root, not on this machine
        sed "s|^ExecStart=|&$root|" "$root/lib/systemd/system/$unit.service" > "$work/units/$unit.service"
    done
    systemd-analyze verify --man=no "$work"/units/*.service > "$work/verify.log" 2>&1 || fail "systemd-analyze verify"
    ! grep sheafline "$work/verify.log" || fail "systemd-analyze verify has a remark"
    systemd-analyze security --no-pager --offline=true --threshold=30 "$root/lib/systemd/system/sheafline.service" \
        > "$work/security.log" 2>&1 || fail "systemd-analyze security"
    tail -1 "$work/security.log"
}

step "install 0.1.0"
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
inside apt-get install -y --no-install-recommends /tmp/old.deb > "$work/install.log" 2>&1 || fail "install"
tail -1 "$work/install.log"
inside stat -c '%a %U:%G %n' /etc/sheafline/sheafline.conf /var/lib/sheafline
[[ "$(inside stat -c '%a %U:%G' /etc/sheafline/sheafline.conf)" == "640 root:sheafline" ]] || fail "mode of the configuration"
[[ "$(inside stat -c '%a %U:%G' /var/lib/sheafline)" == "750 sheafline:sheafline" ]] || fail "mode of the data folder"

step "start the server as the unit does, run a batch, and stop the server in the middle of another one"
sed -i 's/^#listen =.*/listen = 127.0.0.1:0/' "$root/etc/sheafline/sheafline.conf"
start_server
admin_password="$password"
submit
rows="$(cat "$root"/var/lib/sheafline/batches/*/artifacts/math.csv)"
inside sheafline submit /tmp/many.zip --pipeline omr-batch --set exam=physics --server "$url" --user admin --json \
    <<< "$admin_password" > "$work/many.log" 2> "$work/many.err" &
pids+=($!)
wait_for '"stage":"processing_sheets"' "$work/many.log"
stop_server
interrupted="$(sed -n 's/.*"batch_id":"\([^"]*\)".*/\1/p' "$work/many.log" | tail -1)"
[[ ! -e $root/var/lib/sheafline/batches/$interrupted/artifacts/physics.csv ]] || fail "the second batch was already complete"
show_batches

step "upgrade to $version"
inside apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold /tmp/new.deb > "$work/upgrade.log" 2>&1 ||
    fail "upgrade"
inside sheafline --version
inside sheafline --version | grep -q "^sheafline $version (" || fail "the program has another version than its package"
grep -q '^listen = 127.0.0.1:0$' "$root/etc/sheafline/sheafline.conf" || fail "the upgrade replaced the configuration"
inside test -s /etc/sheafline/sheafline.conf.dpkg-dist || fail "the new configuration is not beside the old one"
inside test -s /usr/share/man/man1/sheafline-run.1.gz || fail "manual page"
verify_units
start_server notice
as_service sheafline --config /etc/sheafline/sheafline.conf watch "$interrupted" > "$work/watch.log" 2>&1 ||
    fail "the batch that 0.1.0 left interrupted does not complete"
tail -1 "$work/watch.log"
[[ "$(wc -l < "$root/var/lib/sheafline/batches/$interrupted/artifacts/physics.csv")" == 401 ]] || fail "the interrupted batch lost sheets"
[[ "$(cat "$root"/var/lib/sheafline/batches/*/artifacts/math.csv)" == "$rows" ]] || fail "the rows of the first batch changed"
submit
stop_server notice
show_batches
[[ "$(batches | grep -c '"state":"completed"')" == 3 ]] || fail "there are not three completed batches after the upgrade"

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
step "an author with the two packages and the docs alone: a stage, a sink and a processor in Python"
author="$work/author"
(IFS=,; mmdebstrap --quiet --variant=apt --include="${needed[*]},catch2,cmake,g++,ninja-build,python3" bookworm "$author" "$sources") \
    > "$work/mmdebstrap.log" 2>&1 || fail "the tools of an author"
mount -t proc proc "$author/proc"
cp "$packages"/*.deb "$author/tmp"
chroot "$author" sh -c 'apt-get install -y --no-install-recommends /tmp/sheafline_*.deb /tmp/libsheafline-dev_*.deb' > "$work/author.log" 2>&1 ||
    fail "install both packages"
for page in stage sink python-processor; do
    "$source_dir/tests/how_to_test.py" --script "$source_dir/docs/how-to/$page.md" > "$author/tmp/page.sh"
    mkdir "$author/tmp/$page"
    started=$SECONDS
    chroot "$author" sh -c "cd /tmp/$page && bash /tmp/page.sh" > "$work/author.log" 2>&1 || fail "docs/how-to/$page.md"
    code="$(cd "$author/tmp/$page" && find . -name build -prune -o -name sheafline-data -prune -o \( -name '*.cpp' -o -name '*.py' \) -exec cat {} + | wc -l)"
    echo "$page: $((SECONDS - started)) s, $code lines of code and tests; $(tail -n 1 "$work/author.log")"
done
chroot "$author" cmake --install /tmp/stage/count_groups/build --prefix /usr > "$work/author.log" 2>&1 || fail "cmake --install"
chroot "$author" sheafline plugins show count_groups | head -n 1 || fail "the installed program does not find the new stage"
echo "passed"
