#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_sigma_correlations: correlations against brute force on random rules and records, with restarts between.

usage: test_sigma_correlations.py [--seed 1] [--rounds 40] [--rules 30] [--records 300]
"""
import argparse
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / os.environ.get("B", "build/gcc-address-undefined") / "tests/tools/match_sigma"
BEGIN = 1795143600 * 1000000
COUNTS, SUMS, RANKS = ["event_count", "value_count"], ["value_sum", "value_avg"], ["value_percentile", "value_median"]
KEYS = ["src_ip", "dest_ip", "app_proto", "dest_port"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def records(self, count):
        r, made, now = self.r, [], BEGIN
        for _ in range(count):
            now += r.choice([0, 0, 1000000, 2000000, 5000000, 1, 30000000, 200000000 if r.random() < 0.1 else 3000000])
            time = now - r.choice([0, 0, 0, 1000000, 4000000, 9000000])
            record = {"timestamp": text_of(time), "event_type": "flow",
                      "src_ip": r.choice(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), "dest_ip": r.choice(["10.0.0.1", "10.0.0.2", "10.0.0.9"]),
                      "app_proto": r.choice(["a", "b", "c", "d", "漢"]), "dest_port": r.randrange(5),
                      "flow": {"pkts_toserver": r.choice([0, 1, 5, 7, 100, 10 ** 6])},
                      "sekisho": {"poi": r.choice(["p", "p", "q"])}}
            if r.random() < 0.1:
                del record[r.choice(KEYS)]
            made.append((time, record))
        return made

    def base(self, name):
        r = self.r
        condition = r.choice([{"dest_port": r.sample(range(5), 2)}, {"app_proto": r.sample("abcd", 2)}, {"src_ip": "10.0.0.1"}, {"event_type": "flow"}])
        return {"title": "t", "name": name, "id": self.id(), "logsource": {"product": "sekisho", "category": "network", "service": "flow"},
                "detection": {"s": condition, "condition": "s"}}

    def id(self):
        return str(uuid.UUID(int=self.r.getrandbits(128), version=4))

    def correlation(self, name, bases, chains):
        r = self.r
        kind = r.choice(COUNTS * 2 + SUMS + RANKS + ["temporal", "temporal", "temporal_ordered", "temporal_ordered"])
        rules = [r.choice(bases) for _ in range(r.choice([1, 2, 2, 3]))] if kind.startswith("temporal") else r.sample(bases, r.choice([1, 2]))
        keys = r.sample(KEYS, r.choice([0, 1, 1, 2]))
        body = {"type": kind, "rules": rules, "timespan": r.choice(["1s", "10s", "30s", "5m", "1h"])}
        if chains and kind in COUNTS + ["temporal"] and r.random() < 0.5:
            chained = r.choice(chains)
            body["rules"] = [chained["name"]]
            keys = chained["correlation"].get("group-by", [])[:r.choice([0, 1])]
            if kind == "value_count" and not chained["correlation"].get("group-by"):
                body["type"] = kind = "event_count"
        elif keys and r.random() < 0.3:
            body["aliases"] = {"who": {rule: r.choice(KEYS) for rule in rules}}
            keys = ["who"]
        if keys:
            body["group-by"] = keys
        body["condition"] = self.compared(kind, body, chains)
        if body["condition"] is None:
            del body["condition"]
        made = {"title": "t", "name": name, "id": self.id(), "level": "low", "correlation": {**body, "generate": True}}
        if r.random() < 0.25:
            made["sekisho.across"] = "poi"
        return made

    def compared(self, kind, body, chains):
        r = self.r
        if kind.startswith("temporal"):
            return None if r.random() < 0.6 or kind.endswith("ordered") else {"gte": r.randrange(1, len(body["rules"]) + 1)}
        if kind in COUNTS:
            condition = {r.choice(["gte", "gt"]): r.choice([1, 2, 3, 5])}
            chained = [c for c in chains if c["name"] in body["rules"]]
            if kind == "value_count":
                condition["field"] = r.choice(chained[0]["correlation"]["group-by"]) if chained else r.choice([r.choice(KEYS), r.sample(KEYS, 2)])
            return condition
        condition = {"field": "flow.pkts_toserver", r.choice(["gte", "gt"]): r.choice([0, 5, 7, 100, 107, 2000000])}
        return {**condition, "percentile": r.randrange(1, 100)} if kind == "value_percentile" else condition


def text_of(usec):
    at = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=usec)
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def get(record, path):
    for step in path.split("."):
        record = record.get(step) if isinstance(record, dict) else None
    return record


def base_holds(rule, record):
    (field, wanted), = rule["detection"]["s"].items()
    value = get(record, field)
    return value is not None and str(value) in [str(each) for each in (wanted if isinstance(wanted, list) else [wanted])]


SECONDS = {"s": 1, "m": 60, "h": 3600}


class Brute:
    """Every event of every group is kept for ever, and every question is asked of all of them."""

    def __init__(self, rules, records):
        self.rules, self.fires = rules, []
        self.by_name = {rule["name"]: rule for rule in rules}
        self.order = {rule["name"]: place for place, rule in enumerate([rule for rule in rules if "correlation" in rule])}
        self.history, self.state, self.across = {}, {}, []
        for poi in sorted({record["sekisho"]["poi"] for _, record in records}):
            self.play(poi, self.direct(records, poi, False))
        self.play("*", sorted(self.direct(records, None, True) + self.across, key=lambda event: event["key"]))

    def direct(self, records, poi, is_across):
        events = []
        for seq, (time, record) in enumerate(records, 1):
            if poi is not None and record["sekisho"]["poi"] != poi:
                continue
            for rule in self.rules:
                if "correlation" not in rule or ("sekisho.across" in rule) != is_across:
                    continue
                for step, name in enumerate(rule["correlation"]["rules"]):
                    base = self.by_name[name]
                    if "detection" not in base or not base_holds(base, record):
                        continue
                    event = self.event(rule, step, name, time, seq, lambda field: get(record, field))
                    if event:
                        events.append(event)
        return sorted(events, key=lambda event: event["key"])

    def event(self, rule, step, name, time, seq, field_of):
        body = rule["correlation"]
        group = [field_of(body.get("aliases", {}).get(key, {}).get(name, key)) for key in body.get("group-by", [])]
        fields = body.get("condition", {}).get("field", [])
        values = [field_of(field) for field in (fields if isinstance(fields, list) else [fields])]
        if None in group or None in values:
            return None
        return {"rule": rule, "step": step, "time": time, "seq": seq, "group": tuple(map(str, group)), "value": tuple(values),
                "key": (time, seq, self.order[rule["name"]], -step)}

    def play(self, stage, events):
        for event in events:
            self.take(stage, event)

    def take(self, stage, event):
        rule, place = event["rule"], (stage, event["rule"]["name"], event["group"])
        history = self.history.setdefault(place, [])
        history.append(event)
        span = int(rule["correlation"]["timespan"][:-1]) * SECONDS[rule["correlation"]["timespan"][-1]] * 1000000
        now = event["time"]
        was, fired = self.state.get(place, (False, None))
        holds = self.holds(rule["correlation"], history, now, span)
        if holds and (not was or now - fired >= span):
            self.state[place] = (True, now)
            self.fires.append((rule["id"], now, event["seq"], "|".join(event["group"])))
            self.chain(stage, event)
        else:
            self.state[place] = (holds, fired)

    def chain(self, stage, event):
        rule = event["rule"]
        named = dict(zip(rule["correlation"].get("group-by", []), event["group"]))
        for other in sorted((each for each in self.rules if "correlation" in each), key=lambda each: self.order[each["name"]]):
            for step, name in enumerate(other["correlation"]["rules"]):
                if name != rule["name"]:
                    continue
                made = self.event(other, step, name, event["time"], event["seq"], named.get)
                if "sekisho.across" in other and stage != "*":
                    self.across.append(made)
                else:
                    self.take(stage, made)

    def holds(self, body, history, now, span):
        inside = [event for event in history if event["time"] >= now - span]
        condition, kind = body.get("condition", {}), body["type"]
        if kind == "temporal":
            return len({event["step"] for event in inside}) >= condition.get("gte", len(body["rules"]))
        if kind == "temporal_ordered":
            return in_order(inside, len(body["rules"]))
        if kind == "event_count":
            value = len(inside)
        elif kind == "value_count":
            value = len({event["value"] for event in inside})
        elif kind in SUMS:
            width = -(-span // 64)
            inside = [event["value"][0] for event in history if event["time"] // width >= (now - span) // width]
            value = sum(inside) if kind == "value_sum" else sum(inside) / len(inside)
        else:
            ranked = sorted(event["value"][0] for event in inside[-1024:])
            if kind == "value_median":
                value = (ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2
            else:
                value = ranked[-(-condition["percentile"] * len(ranked) // 100) - 1]
        return value >= condition["gte"] if "gte" in condition else value > condition["gt"]


def in_order(events, steps):
    """True if events of step 0, 1, ... stand in this order, each of a later record than the one before."""
    last, step = None, 0
    for event in sorted(events, key=lambda each: each["key"]):
        if event["step"] == step and (last is None or event["key"][:2] > last):
            last, step = event["key"][:2], step + 1
            if step == steps:
                return True
    return False


def fires_of(rules, records, restart):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder)
        (path / "r.ndjson").write_text("".join(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n" for _, record in records), encoding="utf-8")
        (path / "r.yml").write_text("".join("---\n" + json.dumps(rule, ensure_ascii=False) + "\n" for rule in rules), encoding="utf-8")
        done = subprocess.run([TOOL, path / "r.yml", path / "r.ndjson"] + ([str(restart)] if restart else []), capture_output=True, text=True)
    if done.returncode != 0 or done.stderr or "not applicable" in done.stdout:
        sys.exit(f"not ok - the engine takes the random rules: {done.stderr or done.stdout[:300]}")
    fires = []
    for line in done.stdout.splitlines():
        if line.startswith("FIRE"):
            _, rule, time, seq, _, group = line.split(" ", 5)
            fires.append((rule, int(time), int(seq), group))
        elif "it has no level" not in line:
            sys.exit(f"not ok - every rule is loaded: {line}")
    return fires


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seed", 1), ("rounds", 40), ("rules", 30), ("records", 300)):
        options.add_argument("--" + name, type=int, default=default)
    options = options.parse_args()
    fired = events = 0
    kinds = set()
    for seed in range(options.seed, options.seed + options.rounds):
        maker = Maker(seed)
        bases = [maker.base(f"b{i}") for i in range(6)]
        chains = []
        for i in range(options.rules):
            chains.append(maker.correlation(f"c{i}", [base["name"] for base in bases], chains))
        records = maker.records(options.records)
        brute = Brute(bases + chains, records)
        wanted = sorted(brute.fires)
        for restart in (0, maker.r.randrange(1, 60)):
            got = sorted(fires_of(bases + chains, records, restart))
            if got != wanted:
                wrong = sorted(set(got) ^ set(wanted)) or [fire for fire in got if got.count(fire) != wanted.count(fire)]
                rule = next(rule for rule in chains if rule["id"] == wrong[0][0])
                print(f"not ok - engine and brute force agree: seed {seed}, restart every {restart}: {len(got)} fires, expected {len(wanted)}; "
                      f"{wrong[0]} is {'too much' if wrong[0] in got else 'missing'}: {json.dumps(rule)}")
                return 1
        fired += len(wanted)
        events += sum(map(len, brute.history.values()))
        kinds |= {chain["correlation"]["type"] for chain in chains if any(fire[0] == chain["id"] for fire in wanted)}
    if len(kinds) < 8:
        print(f"not ok - every type fires: only {sorted(kinds)}")
        return 1
    print(f"ok - engine and brute force agree on {options.rounds * options.rules} random correlations over {events} events, {fired} fires, "
          "undisturbed and with restarts between")
    return 0


sys.exit(main())
