#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run: a folder is a case: input.pcap (made from input.txt) or input.ndjson, args, expected.ndjson, why.md.
#
# Each case is replayed with --json and compared line by line with expected.ndjson; every record must fit
# docs/record.schema.json.  'tests/cases/run.sh --accept NAME' takes what is now seen as what is expected;
# '--make NAME' makes input.pcap anew from its text (real handshakes, so random values and hashes change).
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-address-undefined}
tool=$B/sekisho
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

see() { # case folder -> $out/seen
	local args=() input=$1/input.pcap
	[ -f "$1/input.ndjson" ] && input=$1/input.ndjson
	[ -f "$1/args" ] && mapfile -t args <"$1/args"
	"$tool" replay "$input" --json "${args[@]}" >"$out/all" 2>"$out/said" || return
	# how much memory a table takes, counters that are zero, and the hash of all rules are no facts of the capture
	sed -E 's/"(memuse|reassembly_memuse)":[0-9]+/"\1":0/g; s/"ruleset":"[0-9a-f]{64}"/"ruleset":"-"/g
		/"event_type":"stats"/ { s/"[a-z0-9_]+":0,//g; s/,?"[a-z0-9_]+":0\}/}/g; :a; s/,?"[a-z0-9_]+":\{\}//g; s/\{,/{/g; ta }' \
		"$out/all" >"$out/seen"
}
case ${1:-} in
--make) exec tests/tools/pcapmake.py "tests/cases/$2/input.txt" -o "tests/cases/$2/input.pcap" ;;
--accept) see "tests/cases/$2"; cp "$out/seen" "tests/cases/$2/expected.ndjson"; cat "$out/said" >&2; exit 0 ;;
esac
for folder in tests/cases/*/; do
	folder=${folder%/} name=$(basename "$folder")
	see "$folder"
	status=$?
	if [ $status -ne 0 ]; then
		echo "not ok - case $name: replay ended with $status: $(head -3 "$out/said" | tr '\n' ' ')"
	elif ! cmp -s "$out/seen" "$folder/expected.ndjson"; then
		echo "not ok - case $name: differs (accept with tests/cases/run.sh --accept $name)"
		diff "$folder/expected.ndjson" "$out/seen" | head -20 | cut -c1-600
	elif ! grep -v '^{"verdict"' "$out/seen" | tests/tools/validate_records.py >"$out/schema" 2>&1; then
		echo "not ok - case $name: a record breaks the schema: $(head -3 "$out/schema")"
	else
		echo "ok - case $name"
	fi
done
