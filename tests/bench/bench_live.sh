#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench_live: a live capture at half of the rate that saturates it, for long: loss and memory; then at twice that rate: is the loss it states true?
#
# The generator is tcpreplay: packets of build/bench/mix.pcap, other addresses in each round.  Left alone the sensor
# takes all that it can send, so both stand on one core here and the sensor runs only while the generator rests
# (SCHED_IDLE): saturated is the rate at which nothing is left for it.  Truth is what the generator says it sent.
# usage: tests/bench/bench_live.sh [MINUTES [RATE]]
# RATE: packets a second that saturate; without it they are looked for in steps of 5 seconds.
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${PLAIN:-build/gcc-plain} minutes=${1:-30} saturates=${2:-} data=build/bench net=skbench$$
[ "$(id -u)" -eq 0 ] && command -v tcpreplay >/dev/null || { echo "bench_live: needs root and tcpreplay" >&2; exit 4; }
make -s CC=gcc SAN= "$B/sekisho-sensor" >/dev/null && tests/bench/make_captures.py "$data" || exit 4
ip netns add $net || exit 4
dir=$(mktemp -d)
finish() {
	[ -n "${main:-}" ] && kill "$main" 2>/dev/null && wait "$main" 2>/dev/null
	ip netns del $net
	rm -rf "$dir"
}
trap finish EXIT
ip -n $net link add out type veth peer name in && ip -n $net link set out mtu 65535 up && ip -n $net link set in mtu 65535 up || exit 4
ip netns exec $net sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
start() {
	ip netns exec $net taskset -c 0 chrt --idle 0 "$B/sekisho-sensor" -i in --sensor bench --poi bench --user root --output - \
		> >(grep -E '"event_type":"(stats|coverage)"' >"$dir/told") 2>"$dir/log" &
	main=$!
	for _ in $(seq 100); do
		grep -q 'interface' "$dir/log" && return
		sleep 0.1
	done
	echo "bench_live: the sensor does not start: $(cat "$dir/log")" >&2
	exit 4
}
stop() {
	kill "$main" && wait "$main"
	main=
	sleep 0.5 # the reader of its records ends after it
}
send() { # packets a second, seconds: sets sent
	ip netns exec $net taskset -c 0 tcpreplay -q --preload-pcap --unique-ip --loop=0 --duration="$2" --pps="$1" -i out "$data/mix.pcap" >"$dir/sent" 2>&1
	sent=$(sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p' "$dir/sent")
}
gauge() { # name of a stats counter: its last value
	grep '"stats"' "$dir/told" | tail -1 | grep -o "\"$1\":[0-9]*" | head -1 | cut -d: -f2
}
lost() { echo $(($(gauge kernel_drops) + $(gauge worker_drops))); }
resident() { for p in $(pgrep -P "$main"); do awk '/^VmRSS/ { print $2 }' "/proc/$p/status"; done | awk '{ s += $1 } END { print s }'; }

if [ -z "$saturates" ]; then
	for saturates in 50000 75000 100000 150000 200000 300000 400000 600000; do
		start
		send $saturates 5
		stop
		rate=$((sent / 5))
		printf 'at %d packets/s: sent %d/s, lost %d\n' $saturates $rate "$(lost)"
		if [ "$(lost)" -gt 0 ] || [ $rate -lt $((saturates * 9 / 10)) ]; then
			saturates=$rate
			break
		fi
	done
fi
echo "saturated at $saturates packets/s (generator and sensor on one core, the sensor yielding)"
start
send $((saturates / 2)) $((minutes * 60)) &
for ((i = 0; i < minutes * 6; i++)); do
	sleep 10
	resident
done >"$dir/memory"
wait %%
cp "$dir/sent" "$dir/sent.half"
stop
sent=$(sed -n 's/^Actual: \([0-9]*\) packets.*/\1/p' "$dir/sent.half")
printf 'half, %d packets/s for %d minutes: sent %d, decoded %d, lost %d\n' $((saturates / 2)) "$minutes" "$sent" "$(gauge pkts)" "$(lost)"
awk '{ v[NR] = $1 } END { for (i = 1; i <= NR; i++) { if (i > NR / 3 && i <= 2 * NR / 3) { a += v[i]; n++ } if (i > 2 * NR / 3) { b += v[i]; m++ } }
	printf "memory: %.0f MiB in the second third, %.0f MiB in the last: %.3f x\n", a / n / 1024, b / m / 1024, (b / m) / (a / n) }' "$dir/memory"
start
send $((saturates * 2)) 60
stop
seen=$(($(gauge pkts) + $(lost)))
printf 'twice: sent %d (%d/s), decoded %d, stated loss %d; true loss %d; stated/true %.4f\n' "$sent" $((sent / 60)) "$(gauge pkts)" "$(lost)" \
	$((sent - $(gauge pkts))) "$(awk -v a="$(lost)" -v b=$((sent - $(gauge pkts))) 'BEGIN { print (b > 0 ? a / b : a == b) }')"
[ "$seen" -eq "$sent" ] || echo "of $sent sent, $seen are accounted for ($((sent - seen)) not)"
