#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_man_pages: each man page is good roff, and its OPTIONS are the program's table as of now.
# To bring a page up to date: tests/system/test_man_pages.sh --write
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
failed=0
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
for page in docs/man/*.[1-8]; do
	name=$(basename "$page")
	program=$PLAIN/${name%.*}
	if [ -x "$program" ] && grep -q '^\.SH OPTIONS' "$page"; then
		"$program" --man-options >"$out/options"
		awk -v options="$out/options" '
			/^\.SH / { skipping = 0 }
			/^\.SH OPTIONS/ { while ((getline line < options) > 0) print line; skipping = 1 }
			!skipping' "$page" >"$out/page"
		if cmp -s "$page" "$out/page"; then
			echo "ok - $name has the options of its program"
		elif [ "${1:-}" = --write ]; then
			cp "$out/page" "$page"
			echo "ok - $name was brought up to date"
		else
			echo "not ok - $name is stale: run tests/system/test_man_pages.sh --write"
			failed=1
		fi
	fi
	if ! command -v man >/dev/null; then
		echo "ok - $name is good roff # SKIP man is not installed"
		continue
	fi
	said=$(LC_ALL=C.UTF-8 MANWIDTH=100 man --warnings -l "$page" 2>&1 >/dev/null)
	if [ -z "$said" ]; then
		echo "ok - $name is good roff"
	else
		echo "not ok - $name: $said"
		failed=1
	fi
done
exit $failed
