#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_record_docs: the committed page and schema are what the field table says, and the schema bites.
set -u
cd "$(dirname "$0")/../.." || exit 4
: "${B:=build/gcc-address-undefined}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # name, command...
	local name=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name: $(head -3 "$work/out" | tr '\n' ' ')"
	fi
}
fresh() { # file, arguments of 'sekisho schema'
	local file=$1
	shift
	"$B/sekisho" schema "$@" >"$work/new" && diff -u "$file" "$work/new"
}
validate() { tests/tools/validate_records.py; }
refuses() { # line, words the complaint must hold
	! echo "$1" | validate >"$work/said" 2>&1 && grep -q "$2" "$work/said"
}
accepts() { echo "$1" | validate; }
usage_is_2() {
	"$B/sekisho" schema --what
	[ $? -eq 2 ]
}

check 'docs/RECORDS.md is fresh (else: make docs)' fresh docs/RECORDS.md --markdown
check 'docs/record.schema.json is fresh (else: make docs)' fresh docs/record.schema.json
begin='{"timestamp":"2026-11-24T06:30:00.000000+0000","event_type"'
check 'the schema takes a small record' accepts "$begin:\"tick\"}"
check 'the schema takes null for what is not there' accepts "$begin:\"tls\",\"tls\":{\"sni\":null}}"
check 'the schema refuses an unknown member' refuses "$begin:\"tick\",\"zzz\":1}" zzz
check 'the schema refuses an unknown member below' \
	refuses "$begin:\"tls\",\"sekisho\":{\"tls\":{\"client\":{\"zzz\":1}}}}" zzz
check 'the schema refuses an unknown event type' refuses "$begin:\"zzz\"}" zzz
check 'the schema refuses what privacy keeps back' \
	refuses "$begin:\"flow\",\"http\":{\"url\":\"/patient/1\"}}" url
check 'the schema refuses a user in clear' \
	refuses "$begin:\"flow\",\"sekisho\":{\"user\":\"yamada\"}}" yamada
check 'the validator refuses a member that stands there twice' \
	refuses "$begin:\"tick\",\"host\":\"a\",\"host\":\"b\"}" twice
check 'sekisho schema says 2 to an unknown option' usage_is_2
