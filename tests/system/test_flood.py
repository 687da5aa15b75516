#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_flood: a flood while the line is cut costs no evidence: one-packet flows fold into exact sums, and of a full spool they go first."""
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from intake_peer import ROOT, program  # noqa: E402

BASE = 1790000000 * 1000000
CASES = ("tls-versions", "hl7", "dicom", "ike")
EVIDENCE = ("tls", "ike", "hl7", "dicom", "certificate", "anomaly", "coverage")
FLOOD, SECONDS = 150000, 60


def report(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good else ': ' + str(why)[-600:]}", flush=True)


def read_case(name, begin):
    """Its packets, moved in time."""
    with open(os.path.join(ROOT, "tests/cases", name, "input.pcap"), "rb") as file:
        data = file.read()
    packets, at, first = [], 24, None
    while at < len(data):
        seconds, fraction, kept, size = struct.unpack("<IIII", data[at:at + 16])
        when = seconds * 1000000 + fraction
        first = when if first is None else first
        packets.append((begin + when - first, size, data[at + 16:at + 16 + kept]))
        at += 16 + kept
    return packets


def flood_packet(made, i):
    """Scan, spoofed sources and spoofed everything take turns."""
    kind = i % 3
    source = bytes([198, 51, 100, 7]) if kind == 0 else made.randbytes(4)
    dest, port = (made.randbytes(4), 445) if kind < 2 else (bytes([10, 0, 0, 1]), made.randrange(1, 65536))
    syn = struct.pack(">HHIIBBHHH", made.randrange(1024, 65536), port, made.getrandbits(32), 0, 0x50, 2, 1024, 0, 0)
    return bytes(12) + b"\x08\x00" + struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, i & 0xffff, 0, 64, 6, 0, source, dest) + syn + bytes(6)


