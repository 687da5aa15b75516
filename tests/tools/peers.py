# SPDX-License-Identifier: Apache-2.0
"""peers: what the tests with real peers on loopback share: ports, waiting, packets, the records of them."""
import json
import os
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import Tap  # noqa: F401

B = os.environ.get("B", "build/gcc-address-undefined")
TOOL = os.path.join(B, "tests/tools/dump_records")


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, process, seconds=20):
    """True when something listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            time.sleep(0.3)  # what the probe said is over before anything is taken
            return True
        except OSError:
            time.sleep(0.1)
    return False


def stop(*processes):
    for process in processes:
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def records_of(tap, folder, *ports, key=None):
    """The records of what crossed these ports, and their text.  'key': 64 digits; without it no pseudonym is told."""
    path = os.path.join(folder, "taken.pcap")
    tap.write(path, *ports)
    keep = os.environ.get("KEEP_PCAP")  # a folder, for pieces_of.py
    if keep:
        tap.write(os.path.join(keep, f"{len(os.listdir(keep)):02}-{ports[0]}.pcap"), *ports)
    command = [TOOL, path]
    if key:
        command.append(os.path.join(folder, "key"))
        with open(os.open(command[-1], os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(key)
    out = subprocess.run(command, check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()], out


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}", flush=True)
    return bool(problems)


def why_not(*programs):
    """Why a test cannot run here, or None."""
    if os.geteuid() != 0:
        return "only root may take packets from lo"
    for program in programs:
        if not any(os.access(os.path.join(folder, program), os.X_OK) for folder in ("/usr/sbin", "/usr/bin", "/sbin", "/bin")):
            return f"{program} is not installed"
    return None
