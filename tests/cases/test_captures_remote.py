#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_remote: remote control and log-in protocols in real captures against what tshark and Zeek saw.

The captures are not in the tree (licences); CAPTURES says where they are.  In those of other protocols none of these
may be seen at all.
"""
import glob
import json
import os
import subprocess
import sys
from collections import Counter

CAPTURES = os.environ.get("CAPTURES", "/work/shared/captures")
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def differ(what, have, want):
    return [] if have == want else [f"{what}: {have}, expected {want}"]


def expected(name):
    with open(os.path.join(CAPTURES, "expected", name)) as file:
        return file.read()


def banner(side, comment):
    return f"SSH-{side['proto_version']}-{side['software_version']}" + (f" {comment}" if comment else "")


def ssh(name, facts, records):
    banners = Counter(banner(r["ssh"][side], r["sekisho"]["ssh"][side]["comment"])
                      for r in records for side in ("client", "server"))
    # tshark knows SSH by its port: of one session on another port it has nothing
    problems = differ("banners", {b: banners[b] for b in facts["banners"]}, facts["banners"])
    for side, key in (("client", "hassh"), ("server", "hassh_server")):
        have = Counter(r["ssh"][side]["hassh"]["hash"] for r in records)
        problems += differ(key, {h: have[h] for h in facts[key]}, facts[key])
    if name == "ssh-guessing":
        lines = [line.split(", ") for line in expected("ssh-guessing.zeek-one-auth-fail-only-output").splitlines()]
        want = Counter((line[2] == "T", int(line[3])) for line in lines if line[0] == "auth_result")
        have = Counter((r["sekisho"]["ssh"]["auth"]["outcome"] == "success", r["sekisho"]["ssh"]["auth"]["attempts"]) for r in records)
        problems += differ("log-ins (success, attempts)", have, want)
    return problems


CODES = {"ssl": 1, "hybrid": 2, "rdstls": 4, "hybrid_ex": 8}
CHOSEN = {"CredSSP": "hybrid"}


def rdp(name, facts, records):
    told = [r["sekisho"]["rdp"] for r in records]
    asked = Counter(f"0x{sum(CODES[p] for p in t['requested']):08x}" for t in told)
    chosen = Counter(t["selected"] for t in told)
    return (differ("asked for", dict(asked), facts["requested"]) +
            differ("chosen", dict(chosen), {CHOSEN[k]: v for k, v in facts["selected"].items()}))


def rfb(name, facts, records):
    problems = []
    for side in ("server", "client"):
        have = Counter("{major}.{minor}".format(**r["rfb"][f"{side}_protocol_version"]) for r in records)
        problems += differ(side, dict(have), facts[side])
    words = {"T": "success", "F": "failure", "-": None}
    lines = [line.split("\t") for line in expected(name + ".zeek-vnc-mac-to-linux-rfb.log").splitlines() if line[0] != "#"]
    want = {int(line[3]): words[line[11]] for line in lines}
    have = {r["src_port"]: r["sekisho"].get("rfb", {}).get("auth", {}).get("outcome") for r in records}
    return problems + differ("log-ins", have, want)


def smb(name, facts, records):
    """tshark counts messages: of an open, a request and an answer."""
    trees = [r["sekisho"]["smb"] for r in records]
    opens = sum(sum(t["files"][k] for k in ("opened", "created", "overwritten", "refused")) for t in trees)
    problems = differ("opens", 2 * opens, facts["smb2_commands"]["Create"])
    if name == "smb-smb2-files":  # as Zeek's files.log has it
        problems += differ("bytes read and written", (sum(t["read_bytes"] for t in trees), sum(t["written_bytes"] for t in trees)), (16, 7000))
    told = json.dumps(records)
    return problems + [f"{file} is told" for file in facts["smb2_file_examples"] if len(file) > 4 and file in told]


def krb5(name, facts, records):
    told = Counter(r["krb5"]["msg_type"] for r in records)
    realms = Counter(r["krb5"]["realm"] for r in records)
    # tshark counts a realm each time it stands in a message
    return (differ("answers", told["KRB_TGS_REP"], facts["messages"]["krb-tgs-rep"]) + differ("realms", set(realms), set(facts["realms"])) +
            differ("clients told", [r["krb5"]["cname"] for r in records if "cname" in r["krb5"]], []))


# event type: key of the facts, check
PROTOCOLS = {"ssh": ("ssh", ssh), "rdp": ("rdp", rdp), "rfb": ("vnc", rfb), "smb": ("smb", smb), "krb5": ("kerberos", krb5)}


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - remote control of real captures # SKIP no captures in {CAPTURES}")
        return 0
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        facts = json.loads(expected(name + ".facts.json"))
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        all_records = [json.loads(line) for line in out.splitlines()]
        strangers = []
        for event, (key, check) in PROTOCOLS.items():
            records = [r for r in all_records if r["event_type"] == event]
            if key in facts:
                failed += say(f"{name}: {event} as tshark and Zeek have it", check(name, facts[key], records))
            else:
                strangers += records
        if not any(key in facts for key, _ in PROTOCOLS.values()):
            failed += say(f"{name}: nothing is taken for one of these", [r["event_type"] for r in strangers[:3]])
    return 1 if failed else 0


sys.exit(main())
