#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_output_eve: a live sensor alone writes EVE lines to a file; after a rotation SIGHUP makes it begin a new one, and no line is lost.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
net=ske$$
if [ "$(id -u)" -ne 0 ] || ! ip netns add $net 2>/dev/null; then
	echo "ok - EVE lines, live # SKIP no right to make a network namespace"
	exit 0
fi
dir=$(mktemp -d)
main=''
finish() {
	[ -n "$main" ] && kill "$main" 2>/dev/null
	wait 2>/dev/null
	ip netns del $net
	rm -rf "$dir"
}
trap finish EXIT
failed=0
check() { # what, command...
	local what=$1
	shift
	if "$@"; then echo "ok - $what"; else echo "not ok - $what"; failed=1; fi
}
until_true() { # command...
	for _ in $(seq 200); do "$@" && return 0; sleep 0.05; done
	return 1
}
ip -n $net link set lo up
cat >"$dir/sensor.yaml" <<YAML
capture:
  interfaces: [lo]
  workers: 2
output:
  eve: $dir/eve.json
sensor: s1
poi: p1
limits:
  flows: 4096
  undecided: 256
times:
  tick: 50ms
YAML
ip netns exec $net "$PLAIN/sekisho-sensor" --config "$dir/sensor.yaml" 2>"$dir/log" &
main=$!
check "output.eve in the file of settings" until_true grep -qs '"tick"' "$dir/eve.json"
mv "$dir/eve.json" "$dir/eve.json.1"
before=$(wc -l <"$dir/eve.json.1")
check "a file that was moved is written on until it is told" until_true \
	eval '[ "$(wc -l <"$dir/eve.json.1")" -gt '"$before"' ] && [ ! -e "$dir/eve.json" ]'
kill -HUP $main
check "SIGHUP begins a new one" until_true grep -qs '"tick"' "$dir/eve.json"
check "nothing has changed, and that is said" until_true grep -q 'settings read again: nothing' "$dir/log"
gaps() { [ "$(grep -c '"reason":"gap"' "$dir/eve.json")" -eq "$1" ]; }
check "and no worker was disturbed" gaps 0
sed -i "s/tick: 50ms/tick: 80ms/; s/flows: 4096/flows: 5000/; s/workers: 2/workers: 3/" "$dir/sensor.yaml"
kill -HUP $main
check "changed limits and times are taken over by new workers, as one gap" until_true gaps 2
check "which is said" grep -q 'settings read again: workers start anew' "$dir/log"
check "what needs a new start is named" grep -q 'only by a new start: --workers$' "$dir/log"
echo '  nonsense: 1' >>"$dir/sensor.yaml"
kill -HUP $main
check "bad settings are said in one line with their place" until_true grep -qE 'sensor.yaml:[0-9]+:[0-9]+: .*nonsense.*stay as they were' "$dir/log"
check "and change nothing" gaps 2
kill -TERM $main
wait $main
check "it ends in order" [ $? -eq 0 ]
main=''
check "every line is whole, no seq is missing over both files" python3 - "$dir/eve.json.1" "$dir/eve.json" <<'PY'
import json, sys
seqs = {}
for path in sys.argv[1:]:
    for line in open(path):
        record = json.loads(line)["sekisho"]
        seqs.setdefault(record["lane"], []).append(record["seq"])
assert sorted(seqs) == [0, 1] and all(seq == list(range(1, len(seq) + 1)) for seq in seqs.values()), seqs
PY
exit $failed
