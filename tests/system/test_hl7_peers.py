#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_hl7_peers: python3-hl7's own MLLP client and server talk over a real loopback; what they said is what is told.

The packets are taken from lo by a raw socket, written as a capture and replayed.
"""
import asyncio
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import Tap

B = os.environ.get("B", "build/gcc-address-undefined")
REPLAY = [os.path.join(B, "sekisho"), "replay", "--json", "--rules", "tests/fixtures/rules-none"]
MESSAGES = 20


def message(number):
    obx = "".join(f"OBX|{i}|NM|MARKER^{i}||{i}|\r" for i in range(number * 40))
    return (f"MSH|^~\\&|HIS|病院A|LAB|検査B|20261120||ORU^R01^ORU_R01|N-{number}|P|2.5\rPID|1||MARKER-{number}||MARKER^太郎\r" + obx)


async def talk():
    """Returns what both ends saw: list of (control id, size, answer)."""
    import hl7
    import hl7.mllp
    done = []

    async def serve(reader, writer):
        try:
            while True:
                got = await reader.readmessage()
                number = int(str(got.segment("MSH")[10]).split("-")[1])
                if number == MESSAGES - 1:
                    continue  # the last is not answered
                writer.writemessage(got.create_ack("AE" if number % 5 == 4 else "AA"))
                await writer.drain()
        except asyncio.IncompleteReadError:
            writer.close()

    server = await hl7.mllp.start_hl7_server(serve, "127.0.0.1", 0, encoding="utf-8", limit=1 << 20)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await hl7.mllp.open_hl7_connection("127.0.0.1", port, encoding="utf-8", limit=1 << 20)
    for number in range(MESSAGES):
        text = str(hl7.parse(message(number)))
        writer.writemessage(hl7.parse(message(number)))
        await writer.drain()
        code = None
        if number != MESSAGES - 1:
            code = str((await reader.readmessage()).segment("MSA")[1])
        done.append((f"N-{number}", len(text.encode()), code))
    await asyncio.sleep(0.1)
    writer.close()
    server.close()
    await asyncio.sleep(0.1)
    return port, done


def problems_of(done, records):
    problems = []
    messages = [r["hl7"] for r in records if r["hl7"]["kind"] == "message"]
    answers = [r["hl7"] for r in records if r["hl7"]["kind"] == "ack"]
    waiting = [r["hl7"] for r in records if r["hl7"]["kind"] == "outstanding"]
    # a sender may end the last segment by <CR> or not
    for have, (identity, size, _) in zip(messages, done):
        if (have["control_id"], have["type"], have["sending_facility"]) != (identity, "ORU", "病院A"):
            problems.append(f"{identity} is told as {have}")
        if abs(have["size"] - size) > 1:
            problems.append(f"{identity} has {have['size']} bytes, expected {size}")
    seen = [(a["ack"]["control_id"], a["ack"]["code"], a["ack"]["message"]) for a in answers]
    want = [(identity, code, "ORU^R01") for identity, _, code in done if code]
    if len(messages) != len(done) or seen != want:
        problems.append(f"{len(messages)} messages, answers {seen}; expected {want}")
    if any(not 0 < a["ack"]["latency_usec"] < 60e6 for a in answers):
        problems.append("a latency is not between 0 and a minute")
    if [w["control_id"] for w in waiting] != [done[-1][0]]:
        problems.append(f"outstanding: {waiting}")
    return problems


def main():
    try:
        import hl7.mllp  # noqa: F401
    except ImportError:
        print("ok - HL7 of real peers # SKIP python3-hl7 is not installed")
        return 0
    if os.geteuid() != 0:
        print("ok - HL7 of real peers # SKIP only root may take packets from lo")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "hl7.pcap")
        with Tap("lo") as tap:
            port, done = asyncio.run(talk())
        tap.write(path, port)
        out = subprocess.run(REPLAY + [path], check=True, capture_output=True).stdout
    records = [json.loads(line) for line in out.splitlines()]
    problems = problems_of(done, [r for r in records if r.get("event_type") == "hl7"])
    if any(r.get("event_type") == "anomaly" for r in records):
        problems.append("an anomaly was told")
    if b"MARKER" in out or "太郎".encode() in out:
        problems.append("a patient is told of")
    print(f"not ok - HL7 of real peers: {'; '.join(problems)[:1500]}" if problems else "ok - HL7 of real peers")
    return 1 if problems else 0


sys.exit(main())
