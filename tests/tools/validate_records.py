#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""validate_records: reads records, one a line, and checks each against docs/record.schema.json.

usage: validate_records.py < records.ndjson
Prints "line N: where: what" for each that is wrong; the last line says how many were
right.  Ends with 0, 1 if a record is wrong, 3 if there was no record at all.
"""
import json
import os
import sys

import jsonschema

COMPLAINTS_MAX = 20


def unique(pairs):
    """An object whose names differ; JSON itself would let them repeat."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def complaint(validator, line):
    try:
        record = json.loads(line, object_pairs_hook=unique)
    except ValueError as why:
        return str(why)
    error = next(validator.iter_errors(record), None)
    return error and f"{error.json_path}: {error.message}"


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "../../docs/record.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    right = wrong = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        why = complaint(validator, line)
        if why is None:
            right += 1
            continue
        wrong += 1
        if wrong <= COMPLAINTS_MAX:
            print(f"line {number}: {why}")
    print(f"{right} records right, {wrong} wrong")
    return 1 if wrong else 0 if right else 3


sys.exit(main())
