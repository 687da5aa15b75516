#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_inventory_command: 'sekisho inventory' as an operator uses it, with good, odd and wrong files.
set -u
cd "$(dirname "$0")/../.." || exit 4
tool=${B:-build/gcc-address-undefined}/sekisho example=rules/inventory-example
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# expect NAME STATUS STREAM TEXT COMMAND...: status, and the text on that stream, which is one line if it is err
expect() {
	local name=$1 want=$2 stream=$3 text=$4 status
	shift 4
	"$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	if [ $status -ne "$want" ]; then
		echo "not ok - $name: status $status, not $want: $(head -1 "$work/err")"
	elif ! grep -qF -- "$text" "$work/$stream"; then
		echo "not ok - $name: no \"$text\" but \"$(head -1 "$work/$stream")\""
	elif [ "$stream" = err ] && [ "$(wc -l <"$work/err")" -ne 1 ]; then
		echo "not ok - $name: $(wc -l <"$work/err") lines on stderr, not one"
	elif [ "$want" -ge 2 ] && [ -s "$work/out" ]; then
		echo "not ok - $name: something on stdout"
	else
		echo "ok - $name"
	fi
}

expect 'the example is good' 0 out 'good: 2 regions, 2 POIs, 10 participants, 9 services, 11 lines, 2 sensors' \
	"$tool" inventory check $example
expect 'all are listed' 0 out 'あおば中央病院 / Aoba Central Hospital' "$tool" inventory show $example
expect 'one is told about' 0 out 'clinic-b (clinic) in region-b' "$tool" inventory show $example clinic-b
expect 'a service is told about' 0 out 'tcp/6514' "$tool" inventory show $example audit
expect 'an address is resolved' 0 out 'hospital-a (hospital) in region-a' "$tool" inventory show $example 10.11.1.20@poi-east
expect 'IPv6 is resolved' 0 out 'pharmacy-b (pharmacy) in region-b' "$tool" inventory show $example 2001:db8:b:3::20@poi-west
expect 'a member of another region too' 0 out 'hospital-b (hospital)' "$tool" inventory show $example 10.12.1.20@poi-east
expect 'what is no member is the network' 0 out 'region-a-network' "$tool" inventory show $example 10.11.0.2@poi-east
expect 'a service is found by port' 0 out 'service      portal (patient_portal) at base' \
	"$tool" inventory show $example 10.10.0.13@poi-west --port tcp/443
expect 'a stranger is nobody' 1 err "10.99.0.7@poi-west is nobody's" "$tool" inventory show $example 10.99.0.7@poi-west
expect 'an unknown POI' 1 err 'no POI "poi-north"' "$tool" inventory show $example 10.11.1.20@poi-north
expect 'an unknown id' 1 err 'no participant, service or line "nobody"' "$tool" inventory show $example nobody
expect 'a bad address' 2 err '"10.11.1" is no address' "$tool" inventory show $example 10.11.1@poi-east
expect 'a bad time' 2 err '--at: "yesterday" is no day or time' "$tool" inventory show $example 10.11.1.20@poi-east --at yesterday
expect 'a bad port' 2 err '--port: "443" is no port' "$tool" inventory show $example 10.11.1.20@poi-east --port 443
expect 'a bad VLAN' 2 err '--vlan: "4095" is no VLAN' "$tool" inventory show $example 10.11.1.20@poi-east --vlan 4095
expect 'no verb' 2 err 'no verb; expected check' "$tool" inventory
expect 'a wrong verb' 2 err "did you mean 'check'?" "$tool" inventory chek
expect 'a wrong option' 2 err 'no option --prot; did you mean --port?' "$tool" inventory show --prot 1
expect 'no path' 2 err 'too few arguments; expected PATH' "$tool" inventory check
expect 'help is an answer' 0 out 'usage: sekisho inventory show [OPTION...] PATH [ID | ADDRESS@POI]' "$tool" inventory show --help

expect 'a missing file' 3 err 'No such file' "$tool" inventory check "$work/none"
: >"$work/empty.yaml"
expect 'an empty file' 3 err "$work/empty.yaml:1:1: the file is empty" "$tool" inventory check "$work/empty.yaml"
printf 'format: inventory/1\nregions: \xff\xfe\n' >"$work/latin.yaml"
expect 'a file that is not UTF-8' 3 err "$work/latin.yaml:2:10: no UTF-8 text" "$tool" inventory check "$work/latin.yaml"
head -c 100000 /dev/zero | tr '\0' '[' >"$work/deep.yaml"
expect 'a file of brackets' 3 err "$work/deep.yaml:1:1: no map" "$tool" inventory check "$work/deep.yaml"
truncate -s 2G "$work/huge.yaml"
expect 'a file too large' 3 err 'at most 1073741824 bytes' "$tool" inventory check "$work/huge.yaml"
rm "$work/huge.yaml"
mkdir "$work/folder"
expect 'a folder without inventory' 3 err 'no *.yaml file' "$tool" inventory check "$work/folder"
cp $example/*.yaml "$work/folder/"
printf 'format: inventory/1\nlines:\n- {id: x, kind: ip_vpn, participant: clinic-a, poi: poi-east, prefixes: [10.11.1.0/24]}\n' >"$work/folder/90.yaml"
expect 'a conflict names both sides' 3 err "$work/folder/90.yaml:3:3: line \"x\" of clinic-a has 10.11.1.0/24 at poi-east, and so has line \"line-hospital-a\" of hospital-a at $work/folder/30-region-a.yaml:" \
	"$tool" inventory check "$work/folder"

"$tool" inventory export $example --csv >"$work/table.csv"
expect 'a table is imported' 0 err '11 rows are good' "$tool" inventory import "$work/table.csv"
mkdir "$work/round"
cp $example/10-nation.yaml "$work/round/"
"$tool" inventory import "$work/table.csv" >"$work/round/20.yaml" 2>"$work/err"
"$tool" inventory export "$work/round" >"$work/again.csv"
if [ -s "$work/again.csv" ] && cmp -s "$work/table.csv" "$work/again.csv"; then
	echo "ok - export, import and export again give the same table"
else
	echo "not ok - export, import and export again give the same table: $(diff "$work/table.csv" "$work/again.csv" | head -2)"
fi
printf 'id,kind\n"\x95\x61",clinic\n' >"$work/sjis.csv"
expect 'a table in Shift_JIS' 3 err "$work/sjis.csv:1:1: no UTF-8 text; save it as \"CSV UTF-8\"" "$tool" inventory import "$work/sjis.csv"
expect 'a table that is none' 3 err "unknown key" "$tool" inventory import $example/10-nation.yaml
