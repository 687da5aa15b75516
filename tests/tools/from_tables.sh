#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# from_tables: makes etc/*.yaml and the OPTIONS of man pages from the programs' tables of settings.
#
# usage: from_tables.sh [--check]   with B, the folder of the build; --check only tells what is stale (TAP)
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-plain} verb=${1:-write} stale=0
new=$(mktemp)
trap 'rm -f "$new"' EXIT

# settle FILE: the new text is what the file holds, or the file gets it
settle() {
	if [ "$verb" != --check ]; then
		cmp -s "$new" "$1" || cp "$new" "$1"
	elif cmp -s "$new" "$1"; then
		echo "ok - $1 says what the table says"
	else
		echo "not ok - $1 is stale, 'make docs' makes it anew: $(diff "$1" "$new" | sed -n 2p)"
		stale=1
	fi
}
# with_options PAGE OPTIONS: the page with its OPTIONS section replaced
with_options() {
	awk -v options="$2" '
		/^\.SH / { inside = /^\.SH OPTIONS/; if (inside) { while ((getline line < options) > 0) print line; next } }
		!inside { print }' "$1"
}
for part in sensor correlator console; do
	program=$B/sekisho-$part page=docs/man/sekisho-$part.8
	"$program" --config-example >"$new" || exit 4
	settle "etc/$part.yaml"
	options=$(mktemp)
	"$program" --man-options >"$options" || exit 4
	grep -q '^\.SH OPTIONS' "$page" || { echo "not ok - $page has no section OPTIONS"; exit 1; }
	with_options "$page" "$options" >"$new"
	rm -f "$options"
	settle "$page"
done
exit $stale
