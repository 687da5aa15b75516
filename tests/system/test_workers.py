#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_workers: several workers tell of a capture what one tells; live, a death is one gap and every packet is counted."""
import collections
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

SENSOR = os.path.join(os.environ.get("PLAIN", "build/gcc-plain"), "sekisho-sensor")
TABLES = ["--flows", "8192", "--undecided", "512", "--sensor", "s1", "--poi", "p1"]
failed = False


def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what, flush=True)
    failed |= not holds


def ipv4(source, dest, payload, name=0, place=0):
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), name, place, 64, 17, 0) + source + dest + payload


def udp(source_port, dest_port, payload):
    return struct.pack("!HHHH", source_port, dest_port, 8 + len(payload), 0) + payload


def make_capture(path, count):
    """Raw IP: questions with answers of many hosts, some in pieces, all within the same microsecond now and then."""
    dice, at = random.Random(3), 1700000000 * 10**6
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
        for i in range(count):
            at += dice.choice([0, 0, 5, 40, 3000])
            host = bytes([10, 0, dice.randrange(4), dice.randrange(250)])
            server, port = bytes([192, 0, 2, dice.randrange(3)]), 1024 + dice.randrange(4000)
            asks, answers = udp(port, 4000, b"q" * 32), udp(4000, port, b"a" * 64)
            packets = [ipv4(host, server, asks), ipv4(server, host, answers)]
            if i % 50 == 0:
                packets.append(ipv4(host, server, asks[:24], i & 0xFFFF, 0x2000))
                packets.append(ipv4(host, server, asks[24:], i & 0xFFFF, 3))
            for packet in packets:
                file.write(struct.pack("<IIII", at // 10**6, at % 10**6, len(packet), len(packet)) + packet)


def read(path, workers, *more):
    done = subprocess.run([SENSOR, "-r", path, "-o", "-", "--workers", str(workers), *TABLES, "--flows", "65536", *more], capture_output=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(output):
    """What does not depend on who told it."""
    records = collections.Counter()
    for line in output.splitlines():
        record = json.loads(line)
        if record["event_type"] in ("tick", "coverage", "stats"):
            continue
        del record["sekisho"]["lane"], record["sekisho"]["seq"], record["timestamp"]
        records[json.dumps(record, sort_keys=True)] += 1
    return records


def test_files(work):
    path = f"{work}/many.pcap"
    make_capture(path, 20000)
    alone = read(path, 1)
    for workers in (2, 3, 7):
        first = read(path, workers)
        check(all(read(path, workers, *small) == first for small in ([], ["--ring", "512KiB"],
                                                                     ["--packet-ring", "512KiB", "--ring", "512KiB"])),
              f"{workers} workers give the same bytes each time, with small rings too")
        check(told(first) == told(alone), f"{workers} workers tell what one tells")
        lanes = {json.loads(line)["sekisho"]["lane"] for line in first.splitlines() if b'"flow"' in line}
        check(lanes == set(range(workers)), f"all {workers} of them have flows")
    packets = [sum(r["coverage"]["packets"] for r in map(json.loads, read(path, n).splitlines())
                   if r["event_type"] == "coverage") for n in (1, 4)]
    check(packets[0] == packets[1] == 40800, f"each packet is counted once: {packets}")
    with open(path, "rb") as file:
        piped = subprocess.run([SENSOR, "-r", "-", "-o", "-", "--workers", "3", *TABLES, "--flows", "65536"], stdin=file,
                               capture_output=True)
    check(piped.returncode == 0 and piped.stdout == read(path, 3), "from standard input too")
    with open(path, "r+b") as file:
        file.truncate(os.path.getsize(path) - 7)
    cut = subprocess.run([SENSOR, "-r", path, "-o", "-", "--workers", "3", *TABLES], capture_output=True)
    flows = cut.stdout.count(b'"event_type":"flow"')
    check(cut.returncode == 5 and flows > 10000, f"a cut file: exit {cut.returncode}, {flows} flows of what stands before")


def test_directory(work):
    """Rotated files are named as somebody liked: the first packets' times decide, then the names."""
    folder = f"{work}/rotated"
    os.mkdir(folder)
    for name, at in (("z", 100), ("b", 300), ("a", 200), ("c", 300)):
        packet = ipv4(bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), udp(ord(name), 9, b""))
        with open(f"{folder}/{name}.pcap", "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
            file.write(struct.pack("<IIII", at, 0, len(packet), len(packet)) + packet)
    for workers in (1, 2):
        flows = [json.loads(line) for line in read(folder, workers, "--udp", "1s").splitlines() if b'"event_type":"flow"' in line]
        check([(r["src_port"], r["flow"]["start"][17:19]) for r in flows] ==
              [(ord("z"), "40"), (ord("a"), "20"), (ord("b"), "00"), (ord("c"), "00")], f"a directory in order of time, {workers} worker(s)")


def test_memory(work):
    """What the start-up line says is what was asked for."""
    said = subprocess.run([SENSOR, "-r", f"{work}/rotated", "-o", "-", "--workers", "2", "--flow-memory", "32MiB", "--undecided-memory",
                           "4MiB", "--fragment-memory", "8MiB", "--ring", "1MiB", "--packet-ring", "1MiB"],
                          capture_output=True, text=True).stderr
    found = re.search(r"tables ([0-9.]+) MiB \((.*)\), rings ([0-9.]+) MiB, kernel buffers ([0-9.]+) MiB, in all ([0-9.]+) MiB", said)
    check(found is not None, "the start-up line tells of each table: " + said.strip())
    tables = dict(part.rsplit(" ", 1) for part in found[2].split(", "))
    check(31.5 <= float(tables["flows"]) <= 32 and 3.9 <= float(tables["nDPI"]) <= 4, "tables keep within the bytes they are given")
    check(abs(sum(map(float, tables.values())) - float(found[1])) < 0.5, "their sum is told")
    check(float(found[3]) == 4 and abs(float(found[5]) - float(found[1]) - 4) < 0.2, "and that of all")


class Live:
    """Two namespaces with veth pairs; the sensor listens in the second."""

    def __init__(self, work, pairs):
        self.near, self.far = f"skn{os.getpid()}", f"skf{os.getpid()}"
        self.log, self.eve, self.sensor = f"{work}/log", f"{work}/eve.json", None
        for space in (self.near, self.far):
            subprocess.run(["ip", "netns", "add", space], check=True)
        for i in range(pairs):
            subprocess.run(["ip", "-n", self.near, "link", "add", f"a{i}", "type", "veth", "peer", "name", f"b{i}",
                            "netns", self.far], check=True)
            for space, name in ((self.near, f"a{i}"), (self.far, f"b{i}")):
                subprocess.run(["ip", "netns", "exec", space, "sysctl", "-qw", f"net.ipv6.conf.{name}.disable_ipv6=1"], check=True)
                subprocess.run(["ip", "-n", space, "link", "set", name, "up"], check=True)

    def start(self, interfaces, *more):
        for path in (self.log, self.eve):
            if os.path.exists(path):
                os.unlink(path)
        self.sensor = subprocess.Popen(
            ["ip", "netns", "exec", self.far, SENSOR, "-i", interfaces, "-o", self.eve, "--coverage", "1s", "--udp", "5s",
             "--buffer", "8MiB", *TABLES, *more], stderr=open(self.log, "w"))
        self.wait(lambda: "epoch" in open(self.log).read(), "it starts")

    def wait(self, holds, what):
        for _ in range(300):
            if holds():
                return
            assert self.sensor.poll() is None, open(self.log).read()
            time.sleep(0.05)
        raise AssertionError(f"{what}: {open(self.log).read()}")

    def children(self):
        """Pids in the order they were started: output, workers, reader."""
        out = subprocess.run(["pgrep", "-P", str(self.sensor.pid)], capture_output=True, text=True).stdout
        return [int(pid) for pid in out.split()]

    def send(self, interface, packets, gap=0.0):
        """Frames of raw IP packets, out of one end of a pair."""
        program = ("import socket, struct, sys, time\n"
                   f"s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(('{interface}', 0))\n"
                   "data = sys.stdin.buffer.read(); at = 0\n"
                   "while at < len(data):\n"
                   "    size, = struct.unpack_from('!H', data, at)\n"
                   "    s.send(bytes(12) + b'\\x08\\0' + data[at + 2:at + 2 + size]); at += 2 + size\n"
                   f"    time.sleep({gap}) if {gap} else None\n")
        subprocess.run(["ip", "netns", "exec", self.near, "python3", "-c", program], check=True,
                       input=b"".join(struct.pack("!H", len(p)) + p for p in packets))

    def covered(self):
        with open(self.eve) as file:
            return sum(json.loads(line)["coverage"]["packets"] for line in file if '"event_type":"coverage"' in line)

    def stop(self):
        self.sensor.terminate()
        status = self.sensor.wait(30)
        self.sensor = None
        with open(self.eve) as file:
            return status, [json.loads(line) for line in file]

    def close(self):
        if self.sensor is not None:
            self.sensor.terminate()
            self.sensor.wait(30)
        for space in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", space])


def questions(count, first_port=1024):
    return [ipv4(bytes([10, 1, 0, 1 + i % 200]), bytes([192, 0, 2, 1]), udp(first_port + i, 4000, b"q" * 40)) for i in range(count)]


def answers(count, first_port=1024):
    return [ipv4(bytes([192, 0, 2, 1]), bytes([10, 1, 0, 1 + i % 200]), udp(4000, first_port + i, b"a" * 60)) for i in range(count)]


def sum_of(records, *path):
    total = 0
    for record in records:
        value = record
        for name in path:
            value = value.get(name, {}) if isinstance(value, dict) else {}
        total += value if isinstance(value, int) else 0
    return total


def kind(records, name):
    return [r for r in records if r["event_type"] == name]


def test_death(live, what, victim, *more):
    """The victim is killed between two lots of packets."""
    live.start("b0", "--workers", "3", *more)
    live.send("a0", questions(300))
    live.wait(lambda: live.covered() >= 300, "the first lot is covered")
    before = live.children()
    os.kill(before[victim], signal.SIGKILL)
    live.wait(lambda: len(live.children()) == len(before) and set(live.children()) & set(before) == {before[0]},
              "all but the output are new")
    live.wait(lambda: open(live.eve).read().count('"reason":"gap"') == 3, "all lanes tell the gap")
    live.send("a0", questions(300, 20000) + answers(300, 20000))
    live.wait(lambda: live.covered() >= 900, "the second lot is covered")
    status, records = live.stop()
    gaps = [r for r in kind(records, "coverage") if r["coverage"]["reason"] == "gap"]
    check(status == 0 and sorted(r["sekisho"]["lane"] for r in gaps) == [0, 1, 2], f"{what}: each lane tells one gap")
    check(max(r["coverage"]["start"] for r in gaps) < min(r["coverage"]["end"] for r in gaps), f"{what}: and it is the same one")
    check(sum_of(kind(records, "coverage"), "coverage", "packets") == 900, f"{what}: each packet is counted once")
    check(sum(sum(r["coverage"]["lost"].values()) for r in kind(records, "coverage")) == 0, f"{what}: and none as lost")
    second = [r for r in kind(records, "flow") if max(r["src_port"], r["dest_port"]) >= 20000]
    check(len(second) == 300 and all(r["flow"]["pkts_toserver"] == r["flow"]["pkts_toclient"] == 1 for r in second),
          f"{what}: afterwards both directions of a flow have one worker")
    lanes = {r["sekisho"]["lane"] for r in second}
    check(lanes == {0, 1, 2}, f"{what}: and each worker has some")
    seqs = collections.defaultdict(list)
    for record in records:
        seqs[record["sekisho"]["lane"]].append(record["sekisho"]["seq"])
    check(all(seq == list(range(1, len(seq) + 1)) for seq in seqs.values()), f"{what}: no lane's seqs have a hole")


def test_tap(live, workers):
    """A passive tap: each direction comes by an interface of its own."""
    live.start("b0,b1", "--workers", str(workers), "--udp", "60s")
    live.send("a0", questions(500))
    live.send("a1", answers(500))
    live.wait(lambda: live.covered() >= 1000, "all is covered")
    _, records = live.stop()
    flows = kind(records, "flow")
    check(len(flows) == 500 and all(r["flow"]["pkts_toserver"] == r["flow"]["pkts_toclient"] == 1 for r in flows),
          f"two interfaces are one tap to {workers} worker(s)")
    check({r["in_iface"] for r in flows} == {"b0,b1"}, "and records name both")


SEND_IN_TURN = """
import socket, struct, sys
data, at, turn = sys.stdin.buffer.read(), 0, 0
out = []
for name in sys.argv[1:]:
    out.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
    out[-1].bind((name, 0))
while at < len(data):
    size, = struct.unpack_from("!H", data, at)
    out[turn].send(bytes(12) + b"\\x08\\0" + data[at + 2:at + 2 + size])
    at, turn = at + 2 + size, 1 - turn
"""


def test_tap_order(live, workers):
    """Each flow begins on the second interface: one who reads the first one first takes the wrong end for the client."""
    live.start("b0,b1", "--workers", str(workers), "--udp", "60s")
    pairs = [packet for pair in zip(answers(2000, 10000), questions(2000, 10000)) for packet in pair]
    subprocess.run(["ip", "netns", "exec", live.near, "python3", "-c", SEND_IN_TURN, "a1", "a0"], check=True,
                   input=b"".join(struct.pack("!H", len(p)) + p for p in pairs))
    live.wait(lambda: live.covered() >= 4000, "all is covered")
    _, records = live.stop()
    flows = kind(records, "flow")
    first = sum(r["src_ip"] == "192.0.2.1" for r in flows)
    check(len(flows) == first == 2000, f"a tap's packets come in the order of time, {workers} worker(s): {first} of {len(flows)}")


def test_full_ring(live):
    """A worker that stands still loses packets, and the truth about it is told."""
    live.start("b0", "--workers", "2", "--share", "reader", "--packet-ring", "512KiB")
    victim = live.children()[1]
    os.kill(victim, signal.SIGSTOP)
    live.send("a0", questions(20000), 0)
    time.sleep(1)
    os.kill(victim, signal.SIGCONT)

    def counted():
        with open(live.eve) as file:
            spans = [json.loads(line)["coverage"] for line in file if '"event_type":"coverage"' in line]
        return sum(s["packets"] + sum(s["lost"].values()) for s in spans)

    live.wait(lambda: counted() >= 20000, "all is seen or lost")
    _, records = live.stop()
    spans = kind(records, "coverage")
    lost = sum_of(spans, "coverage", "lost", "worker")
    seen = sum_of(spans, "coverage", "packets")
    kernel = sum_of(spans, "coverage", "lost", "kernel")
    check(lost > 1000, f"a worker that stood still lost {lost} packets")
    check(seen + lost + kernel == 20000, f"{seen} seen + {lost} lost before it + {kernel} in the kernel = 20000 sent")
    check({r["sekisho"]["lane"] for r in spans if r["coverage"]["lost"].get("worker")} == {0}, "the lane that lost them says so")


def main():
    with tempfile.TemporaryDirectory() as work:
        os.chmod(work, 0o755)
        test_files(work)
        test_directory(work)
        test_memory(work)
        if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", f"skt{os.getpid()}"], capture_output=True).returncode:
            print("ok - several workers, live # SKIP no right to make a network namespace")
            return
        subprocess.run(["ip", "netns", "del", f"skt{os.getpid()}"])
        live = Live(work, 2)
        try:
            test_death(live, "a worker of a shared interface", 2)
            test_death(live, "a worker behind a reader", 1, "--share", "reader")
            test_death(live, "the reader", 4, "--share", "reader", "--cpus", "0")
            test_tap(live, 1)
            test_tap(live, 3)
            test_tap_order(live, 1)
            test_tap_order(live, 3)
            test_full_ring(live)
        finally:
            live.close()


main()
sys.exit(failed)
