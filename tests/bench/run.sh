#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run: every bench of tests/bench, one table each.
#
# A bench is a program bench_*.c (built by 'make bench') that prints lines "name value unit
# ratio-vs", or a script bench_*.sh that prints its own table and runs the programs it is made
# of (bench_NAME.c and bench_floor_*.c).  Peers that are not on the PATH are named and left out.
# Figures are for reading: nothing here fails for being slow, but a bench that dies makes this
# end with 1.
# usage: tests/bench/run.sh [word ...]   only benches whose name holds one of the words
set -u
cd "$(dirname "$0")/../.." || exit 4
export PLAIN=${PLAIN:-build/gcc-plain} LC_ALL=C.UTF-8
status=0

wanted() { # name, words...
	local name=$1 word
	shift
	[ $# -eq 0 ] && return 0
	for word in "$@"; do [[ $name == *"$word"* ]] && return 0; done
	return 1
}
for peer in ndpiReader suricata snort softflowd; do
	command -v $peer >/dev/null || echo "not on the PATH, so not compared: $peer"
done
for bench in tests/bench/bench_*.c tests/bench/bench_*.sh; do
	[ -e "$bench" ] || continue
	name=$(basename "$bench")
	wanted "$name" "$@" || continue
	case $bench in tests/bench/bench_floor_*.c) continue ;; esac
	[[ $bench == *.c && -e ${bench%.c}.sh ]] && continue # a part of that script
	case $bench in
	*.c)
		command=$PLAIN/${bench%.c}
		make -s CC=gcc SAN= "$command" >&2 || { status=1; continue; }
		;;
	*) command=$bench ;;
	esac
	echo "== ${name%.*}"
	if ! "$command" | awk -v is_table="$([[ $bench == *.sh ]] && echo 1)" '
		is_table { print; next }
		{ printf "%-32s %16s  %-12s %s\n", $1, $2, $3, $4 }
		END { exit NR == 0 }' || [ "${PIPESTATUS[0]}" -ne 0 ]; then
		echo "$name did not end well" >&2
		status=1
	fi
done
exit $status
