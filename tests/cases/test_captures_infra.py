#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_infra: NTP, SNMP, FTP, SMTP, DHCP and syslog of real captures against what tshark and Zeek saw.

The captures are not in the tree (licences); CAPTURES says where they are.  In those of other protocols none of these
may be seen at all.
"""
import glob
import json
import os
import subprocess
import sys
from collections import Counter

CAPTURES = os.environ.get("SEKISHO_CAPTURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/captures"))
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")

NTP_MODES = {3: "client", 4: "server", 7: "reserved for private use"}
PDUS = {"get_next_request": "get-next-request", "get_request": "get-request", "response": "get-response", "report": "report"}
# What each of them must find where tshark 4.0 has no such dissector, or not by this port, or in a tunnel of its own.
# frag-ipv4: an NTP message of mode 0, in fragments, is none.
ALSO = {"syslog": {"infra-syslog-tcp": 4, "infra-syslog-udp": 84}, "openvpn": {"tun-openvpn": 2}, "dhcp": {"infra-dhcp": 9, "tun-pppoe": 4}}
NONE = ("atna", "radius", "stun", "wireguard", "l2tp", "mqtt", "modbus", "pop3", "imap")


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def differ(what, have, want):
    return [] if have == want else [f"{what}: {have}, expected {want}"]


def check(name, facts, records):
    by = {}
    for r in records:
        by.setdefault(r["event_type"], []).append(r)
    problems = []
    if name != "frag-ipv4":
        problems += differ("NTP modes", Counter(NTP_MODES.get(r["ntp"]["mode"]) for r in by.get("ntp", [])),
                           Counter(facts.get("ntp", {}).get("modes", {})))
    snmp = facts.get("snmp", {})
    problems += differ("SNMP messages", Counter(PDUS.get(r["snmp"].get("pdu_type")) for r in by.get("snmp", [])),
                       Counter(snmp.get("pdus", {})))
    kinds = Counter(r["sekisho"]["snmp"]["community_kind"] for r in by.get("snmp", []) if "community_kind" in r["sekisho"]["snmp"])
    problems += differ("communities", kinds, Counter(snmp.get("communities", {})))
    commands = Counter(r["ftp"]["command"] for r in by.get("ftp", []) if r["ftp"]["command"])
    problems += differ("FTP commands", commands, Counter(facts.get("ftp", {}).get("commands", {})))
    if bool(by.get("smtp")) != bool(facts.get("smtp")):
        problems.append(f"SMTP: {len(by.get('smtp', []))} records, facts {facts.get('smtp')}")
    for event, wanted in ALSO.items():
        problems += differ(event, len(by.get(event, [])), wanted.get(name, 0))
    problems += [f"{len(by[event])} {event} records" for event in NONE if event in by]
    return problems


def check_zeek(name, records):
    """What Zeek says of the same captures."""
    if name == "infra-syslog-tcp":
        return differ("severities", [r["syslog"]["severity"] for r in records if r["event_type"] == "syslog"], [5, 6, 7, 0])
    if name == "infra-dhcp":
        kinds = [r["dhcp"]["dhcp_type"] for r in records if r["event_type"] == "dhcp"]
        return differ("DHCP", kinds, ["discover", "offer", "request", "nak", "request", "ack", "decline", "release", "inform"])
    if name == "tls-smtp-starttls":
        ends = [r["sekisho"]["smtp"] for r in records if r["event_type"] == "smtp"]
        return differ("STARTTLS", [(e["is_tls_offered"], e["is_tls"]) for e in ends], [(True, True)])
    return []


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - infrastructure of real captures # SKIP no captures in {CAPTURES}")
        return 0
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [json.loads(line) for line in out.splitlines()]
        failed += say(f"{name}: infrastructure as tshark and Zeek have it", check(name, facts, records) + check_zeek(name, records))
    return 1 if failed else 0


sys.exit(main())
