#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""ndpi_labels: what two builds of sekisho, each with its nDPI, call the flows of the same captures.

usage: ndpi_labels.py SEKISHO OTHER CAPTURE...   prints the table of docs/NDPI.md
"""
import json
import subprocess
import sys
from collections import Counter


def labels(sekisho, capture):
    """{(community_id, start): (label, confidence)} of every flow that is over."""
    run = subprocess.run([sekisho, "replay", capture, "--json"], capture_output=True, text=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record.get("event_type") == "flow" and record["sekisho"].get("is_final"):
            ndpi = record.get("ndpi", {})
            key = (record.get("community_id"), record["flow"]["start"])
            found[key] = (ndpi.get("proto", "none"), ndpi.get("confidence", "none"))
    return found


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    differ, confidence, flows = Counter(), Counter(), 0
    for capture in sys.argv[3:]:
        one, other = (labels(sekisho, capture) for sekisho in sys.argv[1:3])
        for key in one.keys() & other.keys():
            flows += 1
            confidence[one[key][1], other[key][1]] += 1
            if one[key][0] != other[key][0]:
                differ[one[key][0], other[key][0]] += 1
        if one.keys() != other.keys():
            print(f"{capture}: {len(one.keys() ^ other.keys())} flows in one only", file=sys.stderr)
    print(f"{flows} flows, {sum(differ.values())} named differently\n")
    print("| one | other | flows |\n|---|---|---|")
    for (a, b), count in sorted(differ.items(), key=lambda row: (-row[1], row[0])):
        print(f"| {a} | {b} | {count} |")
    print("\n| confidence of one | of other | flows |\n|---|---|---|")
    for (a, b), count in sorted(confidence.items(), key=lambda row: (-row[1], row[0])):
        print(f"| {a} | {b} | {count} |")


main()
