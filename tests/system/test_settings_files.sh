#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_settings_files: etc/*.yaml say what the tables of the programs say, and the programs take them.
set -u
cd "$(dirname "$0")/../.." || exit 4
export B=${B:-build/gcc-address-undefined}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tests/tools/from_tables.sh --check

# what the file cannot know: an interface, and where inventory and rules lie before installation
more_sensor=(--interface lo) more_correlator=(--inventory rules/inventory-example --rules rules) more_console=()
for part in sensor correlator console; do
	declare -n more=more_$part
	if "$B/sekisho-$part" --config "etc/$part.yaml" --check-config "${more[@]}" >"$work/out" 2>&1; then
		echo "ok - sekisho-$part takes etc/$part.yaml"
	else
		echo "not ok - sekisho-$part takes etc/$part.yaml: $(head -1 "$work/out")"
	fi
	# a file with every key let loose is taken too: what stands there is what holds
	sed 's/^\( *\)#\([a-z_]*:\)/\1\2/' "etc/$part.yaml" >"$work/$part.yaml"
	if "$B/sekisho-$part" --config "$work/$part.yaml" --check-config "${more[@]}" >"$work/out" 2>&1; then
		echo "ok - sekisho-$part takes every key of etc/$part.yaml"
	else
		echo "not ok - sekisho-$part takes every key of etc/$part.yaml: $(head -1 "$work/out")"
	fi
	printf 'no_such_key: 1\n' >"$work/bad.yaml"
	"$B/sekisho-$part" --config "$work/bad.yaml" >"$work/out" 2>"$work/err"
	status=$?
	if [ $status -eq 3 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q "^$work/bad.yaml:1:1: unknown key" "$work/err"; then
		echo "ok - sekisho-$part names an unknown key with its place"
	else
		echo "not ok - sekisho-$part names an unknown key with its place: $status, $(head -1 "$work/err")"
	fi
	"$B/sekisho-$part" --no-such-option >"$work/out" 2>"$work/err"
	status=$?
	if [ $status -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && [ ! -s "$work/out" ]; then
		echo "ok - sekisho-$part names an unknown option in one line"
	else
		echo "not ok - sekisho-$part names an unknown option in one line: $status, $(head -1 "$work/err")"
	fi
done
