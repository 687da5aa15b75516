#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_ike: IKE in real captures against what tshark and Arkime saw; nothing else is taken for it.

The captures are not in the tree (licences); CAPTURES says where they are.
"""
import glob
import json
import os
import subprocess
import sys
from collections import Counter

CAPTURES = os.environ.get("CAPTURES", "/work/shared/captures")
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
# tshark's words for ours: ciphers without their key length, which has a column of its own.
WORDS = {"ENCR_AES_GCM_16": "AES-GCM with a 16 octet ICV", "ECP_256": "256-bit random ECP group",
         "ECP_384": "384-bit random ECP group", "MODP_1024": "Alternate 1024-bit MODP group",
         "ENCR_3DES": "3DES-CBC", "PRF_HMAC_SHA1": "SHA", "PRE_SHARED_KEY": "Pre-shared key"}
KINDS = {"IKE_SA_INIT": "init", "Identity Protection (Main Mode)": "init", "IKE_AUTH": "auth", "CREATE_CHILD_SA": "child",
         "Quick Mode": "child", "INFORMATIONAL": "informational", "Informational": "informational"}


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def suite(names):
    """A proposal as tshark has it, from our texts of one of each kind."""
    told = {}
    for column, name in names.items():
        if not name:
            continue
        if column == "encr" and name.rsplit("_", 1)[1].isdigit() and name != "ENCR_AES_GCM_16":
            name, told["ike2_key_length"] = name.rsplit("_", 1)
        told[{"group": "dh"}.get(column, column)] = WORDS.get(name, name)
    return told


def suites(records):
    have = set()
    for r in records:
        if r["sekisho"]["ike"]["kind"] != "init":
            continue
        offered = {k: (r["sekisho"]["ike"]["offered"].get(k) or [None])[0] for k in ("encr", "prf", "integ", "group")}
        sides = [("Request", offered)]
        if r["sekisho"]["ike"]["outcome"] == "answered":
            sides.append(("Response", {k: r["ike"]["chosen"].get(k) for k in offered}))
        for response, names in sides:
            have.add(json.dumps({**suite(names), "response": response}, sort_keys=True))
    return have


def expected_suites(facts):
    return {json.dumps({k: v for k, v in p.items() if k != "exchange"}, sort_keys=True) for p in facts["proposals"]}


def check_v1(facts, records):
    inits = [r for r in records if r["sekisho"]["ike"]["kind"] == "init"]
    have = [{"encr": r["ike"]["chosen"]["encr"], "hash": r["ike"]["chosen"]["prf"], "auth": r["ike"]["chosen"]["auth"],
             "group": r["ike"]["chosen"]["group"]} for r in inits]
    have = [{f"v1_{k}": WORDS[v] for k, v in h.items()} for h in have]
    want = [{k: v for k, v in p.items() if k.startswith("v1_")} for p in facts["proposals"]]
    return [] if have == want else [f"chosen {have}, expected {want}"]


def check(facts, records):
    ends = [r for r in records if r["sekisho"]["ike"]["kind"] == "end"]
    alone = [r for r in records if r["sekisho"]["ike"]["kind"] == "init" and r["sekisho"]["is_final"]]
    counts = Counter({"init": len(alone)})
    for r in ends:
        counts.update(r["sekisho"]["ike"]["messages"])
    want = Counter()
    for exchange, count in facts["exchanges"].items():
        want[KINDS[exchange]] += count
    problems = [] if +counts == want else [f"messages {dict(+counts)}, expected {dict(want)}"]
    spis = {r["ike"]["init_spi"] for r in records}
    if len(spis) != facts["initiator_spis"]:
        problems.append(f"{len(spis)} SPIs, expected {facts['initiator_spis']}")
    majors = {f"0x{r['ike']['version_major']}{r['ike']['version_minor']}" for r in records}
    if majors != set(facts["versions"]):
        problems.append(f"versions {majors}, expected {set(facts['versions'])}")
    if majors == {"0x10"}:
        return problems + check_v1(facts, records)
    if suites(records) != expected_suites(facts):
        problems.append(f"suites {suites(records)}, expected {expected_suites(facts)}")
    return problems


def check_arkime(name, records):
    path = os.path.join(CAPTURES, "expected", name + ".arkime.json")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        sessions = [s["body"] for s in json.load(file)["sessions3"] if "isakmp" in s["body"]]
    problems = []
    for ours, theirs in (("init_spi", "initiatorSpi"), ("resp_spi", "responderSpi")):
        have = {r["ike"][ours] for r in records} - {"0" * 16}
        want = {spi for s in sessions for spi in s["isakmp"][theirs]}
        problems += [] if have == want else [f"{ours} {have}, Arkime has {want}"]
    ids = {r["community_id"] for r in records}
    want = {s["network"]["community_id"] for s in sessions}
    return problems if not sessions or ids == want else problems + [f"community ids {ids}, Arkime has {want}"]


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - IKE of real captures # SKIP no captures in {CAPTURES}")
        return 0
    if not os.path.exists(TOOL):
        print(f"not ok - IKE of real captures: {TOOL} is not built; expected make test-programs")
        return 1
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [r for r in map(json.loads, out.splitlines()) if r["event_type"] == "ike"]
        if "ike" in facts:
            failed += say(f"{name}: IKE as tshark has it", check(facts["ike"], records) + check_arkime(name, records))
        else:
            failed += say(f"{name}: nothing is taken for IKE", [f"{r['ike']}" for r in records[:3]])
    return 1 if failed else 0


sys.exit(main())
