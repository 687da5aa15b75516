#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo: a month of made records, then live minutes of real packets through real interfaces, and the console.
#
# Settings by environment: DEMO_MINUTES (10), DEMO_IP (4 or 6), DEMO_PORT (8640), DEMO_STAY (yes: the console
# stays until Ctrl-C when the minutes are over; no: everything ends), DEMO_NETWORK (auto, or file: play a capture file).
set -u
cd "$(dirname "$0")/../.." || exit 4
minutes=${DEMO_MINUTES:-10} family=${DEMO_IP:-4} port=${DEMO_PORT:-8640} stay=${DEMO_STAY:-yes}
B=build/gcc-plain prefix=skd$$ work=$(mktemp -d /tmp/sekisho-demo.XXXXXX) began=0
store=$work/store socket=$work/intake.sock
pids=()

say() { printf '%s\n' "$*"; }
fail() { say "demo: $*" >&2; exit 4; }
start() { # name, command...: in the background, remembered, its words in a log
	local name=$1; shift
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	pids+=($!)
}
stop() {
	trap '' INT TERM
	# the last started first; each is ours by its pid
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do kill "${pids[i]}" 2>/dev/null; done
	for pid in "${pids[@]}"; do wait "$pid" 2>/dev/null; done
	[ "$began" = 1 ] && tests/demo/network.sh down "$prefix"
	rm -rf "$work"
	say "demo: everything it started is stopped, nothing is left behind."
}
wait_for() { # what, seconds, command...
	local what=$1 tries=$(($2 * 5)); shift 2
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { tail -5 "$work"/*.log >&2; fail "$what did not come up; the logs are above"; }
		sleep 0.2
	done
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ "$(id -u)" -ne 0 ]; then
	say "demo: root is needed to install Debian packages, to make network namespaces with real interfaces and to"
	say "      capture from them; without it, what is installed is used and the minutes are played from a capture file."
fi
say "== 1. packages and build"
tests/install-packages.sh build demo || exit 4
make -s -j"$(nproc)" CC=gcc SAN= all || fail "the build failed"
[ -f dashboards/web/dist/index.html ] || make -s web || fail "the console's page could not be bundled (npm)"

say "== 2. a made month of records"
mkdir -p "$store"
tests/demo/month.py --end "$(($(date +%s) - 60))" >"$work/month.ndjson"
"$B"/sekisho replay "$work/month.ndjson" --store "$store" --inventory rules/inventory-example --rules rules >"$work/month.log" 2>&1 ||
	{ tail -5 "$work/month.log" >&2; fail "the month could not be replayed"; }
tail -3 "$work/month.log" | sed 's/^/   /'

say "== 3. correlator and console"
start correlator "$B"/sekisho-correlator --store "$store" --socket "$socket" --inventory rules/inventory-example --rules rules
wait_for "the correlator" 30 test -S "$socket"
password=$(head -c 9 /dev/urandom | base64 | tr '+/' 'ab')
for login in "analyst analyst" "operator operator" "aoba region_viewer --partition region-a"; do
	# shellcheck disable=SC2086
	set -- $login
	printf '%s\n' "$password" | "$B"/sekisho user add "$1" --role "$2" "${@:3}" --console-db "$work/console.db" --password-stdin >"$work/user.log" 2>&1 ||
		{ cat "$work/user.log" >&2; fail "the login $1 could not be made"; }
done
start console "$B"/sekisho-console --store "$store" --console-db "$work/console.db" --web-root dashboards/web/dist --listen "127.0.0.1:$port"
wait_for "the console" 30 curl -fsS "http://127.0.0.1:$port/"

say "== 4. $minutes live minutes"
if [ "${DEMO_NETWORK:-auto}" = auto ] && [ "$(id -u)" -eq 0 ] && tests/demo/network.sh up "$prefix" 2>"$work/network.log"; then
	began=1
	tests/demo/pki.py "$work/pki"
	inside() { local host=$1; shift; ip netns exec "$prefix-$host" "$@"; }
	for side in east west; do
		start "sensor-$side" ip netns exec "$prefix-base" "$B"/sekisho-sensor -i "poi-$side" --sensor "sensor-$side" --poi "poi-$side" \
			--spool "$work/spool-$side.db" --socket "$socket"
	done
	sleep 1
	for host in base ha hb; do start "serve-$host" ip netns exec "$prefix-$host" tests/demo/peers.py serve $host "$work/pki"; done
	sleep 1
	for host in ra rb ha ca pa hb cb pb su; do
		start "talk-$host" ip netns exec "$prefix-$host" tests/demo/peers.py talk $host "$work/pki" "$family"
	done
	start talk-un ip netns exec "$prefix-rb" tests/demo/peers.py talk un "$work/pki"
	say "   live capture on poi-east and poi-west, in network namespaces $prefix-*"
else
	say "   network namespaces are not permitted here ($(tail -1 "$work/network.log" 2>/dev/null || echo 'no root')):"
	say "   the same minutes are played from a capture file made of tests/demo/minutes.txt"
	tests/tools/pcapmake.py tests/demo/minutes.txt -o "$work/minutes.pcap" --start "now-${minutes}m" || fail "no capture file"
	for side in east west; do
		start "sensor-$side" "$B"/sekisho-sensor -r "$work/minutes.pcap" --sensor "sensor-$side" --poi "poi-$side" \
			-f "$([ $side = east ] && echo '(net 10.11.0.0/16 or net 2001:db8:a::/48)' || echo '(net 10.12.0.0/16 or net 10.99.0.0/24 or net 2001:db8:b::/48)')" \
			--spool "$work/spool-$side.db" --socket "$socket" --wait-sent
	done
fi
cat <<TEXT

   Console   http://127.0.0.1:$port/        logins: analyst, operator, aoba (region viewer)   password: $password
   What to look at
     Overview     both regions, the hours nobody watched, sensors reporting
     Alerts       a clinic using TLS 1.0, a hospital reaching another region's hospital directly,
                  remote maintenance out of hours, a host nobody registered; open one: required, observed, where from
     Compliance   region a: satisfied, violated, and what TLS 1.3 hides (unobservable, never "satisfied")
     As aoba      the same pages for one region only
   Report    $B/sekisho report make --region region-a --period $(date +%Y-%m) --store $store --lang ja --format text
   Status    $B/sekisho status --store $store
   Ctrl-C stops everything and leaves nothing behind.

TEXT
for ((second = 0; second < minutes * 60; second += 10)); do
	sleep 10 &
	wait $!
	[ $((second % 60)) -eq 50 ] && say "   $(((second + 10) / 60)) of $minutes minutes, alerts so far: $("$B"/sekisho status --store "$store" 2>/dev/null | sed -n 's/^alerts *//p' | head -1)"
done
say "== 5. the minutes are over"
for ((i = 2; i < ${#pids[@]}; i++)); do kill "${pids[i]}" 2>/dev/null; done
for ((i = 2; i < ${#pids[@]}; i++)); do wait "${pids[i]}" 2>/dev/null; done
pids=("${pids[@]:0:2}")
if [ "$stay" = yes ]; then
	say "   sensors and peers are stopped; the console stays until Ctrl-C"
	wait "${pids[1]}"
fi
