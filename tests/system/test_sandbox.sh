#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_sandbox: on the plain build a call that its kind may not make ends a process; what it needs works.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
probe=$PLAIN/tests/tools/sandbox_probe
make -s CC=gcc SAN= "$probe" >/dev/null 2>&1 || { echo "not ok - the probe does not build"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0
sigsys=159 # 128 + SIGSYS

killed() { # kind, act
	"$probe" "$1" "$dir" "$2" >"$dir/out" 2>/dev/null
	local status=$?
	if [ $status -eq $sigsys ]; then
		echo "ok - $1: $2 ends the process"
	else
		echo "not ok - $1: $2 ended with status $status and said '$(cat "$dir/out")'"
		failed=1
	fi
}
works() { # kind, act, [path]
	local said
	said=$("$probe" "$1" "$dir" "$2" ${3:+"$3"} 2>&1)
	if [[ $said == done* ]]; then
		echo "ok - $1: $2${3:+ in its directory} works"
	else
		echo "not ok - $1: $2 should work and said '$said'"
		failed=1
	fi
}
# A shell's "Bad system call" message is no result of ours.
exec 2>/dev/null

for act in open unix inet packet exec ptrace fork kill code; do killed worker $act; done
for act in inet packet exec ptrace fork kill code; do killed spool $act; done
for act in packet exec ptrace fork kill code; do killed uplink $act; done
for act in exec ptrace code; do killed parent $act; done
works worker nothing
works spool nothing
works spool unix
works uplink inet
works uplink write "$dir/spool.db"
works spool write "$dir/spool.db"
works parent fork
if [ "$(id -u)" -eq 0 ]; then
	works parent packet
else
	echo "ok - parent: packet # SKIP only root has CAP_NET_RAW to keep"
fi

if "$probe" worker "$dir" nothing | grep -q 'without landlock'; then
	echo "ok - spool: files outside its directory # SKIP this kernel has no Landlock"
else
	said=$("$probe" spool "$dir" open /etc/hostname)
	if [[ $said == refused:* ]]; then
		echo "ok - spool: a file outside its directory is refused"
	else
		echo "not ok - spool: a file outside its directory opens: $said"
		failed=1
	fi
fi
exit $failed
