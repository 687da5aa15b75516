#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_captures: the bench's captures: mix (real ones merged and repeated), syn, udp, tls.

usage: make_captures.py FOLDER [PACKETS_OF_MIX [FLOWS]]
mix: every Ethernet capture of SEKISHO_CAPTURES (../shared/captures) laid over one
another in time, repeated with other IPv4 addresses until there are PACKETS_OF_MIX.
syn, udp: FLOWS flows of one packet each.  tls: make_tls.py's handshakes.  What is there already is not made again.
"""
import glob
import os
import struct
import subprocess
import sys

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
START = 1_700_000_000_000_000


def read_pcap(path):
    """Yields (microseconds, wire size, frame) of an Ethernet pcap; nothing of any other file."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 24 or data[:4] != b"\xd4\xc3\xb2\xa1" or struct.unpack_from("<I", data, 20)[0] != 1:
        return
    at = 24
    while at + 16 <= len(data):
        second, usec, captured, wire = struct.unpack_from("<IIII", data, at)
        at += 16
        if at + captured > len(data):
            return
        yield second * 1_000_000 + usec, wire, data[at:at + captured]
        at += captured


def moved(frame, times):
    """The frame with both IPv4 addresses moved by 'times' second octets."""
    if len(frame) < 34 or frame[12:14] != b"\x08\x00" or times == 0:
        return frame
    out = bytearray(frame)
    out[27] = (out[27] + times) & 255
    out[31] = (out[31] + times) & 255
    return bytes(out)


def write_mix(path, most):
    base = []
    for name in sorted(glob.glob(os.environ.get("SEKISHO_CAPTURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/captures")) + "/*.pcap")):
        first = None
        last = 0
        for usec, wire, frame in read_pcap(name):
            first = usec if first is None else first
            # captures glued together may jump by years, either way: a second is enough here
            usec = usec - first
            if usec < last or usec > last + 1_000_000:
                first += usec - (last + 1000)
                usec = last + 1000
            last = usec
            base.append((usec, len(base), wire, frame))
    if not base:
        sys.exit("make_captures: no Ethernet captures in SEKISHO_CAPTURES")
    base.sort()
    span = base[-1][0] + 1_000_000
    with open(path, "wb") as out:
        out.write(HEADER)
        for times in range((most + len(base) - 1) // len(base)):
            for usec, _, wire, frame in base:
                at = START + times * span + usec
                out.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), wire))
                out.write(moved(frame, times))


def checksum_free_ip(protocol, source, size):
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + size, 1, 0, 64, protocol, 0, source, b"\x0a\x00\x00\x01")


def write_flows(path, flows, protocol, transport):
    ether = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0"
    with open(path, "wb") as out:
        out.write(HEADER)
        for i in range(flows):
            body = transport(1024 + i % 60000)
            source = struct.pack(">I", 0x0B000000 + i // 16)
            frame = ether + checksum_free_ip(protocol, source, len(body)) + body
            at = START + i * 10
            out.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), len(frame)))
            out.write(frame)


def syn(port):
    return struct.pack(">HHIIBBHHH", port, 443, 1, 0, 0x50, 2, 1024, 0, 0)


def datagram(port):
    return struct.pack(">HHHH", port, 9999, 24, 0) + b"sixteen bytes ok"


def main():
    folder = sys.argv[1]
    packets = int(sys.argv[2]) if len(sys.argv) > 2 else 400_000
    flows = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
    makers = {
        "mix.pcap": lambda path: write_mix(path, packets),
        "syn.pcap": lambda path: write_flows(path, flows, 6, syn),
        "udp.pcap": lambda path: write_flows(path, flows, 17, datagram),
        "tls.pcap": lambda path: subprocess.run([os.path.join(os.path.dirname(__file__), "make_tls.py"), path],
                                                check=True),
    }
    os.makedirs(folder, exist_ok=True)
    for name, make in makers.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            make(path + ".new")
            os.rename(path + ".new", path)


main()
