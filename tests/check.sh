#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check: what 'make check' does: install, build by gcc and clang, run every test, count.
#
# A test prints TAP: "ok ...", "not ok ...", "ok ... # SKIP why".  A program that dies
# or prints no such line is one failure.  The last line is "N passed, N failed, N skipped".
# usage: tests/check.sh [word ...]   only tests whose path holds one of the words
set -u
cd "$(dirname "$0")/.." || exit 4
tests/install-packages.sh build test || exit 4
export LC_ALL=C.UTF-8 TZ=UTC SAN=address,undefined
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=print_stacktrace=1
passed=0 failed=0 skipped=0
jobs=$(nproc)
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

count() { # name, log file, exit status
	local p f s
	s=$(grep -cE '^ok .*# SKIP' "$2")
	p=$(($(grep -cE '^ok ' "$2") - s))
	f=$(grep -cE '^not ok ' "$2")
	if { [ "$3" -ne 0 ] && [ "$f" -eq 0 ]; } || [ $((p + f + s)) -eq 0 ]; then
		f=$((f + 1))
		echo "not ok - $1 ended with status $3" >>"$2"
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	if [ "$f" -gt 0 ]; then
		echo "FAIL $1"
		tail -60 "$2" | sed 's/^/     /'
	else
		echo "  ok $1 ($p${s:+, $s skipped})"
	fi
	grep -E '^ok .*# SKIP' "$2" | sed 's/^ok/     skipped/'
}
step() { # name, command...
	local name=$1 status
	shift
	"$@" >"$out/log" 2>&1
	status=$?
	[ $status -eq 0 ] && echo "ok - $name" >>"$out/log"
	count "$name" "$out/log" $status
}
wanted() {
	[ ${#words[@]} -eq 0 ] && return 0
	for word in "${words[@]}"; do [[ $1 == *"$word"* ]] && return 0; done
	return 1
}
words=("$@")

echo "== house"
step 'layers' make -s layers
step 'licence lines' make -s spdx
echo "== build"
step 'gcc, sanitizers, -Werror' make -s -j"$jobs" CC=gcc all test-programs
step 'gcc, plain' make -s -j"$jobs" CC=gcc SAN= all
[ ${#words[@]} -eq 0 ] && {
	step 'clang, sanitizers, -Werror' make -s -j"$jobs" CC=clang all test-programs
	step 'each header alone' make -s -j"$jobs" CC=gcc headers
}
export B=build/gcc-address-undefined PLAIN=build/gcc-plain
echo "== unit"
for test in "$B"/tests/unit/test_*; do
	[ -x "$test" ] && [[ $test != *.* ]] && wanted "$test" || continue
	CMOCKA_MESSAGE_OUTPUT=TAP timeout 600 "$test" >"$out/log" 2>&1
	count "${test#"$B"/}" "$out/log" $?
done
echo "== fuzz corpora"
for target in "$B"/tests/fuzz/replay_*; do
	[ -x "$target" ] && [[ $target != *.* ]] && wanted "$target" || continue
	name=${target##*replay_}
	step "corpus of $name" timeout 600 "$target" tests/fuzz/corpus/"$name"/*
done
echo "== scripts"
for test in tests/cases/run.sh tests/*/test_*.sh tests/*/test_*.py; do
	[ -x "$test" ] && wanted "$test" || continue
	timeout 1800 "$test" >"$out/log" 2>&1 </dev/null
	count "$test" "$out/log" $?
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