def capture(path, with_flood):
    made, packets = random.Random(19), []
    for number, name in enumerate(CASES):
        packets += read_case(name, BASE + (3 + 10 * number) * 1000000)
    # the same span of time in both
    for second in (0, 12 * SECONDS):
        packets.append((BASE + second * 1000000, 60, flood_packet(random.Random(second), 0)))
    if with_flood:
        for i in range(FLOOD):
            frame = flood_packet(made, i)
            packets.append((BASE + 1000000 + i * SECONDS * 1000000 // FLOOD, len(frame), frame))
    packets.sort(key=lambda packet: packet[0])
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for when, size, frame in packets:
            out.write(struct.pack("<IIII", when // 1000000, when % 1000000, len(frame), size) + frame)


class Run:
    """A sensor that reads a capture while nobody listens; then the line stands again and all that is left is delivered."""

    def __init__(self, work, name, pcap, *more):
        self.directory = os.path.join(work, name)
        os.mkdir(self.directory)
        self.socket = os.path.join(self.directory, "s.sock")
        self.said = ""
        self.cut = self.sensor(pcap, "--socket", self.socket, *more)
        os.mkdir(os.path.join(self.directory, "peer"))
        peer = subprocess.Popen([os.path.join(ROOT, "tests/tools/intake_peer.py"), self.socket, os.path.join(self.directory, "peer")],
                                stdout=subprocess.PIPE, text=True)
        while not os.path.exists(self.socket) and peer.poll() is None:
            time.sleep(0.02)
        # one packet more: a run that tells what the first let go
        last = os.path.join(work, "last.pcap")
        self.sent = self.sensor(last, "--socket", self.socket, "--wait-sent", *more)
        peer.terminate()
        self.broken = peer.communicate()[0]
        with open(os.path.join(self.directory, "peer/lines"), encoding="utf-8") as file:
            self.records = [json.loads(line) for line in file]

    def sensor(self, pcap, *more):
        done = subprocess.run([program("sekisho-sensor"), "--sensor", "s1", "--poi", "p1", "--undecided", "256", "--flows", "300000",
                               "--spool", os.path.join(self.directory, "spool/spool.db"), "-r", pcap, *more],
                              stderr=subprocess.PIPE, text=True, timeout=300, check=False)
        self.said += done.stderr
        return done.returncode

    def of(self, event):
        return [record for record in self.records if record["event_type"] == event]


def without_place(record):
    """What a record says; where it stands, and when it left, hangs on what else there was to tell."""
    if record["event_type"] == "coverage":
        return "coverage", record["coverage"]["start"], record["coverage"]["end"], record["coverage"]["reason"]
    record = json.loads(json.dumps(record))
    for name in ("seq", "epoch"):
        del record["sekisho"][name]
    del record["timestamp"]
    return json.dumps(record, sort_keys=True)


def evidence(run):
    found = {}
    for record in run.records:
        if record["event_type"] in EVIDENCE and record.get("coverage", {}).get("reason") != "spool_full":
            key = without_place(record)
            found[key] = found.get(key, 0) + 1
    return found


def main():
    work = tempfile.mkdtemp(prefix="sekisho-flood-")
    try:
        for name, with_flood in (("quiet", False), ("flood", True)):
            capture(os.path.join(work, name + ".pcap"), with_flood)
        with open(os.path.join(work, "last.pcap"), "wb") as out:
            frame = flood_packet(random.Random(3), 0)
            when = BASE // 1000000 + 13 * SECONDS
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1) + struct.pack("<IIII", when, 0, len(frame), len(frame)) + frame)
        quiet = Run(work, "quiet", os.path.join(work, "quiet.pcap"))
        wanted = evidence(quiet)
        kinds = {kind: len(quiet.of(kind)) for kind in EVIDENCE}
        report(f"without a flood there is evidence of each kind: {kinds}", all(kinds[kind] for kind in EVIDENCE if kind != "anomaly"), quiet.said)

        large = Run(work, "large", os.path.join(work, "flood.pcap"), "--flow-budget", "200")
        told = sum(record["flow_summary"]["flows"] for record in large.of("flow_summary"))
        single = len(large.of("flow")) - len(quiet.of("flow"))
        report(f"above the budget {told} of {FLOOD} flows are told in {len(large.of('flow_summary'))} sums, which are exact", told + single == FLOOD
               and told > FLOOD * 8 // 10 and len(large.of("flow_summary")) < FLOOD // 3, (told, single))
        scan = sum(r["flow_summary"]["flows"] for r in large.of("flow_summary") if r.get("src_ip") == "198.51.100.7" and r["dest_port"] == 445)
        alone = sum(r["src_ip"] == "198.51.100.7" and r["flow"]["pkts_toserver"] == 1 for r in large.of("flow"))
        report("a scanner stands in them by its address and port", FLOOD // 3 <= scan + alone <= FLOOD // 3 + 3 and scan > FLOOD // 4, (scan, alone))
        all_of_it = evidence(large)
        # a silent file's coverage has other intervals than a busy one's
        other = {key for key in set(wanted) ^ set(all_of_it) if not isinstance(key, tuple)}
        report("no record of evidence is missing", not other, other)
        wanted = all_of_it

        small = Run(work, "small", os.path.join(work, "flood.pcap"), "--spool-size", "1MiB", "--flow-budget", "0")
        gone = len(small.of("let_go"))
        report(f"a spool too small for a flood without a budget lets {gone} records go", small.cut == 5 and gone > FLOOD // 2, small.said)
        missing = {key for key, count in wanted.items() if evidence(small).get(key, 0) < count}
        report("none of tls, ike, hl7, dicom, certificate, anomaly or coverage among them", not missing, missing)
        lost = sum(record["coverage"]["lost"].get("spool", 0) for record in small.of("coverage"))
        report("each that went is told by coverage", lost == gone and small.sent == 0 and not small.broken, (lost, gone, small.said, small.broken))

        both = Run(work, "both", os.path.join(work, "flood.pcap"), "--spool-size", "1MiB", "--flow-budget", "200")
        missing = {key for key, count in wanted.items() if evidence(both).get(key, 0) < count}
        report("nor with both", not missing and len(both.of("let_go")) < gone, (missing, len(both.of("let_go"))))
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
