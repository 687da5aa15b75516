#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_privacy: names, identifiers and secrets planted in every protocol show in no record, spool, store, report or message.

Each conversation of privacy_traffic goes through replay (with and without a key for pseudonyms), through a sensor into
a spool and into EVE lines, and through a correlator's store; then every file and every output is searched, what zstd packed
too.  A mark that may be shown has to be found in each, or the search proves nothing.
"""
import ctypes
import ctypes.util
import glob
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from privacy_traffic import CONVERSATIONS, OPEN_MARK  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLAIN = os.path.join(ROOT, os.environ.get("PLAIN", "build/gcc-plain"))
# "Privy" as it is, and in base64 at each of its three places
SECRET = re.compile(rb"privy|UHJpdn|ByaXZ5|Qcml2e", re.IGNORECASE)
START = 1_795_132_800
ZSTD = b"\x28\xb5\x2f\xfd"
failures = 0


def report(good, name, why=""):
    global failures
    failures += not good
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good or not why else ': ' + why}", flush=True)


def ipv4(source, dest, protocol, body):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, source, dest)
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    total = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack(">H", total) + head[12:] + body


class Capture:
    def __init__(self, path):
        self.out = open(path, "wb")
        self.out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        self.now = START * 1_000_000

    def frame(self, packet):
        frame = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + packet
        self.out.write(struct.pack("<IIII", self.now // 1_000_000, self.now % 1_000_000, len(frame), len(frame)) + frame)
        self.now += 1000

    def udp(self, ends, ports, turns):
        for side, data in turns:
            head = struct.pack(">HHHH", ports[side], ports[1 - side], 8 + len(data), 0)
            self.frame(ipv4(ends[side], ends[1 - side], 17, head + data))

    def tcp(self, ends, ports, turns):
        following = [100, 900]

        def segment(side, flags, data=b""):
            head = struct.pack(">HHIIBBHHH", ports[side], ports[1 - side], following[side], following[1 - side] if flags & 16 else 0,
                               0x50, flags, 65535, 0, 0)
            self.frame(ipv4(ends[side], ends[1 - side], 6, head + data))
            following[side] += len(data) + (flags & 3 != 0)

        segment(0, 2)
        segment(1, 18)
        segment(0, 16)
        for side, data in turns:
            for at in range(0, len(data), 1400):
                segment(side, 24, data[at:at + 1400])
        segment(0, 17)
        segment(1, 17)
        segment(0, 16)


def make(path):
    capture = Capture(path)
    for i, (_, transport, port, turns) in enumerate(CONVERSATIONS):
        ends = [socket.inet_aton(f"10.10.0.{10 + i}"), socket.inet_aton("10.11.0.2")]
        getattr(capture, transport)(ends, [40000 + i, port], turns)
    capture.out.close()


class Zstd:
    """What zstd packed in a file, whatever lies around it."""

    def __init__(self):
        self.lib = ctypes.CDLL(ctypes.util.find_library("zstd"))
        for name in ("ZSTD_decompress", "ZSTD_findFrameCompressedSize", "ZSTD_isError"):
            getattr(self.lib, name).restype = ctypes.c_size_t
        self.lib.ZSTD_isError.restype = ctypes.c_uint
        self.lib.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong

    def unpack(self, data):
        at = data.find(ZSTD)
        while at != -1:
            part = data[at:]
            size = self.lib.ZSTD_getFrameContentSize(part, ctypes.c_size_t(len(part)))
            if size < 1 << 26:
                room = ctypes.create_string_buffer(size + 1)
                packed = self.lib.ZSTD_findFrameCompressedSize(part, ctypes.c_size_t(len(part)))
                if not self.lib.ZSTD_isError(ctypes.c_size_t(packed)):
                    got = self.lib.ZSTD_decompress(room, ctypes.c_size_t(size), part, ctypes.c_size_t(packed))
                    if not self.lib.ZSTD_isError(ctypes.c_size_t(got)):
                        yield room.raw[:got]
            at = data.find(ZSTD, at + 1)


def search(name, pieces):
    """No secret in any piece, and the open mark in one at least."""
    found, is_proof = [], False
    for where, data in pieces:
        match = SECRET.search(data)
        if match:
            found.append(f"{where}: ...{data[max(0, match.start() - 80):match.end() + 40]!r}...")
        is_proof |= OPEN_MARK.encode() in data
    report(not found, f"{name}: no name, identifier or secret", "; ".join(found[:3]))
    report(is_proof, f"{name}: what may be shown is found there", "the search has not seen the records")


def pieces_of(folder, zstd):
    """Every file, its packed parts, and the values of its tables (a value over several pages of SQLite lies in parts)."""
    for path in glob.glob(folder + "/**/*", recursive=True):
        if not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            data = file.read()
        where = os.path.relpath(path, folder)
        yield where, data
        blobs = [data]
        if data.startswith(b"SQLite format 3"):
            dump = subprocess.run(["python3", "-c", DUMP, path], capture_output=True, check=True).stdout
            yield where + " (tables)", dump
            blobs.append(dump)
        for blob in blobs:
            for unpacked in zstd.unpack(blob):
                yield where + " (zstd)", unpacked


DUMP = """
import sqlite3, sys
base = sqlite3.connect("file:%s?mode=ro" % sys.argv[1], uri=True)
for (table,) in base.execute("select name from sqlite_master where type = 'table'").fetchall():
    for row in base.execute('select * from "%s"' % table):
        for value in row:
            sys.stdout.buffer.write(value if isinstance(value, bytes) else str(value).encode())
            sys.stdout.buffer.write(b"\\n")
