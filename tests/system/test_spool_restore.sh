#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_spool_restore: a correlator that comes back from an older backup is sent again what it no longer has.
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-plain}
dir=$(mktemp -d)
peer_pid=''
finish() {
	[ -n "$peer_pid" ] && kill "$peer_pid" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
python3 - "$dir" <<'PY'
import struct, sys
for number in range(3):
    with open(f"{sys.argv[1]}/{number}.pcap", "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i in range(300):
            packet = struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 32, i, 0, 64, 17, 0, bytes([192, 0, 2, 1]),
                                 bytes([192, 0, 2, 2]), 2000 + i, 9999, 12, 0) + b"data"
            out.write(struct.pack("<IIII", 1790000000 + 1000 * number + i, 0, len(packet), len(packet)) + packet)
PY
start_peer() {
	rm -f "$dir/s.sock"
	tests/tools/intake_peer.py "$dir/s.sock" "$dir/peer" >>"$dir/peer.log" 2>&1 &
	peer_pid=$!
	for _ in $(seq 100); do [ -S "$dir/s.sock" ] && return; sleep 0.1; done
}
stop_peer() {
	kill "$peer_pid"
	wait "$peer_pid" 2>/dev/null
	peer_pid=''
}
failed=0
sends() { # what, file
	"$B/sekisho-sensor" -r "$dir/$2" --sensor s1 --poi p1 --flows 4096 --undecided 64 --spool "$dir/spool/spool.db" \
		--socket "$dir/s.sock" --wait-sent 2>>"$dir/log"
	local status=$?
	if [ $status -eq 0 ]; then echo "ok - $1"; else echo "not ok - $1: status $status"; failed=1; fi
}
mkdir "$dir/peer"
start_peer
sends "the first capture is sent" 0.pcap
cp -r "$dir/peer" "$dir/backup"
sends "the second capture is sent" 1.pcap
stop_peer
rm -r "$dir/peer"
mv "$dir/backup" "$dir/peer"
start_peer
sends "the third is sent to a correlator that lost the second" 2.pcap
stop_peer
grep . "$dir/peer.log" && { echo "not ok - the protocol was broken"; failed=1; }
python3 - "$dir/peer" <<'PY' || failed=1
import json, sys
seqs = [json.loads(line)["sekisho"]["seq"] for line in open(sys.argv[1] + "/lines")]
good = seqs == list(range(1, len(seqs) + 1)) and len(seqs) > 1800
print(f"{'ok' if good else 'not ok'} - it has all {len(seqs)} records again, each once")
sys.exit(not good)
PY
exit $failed
