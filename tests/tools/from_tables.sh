#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# from_tables: makes etc/*.yaml from the programs' tables of settings.
#
# usage: from_tables.sh [--check]   with B, the folder of the build; --check only tells what is stale (TAP)
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-plain} verb=${1:-write} stale=0
new=$(mktemp)
trap 'rm -f "$new"' EXIT

for part in sensor correlator console; do
	file=etc/$part.yaml
	"$B/sekisho-$part" --config-example >"$new" || exit 4
	if cmp -s "$new" "$file"; then
		[ "$verb" = --check ] && echo "ok - $file says what the table says"
	elif [ "$verb" = --check ]; then
		echo "not ok - $file is stale, 'make docs' makes it anew: $(diff "$file" "$new" | sed -n 2p)"
		stale=1
	else
		cp "$new" "$file"
	fi
done
exit $stale
