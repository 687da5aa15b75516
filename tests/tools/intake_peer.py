#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""intake_peer: a small correlator for tests: speaks docs/PROTOCOL.md, checks what comes, keeps its lines.

usage: intake_peer.py SOCKET STATE [--commit-every N]
STATE/position.json is its position, written with the lines in one go: STATE/lines.
What breaks the protocol is said on stdout as "BROKEN: why" and ends it.
"""
import argparse
import ctypes
import json
import os
import socket
import struct
import sys

HELLO, POSITION, FRAME, HEARTBEAT, COMMITTED, REFUSED = range(1, 7)
zstd = ctypes.CDLL("libzstd.so.1")
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


class Broken(Exception):
    pass


def expect(holds, why):
    if not holds:
        raise Broken(why)


def open_frame(frame):
    magic, version, codec, count, raw_size, packed_size, lane, first = struct.unpack(">4sBBHIIIQ", frame[:28])
    expect(magic == b"SKF1" and version == 1, "no frame")
    packed = frame[44:]
    expect(len(packed) == packed_size, "packed size")
    if codec == 1:
        room = ctypes.create_string_buffer(raw_size)
        expect(zstd.ZSTD_decompress(room, raw_size, packed, packed_size) == raw_size, "zstd")
        packed = room.raw
    lines = packed.split(b"\n")
    expect(lines.pop() == b"" and len(lines) == count, "lines")
    return lane, first, lines


class Peer:
    def __init__(self, options):
        self.options = options
        self.position_path = os.path.join(options.state, "position.json")
        self.lines_path = os.path.join(options.state, "lines")
        self.position, self.size = {}, 0
        if os.path.exists(self.position_path):
            saved = json.load(open(self.position_path))
            self.position, self.size = saved["position"], saved["size"]
        self.lines = open(self.lines_path, "ab")
        self.lines.truncate(self.size)  # what a kill left behind its position
        self.lines.seek(self.size)
        self.pending = 0

    def commit(self):
        self.lines.flush()
        self.size = self.lines.tell()
        with open(self.position_path + ".new", "w") as out:
            json.dump({"position": self.position, "size": self.size}, out)
        os.rename(self.position_path + ".new", self.position_path)
        self.pending = 0

    def apply(self, key, first, lines):
        low = self.position.get(key, 0)
        expect(first <= low + 1, f"seq jumps from {low} to {first}")
        for seq, line in enumerate(lines, first):
            if seq <= low:
                continue
            if line:  # else its spool let it go
                expect(json.loads(line)["sekisho"]["seq"] == seq, f"line of seq {seq} says another")
                self.lines.write(line + b"\n")
            else:
                self.lines.write(b'{"event_type":"let_go"}\n')
        self.position[key] = max(low, first + len(lines) - 1)

    def serve(self, peer):
        buffer, greeted, row = b"", None, 0
        peer.settimeout(12)
        while True:
            got = peer.recv(1 << 20)
            if not got:
                return
            buffer += got
            answers = set()
            while len(buffer) >= 8:
                size, kind, reserved = struct.unpack(">IHH", buffer[:8])
                if len(buffer) < 8 + size:
                    break
                body, buffer = buffer[8:8 + size], buffer[8 + size:]
                expect(reserved == 0, "reserved")
                if kind == HELLO:
                    expect(greeted is None, "second HELLO")
                    greeted = self.hello(peer, body)
                elif kind == FRAME:
                    expect(greeted is not None, "FRAME before HELLO")
                    number, = struct.unpack(">Q", body[:8])
                    expect(number >= row, "rows fall")
                    row = number
                    lane, first, lines = open_frame(body[8:])
                    self.apply(f"{greeted}/{lane}", first, lines)
                    answers.add(lane)
                    self.pending += 1
                else:
                    expect(kind == HEARTBEAT and size >= 24, f"type {kind}")
            if self.pending >= self.options.commit_every or answers:
                self.commit()
                for lane in answers:
                    at = self.position[f"{greeted}/{lane}"]
                    peer.sendall(struct.pack(">IHHIQQ", 20, COMMITTED, 0, lane, at, at))

    def hello(self, peer, body):
        version, = struct.unpack(">H", body[:2])
        expect(version == 1, "version")
        texts, at = [], 2
        for _ in range(3):
            texts.append(body[at + 1:at + 1 + body[at]].decode())
            at += 1 + body[at]
        count, = struct.unpack(">H", body[at:at + 2])
        lanes = struct.unpack(f">{count}I", body[at + 2:at + 2 + 4 * count])
        key = f"{texts[0]}/{texts[2]}"
        # one of a later version first: it must be skipped
        peer.sendall(struct.pack(">IHH", 5, 99, 0) + b"later")
        for lane in lanes:
            low = self.position.get(f"{key}/{lane}", 0)
            peer.sendall(struct.pack(">IHHIQQ", 20, POSITION, 0, lane, low, low))
        return key


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("socket")
    parser.add_argument("state")
    parser.add_argument("--commit-every", type=int, default=1)
    options = parser.parse_args()
    peer = Peer(options)
    if os.path.exists(options.socket):
        os.unlink(options.socket)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(options.socket)
    listener.listen()
    while True:
        connection, _ = listener.accept()
        try:
            peer.serve(connection)
        except Broken as why:
            print(f"BROKEN: {why}", flush=True)
            sys.exit(1)
        except (ConnectionError, socket.timeout):
            pass
        connection.close()


main()
