#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_ring_full: a spool that stands still never stops a live worker; what its ring has no room for is coverage.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
net=skr$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add $net 2>/dev/null; then
	echo "ok - a full ring # SKIP no right to make a network namespace"
	exit 0
fi
dir=$(mktemp -d)
main='' spool=''
finish() {
	[ -n "$spool" ] && kill -CONT "$spool" 2>/dev/null
	[ -n "$main" ] && kill "$main" 2>/dev/null
	wait 2>/dev/null
	ip netns del $net
	rm -rf "$dir"
}
trap finish EXIT
ip -n $net link set lo up
ip netns exec $net "$PLAIN/sekisho-sensor" -i lo --sensor s1 --poi p1 --flows 16384 --undecided 256 --buffer 16MiB \
	--ring 512KiB --udp 1s --coverage 1s --spool "$dir/spool/spool.db" --socket '' 2>"$dir/log" &
main=$!
for _ in $(seq 100); do grep -q epoch "$dir/log" && break; sleep 0.1; done
for pid in $(pgrep -P $main); do
	find "/proc/$pid/fd" -lname '*spool.db.lock' 2>/dev/null | grep -q . && spool=$pid
done
failed=0
check() { # what, command...
	local what=$1
	shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}
check "the spool process is found" [ -n "$spool" ]
kill -STOP "$spool"
ip netns exec $net python3 - <<'PY'
import socket, time
for i in range(6000):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    out.sendto(b"x" * 30, ("127.0.0.1", 2000 + i))
    out.close()
    if i % 100 == 0:
        time.sleep(0.01)
PY
sleep 4 # the flows time out while nobody takes their records
kill -USR1 $main
sleep 0.5
check "the worker goes on and counts" grep -qE 'by a full ring [1-9]' "$dir/log"
kill -CONT "$spool"
sleep 2
kill -TERM $main
wait $main
check "it ends in order" [ $? -eq 0 ]
main=''
python3 - "$dir/spool/spool.db" <<'PY' || failed=1
import ctypes, json, sqlite3, sys
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
records = []
for (frame,) in sqlite3.connect(sys.argv[1]).execute("SELECT data FROM frame ORDER BY id"):
    raw_size, packed = int.from_bytes(frame[8:12], "big"), frame[44:]
    if frame[5] == 1:
        room = ctypes.create_string_buffer(raw_size)
        assert zstd.ZSTD_decompress(room, raw_size, packed, len(packed)) == raw_size
        packed = room.raw
    records += [json.loads(line) for line in packed.split(b"\n") if line]
failed = 0
def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what)
    failed |= not holds
lost = sum(r["coverage"]["lost"].get("output", 0) for r in records if r["event_type"] == "coverage")
flows = sum(r["event_type"] == "flow" for r in records)
check(lost > 1000, f"coverage tells of {lost} records the ring had no room for")
check(flows + lost >= 6000, f"they and the {flows} flows that came through are all")
check([r["sekisho"]["seq"] for r in records] == list(range(1, len(records) + 1)), "the seqs have no hole")
sys.exit(failed)
PY
exit $failed
