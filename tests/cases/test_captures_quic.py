#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_quic: QUIC in real captures against what tshark saw; in captures without any, nothing is taken for it."""
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
    want = facts["tls"]["udp0"]
    if len(records) != 1:
        return [f"{len(records)} quic records, expected 1"]
    quic, own = records[0]["quic"], records[0]["sekisho"]["quic"]
    pairs = [("version", quic["version"], next(iter(facts["quic"]["versions"]))), ("SNI", quic["sni"], want["sni"]),
             ("ALPN", ",".join(own["client_alpns"]), want["alpn_offered"]), ("JA3", quic["ja3"]["hash"], want["ja3"]),
             ("JA3S", quic["ja3s"]["hash"], want["ja3s"]), ("suite", own["cipher_suite"], want["cipher"]),
             ("TLS", own["tls_version"], want["server_hello"])]
    return [f"{name} is {have}, expected {wanted}" for name, have, wanted in pairs if have != wanted]


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - QUIC of real captures # SKIP no captures in {CAPTURES}")
        return 0
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [r for r in map(json.loads, out.splitlines()) if r["event_type"] == "quic"]
        if "quic" in facts:
            failed += say(f"{name}: QUIC as tshark has it", check(facts, records))
        else:
            failed += say(f"{name}: nothing is taken for QUIC", [str(r["quic"]) for r in records[:3]])
    return 1 if failed else 0


sys.exit(main())
