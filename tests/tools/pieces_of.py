#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pieces_of: a TCP or UDP conversation of a capture, as tests/fuzz/dissect_fuzz.h and tests/unit/dissect_trial.h read it.

Usage: pieces_of.py CAPTURE SERVER_PORT OUT [NUMBER] [MOST]   (the NUMBERth conversation, from 0; its first MOST bytes)
Loopback or Ethernet, IPv4, pcap; segments must come in their order, repeated ones are left out.
"""
import struct
import sys


def packets(path):
    data = open(path, "rb").read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def payloads(path, port):
    """(conversation, side, bytes) in their order; side 0 is the client."""
    following = {}
    for frame in packets(path):
        if frame[12:14] != b"\x08\0" or frame[23] not in (6, 17):
            continue
        ip = frame[14:14 + struct.unpack("!H", frame[16:18])[0]]
        inner = ip[(ip[0] & 15) * 4:]
        source, dest = struct.unpack("!HH", inner[:4])
        if port not in (source, dest):
            continue
        key, side = (dest, 1) if source == port else (source, 0)
        if frame[23] == 17:
            yield key, side, inner[8:]
            continue
        sequence, data = struct.unpack("!I", inner[4:8])[0], inner[(inner[12] >> 4) * 4:]
        if inner[13] & 2:
            following[key, side] = (sequence + 1) & 0xffffffff
        if not data or following.get((key, side), sequence) != sequence:
            continue
        following[key, side] = (sequence + len(data)) & 0xffffffff
        yield key, side, data


def pieces(side, data):
    """Of 32n + 1 bytes each, as the fuzz targets have them."""
    while data:
        n = min((len(data) - 1) // 32, 63)
        yield bytes([side << 7 | n]) + data[:32 * n + 1]
        data = data[32 * n + 1:]


def main():
    capture, port, out = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    number = int(sys.argv[4]) if len(sys.argv) > 4 else 0
    most = int(sys.argv[5]) if len(sys.argv) > 5 else 1 << 20
    said = list(payloads(capture, port))
    keys = list(dict.fromkeys(key for key, _, _ in said))
    with open(out, "wb") as file:
        for key, side, data in said:
            if key != keys[number] or most <= 0:
                continue
            data = data[:most]
            most -= len(data)
            for piece in pieces(side, data):
                file.write(piece)


main()
