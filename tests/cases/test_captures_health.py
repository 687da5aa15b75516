#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_health: HL7 and DICOM in real captures against what tshark saw; nothing else is taken for them.

The captures are not in the tree (licences); CAPTURES says where they are.
"""
import glob
import json
import os
import subprocess
import sys

CAPTURES = os.environ.get("SEKISHO_CAPTURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/captures"))
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
# What the captures hold of patients, as strings(1) shows it; none of it may be told.
PATIENTS = (b"MOUSE", b"MICKEY", b"PID|", b"OBX", b"DISNEY")

# The facts' list was cut at 28; 'tshark -V' counts 123 contexts, as does a walk over the items.
CONTEXTS = {"med-dicom-get-assoc.pcapng": 123}


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def check_hl7(facts, records):
    have = [{"type": r["hl7"]["type"], "event": r["hl7"]["event"] or "",
             "ports": f"{r['src_port']}>{r['dest_port']}" if r["hl7"]["kind"] == "message" else f"{r['dest_port']}>{r['src_port']}"}
            for r in records if r["event_type"] == "hl7"]
    problems = [] if have == facts.get("hl7", []) else [f"{have}, expected {facts.get('hl7', [])}"]
    for r in records:
        if r["event_type"] == "hl7" and r["hl7"]["kind"] == "ack" and not r["hl7"]["ack"].get("latency_usec"):
            problems.append(f"{r['hl7']['ack']} has no latency")
    return problems


def check_dicom(facts, records):
    have, problems = [r["dicom"] for r in records if r["event_type"] == "dicom"], []
    wanted = [f for f in facts.get("dicom", []) if f["pdu"] == "ASSOC Request"]
    if len(have) != len(wanted):
        return [f"{len(have)} associations, expected {len(wanted)}"]
    for seen, want in zip(have, wanted):
        told = ",".join(f"{name} ({uid})" for uid, name in zip(seen["abstract_syntaxes"], seen["abstract_syntax_names"]))
        listed = want["first_abstract_syntaxes"].rstrip("…")
        pairs = ((seen["calling_ae"], want["calling"].strip()), (seen["called_ae"], want["called"].strip()),
                 (seen["contexts_offered"], CONTEXTS.get(facts["file"], want["presentation_contexts"])), (told[:len(listed)], listed),
                 (seen["client"]["implementation_uid"], want["impl_uid"]),
                 (seen["client"]["implementation_version"], want["impl_version"]))
        problems += [f"{a!r}, expected {b!r}" for a, b in pairs if a != b]
    return problems


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - HL7 and DICOM of real captures # SKIP no captures in {CAPTURES}")
        return 0
    if not os.path.exists(TOOL):
        print(f"not ok - HL7 and DICOM of real captures: {TOOL} is not built; expected make test-programs")
        return 1
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file)
        out = subprocess.run([TOOL, path], check=True, capture_output=True).stdout
        records = [json.loads(line) for line in out.splitlines()]
        problems = check_hl7(facts, records) + check_dicom(facts, records)
        problems += [f"{word} is told" for word in PATIENTS if name.startswith("med-") and word in out]
        failed += say(f"{name}: HL7 and DICOM as tshark has them", problems)
    return 1 if failed else 0


sys.exit(main())
