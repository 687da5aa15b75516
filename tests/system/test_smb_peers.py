#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_smb_peers: Samba's server and smbclient over loopback, SMB 1 to 3.11; what was done is counted, no file is named."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

KEY = "c0ffee" * 10 + "c0ff"  # of the pseudonyms of this test
PROTOCOLS = {"NT1": ("NT LANMAN 1.0", 1), "SMB2_02": ("2.02", 2), "SMB2_10": ("2.10", 2), "SMB3_11": ("3.11", 3)}
COMMANDS = "put big MARKER-patient.txt; get MARKER-patient.txt got; rename MARKER-patient.txt MARKER-two.txt; del MARKER-two.txt; mkdir MARKER-dir"
SIZE = 100000


def start_server(folder, port):
    for name in ("share", "private", "lock", "state", "cache", "pid", "ncalrpc"):
        os.makedirs(f"{folder}/{name}", mode=0o755)
    with open(f"{folder}/smb.conf", "w") as config:
        config.write(f"[global]\nworkgroup=MEDICAL\nserver role=standalone server\nserver min protocol=NT1\nclient min protocol=NT1\n"
                     f"bind interfaces only=yes\ninterfaces=lo\nprivate dir={folder}/private\nlock directory={folder}/lock\n"
                     f"state directory={folder}/state\ncache directory={folder}/cache\npid directory={folder}/pid\n"
                     f"ncalrpc dir={folder}/ncalrpc\nlog file={folder}/log\nsmb encrypt=default\nload printers=no\ndisable spoolss=yes\n"
                     f"passdb backend=tdbsam\nmap to guest=never\nrpc start on demand helpers=yes\n"
                     f"[share$]\npath={folder}/share\nread only=no\n[C$]\npath={folder}/share\nread only=no\n")
    subprocess.run(["smbpasswd", "-c", f"{folder}/smb.conf", "-L", "-s", "-a", "root"], input=b"MARKER-word\nMARKER-word\n",
                   check=True, capture_output=True)
    return subprocess.Popen(["smbd", "-F", "--no-process-group", "-s", f"{folder}/smb.conf", "-p", str(port)], start_new_session=True,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(folder, port, protocol, word, share="C$", options=(), commands=COMMANDS):
    subprocess.run(["smbclient", f"//127.0.0.1/{share}", "-s", f"{folder}/smb.conf", "-p", str(port), "-U", f"root%{word}",
                    f"--option=client min protocol={protocol}", f"--option=client max protocol={protocol}", *options, "-c", commands],
                   cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


def taken(folder, port, *what, **how):
    with peers.Tap("lo") as tap:
        ask(folder, port, *what, **how)
        time.sleep(0.5)
    records, out = peers.records_of(tap, folder, port, key=KEY)
    problems = [f"anomaly {r['anomaly']}" for r in records if r["event_type"] == "anomaly"]
    if b"MARKER" in out or b'"root"' in out:
        problems.append("a file, a password or a user is told")
    return [r for r in records if r["event_type"] == "smb"], problems


def check_work(folder, port, protocol):
    records, problems = taken(folder, port, protocol, "MARKER-word")
    dialect, version = PROTOCOLS[protocol]
    sessions = [r for r in records if r["sekisho"]["smb"]["kind"] == "session"]
    trees = [r for r in records if r["sekisho"]["smb"].get("admin_share") == "C$"]
    if len(sessions) != 1 or len(trees) != 1:
        return peers.say(f"SMB {protocol}", problems + [f"{len(sessions)} sessions, {len(trees)} of C$ among {records}"])
    session, tree = sessions[0], trees[0]
    have = (session["smb"]["dialect"], session["sekisho"]["smb"]["version"], session["smb"]["status"],
            session["sekisho"]["smb"]["auth"], session["smb"]["ntlmssp"]["domain"], len(session["smb"]["ntlmssp"]["user"]))
    want = (dialect, version, "STATUS_SUCCESS", {"method": "ntlm", "outcome": "success"}, "MEDICAL", 32)
    problems += [] if have == want else [f"session {have}, expected {want}"]
    done = tree["sekisho"]["smb"]
    counts = {k: done["files"][k] for k in ("created", "renamed", "deleted")}
    # smbclient of SMB 1 makes folders by a command of its own, which is not counted
    if counts["created"] not in (1, 2) or (counts["renamed"], counts["deleted"]) != (1, 1):
        problems.append(f"files {done['files']}")
    if (done["read_bytes"], done["written_bytes"]) != (SIZE, SIZE):
        problems.append(f"read {done['read_bytes']}, written {done['written_bytes']}, expected {SIZE}")
    if (tree["smb"]["share_type"], len(tree["smb"]["share"])) != ("FILE", 32):
        problems.append(f"share {tree['smb']}")
    return peers.say(f"SMB {protocol}: a file put, got, renamed and deleted", problems)


def check_refused(folder, port):
    records, problems = taken(folder, port, "SMB3_11", "MARKER-bad")
    have = [(r["smb"].get("status"), r["sekisho"]["smb"].get("auth", {}).get("outcome")) for r in records]
    problems += [] if have == [("STATUS_LOGON_FAILURE", "failure")] else [f"{have}"]
    return peers.say("SMB: a wrong password", problems)


def check_no_share(folder, port):
    records, problems = taken(folder, port, "SMB3_11", "MARKER-word", share="nothere")
    have = [(r["smb"].get("status"), r["sekisho"]["smb"]["kind"]) for r in records if r["smb"].get("share")]
    if ("STATUS_BAD_NETWORK_NAME", "tree") not in have:
        problems.append(f"{have}")
    return peers.say("SMB: a share that is not there", problems)


def check_encrypted(folder, port):
    records, problems = taken(folder, port, "SMB3_11", "MARKER-word", options=("--client-protection=encrypt",))
    told = [(r["sekisho"]["smb"]["kind"], r["sekisho"]["smb"]["encrypted"]) for r in records]
    # smbclient encrypts from the first share on: no share is seen in the clear
    if not told or ("tree", False) in [t for t in told[1:]] or told[0][0] != "session":
        problems.append(f"{told}")
    return peers.say("SMB 3.11, encrypted: nothing inside is told", problems)


def check_pipe(folder, port):
    with peers.Tap("lo") as tap:
        subprocess.run(["rpcclient", "-s", f"{folder}/smb.conf", "-p", str(port), "-U", "root%MARKER-word", "127.0.0.1", "-c", "netshareenum"],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
        time.sleep(0.5)
    records, _ = peers.records_of(tap, folder, port, key=KEY)
    trees = [r["sekisho"]["smb"] for r in records if r["event_type"] == "smb" and r["sekisho"]["smb"].get("admin_share") == "IPC$"]
    have = [(t["pipes"], t["interfaces"]) for t in trees]
    return peers.say("SMB: named pipe and interface", [] if have == [(["srvsvc"], ["srvsvc"])] else [f"{have}"])


def main():
    why = peers.why_not("smbd", "smbclient", "smbpasswd", "rpcclient")
    if why:
        print(f"ok - SMB of real peers # SKIP {why}")
        return 0
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        port = peers.free_port()
        server = start_server(folder, port)
        with open(f"{folder}/big", "wb") as big:
            big.write(b"MARKER contents " * (SIZE // 16))
        try:
            if not peers.wait_for(port, server):
                print("not ok - SMB of real peers: smbd does not listen")
                return 1
            for protocol in PROTOCOLS:
                bad |= check_work(folder, port, protocol)
            for check in (check_refused, check_no_share, check_encrypted, check_pipe):
                bad |= check(folder, port)
        finally:
            peers.stop(server)
    return 1 if bad else 0


sys.exit(main())
