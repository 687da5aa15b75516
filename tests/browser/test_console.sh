#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_console: the console's pages in a real browser: a made month, a real console, Chromium.
set -u
cd "$(dirname "$0")/../.." || exit 4
B=${B:-build/gcc-address-undefined} work=$(mktemp -d) pid=
trap '[ -n "$pid" ] && kill "$pid" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
command -v chromium >/dev/null || { echo "ok - browser # SKIP no chromium on this machine"; exit 0; }
[ "$(id -u)" -eq 0 ] && export CHROMIUM_FLAGS=--no-sandbox

(cd dashboards/web && npm ci --ignore-scripts --no-audit --no-fund >"$work/npm.log" 2>&1 && npx tsc --noEmit && node build.mjs) >>"$work/npm.log" 2>&1 ||
	{ echo "not ok - the page bundles and its types hold"; tail -20 "$work/npm.log"; exit 1; }
echo "ok - the page bundles and its types hold"
node tests/browser/words.mjs
mkdir "$work/store"
tests/demo/month.py --days 5 --end "$(($(date +%s) - 60))" >"$work/month.ndjson"
"$B/sekisho" replay "$work/month.ndjson" --store "$work/store" --inventory rules/inventory-example --rules rules >"$work/replay.log" 2>&1 ||
	{ echo "not ok - a month is replayed: $(tail -1 "$work/replay.log")"; exit 1; }
for login in "sato analyst" "aoba region_viewer --partition region-a"; do
	# shellcheck disable=SC2086
	set -- $login
	echo "correct horse battery" | "$B/sekisho" user add "$1" --role "$2" "${@:3}" --console-db "$work/console.db" --password-stdin >>"$work/user.log" 2>&1 ||
		{ echo "not ok - users are made: $(tail -1 "$work/user.log")"; exit 1; }
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$B/sekisho-console" --store "$work/store" --console-db "$work/console.db" --web-root dashboards/web/dist --listen "127.0.0.1:$port" >"$work/console.log" 2>&1 &
pid=$!
for _ in $(seq 100); do curl -fsS "http://127.0.0.1:$port/" >/dev/null 2>&1 && break; sleep 0.2; done
node tests/browser/console.mjs "http://127.0.0.1:$port" "${SHOTS:-$work}" || tail -5 "$work/console.log"
