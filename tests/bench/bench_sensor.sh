#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# bench_sensor: the sensor's whole path against libpcap's loop, nDPI's floor and ndpiReader, in one sitting.
#
# CPU seconds (user and system) of whole processes, medians of ROUNDS (5) runs in turn; only the
# ratios count.  Captures are made in build/bench (make_captures.py) and stay there.
# usage: tests/bench/bench_sensor.sh [mix|tls|syn|udp ...]
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${PLAIN:-build/gcc-plain} ROUNDS=${ROUNDS:-5} data=build/bench
make -s CC=gcc SAN= "$B"/tests/bench/bench_{sensor,floor_read,floor_ndpi} >/dev/null || exit 4
tests/bench/make_captures.py "$data" || exit 4
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
TIMEFORMAT='%U %S'

cost() { # name, command...: appends CPU seconds to $out/name
	local name=$1
	shift
	{ time "$@" >"$out/said.$name" 2>&1; } 2>"$out/time"
	awk '{ print $1 + $2 }' "$out/time" >>"$out/$name"
}
median() { sort -n "$out/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%-5s %8s %8s %8s %8s %12s %7s %7s %12s\n' file read nDPI ndpiRdr sensor 'packets/s' x-nDPI x-Rdr 'kB/100k flows'
for file in "${@:-mix tls syn udp}"; do set -- $file; for kind in "$@"; do
	rm -f "$out"/{read,ndpi,reader,sensor}
	for ((i = 0; i < ROUNDS; i++)); do
		cost read $B/tests/bench/bench_floor_read $data/$kind.pcap
		cost ndpi $B/tests/bench/bench_floor_ndpi $data/$kind.pcap
		cost sensor $B/tests/bench/bench_sensor $data/$kind.pcap
		[ -x /usr/bin/ndpiReader ] && cost reader ndpiReader -q -i $data/$kind.pcap
	done
	packets=$(sed -n 's/^packets \([0-9]*\).*/\1/p' "$out/said.sensor")
	# memory: what 100,000 flows more cost, between tables of 100,000 and 300,000 on the syn file
	memory=-
	if [ $kind = syn ] || [ $kind = udp ]; then
		few=$($B/tests/bench/bench_sensor $data/$kind.pcap /dev/null 100000 2>&1 | sed 's/.*peak \([0-9]*\).*/\1/')
		many=$($B/tests/bench/bench_sensor $data/$kind.pcap /dev/null 300000 2>&1 | sed 's/.*peak \([0-9]*\).*/\1/')
		memory=$(((many - few) / 2))
	fi
	awk -v k=$kind -v r="$(median read)" -v n="$(median ndpi)" -v d="$([ -f "$out/reader" ] && median reader)" \
		-v s="$(median sensor)" -v p="$packets" -v m="$memory" 'BEGIN {
		printf "%-5s %8.2f %8.2f %8s %8.2f %12d %7.2f %7s %12s\n", k, r, n, d == "" ? "-" : sprintf("%.2f", d),
			s, p / s, s / n, d == "" ? "-" : sprintf("%.2f", s / d), m }'
done; done
