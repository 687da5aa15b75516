#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install: what 'make install' does: programs, page, rules, configuration, man pages, units.
# usage: DESTDIR= PREFIX=/usr/local B=build/... tests/install.sh
set -eu
cd "$(dirname "$0")/.."
root=${DESTDIR:-} prefix=$root${PREFIX:-/usr/local}

put() { # mode, target folder, files...
	local mode=$1 folder=$2
	shift 2
	for file in "$@"; do
		[ -f "$file" ] && install -D -m "$mode" "$file" "$folder/$(basename "$file")"
	done
}
put 755 "$prefix/bin" "$B/sekisho"
put 755 "$prefix/sbin" "$B/sekisho-sensor" "$B/sekisho-correlator" "$B/sekisho-console"
put 644 "$prefix/share/man/man1" docs/man/*.1
put 644 "$prefix/share/man/man5" docs/man/*.5
put 644 "$prefix/share/man/man8" docs/man/*.8
put 644 "$prefix/share/doc/sekisho" README.md README.ja.md LICENSE NOTICE docs/*.md docs/record.schema.json
# rules and page are data of the programs, found at /usr/share/sekisho unless an option says otherwise
(cd rules && find . -type f) | while read -r file; do install -D -m 644 "rules/$file" "$prefix/share/sekisho/rules/$file"; done
if [ -d dashboards/web/dist ]; then
	(cd dashboards/web/dist && find . -type f) | while read -r file; do
		install -D -m 644 "dashboards/web/dist/$file" "$prefix/share/sekisho/web/$file"
	done
else
	echo "install: the console's page is not bundled; run 'make web' first, then 'make install' again" >&2
fi
for file in etc/*.yaml; do # what an operator changed is kept
	[ -f "$file" ] || continue
	[ -f "$root/etc/sekisho/$(basename "$file")" ] || put 644 "$root/etc/sekisho" "$file"
done
put 644 "$prefix/lib/systemd/system" etc/systemd/*.service etc/systemd/*.timer
