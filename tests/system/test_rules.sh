#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_rules: 'sekisho rules' as an operator meets it: exit codes, one line a mistake, JUnit, explanations.
set -u
cd "$(dirname "$0")/../.." || exit 4
tool=${B:-build/gcc-address-undefined}/sekisho
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
		echo "not ok - $name: no \"$text\" in: $(head -2 "$out/said" | tr '\n' ' ')"
	else
		echo "ok - $name"
	fi
}

is "the shipped catalogue fits the example inventory" 0 "requirements, " \
	"$tool" rules check rules --inventory rules/inventory-example
is "it fits without an inventory too" 0 "requirements, " "$tool" rules check rules
is "each test is told" 0 "ok 1 - two registered parties within the matrix" "$tool" rules test rules
is "an explanation has the remedy" 0 "terminates TLS" "$tool" rules explain CR-TLS-06 --rules rules
is "it has Japanese" 0 "クライアント証明書で認証すること" "$tool" rules explain CR-TLS-06 --rules rules
is "what is not there is a no" 1 "CR-TLS-99: no such requirement" "$tool" rules explain CR-TLS-99 --rules rules
is "an unknown action is usage" 2 "expected check, test, try, coverage or explain" "$tool" rules chek rules
is "no folder is usage" 2 "sekisho rules" "$tool" rules check
is "help is no mistake" 0 "check DIR" "$tool" rules --help

cp -r rules "$out/rules"
sed -i 's/min_version: TLS 1.2/min_versoin: TLS 1.2/' "$out/rules/requirements/20-tls.yaml"
is "a misspelt operator has its place and the word meant" 3 'did you mean "min_version"?' \
	"$tool" rules check "$out/rules"
if [ "$(wc -l <"$out/said")" -eq 1 ] && grep -qE '20-tls.yaml:[0-9]+:[0-9]+: ' "$out/said"; then
	echo "ok - a mistake is one line with file, line and column"
else
	echo "not ok - a mistake is one line with file, line and column: $(cat "$out/said")"
fi

rm -r "$out/rules"
cp -r rules "$out/rules"
sed -i 's/min_version: TLS 1.2/min_version: TLS 1.1/; s/version: TLSv1,/version: TLS 1.1,/' "$out/rules/requirements/20-tls.yaml"
is "a failed test is told with its line" 1 'CR-TLS-01 gives verdict "satisfied"; expected "violated"' \
	"$tool" rules test "$out/rules" --junit "$out/junit.xml"
is "such a set is not loaded" 3 'expected "violated"' "$tool" rules check "$out/rules"
if python3 - "$out/junit.xml" <<'PY'
import sys, xml.etree.ElementTree as tree
suite = tree.parse(sys.argv[1]).getroot()
cases = suite.findall("testcase")
failed = [c for c in cases if c.find("failure") is not None]
sys.exit(not (len(cases) >= 30 and len(failed) == 1 and "CR-TLS-01" in failed[0].find("failure").get("message")))
PY
then echo "ok - JUnit has every case and the one failure"; else echo "not ok - JUnit has every case and the one failure"; fi

mkdir "$out/inventory"
cp rules/inventory-example/*.yaml "$out/inventory"
rm -r "$out/rules"
cp -r rules "$out/rules"
sed -i 's/to: {unknown: true}/to: {participant: hospital-z}/' "$out/rules/requirements/10-register.yaml"
is "a name the inventory lacks is a mistake" 3 '"hospital-z" is no participant of the inventory' \
	"$tool" rules check "$out/rules" --inventory "$out/inventory"
