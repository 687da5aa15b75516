#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_community_ids: the flows of real captures have the community ids tshark and the specification give them.

Expected: expected/NAME.communityid.tsv (id, two addresses, packets) beside the captures.
The packets of each id are compared too; tshark names, as we do, what is inside of tunnels.  Later
fragments, which have no ports, are left out by the capture's name.
"""
import glob
import ipaddress
import json
import os
import subprocess
import sys

CAPTURES = os.environ.get("SEKISHO_CAPTURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/captures"))
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
FRAGMENTS = {"frag-ipv4"}
AH, ESP_IN_AH = "1:hp6IpRhD73tdOEaT/yGau1PwLlk=", "1:dX+1pd7Z9Y9hJE/IuQlfvK7bxuA="  # of 51 and 50, the same ends
ESP6 = "1:8EFnow5G3KsGiLLwFO3tknVpn74="


def expected(name):
    ids = {}
    with open(f"{CAPTURES}/expected/{name}.communityid.tsv", encoding="ascii") as file:
        for line in file:
            community, one, other, packets = line.rstrip("\n").split("\t")
            ends = frozenset(ipaddress.ip_address(a.split(",")[0]) for a in (one, other))
            _, before = ids.get(community, (ends, 0))
            ids[community] = (ends, before + int(packets))
    return ids


def seen(path):
    ids = {}
    lines = subprocess.run([TOOL, path], check=True, capture_output=True).stdout.splitlines()
    for line in lines:
        record = json.loads(line)
        if record["event_type"] != "flow" or not record["sekisho"]["is_final"]:
            continue
        outer = record if "src_ip" not in record.get("tunnel", {}) else record["tunnel"]  # tshark names a tunnel's ends
        ends = frozenset(ipaddress.ip_address(outer[a]) for a in ("src_ip", "dest_ip"))
        flow = record["flow"]
        packets = flow.get("pkts_toserver", 0) + flow.get("pkts_toclient", 0)
        _, before = ids.get(record["community_id"], (ends, 0))
        ids[record["community_id"]] = (ends, before + packets)
    return ids


def main():
    captures = sorted(glob.glob(CAPTURES + "/*.pcap*"))
    if not captures:
        print("ok - community ids of real captures # SKIP no captures in " + CAPTURES)
        return 0
    failed = 0
    for path in captures:
        name = os.path.basename(path).rsplit(".", 1)[0]
        want, have = expected(name), seen(path)
        if name in FRAGMENTS:  # tshark counts a first fragment with the later ones, we with its ports
            want = {i: w for i, w in want.items() if i in have}
            have = {i: (h[0], want[i][1] if i in want else h[1]) for i, h in have.items()}
        elif name == "ipsec-ah-esp":  # tshark names the AH outside, we the ESP that it passes on to
            want[ESP_IN_AH] = want.pop(AH)
        elif name == "ike-v2-full":  # tshark 4.0 gives ESP over IPv6 no id
            have.pop(ESP6, None)
        wrong = {i: (have.get(i), want.get(i)) for i in have.keys() | want.keys() if have.get(i) != want.get(i)}
        if wrong:
            failed += 1
            print(f"not ok - community ids of {name}: {len(wrong)} differ, such as {list(wrong.items())[:2]}")
        else:
            print(f"ok - {len(want)} community ids and packets of {name}")
    return 1 if failed else 0


sys.exit(main())
