#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_ssh_peers: OpenSSH's and paramiko's own ends talk over loopback; who got in, and how often it was tried, is told.

Nothing of the log-in is in the clear: the outcome is judged by sizes, so each kind of cipher is tried.
"""
import hashlib
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

CIPHERS = {"chacha20-poly1305@openssh.com": (None, "turns"), "aes256-gcm@openssh.com": (None, "lengths"),
           "aes128-ctr": ("hmac-sha2-256-etm@openssh.com", "lengths"), "aes256-ctr": ("hmac-sha2-512", "turns")}
WAYS = {"wrong password": ("failure", 3), "key": ("success", 1), "wrong key, wrong password": ("failure", 2)}


def start_server(folder, port):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/host"], check=True)
    for name in ("good", "bad"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{name}"], check=True)
    os.makedirs("/run/sshd", exist_ok=True)
    with open(f"{folder}/config", "w") as config:
        config.write(f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nUsePAM no\nStrictModes no\n"
                     f"PermitRootLogin yes\nPasswordAuthentication yes\nAuthorizedKeysFile {folder}/good.pub\n"
                     f"PidFile none\nMaxAuthTries 6\nPerSourceMaxStartups none\n")
    with open(f"{folder}/askpass", "w") as ask:
        ask.write("#!/bin/sh\necho MARKER-password\n")
    os.chmod(f"{folder}/askpass", 0o700)
    return subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", f"{folder}/config"], stderr=subprocess.DEVNULL)


def log_in(folder, port, cipher, mac, way):
    key, ways = {"wrong password": (None, "password"), "key": ("good", "publickey"),
                 "wrong key, wrong password": ("bad", "publickey,password")}[way]
    options = {"UserKnownHostsFile": "/dev/null", "StrictHostKeyChecking": "no", "IdentitiesOnly": "yes", "Ciphers": cipher,
               "PreferredAuthentications": ways, "NumberOfPasswordPrompts": "3" if key is None else "1",
               "IdentityFile": f"{folder}/{key}" if key else "none", "LogLevel": "ERROR"}
    if mac:
        options["MACs"] = mac
    command = ["ssh", "-F", "none", "-p", str(port)] + [f"-o{k}={v}" for k, v in options.items()] + ["root@127.0.0.1", "true"]
    done = subprocess.run(command, env={**os.environ, "SSH_ASKPASS": f"{folder}/askpass", "SSH_ASKPASS_REQUIRE": "force"},
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    return done.returncode == 0


def fingerprint(folder):
    import base64
    with open(f"{folder}/host.pub") as key:
        return hashlib.sha256(base64.b64decode(key.read().split()[1])).hexdigest()


def problems_of(records, cipher, way, folder):
    mac, basis = CIPHERS[cipher]
    outcome, attempts = WAYS[way]
    told = [r for r in records if r["event_type"] == "ssh"]
    if len(told) != 1 or any(r["event_type"] == "anomaly" for r in records):
        return [f"{len(told)} ssh records among {[r['event_type'] for r in records]}"]
    ssh, more = told[0]["ssh"], told[0]["sekisho"]["ssh"]
    want = {"outcome": outcome, "attempts": attempts, "basis": basis}
    have = {k: more.get("auth", {}).get(k) for k in want}
    problems = [] if have == want else [f"auth {more.get('auth')} {told[0]['sekisho'].get('unobservable')}, expected {want}"]
    for what, is_value, expected in (("cipher", more["cipher"], {"to_server": cipher, "to_client": cipher}),
                                     ("mac", more["mac"], {"to_server": mac, "to_client": mac}),
                                     ("host key", more["host_key"]["fingerprint"], fingerprint(folder)),
                                     ("version", ssh["server"]["proto_version"], "2.0"), ("kind", more["version"], 2)):
        if is_value != expected:
            problems.append(f"{what} {is_value}, expected {expected}")
    for side in ("client", "server"):
        if not ssh[side]["software_version"].startswith("OpenSSH_"):
            problems.append(f"{side} {ssh[side]}")
        string = ssh[side]["hassh"]["string"].encode()
        if hashlib.md5(string).hexdigest() != ssh[side]["hassh"]["hash"]:
            problems.append(f"HASSH of {side}")
    return problems


def check(folder, port, cipher, way):
    mac, _ = CIPHERS[cipher]
    with peers.Tap("lo") as tap:
        is_in = log_in(folder, port, cipher, mac, way)
        time.sleep(0.2)
    records, out = peers.records_of(tap, folder, port)
    problems = problems_of(records, cipher, way, folder)
    if is_in != (WAYS[way][0] == "success"):
        problems.append(f"the peers themselves say {is_in}")
    if b"MARKER" in out:
        problems.append("a password is told")
    return peers.say(f"SSH with {cipher}, {way}", problems)


def check_paramiko(folder, port):
    """paramiko does not ask for the methods first: a guess a connection is an attempt a connection."""
    try:
        import paramiko
    except ImportError:
        print("ok - SSH by paramiko # SKIP python3-paramiko is not installed")
        return False
    with peers.Tap("lo") as tap:
        transport = paramiko.Transport(("127.0.0.1", port))
        try:
            transport.connect(username="root", password="MARKER-password")
        except paramiko.AuthenticationException:
            pass
        transport.close()
        time.sleep(0.2)
    records, out = peers.records_of(tap, folder, port)
    told = [r["sekisho"]["ssh"].get("auth", {}) for r in records if r["event_type"] == "ssh"]
    problems = [] if [(a.get("outcome"), a.get("attempts")) for a in told] == [("failure", 1)] else [f"auth {told}"]
    if b"MARKER" in out:
        problems.append("a password is told")
    return peers.say("SSH by paramiko, one guess", problems)


def main():
    why = peers.why_not("sshd", "ssh", "ssh-keygen")
    if why:
        print(f"ok - SSH of real peers # SKIP {why}")
        return 0
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        port = peers.free_port()
        server = start_server(folder, port)
        try:
            if not peers.wait_for(port, server):
                print("not ok - SSH of real peers: sshd does not listen")
                return 1
            for cipher in CIPHERS:
                for way in WAYS:
                    bad |= check(folder, port, cipher, way)
            bad |= check_paramiko(folder, port)
        finally:
            peers.stop(server)
    return 1 if bad else 0


sys.exit(main())
