#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_http: HTTP in real captures against what tshark saw; nothing else is taken for it.

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
# Requests whose packets were cut by the snap length before their first line ended: nobody can read them.
CUT = {"cid-tcp": 1, "tun-vlan-mpls": 1}
# tshark gives up on glued pieces of other connections; what is told of them was looked at by a person.
BY_HAND = {"http-soap": [("POST", 302, "1.1"), ("POST", None, "1.1")]}


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def host(http):
    port = http.get("http_port")
    return f"{http['hostname']}:{port}" if port else http["hostname"]


def check(name, facts, records):
    asked = [r["http"] for r in records if "http_method" in r["http"]]
    wanted = facts["http"]
    problems = []
    if len(asked) + CUT.get(name, 0) != wanted["requests"]:
        problems.append(f"{len(asked)} requests told, tshark saw {wanted['requests']}")
    if Counter(host(h) for h in asked if h.get("hostname")) != Counter(wanted["hosts"]):
        problems.append(f"hosts {Counter(host(h) for h in asked)}, tshark saw {wanted['hosts']}")
    agents = Counter(h["http_user_agent"] for h in asked if h.get("http_user_agent"))
    if sorted(a[:60] for a in agents.elements()) != sorted(a[:60] for a in Counter(wanted["user_agents"]).elements()):
        problems.append(f"agents {agents}, tshark saw {wanted['user_agents']}")
    # tshark tells of a response only when its content is whole
    missing = Counter(wanted["status"]) - Counter(str(r["http"].get("status")) for r in records)
    missing += Counter(t.split(";")[0] for t in wanted.get("response_types", {})) - Counter(r["http"].get("http_content_type") for r in records)
    return problems + [f"not told: {missing}"] * bool(missing)


def main():
    paths = [p for p in sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))]
    if not paths:
        print("ok - HTTP of real captures # SKIP no captures here")
        return 0
    failed, elsewhere = False, []
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [r for r in map(json.loads, out.splitlines()) if r["event_type"] == "http"]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        if name in BY_HAND:
            told = [(r["http"].get("http_method"), r["http"].get("status"), r["sekisho"]["http"].get("soap")) for r in records]
            failed |= say(f"HTTP of {name}", [str(told)] * (sorted(told, key=str) != sorted(BY_HAND[name], key=str)))
        elif facts.get("http", {}).get("requests"):
            failed |= say(f"HTTP of {name}", check(name, facts, records))
        elif records:
            elsewhere.append(f"{name}: {records[0]['http']}")
    return failed | say("nothing else is taken for HTTP", elsewhere)


sys.exit(main())
