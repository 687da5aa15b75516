#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_dns: DNS in real captures against what tshark saw; in captures without any, nothing is taken for it."""
import glob
import json
import os
import subprocess
import sys
from collections import Counter

TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
CAPTURES = os.environ.get("CAPTURES", "/work/shared/captures")
RCODES = {"No error": "NOERROR", "No such name": "NXDOMAIN"}
# what ends reading at once (malformed), and what tshark reads inside tunnels and other protocols
NOT_COUNTED = {"bad-dns", "tun-gre-mix"}


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1000]}" if problems else f"ok - {name}")
    return bool(problems)


def printable(name):
    return all(" " < c < "\x7f" and c not in ".\\" for label in name.split(".") for c in label) and not name.endswith("\u2026")


def check(facts, records):
    messages = Counter(r["dns"]["type"] for r in records)
    want = Counter(request=facts["queries"], response=facts["responses"])
    problems = [] if messages == +want else [f"{dict(messages)}, expected {dict(want)}"]
    asked = Counter(q["rrname"] for r in records if r["dns"]["type"] == "request" for q in r["dns"]["queries"] or [])
    for name, count in facts["names"].items():
        if printable(name) and asked[name] != count:
            problems.append(f"{name} was asked {asked[name]} times, expected {count}")
    if len(asked) != facts["distinct_names"]:
        problems.append(f"{len(asked)} names, expected {facts['distinct_names']}")
    rcodes = Counter(r["dns"]["rcode"] for r in records if r["dns"]["type"] == "response")
    want = Counter({RCODES[name]: count for name, count in facts["rcodes"].items() if name in RCODES})
    if any(rcodes[name] != count for name, count in want.items()):
        problems.append(f"{dict(rcodes)}, expected {dict(want)}")
    matched = sum(r["sekisho"]["dns"]["latency"] is not None for r in records if r["dns"]["type"] == "response")
    if matched * 10 < facts["responses"] * 9:
        problems.append(f"{matched} of {facts['responses']} responses were matched")
    return problems


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - DNS of real captures # SKIP no captures in {CAPTURES}")
        return 0
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [r for r in map(json.loads, out.splitlines()) if r["event_type"] == "dns"]
        if "dns" not in facts and "mdns" not in facts.get("protocols", {}):
            failed += say(f"{name}: nothing is taken for DNS", [str(r["dns"]) for r in records[:3]])
        elif "dns" in facts and name not in NOT_COUNTED:
            failed += say(f"{name}: DNS as tshark has it", check(facts["dns"], records))
    return 1 if failed else 0


sys.exit(main())
