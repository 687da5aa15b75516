#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_captures_replay: every shared capture through all stages: no crash, no sanitizer report, every record fits the schema, twice the same.
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-address-undefined} captures=${SEKISHO_CAPTURES:-../shared/captures}
[ -d "$captures" ] || { echo "ok - captures # SKIP ../shared/captures is not here"; exit 0; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for capture in "$captures"/*.pcap "$captures"/*.pcapng; do
	name=$(basename "$capture")
	"$B/sekisho" replay "$capture" --json --inventory rules/inventory-example --rules rules >"$out/one" 2>"$out/said"
	status=$?
	"$B/sekisho" replay "$capture" --json --inventory rules/inventory-example --rules rules >"$out/two" 2>/dev/null
	if [ $status -ne 0 ]; then
		echo "not ok - $name: ended with $status: $(head -2 "$out/said" | tr '\n' ' ')"
	elif ! cmp -s "$out/one" "$out/two"; then
		echo "not ok - $name: twice is not the same"
	elif ! grep -v '^{"verdict"' "$out/one" | tests/tools/validate_records.py >"$out/schema" 2>&1; then
		echo "not ok - $name: a record breaks the schema: $(head -2 "$out/schema" | tr '\n' ' ')"
	else
		echo "ok - $name is replayed"
	fi
done
