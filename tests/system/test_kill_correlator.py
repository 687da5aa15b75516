#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_kill_correlator: 50 times kill -9 at random moments, and every table is as if nothing had happened.

A month is made once and cut into frames.  One correlator gets them undisturbed; others are killed while they
read, apply and commit, and the sender goes on where the correlator says.  All tables must be equal, row by row.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from intake_peer import ROOT, Correlator, Peer, dump, frame  # noqa: E402

KILLS = 50
# Correlations that fire often, one over the other and one over all POIs, so that a death falls into many windows.
CORRELATIONS = """
title: any flow
name: any
id: 00000000-0000-4000-8000-000000000001
logsource: {product: sekisho, category: network, service: flow}
detection: {s: {event_type: flow}, condition: s}
---
title: five flows in an hour
name: five
id: 00000000-0000-4000-8000-000000000002
correlation: {type: event_count, rules: [any], group-by: [sekisho.client.ip], timespan: 1h, condition: {gte: 5}, generate: false}
level: low
---
title: two servers in two days
name: three
id: 00000000-0000-4000-8000-000000000003
correlation: {type: value_count, rules: [any], group-by: [sekisho.client.ip], timespan: 2d, condition: {field: sekisho.server.ip, gte: 2}}
level: low
---
title: one after the other
id: 00000000-0000-4000-8000-000000000004
correlation: {type: temporal_ordered, rules: [five, three], group-by: [sekisho.client.ip], timespan: 2d, generate: true}
level: low
"""
# The stage over all POIs waits ten minutes for each; in which order sensors deliver what is older shows in it.
ACROSS = """---
title: anywhere
id: 00000000-0000-4000-8000-000000000005
correlation: {type: event_count, rules: [any], timespan: 1d, condition: {gte: 100}}
sekisho.across: poi
level: low
"""
EPOCH = "00000000000000aa"


def make_month(days):
    """Frames of (sensor, poi): (lane, first seq, last seq, bytes), two lanes a sensor, in the spool's order."""
    text = subprocess.run([sys.executable, os.path.join(ROOT, "tests/demo/month.py"), "--days", str(days), "--end", "1764000000"],
                          check=True, capture_output=True).stdout
    frames, waiting, next_seq, dice = {}, {}, {}, random.Random(5)
    for line in text.splitlines():
        record = json.loads(line)
        place = (record["sekisho"]["sensor"], record["sekisho"]["poi"])
        lane = record.get("flow_id", 0) % 2
        waiting.setdefault((place, lane), []).append(line)
        if len(waiting[place, lane]) >= dice.randint(1, 40):
            cut(frames, next_seq, place, lane, waiting[place, lane])
    for (place, lane), lines in sorted(waiting.items()):
        if lines:
            cut(frames, next_seq, place, lane, lines)
    return frames


def cut(frames, next_seq, place, lane, lines):
    first = next_seq.get((place, lane), 1)
    frames.setdefault(place, []).append((lane, first, first + len(lines) - 1, frame(lane, first, lines)))
    next_seq[place, lane] = first + len(lines)
    lines.clear()


def rules_of(directory):
    """The shipped rules and the correlations above; with one sensor also the one over all POIs."""
    is_one = os.path.basename(directory).startswith("one")
    rules = os.path.join(os.path.dirname(directory), "rules-one" if is_one else "rules-two")
    if not os.path.isdir(rules):
        shutil.copytree(os.path.join(ROOT, "rules"), rules)
        with open(os.path.join(rules, "detections", "kill.yml"), "w", encoding="utf-8") as file:
            file.write(CORRELATIONS + (ACROSS if is_one else ""))
    return rules


def connect(correlator, frames):
    return {place: Peer(correlator.socket, *place, EPOCH, (0, 1)) for place in frames}


def left(peers, frames):
    """What is not committed yet, as turns of (peer, frame), the sensors interleaved."""
    queues = [[(peers[place], item) for item in rest if item[2] > peers[place].committed[item[0]]] for place, rest in sorted(frames.items())]
    turns = []
    for index in range(max(map(len, queues), default=0)):
        turns += [queue[index] for queue in queues if index < len(queue)]
    return turns


def finish(directory, frames):
    """Sends all that is left, waits until it is committed, and ends by SIGTERM."""
    correlator = Correlator(directory, rules_of(directory))
    correlator.wait_ready()
    peers = connect(correlator, frames)
    for peer, item in left(peers, frames):
        peer.send(item[3])
    end = time.monotonic() + 120
    while left(peers, frames) and time.monotonic() < end:
        for peer in peers.values():
            peer.receive(0.05)
    remaining = len(left(peers, frames))
    for peer in peers.values():
        peer.close()
    return correlator.stop(), remaining


