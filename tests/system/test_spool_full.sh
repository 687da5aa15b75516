#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_spool_full: a spool at its limit lets flow summaries go, then the oldest; every record that goes is told.
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-plain}
sensor=$B/sekisho-sensor
dir=$(mktemp -d)
peer_pid=''
finish() {
	[ -n "$peer_pid" ] && kill "$peer_pid" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
python3 - "$dir" <<'PY'
import random, struct, sys
random.seed(7)
def capture(path, start, count):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i in range(count):
            body = random.randbytes(20)
            packet = struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 28 + len(body), i & 0xffff, 0, 64, 17, 0,
                                 random.randbytes(4), bytes([10, 0, 0, 1]), random.randrange(1024, 65535), 9999,
                                 8 + len(body), 0) + body
            at = start * 1000000 + i * 250000
            out.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(packet), len(packet)) + packet)
capture(sys.argv[1] + "/large.pcap", 1790000000, 90000)
capture(sys.argv[1] + "/small.pcap", 1790100000, 40)
PY
run() { "$sensor" --sensor s1 --poi p1 --flows 4096 --undecided 64 --spool "$dir/spool/spool.db" "$@" 2>>"$dir/log"; }
failed=0
check() { # what, command...
	local what=$1
	shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}
run -r "$dir/large.pcap" --socket '' --spool-size 1MiB
status=$?
check "a file that does not fit ends as done, but incomplete ($status)" [ $status -eq 5 ]
check "and says what was let go" grep -qE 'lane 0: [0-9]+ records were let go' "$dir/log"
size=$(stat -c %s "$dir/spool/spool.db")
check "the file stays below its cap ($size)" [ "$size" -le 1048576 ]
mkdir "$dir/peer"
tests/tools/intake_peer.py "$dir/s.sock" "$dir/peer" >"$dir/peer.log" 2>&1 &
peer_pid=$!
for _ in $(seq 100); do [ -S "$dir/s.sock" ] && break; sleep 0.1; done
run -r "$dir/small.pcap" --socket "$dir/s.sock" --spool-size 8MiB --wait-sent
status=$?
check "the next run sends what is left and ends when all is committed ($status)" [ $status -eq 0 ]
check "nothing breaks the protocol" bash -c "! grep . '$dir/peer.log'"
[ $failed -eq 0 ] || cat "$dir/log" "$dir/peer.log"
python3 - "$dir/peer" <<'PY' || failed=1
import json, sys
position = json.load(open(sys.argv[1] + "/position.json"))["position"]
records = [json.loads(line) for line in open(sys.argv[1] + "/lines")]
gone = sum(r["event_type"] == "let_go" for r in records)
told = sum(r.get("coverage", {}).get("lost", {}).get("spool", 0) for r in records)
full = [r for r in records if r.get("coverage", {}).get("reason") == "spool_full"]
failed = 0
def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what)
    failed |= not holds
check(list(position.values()) == [len(records)], f"all {len(records)} seqs are accounted for")
check(gone > 90000, f"{gone} records went: all flows and the oldest of the rest")
check(told == gone, f"coverage tells of {told}")
check(full and all(r["coverage"]["start"] < r["coverage"]["end"] for r in full), "with the time they were of")
check(records[-1]["sekisho"]["seq"] == len(records), "the seqs of both runs are one row")
sys.exit(failed)
PY
exit $failed
