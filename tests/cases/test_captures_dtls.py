#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_dtls: DTLS in real captures against what tshark and Zeek saw; in captures without any, nothing is taken for it."""
import glob
import json
import os
import subprocess
import sys

TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
CAPTURES = os.environ.get("CAPTURES", "/work/shared/captures")


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1000]}" if problems else f"ok - {name}")
    return bool(problems)


def check(facts, records):
    want = {"version": next(f["version"] for f in facts if "Server Hello" in f["type"].split(",")),
            "cipher_suite": next(f["cipher"] for f in facts if "Server Hello" in f["type"].split(","))}
    if len(records) != 1:
        return [f"{len(records)} tls records, expected 1"]
    tls = records[0]["tls"]
    ja3 = next(f["ja3"] for f in facts if f["ja3"])
    problems = [f"{k} is {tls[k]}, expected {v}" for k, v in want.items() if tls[k] != v]
    return problems if tls["ja3"]["hash"] == ja3 else problems + [f"JA3 {tls['ja3']['hash']}, expected {ja3}"]


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - DTLS of real captures # SKIP no captures in {CAPTURES}")
        return 0
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [r for r in map(json.loads, out.splitlines()) if r.get("app_proto") == "dtls" and r["event_type"] == "tls"]
        if "dtls" in facts:
            failed += say(f"{name}: DTLS as tshark has it", check(facts["dtls"], records))
        else:
            failed += say(f"{name}: nothing is taken for DTLS", [str(r["tls"])[:200] for r in records[:3]])
    return 1 if failed else 0


sys.exit(main())
