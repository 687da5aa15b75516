#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_sigma_oracle: the engine against a naive evaluator on random rules and records.

usage: test_sigma_oracle.py [--seed 1] [--rules 300] [--records 100] [--rounds 1]
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import sigma_naive

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = ROOT / os.environ.get("B", "build/gcc-address-undefined") / "tests/tools/match_sigma"
TEXTS = ["tls.sni", "tls.version", "tls.subject", "tls.issuerdn", "app_proto", "proto"]
LISTS = ["tls.subjectaltname", "sekisho.tls.suites_offered"]
NUMBERS = ["dest_port", "src_port", "sekisho.tls.key_size"]
FLAGS = ["tls.session_resumed", "sekisho.is_final"]
ADDRESSES = ["src_ip", "dest_ip"]
COLUMNS = ["dns.answers.rdata", "dns.answers.ttl"]
WORDS = ["a", "b", "ab", "A", "Ab", "ba", "é", "É", "Ω", "ω", "ſ", "s", "ß", "İ", "漢字", "-x", "/y", " ", ".", "*", "?", "\\", "443", "44", "true", "_",
         "example", "EXAMPLE", "c", "\u2013x", "\n"]
PIECES = ["a", "b", "A", "é", "ω", "S", "漢", "*", "?", "\\", "\\*", "\\?", "\\\\", "-x", "/y", "44", ".", "ab", "x", "exam", " "]
REGEXES = ["a", "^a", "b$", "a.b", "^A", "[ab]+$", "(?:a|é)b", "x\\d*", "44", "\\.", "漢", "a.*b"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def text(self):
        return "".join(self.r.choices(WORDS, k=self.r.choice([0, 1, 1, 2, 2, 3, 4])))

    def encoded(self):
        import base64
        data = self.text().encode(self.r.choice(["utf-8", "utf-16-le", "utf-16-be"]))
        return base64.b64encode(b"." * self.r.randrange(4) + data + b"." * self.r.randrange(4)).decode()

    def value_of(self, path):
        r = self.r
        if r.random() < 0.1:
            return None
        if path in NUMBERS:
            return r.choice([0, 44, 443, 445, 1024, 65535])
        if path in FLAGS:
            return r.random() < 0.5
        if path in ADDRESSES:
            return r.choice(["10.0.0.1", "10.1.2.3", "192.0.2.7", "2001:0db8:0000:0000:0000:0000:0000:0001"])
        if path in LISTS:
            return [self.text() for _ in range(r.randrange(4))]
        return self.encoded() if r.random() < 0.15 else self.text()

    def record(self):
        record = {"timestamp": "2026-11-20T03:00:00.000000+0000", "event_type": "tls"}
        for path in TEXTS + LISTS + NUMBERS + FLAGS + ADDRESSES:
            if self.r.random() < 0.3:
                continue
            at = record
            *above, last = path.split(".")
            for step in above:
                at = at.setdefault(step, {})
            at[last] = self.value_of(path)
        if self.r.random() < 0.6:
            record["dns"] = {"answers": self.r.choice([None, [self.row() for _ in range(self.r.randrange(1, 4))]])}
        return record

    def row(self):
        row = {"rdata": self.text(), "ttl": self.r.choice([0, 44, 443, 1024])}
        return {name: row[name] for name in row if self.r.random() < 0.8}

    def glob(self):
        return "".join(self.r.choices(PIECES, k=self.r.choice([0, 1, 1, 2, 2, 3, 4])))

    def plain(self):
        return "".join(self.r.choices(["a", "b", "ab", "é", "漢", "443", "example"], k=self.r.randrange(1, 3)))

    def values(self, one, least=1):
        count = self.r.choice([1, 1, 2, 3])
        return one() if count == 1 and least == 1 else [one() for _ in range(max(count, least))]

    def field_item(self):
        r, path = self.r, self.r.choice(TEXTS * 2 + LISTS + NUMBERS + FLAGS + ADDRESSES + COLUMNS)
        tail = r.choice(["", "", "", "", "|cased", "|neq"])
        kind = r.random()
        if kind < 0.06:
            return path + "|exists", r.random() < 0.5
        if kind < 0.12:
            return r.choice(ADDRESSES + TEXTS) + "|cidr" + r.choice(["", "|neq"]), self.values(lambda: r.choice(["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]))
        if kind < 0.2:
            return r.choice(NUMBERS + [path]) + "|" + r.choice(["lt", "lte", "gt", "gte"]), r.choice([44, 443, 443.5, -1, 1024])
        if kind < 0.28:
            return path + "|re" + r.choice(["", "|i", "|m", "|s", "|i|s"]), self.values(lambda: r.choice(REGEXES))
        if kind < 0.36:
            return r.choice(TEXTS) + "|fieldref" + r.choice(["", "|startswith", "|contains", "|endswith", "|cased"]), r.choice(TEXTS + LISTS)
        if kind < 0.44:
            encode = r.choice(["base64offset", "base64", "wide|base64offset", "utf16be|base64", "utf16|base64offset"])
            return r.choice(TEXTS) + "|" + encode + "|contains", self.values(lambda: self.plain() + "abc")
        if kind < 0.5:
            return r.choice(TEXTS) + "|windash|contains", self.values(lambda: r.choice(["-x", "a -x", "/y b", "-x /y", "a-x"]))
        if kind < 0.6:
            return path + r.choice(["|contains|all", "|all|startswith", "|all"]), self.values(self.glob, 2)
        if kind < 0.68:
            return path + tail, self.values(lambda: r.choice([443, 44, 1024, True, False, None, "", 44.0, "true"]))
        return path + r.choice(["", "|contains", "|startswith", "|endswith"]) + tail, self.values(self.glob)

    def keywords(self):
        if self.r.random() < 0.3:
            return {"|all": [self.glob(), self.glob()]}
        return [self.glob() or "a" for _ in range(self.r.randrange(1, 3))]

    def search(self):
        kind = self.r.random()
        if kind < 0.12:
            return self.keywords()
        if kind < 0.25:
            return [dict([self.field_item()]) for _ in range(self.r.randrange(1, 3))]
        return dict(self.field_item() for _ in range(self.r.choice([1, 1, 2])))

    def condition(self, names, depth=0):
        r, kind = self.r, self.r.random()
        if kind < 0.3 or depth > 2:
            return r.choice(names)
        if kind < 0.45:
            return r.choice(["1", "any", "all"]) + " of " + r.choice(["them", "s*", "*a", "_*", "s_*"])
        if kind < 0.6:
            return "not " + self.condition(names, depth + 1)
        if kind < 0.75:
            return "(" + self.condition(names, depth + 1) + ")"
        return self.condition(names, depth + 1) + r.choice([" and ", " or "]) + self.condition(names, depth + 1)

    def rule(self):
        searches = {name: self.search() for name in ["s_a", "s_b", "ta", "_ha"]}
        names = list(searches)
        made = self.condition(names) if self.r.random() < 0.9 else [self.condition(names), self.condition(names)]
        return {"id": str(uuid.UUID(int=self.r.getrandbits(128), version=4)), "searches": searches, "condition": made}


def document(rule):
    return json.dumps({"title": "t", "id": rule["id"], "level": "low",
                       "logsource": {"product": "sekisho", "category": "network"},
                       "detection": {**rule["searches"], "condition": rule["condition"]}}, ensure_ascii=False)


def run_tool(rules, records):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "r.ndjson").write_text("".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records), encoding="utf-8")
        lines = []
        for start in range(0, len(rules), 100):
            path = pathlib.Path(folder) / "r.yml"
            path.write_text("".join("---\n" + document(rule) + "\n" for rule in rules[start:start + 100]), encoding="utf-8")
            done = subprocess.run([TOOL, path, path.parent / "r.ndjson"], capture_output=True, text=True)
            if done.returncode != 0 or done.stderr or "SKIP" in done.stdout or "REFUSED" in done.stdout:
                sys.exit(f"not ok - the engine takes the random rules: {done.stderr or done.stdout[:300]}")
            lines.append([set(line.split()) for line in done.stdout.splitlines()])
        return [set().union(*each) for each in zip(*lines)]


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name, default in (("seed", 1), ("rules", 300), ("records", 100), ("rounds", 1)):
        options.add_argument("--" + name, type=int, default=default)
    options = options.parse_args()
    pairs = matched = 0
    for round_ in range(options.rounds):
        maker = Maker(options.seed + round_)
        rules = [maker.rule() for _ in range(options.rules)]
        records = [maker.record() for _ in range(options.records)]
        got = run_tool(rules, records)
        if len(got) != len(records):
            sys.exit(f"not ok - a line for each record: {len(got)} of {len(records)}")
        for record, ids in zip(records, got):
            for rule in rules:
                wanted = sigma_naive.matches(rule, record)
                pairs += 1
                matched += wanted
                if wanted != (rule["id"] in ids):
                    print(f"not ok - engine and naive evaluator agree: seed {options.seed + round_}, expected {wanted}: "
                          f"{document(rule)} {json.dumps(record, ensure_ascii=False)}")
                    return 1
    share = matched / pairs
    if not 0.1 < share < 0.9:
        print(f"not ok - matches and non-matches are both frequent: {share:.2f}")
        return 1
    print(f"ok - engine and naive evaluator agree on {pairs} random pairs, {matched} of them matches")
    return 0


sys.exit(main())
