#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_sensor_live: a veth pair, real HTTP and TLS through it, a live capture: records in the spool, nothing lost.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
sensor=$PWD/$PLAIN/sekisho-sensor
near=ska$$ far=skb$$ net=sk$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add $net 2>/dev/null; then
	echo "ok - live capture # SKIP no right to make a network namespace"
	exit 0
fi
ip netns add ${net}b
dir=$(mktemp -d)
pids=()
finish() {
	for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
	wait 2>/dev/null
	ip netns del $net
	ip netns del ${net}b
	rm -rf "$dir"
}
trap finish EXIT
failed=0
check() { # what, command...
	local what=$1
	shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}
if ! ip -n $net link add $near type veth peer name $far netns ${net}b 2>/dev/null; then
	echo "ok - live capture # SKIP this kernel has no veth"
	exit 0
fi
ip -n $net addr add 192.0.2.1/24 dev $near
ip -n $net link set $near up
ip -n ${net}b addr add 192.0.2.2/24 dev $far
ip -n ${net}b link set $far up
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=viewer.example \
	-keyout "$dir/key" -out "$dir/cert" 2>/dev/null
ip netns exec ${net}b openssl s_server -quiet -accept 8443 -key "$dir/key" -cert "$dir/cert" -www >/dev/null 2>&1 &
pids+=($!)
ip netns exec ${net}b python3 -m http.server 8080 --bind 192.0.2.2 --directory "$dir" >/dev/null 2>&1 &
pids+=($!)
for _ in $(seq 50); do
	ip netns exec $net curl -s -o /dev/null http://192.0.2.2:8080/cert && break
	sleep 0.1
done
ip netns exec $net "$sensor" -i $near --sensor s1 --poi p1 --flows 4096 --undecided 256 --buffer 8MiB \
	--spool "$dir/spool/spool.db" --socket "$dir/none.sock" 2>"$dir/log" &
main=$!
pids+=($main)
for _ in $(seq 100); do
	grep -q 'epoch' "$dir/log" && break
	sleep 0.1
done
check "the start-up line says what it watches and its memory" grep -qE 's1 at p1: 1 interface.*tables [0-9.]+ MiB' "$dir/log"
socket=$(ip netns exec $net ss -0 -e -n 2>/dev/null)
if [[ $socket == *ver:* ]]; then
	check "it captures by TPACKET_V3" grep -q 'ver:2' <<<"$socket" # counted from 0
else
	echo "ok - it captures by TPACKET_V3 # SKIP this kernel does not tell of packet sockets"
fi
for _ in $(seq 20); do
	ip netns exec $net curl -sk -o /dev/null --resolve viewer.example:8443:192.0.2.2 https://viewer.example:8443/
	ip netns exec $net curl -s -o /dev/null http://192.0.2.2:8080/cert
done
ip netns exec $net python3 - <<'PY'
import socket
out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(5000):
    out.sendto(b"x" * 200, ("192.0.2.2", 9000 + i % 50))
PY
sleep 1
kill -USR1 $main
sleep 0.5
check "SIGUSR1 says the counters" grep -q 'lane 0: packets [1-9]' "$dir/log"
check "SIGUSR1 says the spool's state" grep -q 'records wait' "$dir/log"
worker_tree=$(pgrep -P $main | wc -l)
check "a spool and a worker run under the parent" [ "$worker_tree" -eq 2 ]
for pid in $(pgrep -P $main); do
	check "process $(($(pgrep -P $main | grep -n "^$pid$" | cut -d: -f1))) has no capability and a filter" \
		grep -qzP 'CapPrm:\t0000000000000000\n(.*\n)*NoNewPrivs:\t1\nSeccomp:\t2' "/proc/$pid/status"
done
check "the parent has CAP_NET_RAW alone" grep -q 'CapPrm:	0000000000002000' /proc/$main/status
kill -TERM $main
wait $main
check "SIGTERM ends it in order" [ $? -eq 0 ]
python3 - "$dir/spool/spool.db" <<'PY' || failed=1
import ctypes, json, sqlite3, subprocess, sys
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
records = []
for (frame,) in sqlite3.connect(sys.argv[1]).execute("SELECT data FROM frame ORDER BY id"):
    raw_size = int.from_bytes(frame[8:12], "big")
    packed = frame[44:]
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
kind = lambda name: [r for r in records if r["event_type"] == name]
said = subprocess.run(["tests/tools/validate_records.py"], input="\n".join(map(json.dumps, records)) + "\n", capture_output=True, text=True)
check(records and said.returncode == 0, "each live record fits the schema: " + said.stdout[:200] + said.stderr[:200])
check([r["sekisho"]["seq"] for r in records] == list(range(1, len(records) + 1)), "seqs from 1 without a hole")
check(len(kind("flow")) >= 90, f"{len(kind('flow'))} flows: 40 HTTP and TLS, 50 UDP")
check(len(kind("tls")) >= 20, f"{len(kind('tls'))} TLS handshakes")
check(any(r.get("tls", {}).get("sni") == "viewer.example" for r in kind("tls")), "with their server name")
check(len(kind("tick")) >= 5, f"{len(kind('tick'))} ticks")
coverage = kind("coverage")
packets = sum(r["coverage"]["packets"] for r in coverage)
lost = sum(sum(r["coverage"]["lost"].values()) for r in coverage)
check(packets >= 5000, f"{packets} packets were covered")
check(lost == 0, f"nothing was lost ({lost})")
check(coverage and coverage[-1]["coverage"]["reason"] == "shutdown", "the last coverage says shutdown")
check(all(a["timestamp"] <= b["timestamp"] for a, b in zip(records, records[1:])), "time never goes back")
sys.exit(failed)
PY
says() { # what, exit code, words, arguments...
	local what=$1 code=$2 words=$3 said status
	shift 3
	said=$("$sensor" "$@" 2>&1)
	status=$?
	if [ $status -eq "$code" ] && [[ $said == *"$words"* ]] && [ "$(wc -l <<<"$said")" -eq 1 ]; then
		echo "ok - $what: one line, exit $code"
	else
		echo "not ok - $what: exit $status: $said"
		failed=1
	fi
}
says "an interface that is none" 4 "nosuch0" -i nosuch0 --spool "$dir/spool/spool.db"
says "a bad filter" 4 "nonsense" -i lo -f 'nonsense here' --spool "$dir/spool/spool.db"
says "a file that is none" 3 "$dir/none" -r "$dir/none" -o -
says "a file that is no capture" 3 "$dir/cert" -r "$dir/cert" -o -
says "an unknown option" 2 "--bogus" --bogus
says "neither interface nor file" 2 "--interface"
says "too many workers" 2 "--workers" -i lo --workers 65
says "a CPU that is none" 2 "--cpus" -i lo --cpus x
says "a user that is none" 4 "nobodyhere" -i lo --user nobodyhere --spool "$dir/spool/spool.db"
exit $failed