def suffer(directory, frames, seed):
    """Lives of at most a quarter second, each ended by SIGKILL; returns how many ended with frames outstanding."""
    dice, busy = random.Random(seed), 0
    share = sum(map(len, frames.values())) // KILLS + 1
    for _ in range(KILLS):
        correlator = Correlator(directory, rules_of(directory))
        correlator.wait_ready()
        deadline = time.monotonic() + dice.uniform(0, 0.25)
        try:
            peers = connect(correlator, frames)
            for peer, item in left(peers, frames)[:dice.randint(1, 3 * share)]:
                peer.send(item[3])
            time.sleep(max(0, deadline - time.monotonic()))
            busy += bool(left(peers, frames))
        except (ConnectionError, BrokenPipeError):
            pass
        correlator.kill()
    return busy


def report(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good else ': ' + why}")


def differences(want, got, ignored=()):
    found = []
    for table in sorted(set(want) | set(got)):
        if table.split(":")[1] not in ignored and want.get(table) != got.get(table):
            extra = [row for row in got.get(table, []) if row not in set(want.get(table, []))][:1]
            found.append(f"{table} ({len(want.get(table, []))} rows, {len(got.get(table, []))} after kills, such as {extra})")
    return "; ".join(found)[:1500]


def compare(work, name, frames, ignored):
    calm, wild = os.path.join(work, name + "-calm"), os.path.join(work, name + "-wild")
    os.makedirs(calm)
    os.makedirs(wild)
    status, remaining = finish(calm, frames)
    report(f"{name}: undisturbed, all is committed and SIGTERM ends it", status == 0 and remaining == 0,
           f"status {status}, {remaining} frames left")
    busy = suffer(wild, frames, len(name))
    status, remaining = finish(wild, frames)
    report(f"{name}: after {KILLS} kills all is committed", status == 0 and remaining == 0, f"status {status}, {remaining} frames left")
    report(f"{name}: most kills fell on a correlator with frames outstanding", busy >= KILLS // 2, f"{busy} of {KILLS}")
    want, got = dump(os.path.join(calm, "store")), dump(os.path.join(wild, "store"))
    report(f"{name}: verdicts, alerts, ledger and coverage are there to compare",
           all(want["correlator.db:" + table] for table in ("verdict", "alert", "ledger", "coverage", "alert_evidence", "summary")))
    fired = {row[2] for row in want["correlator.db:alert"] if row[2].startswith("00000000-0000-4000-8000-")}
    report(f"{name}: correlations fired, chained and over all POIs", len(fired) >= 2, f"only {sorted(fired)}")
    wrong = differences(want, got, ignored)
    report(f"{name}: every table is equal, row by row", not wrong, wrong)
    return want, got


def without_order(rows):
    """Alerts without seq, which tells the order of arrival among sensors."""
    return sorted(row[1:] for row in rows)


WORSE = ("not_applicable", "satisfied", "unobservable", "violated")


def sessions(rows):
    """The ledger's sessions.  What a sensor that lags by more than two days tells of one stands in a row of its own, of the
    day it came in (decisions 27): which that is depends on the order of arrival among sensors, what they tell together does not."""
    folded = {}
    for row in rows:
        _, amends, record, start, end, _ = row[3:9]
        fields, (up, down), texts, (verdict, violated, is_final) = row[9:18], row[18:20], row[20:24], row[24:27]
        have = folded.get(row[:3])
        told = [fields, start, (end, record), up, down, list(texts), WORSE.index(verdict), set(json.loads(violated)), is_final]
        if have is None:
            folded[row[:3]] = told
            continue
        assert amends or have[0] == fields
        folded[row[:3]] = [have[0], min(have[1], start), max(have[2], told[2]), have[3] + up, have[4] + down,
                           [max(a, b) for a, b in zip(have[5], texts)], max(have[6], told[6]), have[7] | told[7], max(have[8], is_final)]
    return folded


def main():
    work = tempfile.mkdtemp(prefix="sekisho-kill-")
    try:
        frames = make_month(12)
        one = {place: rest for place, rest in frames.items() if place[0] == "sensor-east"}
        compare(work, "one sensor", one, ())
        want, got = compare(work, "two sensors", frames, ("alert", "alert_transition", "ledger"))
        ledgers = [sessions(tables["correlator.db:ledger"]) for tables in (want, got)]
        report("two sensors: the ledger's sessions are equal, whichever day their late rows came in", ledgers[0] == ledgers[1],
               str([(key, ledgers[0][key], ledgers[1].get(key)) for key in ledgers[0] if ledgers[0][key] != ledgers[1].get(key)][:2])[:1500])
        report("two sensors: the alerts are equal but for the order among sensors",
               all(without_order(want["correlator.db:" + table]) == without_order(got["correlator.db:" + table])
                   for table in ("alert", "alert_transition")))
    finally:
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
