#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_dicom_peers: DCMTK's programs talk over a real loopback; what they said is what is told.

The packets are taken from lo by a raw socket, written as a capture and replayed.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import Tap

B = os.environ.get("B", "build/gcc-address-undefined")
REPLAY = [os.path.join(B, "sekisho"), "replay", "--json", "--rules", "tests/fixtures/rules-none"]
IMAGES = 3
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"
VERIFICATION = "1.2.840.10008.1.1"
STUDY = "1.2.840.10008.5.1.4.1.2.2."  # 1 find, 2 move, 3 get
DUMP = """(0008,0016) UI [{sop}]
(0008,0018) UI [1.2.3.77777.{number}]
(0008,0020) DA [20261120]
(0008,0060) CS [OT]
(0010,0010) PN [MARKER^TARO]
(0010,0020) LO [MARKER-0001]
(0020,000d) UI [1.2.3.77777]
(0020,000e) UI [1.2.3.77777.1]
(0020,0010) SH [MARKER]
(0020,0013) IS [{number}]
(0028,0002) US 1
(0028,0004) CS [MONOCHROME2]
(0028,0010) US 256
(0028,0011) US 256
(0028,0100) US 8
(0028,0101) US 8
(0028,0102) US 7
(0028,0103) US 0
(7fe0,0010) OB ={pixels}
"""
CONFIG = """NetworkType     = "tcp"
NetworkTCPPort  = {port}
MaxPDUSize      = 16384
MaxAssociations = 16
HostTable BEGIN
viewer = (VIEWER-C, 127.0.0.1, {viewer})
HostTable END
VendorTable BEGIN
VendorTable END
AETable BEGIN
PACS-B {folder} RW (200, 1024mb) ANY
AETable END
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Programs:
    """DCMTK's, all in one folder, ended when it is left."""

    def __init__(self, folder):
        self.folder, self.servers = folder, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.kill()
            server.wait()

    def serve(self, port, *command):
        self.servers.append(subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"{command[0]} does not listen")

    def run(self, *command):
        return subprocess.run(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60).returncode

    def images(self):
        with open(os.path.join(self.folder, "pixels"), "wb") as out:
            out.write(bytes(65536))
        names = []
        for number in range(1, IMAGES + 1):
            text = os.path.join(self.folder, f"{number}.dump")
            with open(text, "w") as out:
                out.write(DUMP.format(sop=SECONDARY, number=number, pixels=os.path.join(self.folder, "pixels")))
            names.append(f"{number}.dcm")
            if self.run("dump2dcm", text, names[-1]) != 0:
                raise RuntimeError("dump2dcm made no image")
        return names


def talk(folder, store, refuse, archive, viewer):
    """Runs every exchange; returns {name: ended well}."""
    os.makedirs(os.path.join(folder, "archive"))
    with open(os.path.join(folder, "archive.cfg"), "w") as out:
        out.write(CONFIG.format(port=archive, viewer=viewer, folder=os.path.join(folder, "archive")))
    local, to = "127.0.0.1", ("-aet", "VIEWER-C", "-aec", "PACS-B")
    study = ("-k", "0008,0052=STUDY", "-k", "0020,000d=1.2.3.77777")
    with Programs(folder) as dcmtk:
        images = dcmtk.images()
        dcmtk.serve(store, "storescp", "--ignore", str(store))
        dcmtk.serve(refuse, "storescp", "--refuse", str(refuse))
        dcmtk.serve(archive, "dcmqrscp", "-c", "archive.cfg")
        return {
            "echo": dcmtk.run("echoscu", "-aet", "MODALITY-A", "-aec", "PACS-B", "--repeat", "5", local, str(store)) == 0,
            "store": dcmtk.run("storescu", *to, local, str(store), *images) == 0,
            "abort": dcmtk.run("echoscu", "--abort", *to, local, str(store)) == 0,
            "refused": dcmtk.run("echoscu", *to, local, str(refuse)) != 0,
            "archived": dcmtk.run("storescu", *to, local, str(archive), *images) == 0,
            "unknown": dcmtk.run("echoscu", "-aet", "X", "-aec", "NOBODY", local, str(archive)) != 0,
            "find": dcmtk.run("findscu", "-S", *to, *study, local, str(archive)) == 0,
            "get": dcmtk.run("getscu", "-S", *to, *study, "-od", folder, local, str(archive)) == 0,
            "move": dcmtk.run("movescu", "-S", *to, "-aem", "VIEWER-C", "+P", str(viewer), *study, "-od", folder, local, str(archive)) == 0,
        }


