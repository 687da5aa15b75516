#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_spool_kill: worker, spool, parent and correlator killed at seeded moments: no seq is missing, none comes
# twice, what nobody watched is coverage.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
sensor=$PWD/$PLAIN/sekisho-sensor
peer=$PWD/tests/tools/intake_peer.py
rounds=${ROUNDS:-16}
if [ "$(id -u)" -ne 0 ] || ! ip netns add "sk$$" 2>/dev/null; then
	echo "ok - kill -9 at seeded moments # SKIP no right to make a network namespace"
	exit 0
fi
dir=$(mktemp -d)
sensor_pid='' peer_pid='' traffic_pid=''
finish() {
	for pid in $traffic_pid $sensor_pid $peer_pid; do kill -9 "$pid" 2>/dev/null; done
	for pid in $(children); do kill -9 "$pid" 2>/dev/null; done
	ip netns del "sk$$"
	rm -rf "$dir"
}
children() { cat "$dir"/spool.pids 2>/dev/null; }
trap finish EXIT
exec 3>&1
RANDOM=${SEED:-20261124}
failed=0
check() { # what, command...
	local what=$1
	shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
	fi
}
start_sensor() {
	ip netns exec "sk$$" "$sensor" -i lo --sensor s1 --poi p1 --flows 4096 --buffer 4MiB --ring 4MiB --undecided 256 \
		--udp 1s --tcp-closed 1s --spool "$dir/spool/spool.db" --socket "$dir/s.sock" 2>>"$dir/log" &
	sensor_pid=$!
}
start_peer() {
	"$peer" "$dir/s.sock" "$dir" >>"$dir/peer.log" 2>&1 &
	peer_pid=$!
}
# a pid of the sensor's children: the first is the spool, the others are workers
child() { pgrep -P "$sensor_pid" 2>/dev/null | sort -n | sed -n "$1p"; }
# the spool is the one that holds the lock file open
spool_pid() {
	for pid in $(pgrep -P "$sensor_pid" 2>/dev/null); do
		ls -l "/proc/$pid/fd" 2>/dev/null | grep -q 'spool.db.lock' && echo "$pid" && return
	done
}
worker_pid() {
	local spool
	spool=$(spool_pid)
	for pid in $(pgrep -P "$sensor_pid" 2>/dev/null); do [ "$pid" != "$spool" ] && echo "$pid" && return; done
}
wait_for_lock() { # until the spool of a killed parent is done
	for _ in $(seq 100); do
		flock -n "$dir/spool/spool.db.lock" true 2>/dev/null && return
		sleep 0.1
	done
}
ip -n "sk$$" link set lo up
ip netns exec "sk$$" python3 - <<'PY' &
import socket, time
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
port = 2000
while True:
    for _ in range(20):
        out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        out.sendto(b"x" * 50, ("127.0.0.1", port))
        port = 2000 + (port - 1999) % 50000
        out.close()
    time.sleep(0.02)
PY
traffic_pid=$!
start_peer
start_sensor
sleep 1
gaps=0
for _ in $(seq "$rounds"); do
	sleep "0.$((RANDOM % 9))$((RANDOM % 10))"
	case $((RANDOM % 4)) in
	0) victim=$(spool_pid) ;;
	1) victim=$(worker_pid); [ -n "$victim" ] && gaps=$((gaps + 1)) ;;
	2)
		victim=''
		kill -9 "$sensor_pid" 2>/dev/null
		wait "$sensor_pid" 2>/dev/null
		wait_for_lock
		start_sensor
		sleep 0.5
		gaps=$((gaps + 1))
		;;
	3)
		victim=''
		kill -9 "$peer_pid"
		wait "$peer_pid" 2>/dev/null
		start_peer
		;;
	esac 2>/dev/null
	[ -n "$victim" ] && kill -9 "$victim" 2>/dev/null
done
sleep 2
kill $traffic_pid 2>/dev/null
sleep 2
kill -TERM "$sensor_pid"
wait "$sensor_pid"
status=$?
check "the sensor ends in order after all that (status $status)" [ $status -eq 0 ]
sensor_pid=''
# what the last run had no time to send
ip netns exec "sk$$" "$sensor" -i lo --sensor s1 --poi p1 --flows 4096 --buffer 4MiB --ring 4MiB --undecided 256 \
	--spool "$dir/spool/spool.db" --socket "$dir/s.sock" 2>>"$dir/log" &
sensor_pid=$!
for _ in $(seq 100); do
	sleep 0.1
	waiting=$(sqlite3 "$dir/spool/spool.db" "SELECT sum(next_seq - 1 - committed) FROM lane" 2>/dev/null)
	[ "${waiting:-1}" -lt 5 ] && break
done
kill -TERM "$sensor_pid"
wait "$sensor_pid"
sensor_pid=''
check "the correlator found nothing that breaks the protocol" bash -c "! grep -q . '$dir/peer.log'"
cat "$dir/peer.log"
python3 - "$dir/lines" "$gaps" <<'PY' || failed=1
import json, sys
seqs, gaps, last, epochs, bad, flows = [], 0, "", set(), 0, 0
for line in open(sys.argv[1]):
    record = json.loads(line)
    seqs.append(record["sekisho"]["seq"])
    epochs.add(record["sekisho"]["epoch"])
    flows += record["event_type"] == "flow"
    if record["event_type"] == "coverage":
        gaps += record["coverage"]["reason"] == "gap"
        bad += record["coverage"]["start"] > record["coverage"]["end"]
failed = 0
def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what)
    failed |= not holds
check(seqs == list(range(1, len(seqs) + 1)), f"{len(seqs)} records, seqs without a hole, none twice")
check(len(epochs) == 1, "one epoch over all restarts")
check(flows > 1000, f"{flows} flows were reported")
check(gaps >= int(sys.argv[2]), f"{gaps} gaps are coverage, at least the {sys.argv[2]} made")
check(bad == 0, "every gap ends after it begins")
sys.exit(failed)
PY
exit $failed
