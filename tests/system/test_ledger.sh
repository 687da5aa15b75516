#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_ledger: 'sekisho ledger' makes a key, seals, delivers, and says which day was changed.
set -u
cd "$(dirname "$0")/../.." || exit 4
PLAIN=${PLAIN:-build/gcc-plain}
sekisho=$PWD/$PLAIN/sekisho
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/store" "$dir/away"
failed=0
report() { # name, then a command that must hold
	local name=$1
	shift
	if "$@"; then echo "ok - $name"; else echo "not ok - $name: $(tail -3 "$dir/said" 2>/dev/null | tr '\n' ' ')"; failed=1; fi
}
ends() { # exit status wanted, text wanted, command...
	local status=$1 text=$2 got
	shift 2
	"$@" >"$dir/said" 2>&1
	got=$?
	[ "$got" = "$status" ] && grep -q -- "$text" "$dir/said"
}
ledger() { "$sekisho" ledger "$@" --store "$dir/store" --key "$dir/seal.key" --deliver "$dir/away"; }
: >"$dir/empty.ndjson"
"$sekisho" replay --store "$dir/store" "$dir/empty.ndjson" >/dev/null 2>&1
sqlite3 "$dir/store/correlator.db" "
	INSERT INTO position VALUES ('east','aa',0,9,'[]',1793458800000000,1793458800000000,1793458800000000);
	INSERT INTO ledger SELECT 'p','east',value,0,0,'east/aa/0/'||value,d,d+9,d,'clinic-a','region-a','10.0.0.1','b','base','10.9.0.1',
		443,'portal','mpi',10,20,'tls','TLS 1.3','','','satisfied','[]',1
		FROM (SELECT value, 1793458800000000 - 864000000000 + (value % 3) * 86400000000 AS d FROM generate_series(1, 30))"
report "without a key nothing is sealed" ends 3 "cannot open\|No such file" ledger seal
report "a key is made once and shown in PEM" ends 0 "BEGIN PUBLIC KEY" ledger key
report "closed days are sealed and leave the host" ends 0 "seals delivered" ledger seal
report "an untouched ledger verifies" ends 0 "30 rows hold" ledger verify
if body=$(ls "$dir"/away/*.seal | head -1) && [ -n "$body" ]; then
	head -1 "$body" | tr -d '\n' >"$dir/body"
	sed -n 2p "$body" | xxd -r -p >"$dir/signature"
	report "openssl verifies a seal as well" openssl pkeyutl -verify -pubin -inkey "$dir/seal.key.pub" -rawin \
		-in "$dir/body" -sigfile "$dir/signature" -out /dev/null
fi
day=$(sed -n '1s/.*"day":"\([-0-9]*\)".*/\1/p' "$dir"/away/00000002*)
sqlite3 "$dir/store/correlator.db" "UPDATE ledger SET bytes_to_client = 21 WHERE flow_id = 4"
report "one byte count changed is found, with its day $day" ends 1 "^$day: rows were changed" ledger verify
sqlite3 "$dir/store/correlator.db" "UPDATE ledger SET bytes_to_client = 20 WHERE flow_id = 4"
rm -f "$dir"/store/seals/00000003*
report "a seal that is gone here is found by what was delivered" ends 1 "missing here" ledger verify
cp "$dir"/away/*.seal "$dir/store/seals/" && chmod u+w "$dir"/store/seals/*
report "put back, all holds again" ends 0 "rows hold" ledger verify
report "what is too old goes by a seal of its own" ends 0 "0 rows deleted" ledger retain
report "an unknown action is refused" ends 2 "expected key, seal" ledger frobnicate
exit $failed
