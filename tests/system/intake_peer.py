# SPDX-License-Identifier: Apache-2.0
"""intake_peer: a sensor's side of the intake protocol in Python, and a correlator to talk to, for system tests."""
import os
import select
import socket
import sqlite3
import struct
import subprocess
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HELLO, POSITION, FRAME, HEARTBEAT, COMMITTED, REFUSED = range(1, 7)
TABLES = ("position", "verdict", "unknown_reason", "alert", "alert_group", "alert_evidence", "ledger", "coverage", "coverage_lane",
          "sensor", "summary", "judged_flow", "ruleset", "alert_transition", "incident_alert")


def program(name):
    """The plain build if there is one: its moments are those of real use."""
    for build in (os.environ.get("PLAIN"), os.environ.get("B"), "build/gcc-plain", "build/gcc-address-undefined"):
        path = os.path.join(ROOT, build or "", name)
        if build and os.access(path, os.X_OK):
            return path
    raise SystemExit(f"1..0 # SKIP {name} is not built")


def message(kind, body):
    return struct.pack(">IHH", len(body), kind, 0) + body


def frame(lane, first_seq, lines):
    """As common/frame.h has it, with codec 0."""
    raw = b"".join(line + b"\n" for line in lines)
    return b"SKF1" + struct.pack(">BBHIIIQqq", 1, 0, len(lines), len(raw), len(raw), lane, first_seq, 0, 0) + raw


def hello(sensor, poi, epoch, lanes):
    body = struct.pack(">H", 1)
    for name in (sensor, poi, epoch):
        body += bytes([len(name.encode())]) + name.encode()
    return message(HELLO, body + struct.pack(f">H{len(lanes)}I", len(lanes), *lanes))


class Peer:
    """One connection: knows what the correlator says is committed."""

    def __init__(self, path, sensor, poi, epoch, lanes):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.sendall(hello(sensor, poi, epoch, lanes))
        self.committed, self.input, self.refused, self.row = {}, b"", None, 0
        while len(self.committed) < len(lanes) and self.refused is None:
            if not self.receive(10):
                raise ConnectionError("no answer to HELLO")

    def receive(self, patience):
        """False if nothing came in time or the other side is gone."""
        if not select.select([self.socket], [], [], patience)[0]:
            return False
        got = self.socket.recv(1 << 16)
        self.take(got)
        return bool(got)

    def take(self, got):
        self.input += got
        while len(self.input) >= 8:
            size, kind, _ = struct.unpack(">IHH", self.input[:8])
            if len(self.input) < 8 + size:
                break
            body, self.input = self.input[8:8 + size], self.input[8 + size:]
            if kind in (POSITION, COMMITTED):
                lane, effects, _ = struct.unpack(">IQQ", body[:20])
                self.committed[lane] = effects
            elif kind == REFUSED:
                self.refused = body[3:].decode()

    def send(self, packed):
        self.row += 1
        self.socket.sendall(message(FRAME, struct.pack(">Q", self.row) + packed))
        while self.receive(0):
            pass

    def close(self):
        self.socket.close()


class Correlator:
    def __init__(self, directory, rules=None, inventory=None, extra=()):
        self.socket = os.path.join(directory, "intake.sock")
        self.log = open(os.path.join(directory, "correlator.log"), "ab")
        self.process = subprocess.Popen(
            [program("sekisho-correlator"), "--store", os.path.join(directory, "store"), "--socket", self.socket,
             "--inventory", inventory or os.path.join(ROOT, "rules/inventory-example"), "--rules", rules or os.path.join(ROOT, "rules"),
             *extra], stderr=self.log, stdout=self.log)

    def wait_ready(self):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                probe = socket.socket(socket.AF_UNIX)
                probe.connect(self.socket)
                probe.close()
                return
            except OSError:
                time.sleep(0.005)
        raise ConnectionError("the correlator did not come up; see its log")

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.log.close()

    def stop(self):
        self.process.terminate()
        status = self.process.wait(60)
        self.log.close()
        return status


def dump(store, tables=TABLES):
    """All rows of the tables, and of the raw records' files, in their keys' order."""
    rows = {}
    for name in sorted(os.listdir(store)):
        if not name.endswith(".db"):
            continue
        database = sqlite3.connect(os.path.join(store, name))
        for table in tables if name == "correlator.db" else ("record",):
            rows[f"{name}:{table}"] = database.execute(f"SELECT * FROM {table}").fetchall()
        database.close()
    return rows
