#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_rules_try: 'sekisho rules try' on stored records and on a candidate's trial traffic; drafts; 'rules coverage'.
set -u
cd "$(dirname "$0")/../.." || exit 4
tool=${B:-build/gcc-address-undefined}/sekisho
people="--inventory rules/inventory-example"
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

is() { # name, expected status, text the output must hold, command...
	local name=$1 status=$2 text=$3 got
	shift 3
	"$@" >"$out/said" 2>&1
	got=$?
	if [ $got -ne "$status" ]; then
		echo "not ok - $name: status $got; expected $status: $(head -2 "$out/said" | tr '\n' ' ')"
	elif ! grep -qF -- "$text" "$out/said"; then
		echo "not ok - $name: no \"$text\" in: $(head -3 "$out/said" | tr '\n' ' ')"
	else
		echo "ok - $name"
	fi
}

cp -r rules "$out/rules"
cat >"$out/rules/requirements/99-draft.yaml" <<'E'
# SPDX-License-Identifier: Apache-2.0
format: policy/1
requirements:
- id: TRIED
  title: {ja: TLS 1.3で接続すること, en: TLS 1.3 only}
  rationale: {ja: 試行, en: a trial}
  remedy: {ja: 試行, en: a trial}
  source: {doc: MHLW-OPS, clause: 13⑥}
  severity: high
  status: draft
  replaces: CR-TLS-01
  kind: session
  records: [tls]
  where: {field: sekisho.tls.handshake, in: $handshake.answered}
  expect: {field: tls.version, min_version: TLS 1.3}
tests:
- name: the draft is tested like any other
  at: "2026-11-20T10:00:00+09:00"
  given:
  - {type: tls, client: 10.11.0.2, server: 10.10.0.10, port: 443, tls.version: TLS 1.3, sekisho.tls.handshake: complete}
  - {type: tls, client: 10.11.1.20, server: 10.10.0.10, port: 443, tls.version: TLS 1.2, sekisho.tls.handshake: complete}
  - {type: tls, client: 10.12.1.20, server: 10.10.0.10, port: 443, sekisho.tls.handshake: complete}
  expect:
  - {requirement: TRIED, subject: region-a-network, verdict: satisfied}
  - {requirement: TRIED, subject: hospital-a, verdict: violated}
  - {requirement: TRIED, subject: hospital-b, verdict: unobservable}
E
python3 tests/demo/month.py --days 4 --end 1764000000 >"$out/month.ndjson"
# shellcheck disable=SC2086
"$tool" replay "$out/month.ndjson" $people --rules "$out/rules" --store "$out/store" >"$out/replayed" 2>"$out/log"
if grep -q 'draft: TRIED would change [0-9]* verdicts of [0-9]* participants' "$out/log" && ! grep -q TRIED "$out/replayed"; then
	echo "ok - a draft says in the log what it would change, and alerts nobody"
else
	echo "not ok - a draft says in the log what it would change, and alerts nobody: $(cat "$out/log")"
fi

# shellcheck disable=SC2086
{
	is "what a set would change, for whom and by which records" 0 "hospital-a: satisfied -> violated  such as sensor-east/" \
		"$tool" rules try "$out/rules" $people --rules rules --store "$out/store" --since 3d
	is "the same set changes nothing" 0 " 0 verdicts of 0 requirements would change" \
		"$tool" rules try rules $people --rules rules --store "$out/store" --since 3d
	is "no store is the environment's fault" 4 "" "$tool" rules try rules $people --rules rules --store "$out/nowhere"
	is "a set whose tests fail is not tried" 3 "99-draft" \
		env sh -c "sed -i 's/TLS 1.3, sekisho/TLS 1.1, sekisho/' $out/rules/requirements/99-draft.yaml; $tool rules try $out/rules $people --rules rules --store $out/store"

	good=tests/cases/tls-resumed/input.pcap bad=tests/cases/tls-versions/input.pcap
	is "a candidate whose traffic breaks a requirement is refused" 1 "判定: 不合格" \
		"$tool" rules try --participant clinic-a --capture $bad $people --rules rules --lang ja
	is "the list says what it broke and how to mend it" 1 "remedy: Switch off TLS 1.1 and earlier" \
		"$tool" rules try --participant clinic-a --capture $bad $people --rules rules --lang en
	is "what TLS 1.3 hides stays open, with what would settle it" 5 "evidence that settles it: the log of the device that terminates TLS" \
		"$tool" rules try --participant hospital-a --capture $good $people --rules rules --lang en
	is "who says nothing has not passed" 5 "Result: open" \
		"$tool" rules try --participant pharmacy-b --capture $good $people --rules rules --lang en
	is "a candidate nobody registered" 3 "--participant is none of the inventory" \
		"$tool" rules try --participant nobody --capture $good $people --rules rules
	is "a trial without a capture is usage" 2 "expected both" "$tool" rules try --participant clinic-a $people --rules rules

	is "what the sensors can see of each requirement" 0 "never 0" "$tool" rules coverage rules $people --lang en
	is "and what TLS 1.3 hides from them" 0 "encrypted in TLS 1.3: tls.client" "$tool" rules coverage rules $people --lang en
	sed '/^sensors:/,$d' rules/inventory-example/10-nation.yaml >"$out/10.yaml"
	mkdir "$out/people" && cp rules/inventory-example/[23]*.yaml "$out/people" && mv "$out/10.yaml" "$out/people"
	is "without sensors nothing is observed, which is a no" 1 "participants a sensor sees: 0 / " \
		"$tool" rules coverage rules --inventory "$out/people" --lang en
}
