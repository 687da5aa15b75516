#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_correlator: settings, reload, a second one, rubbish on the socket, and the end by SIGTERM."""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from intake_peer import ROOT, Correlator, Peer, frame, program  # noqa: E402


def report(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good else ': ' + str(why)[:300]}")


def lines(count, first):
    return [json.dumps({"timestamp": f"2026-11-24T01:{i // 60 % 60:02}:{i % 60:02}.000000+0000", "flow_id": i, "event_type": "tls",
                        "src_ip": "10.11.1.20", "src_port": 50000, "dest_ip": "10.10.0.13", "dest_port": 443, "proto": "TCP",
                        "app_proto": "tls", "tls": {"version": "TLS 1.3"},
                        "sekisho": {"poi": "poi-east", "client": {"ip": "10.11.1.20", "port": 50000},
                                    "server": {"ip": "10.10.0.13", "port": 443}, "direction_confidence": "syn"}}).encode()
            for i in range(first, first + count)]


def wait_for(test, patience=20):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return False


def said(work):
    with open(os.path.join(work, "correlator.log"), encoding="utf-8") as log:
        return log.read()


def rows(work, query):
    database = sqlite3.connect(os.path.join(work, "store/correlator.db"))
    found = database.execute(query).fetchall()
    database.close()
    return found


def test_settings(work):
    command = [program("sekisho-correlator"), "--store", work, "--inventory", os.path.join(ROOT, "rules/inventory-example"), "--check-config"]
    good = subprocess.run(command + ["--rules", os.path.join(ROOT, "rules")], capture_output=True, text=True)
    report("--check-config takes the shipped rules and starts nothing", good.returncode == 0 and not os.path.exists(work + "/correlator.db"),
           good.stderr)
    bad = subprocess.run(command + ["--rules", work + "/none"], capture_output=True, text=True)
    report("--check-config refuses rules that are not there, in one line", bad.returncode == 3 and bad.stderr.count("\n") == 1, bad.stderr)


def test_reload(work, correlator):
    peer = Peer(correlator.socket, "sensor-east", "poi-east", "00000000000000aa", (0,))
    peer.send(frame(0, 1, lines(100, 1)))
    report("records are committed within a moment of their coming", wait_for(lambda: peer.receive(0.05) and peer.committed[0] == 100))
    before = rows(work, "SELECT DISTINCT ruleset FROM verdict")
    report("verdicts name their rule set", len(before) == 1, before)

    path = os.path.join(work, "rules/inventory-example/10-nation.yaml")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write("format: nonsense\n" + text)
    correlator.process.send_signal(signal.SIGHUP)
    report("a bad set leaves the old one running, and says why", wait_for(lambda: re.search(r"old rules stay: .*10-nation.yaml:\d+", said(work))),
           said(work)[-300:])
    peer.send(frame(0, 101, lines(100, 101)))
    report("records go on under the old set", wait_for(lambda: peer.receive(0.05) and peer.committed[0] == 200)
           and rows(work, "SELECT DISTINCT ruleset FROM verdict") == before)

    with open(path, "w", encoding="utf-8") as file:
        file.write(text + "\n# changed\n")
    correlator.process.send_signal(signal.SIGHUP)
    report("a good set is taken over", wait_for(lambda: "INFO" in said(work).upper() and re.search(r"reload: policy ", said(work))), said(work)[-300:])
    peer.send(frame(0, 201, lines(100, 201)))
    report("the connection outlives the reload", wait_for(lambda: peer.receive(0.05) and peer.committed[0] == 300))
    after = rows(work, "SELECT DISTINCT ruleset FROM verdict")
    report("verdicts name the new set, and no sample is lost or doubled",
           after != before and rows(work, "SELECT max(good + bad + unknown) FROM verdict") == [(300,)], (before, after))
    return peer


def test_rubbish(work, correlator, peer):
    for rubbish in (b"GET / HTTP/1.1\r\n\r\n", b"\xff" * 64, b"\0" * 8, b"\0\0\0\4\0\3\0\0abcd"):
        stranger = Peer.__new__(Peer)
        stranger.socket, stranger.committed, stranger.input, stranger.refused = __import__("socket").socket(1), {}, b"", None
        stranger.socket.connect(correlator.socket)
        stranger.socket.sendall(rubbish)
        stranger.receive(1)
        stranger.close()
    peer.send(frame(0, 301, lines(1, 301)))
    report("rubbish on the socket ends its own connection only", wait_for(lambda: peer.receive(0.05) and peer.committed[0] == 301))
    report("it is counted, and said once", rows(work, "SELECT value >= 2 FROM counter WHERE name = 'frames_refused'") == [(1,)]
           and said(work).count("its connection ends") == 1, said(work)[-400:])


def test_second(work):
    second = Correlator.__new__(Correlator)
    Correlator.__init__(second, work)
    status = second.process.wait(30)
    second.log.close()
    report("a second correlator on the store is refused", status == 4 and "another writer" in said(work), said(work)[-200:])


def main():
    work = tempfile.mkdtemp(prefix="sekisho-correlator-")
    correlator = None
    try:
        test_settings(work)
        shutil.copytree(os.path.join(ROOT, "rules"), os.path.join(work, "rules"))
        correlator = Correlator(work, rules=os.path.join(work, "rules"), inventory=os.path.join(work, "rules/inventory-example"))
        correlator.wait_ready()
        peer = test_reload(work, correlator)
        test_rubbish(work, correlator, peer)
        test_second(work)
        peer.send(frame(0, 302, lines(50, 302)))
        time.sleep(0.05)
        status, correlator_socket = correlator.stop(), correlator.socket
        correlator = None
        report("SIGTERM commits what came, removes the socket and ends with 0",
               status == 0 and not os.path.exists(correlator_socket) and rows(work, "SELECT low FROM position") == [(351,)], status)
    finally:
        if correlator is not None:
            correlator.kill()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