# What each conversation must show, in the order of the talks: (association, end)
def expected():
    some = {"c_store": IMAGES, "unanswered": 0}
    pacs = {"calling_ae": "VIEWER-C", "called_ae": "PACS-B"}
    return [
        ({"outcome": "accepted", "calling_ae": "MODALITY-A", "called_ae": "PACS-B", "abstract_syntaxes": [VERIFICATION],
          "abstract_syntax_names": ["Verification"], "contexts_accepted": 1},
         {"outcome": "released", "requests": {"c_echo": 5, "unanswered": 0}, "responses": {"success": 5}}),
        ({"outcome": "accepted", **pacs, "contexts_offered": 128},
         {"outcome": "released", "requests": some, "responses": {"success": IMAGES}, "sop_classes": [SECONDARY]}),
        ({"outcome": "accepted", **pacs}, {"outcome": "aborted", "abort": {"source": "user", "reason": "not_specified"}}),
        ({"outcome": "rejected", **pacs, "reject": {"result": "permanent", "source": "user", "reason": "no_reason_given"}}, None),
        ({"outcome": "accepted", **pacs}, {"outcome": "released", "requests": some}),
        ({"outcome": "rejected", "calling_ae": "X", "called_ae": "NOBODY",
          "reject": {"reason": "called_ae_title_not_recognized"}}, None),
        ({"outcome": "accepted", "accepted_abstract_syntaxes": [STUDY + "1"]},
         {"outcome": "released", "requests": {"c_find": 1, "unanswered": 0}, "responses": {"pending": 1, "success": 1}}),
        ({"outcome": "accepted"},
         {"outcome": "released", "requests": {"c_get": 1, **some}, "sop_classes": [STUDY + "3", SECONDARY]}),
        ({"outcome": "accepted", "accepted_abstract_syntaxes": [STUDY + "1", STUDY + "2"]},
         {"outcome": "released", "requests": {"c_move": 1, "unanswered": 0}, "move_destinations": ["VIEWER-C"]}),
        # what the move set off: the archive stores on the viewer
        ({"outcome": "accepted", "calling_ae": "PACS-B", "called_ae": "VIEWER-C"}, {"outcome": "released", "requests": some}),
    ]


def differences(where, have, want):
    for key, value in want.items():
        if isinstance(value, dict):
            yield from differences(f"{where}.{key}", have.get(key, {}), value)
        elif have.get(key) != value:
            yield f"{where}.{key} is {have.get(key)!r}, expected {value!r}"


def problems_of(records):
    by_flow = {}
    for record in records:
        by_flow.setdefault(record["flow_id"], []).append(record["dicom"])
    flows, problems = list(by_flow.values()), []
    if len(flows) != len(expected()):
        problems.append(f"{len(flows)} associations, expected {len(expected())}")
    for index, (flow, (association, end)) in enumerate(zip(flows, expected())):
        problems += differences(f"association {index}", flow[0], association)
        if (len(flow) == 2) != (end is not None):
            problems.append(f"association {index} has {len(flow)} records")
        elif end is not None:
            problems += differences(f"end {index}", flow[1], end)
    stored = sum(flow[-1].get("data", {}).get("bytes_toserver", 0) for flow in flows[1:2])
    if not IMAGES * 65536 <= stored <= IMAGES * 67000:
        problems.append(f"{stored} bytes of {IMAGES} images of 64 KiB are told")
    return problems


def main():
    if not shutil.which("storescp") or not shutil.which("dcmqrscp"):
        print("ok - DICOM of real peers # SKIP dcmtk is not installed")
        return 0
    if os.geteuid() != 0:
        print("ok - DICOM of real peers # SKIP only root may take packets from lo")
        return 0
    ports = {free_port() for _ in range(8)}
    store, refuse, archive, viewer = sorted(ports)[:4]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dicom.pcap")
        with Tap("lo") as tap:
            done = talk(folder, store, refuse, archive, viewer)
        tap.write(path, store, refuse, archive, viewer)
        out = subprocess.run(REPLAY + [path], check=True, capture_output=True).stdout
    records = [json.loads(line) for line in out.splitlines()]
    problems = [f"DCMTK's {name} went wrong" for name, is_good in done.items() if not is_good]
    problems += problems_of([r for r in records if r.get("event_type") == "dicom"])
    problems += [f"anomaly {r['anomaly']['event']}" for r in records if r.get("event_type") == "anomaly"]
    if b"MARKER" in out or b"77777" in out:
        problems.append("a patient or an instance is told of")
    print(f"not ok - DICOM of real peers: {'; '.join(problems)[:2500]}" if problems else "ok - DICOM of real peers")
    return 1 if problems else 0


sys.exit(main())