"""


def run(*command):
    done = subprocess.run(command, capture_output=True)
    return done.stdout + done.stderr, done.returncode


def main():
    zstd = Zstd()
    with tempfile.TemporaryDirectory() as folder:
        pcap, key = os.path.join(folder, "in.pcap"), os.path.join(folder, "key")
        make(pcap)
        with open(key, "w", encoding="ascii") as out:
            out.write("ab" * 32 + "\n")
        os.chmod(key, 0o600)
        inventory = os.path.join(ROOT, "rules/inventory-example")
        store = os.path.join(folder, "store")
        out, code = run(PLAIN + "/sekisho", "replay", "--json", "-i", inventory, "-r", os.path.join(ROOT, "rules"), "--store", store, pcap)
        report(code in (0, 1), "replay reads it", out[-300:].decode(errors="replace"))
        seen = set()
        for line in out.splitlines():
            if line.startswith(b'{"timestamp"'):
                seen.add(json.loads(line)["event_type"])
        missing = [event for event, *_ in CONVERSATIONS if event not in seen]
        report(not missing, f"each of {len(CONVERSATIONS)} conversations was read", "no record of " + ", ".join(missing))
        search("replay's lines", [("stdout", out)])
        search("replay's store", pieces_of(store, zstd))
        for word in ("text", "html"):
            said, code = run(PLAIN + "/sekisho", "report", "make", "--store", store, "--format", word, "--region", "region-a",
                             "--period", "2026-11")
            report(code == 0 and SECRET.search(said) is None, f"the report as {word}", repr(said[:200]))
        said, _ = run(PLAIN + "/sekisho", "replay", pcap)
        report(SECRET.search(said) is None, "replay's summary")
        for name, options in (("without a key", []), ("with a key", ["--pseudonym-key", key])):
            eve, spool = os.path.join(folder, "eve.json"), os.path.join(folder, "spool")
            said, code = run(PLAIN + "/sekisho-sensor", "-r", pcap, "--output", eve, *options)
            report(code == 0, f"a sensor {name} writes EVE lines", said[-300:].decode(errors="replace"))
            with open(eve, "rb") as file:
                lines = file.read()
            search(f"EVE lines {name}", [("eve", lines), ("messages", said)])
            report((b'"pseudonym_key"' in lines) == bool(options), f"pseudonyms {name}")
            os.makedirs(spool, exist_ok=True)
            said, code = run(PLAIN + "/sekisho-sensor", "-r", pcap, "--spool", spool + "/spool.db", "--socket", "", *options)
            report(code == 0, f"a sensor {name} fills its spool", said[-300:].decode(errors="replace"))
            search(f"the spool {name}", list(pieces_of(spool, zstd)) + [("messages", said)])
            for path in glob.glob(spool + "/*"):
                os.remove(path)
            os.remove(eve)
    sys.exit(failures > 0)


main()
