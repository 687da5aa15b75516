#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_replay: the same input gives the same bytes, in any language and place; bad input gives one line.
set -u
cd "$(dirname "$0")/../.." || exit 4
tool=$(realpath "${B:-build/gcc-address-undefined}/sekisho")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work

ok() { # name, status
	if [ "$2" -eq 0 ]; then echo "ok - $1"; else echo "not ok - $1"; fi
}
# Whatever the command says, its status and its one line.
refused() { # name, status wanted, word wanted, command...
	local name=$1 want=$2 word=$3 status
	shift 3
	"$@" >"$work/out" 2>"$work/err"
	status=$?
	if [ $status -eq "$want" ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q -- "$word" "$work/err"; then
		echo "ok - $name"
	else
		echo "not ok - $name: status $status, $(head -c 300 "$work/err")"
	fi
}

tests/demo/month.py --days 5 --end 1764000000 >"$work/month.ndjson"
capture=$(find tests -name 'tls*.pcap' -o -name '*tls*.pcapng' | sort | head -1)
for input in "$work/month.ndjson" "$capture"; do
	name=$(basename "$input")
	LANG=C LC_ALL=C "$tool" replay "$input" --json --inventory rules/inventory-example >"$work/one" 2>"$work/err"
	ok "$name: replay succeeds" $?
	LANG=ja_JP.UTF-8 LC_ALL=ja_JP.UTF-8 TZ=Asia/Tokyo "$tool" replay "$input" --json --inventory rules/inventory-example >"$work/two" 2>"$work/err"
	cmp -s "$work/one" "$work/two"
	ok "$name: the same bytes in any language and zone" $?
	python3 -c 'import json,sys
kinds = {("verdict" if "verdict" in r else r["event_type"]) for r in map(json.loads, open(sys.argv[1]))}
sys.exit(not {"verdict", "flow"} <= kinds)' "$work/one"
	ok "$name: every line is JSON, verdicts among them" $?
	LANG=C "$tool" replay "$input" >"$work/one" && LANG=ja_JP.UTF-8 "$tool" replay "$input" >"$work/two"
	cmp -s "$work/one" "$work/two" && grep -q '^verdicts' "$work/one"
	ok "$name: the table too" $?
	grep -q 'no inventory' "$work/one"
	ok "$name: without an inventory it says so" $?
done
[ -z "$(find "$work" -name 'sekisho-*')" ]
ok "no temporary store is left" $?

"$tool" replay "$work/month.ndjson" --store "$work/store" --inventory rules/inventory-example >"$work/one" &&
	"$tool" replay "$work/month.ndjson" --store "$work/store" --inventory rules/inventory-example >"$work/two"
again=$(awk '$1 == "records_again" { print $2 }' "$work/two")
[ "${again:-0}" -eq "$(wc -l <"$work/month.ndjson")" ] && cmp -s <(grep '^  all' "$work/one") <(grep '^  all' "$work/two")
ok "a file that is in the store already changes nothing" $?
"$tool" status --store "$work/store" >"$work/out" && grep -q '^alerts    [1-9]' "$work/out" && grep -q '^sensor    sensor-east at poi-east' "$work/out"
ok "status shows alerts and sensors" $?
"$tool" store migrate --store "$work/store" | grep -qE 'version ([0-9]+), was \1$'
ok "a store of this version needs no migration" $?
before=$(find "$work/store" -name 'records-*.db' | wc -l)
"$tool" store retain --days 1 --store "$work/store" >"$work/out" && [ "$before" -gt 1 ] &&
	[ "$(find "$work/store" -name 'records-*.db' | wc -l)" -eq 1 ]
ok "retain keeps the days that were asked for" $?

printf 'no capture\n' >"$work/rubbish"
: >"$work/empty"
printf '{"timestamp":1}\nnothing\n' >"$work/lines"
refused "no file is a usage error" 2 'argument' "$tool" replay
refused "an option nobody knows too" 2 'nonsense' "$tool" replay --nonsense "$work/empty"
refused "a file that is not there" 3 'no-such' "$tool" replay "$work/no-such"
refused "an empty file" 3 'empty' "$tool" replay "$work/empty"
refused "rubbish is no capture" 3 'rubbish' "$tool" replay "$work/rubbish"
refused "lines that are no records are counted" 5 '2 lines' "$tool" replay "$work/lines"
refused "rules that are not there" 3 'no-rules' "$tool" replay "$capture" --rules "$work/no-rules"
refused "a store that is not there has no status" 4 'cannot open' "$tool" status --store "$work/none"
refused "an unknown command" 2 'nothing' "$tool" nothing
