#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_eve_consumers: what EveBox and Filebeat read of EVE lines is there, of the type and form they expect."""
import glob
import json
import os
import re
import subprocess
import sys

SENSOR = os.path.join(os.environ.get("PLAIN", "build/gcc-plain"), "sekisho-sensor")
TYPES = {"string": str, "integer": int, "boolean": bool, "array": list}
failed = False


def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what)
    failed |= not holds


def rows(path):
    with open(path) as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                field, kind, event, form = line.rstrip("\n").split(None, 3)
                yield field, kind, event, form


def value_at(record, field):
    for name in field.split("."):
        if not isinstance(record, dict) or name not in record:
            return None
        record = record[name]
    return record


def fits(value, kind, form):
    if isinstance(value, bool) != (kind == "boolean") or not isinstance(value, TYPES[kind]):
        return False
    return form == "-" or re.search(form, value) is not None


def schema_has(schema, field):
    for name in field.split("."):
        schema = schema.get("properties", {}).get(name)
        if schema is None:
            return False
    return True


def main():
    captures = sorted(glob.glob("tests/cases/*/input.pcap"))
    done = subprocess.run([SENSOR, "-r", ",".join(captures), "-o", "-", "--flows", "4096", "--undecided", "256", "--poi", "p"],
                          capture_output=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    check(done.returncode == 0 and len(records) > 100, f"{len(captures)} captures give {len(records)} plain EVE lines")
    with open("docs/record.schema.json") as file:
        schema = json.load(file)
    for consumer in ("evebox", "filebeat"):
        for field, kind, event, form in rows(f"tests/fixtures/consumers/{consumer}.txt"):
            what = f"{consumer}: {field}"
            if form.startswith("never"):
                check(not schema_has(schema, field), f"{what} is never written ({form[6:]})")
                continue
            if event in ("alert", "live"):  # no sensor's file has them
                check(schema_has(schema, field), f"{what} is in the schema")
                continue
            of_event = [r for r in records if event in ("*", r["event_type"])]
            values = [value for value in (value_at(r, field) for r in of_event) if value is not None]
            wrong = [value for value in values if not fits(value, kind, form)]
            check(values and not wrong, f"{what}: {len(values)} of {len(of_event)} have it as {kind}"
                  + (f"; not {wrong[0]!r}" if wrong else ""))
            check(event != "*" or len(values) == len(of_event), f"{what}: every record has it")


main()
sys.exit(failed)
