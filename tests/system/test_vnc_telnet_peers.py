#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_vnc_telnet_peers: TigerVNC's server with vncsnapshot, GNU telnetd with telnet; who got in is told, and nothing else."""
import os
import pty
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

# as a password file has it: DES with a fixed key, which every VNC has
PASSWORD_KEY = bytes.fromhex("e84ad660c4721ae0")


def password_file(path, word):
    import warnings
    warnings.simplefilter("ignore")
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    des = Cipher(algorithms.TripleDES(PASSWORD_KEY * 3), modes.ECB()).encryptor()
    with open(path, "wb") as file:
        file.write(des.update(word.ljust(8, "\0").encode()[:8]))


def vnc(folder, kind, word):
    port = peers.free_port()
    password_file(f"{folder}/server", "MARKER1")
    password_file(f"{folder}/client", word)
    server = subprocess.Popen(["Xtigervnc", f":{port - 5900}", "-rfbport", str(port), "-localhost", "-geometry", "640x480",
                               "-SecurityTypes", kind, "-rfbauth", f"{folder}/server", "-desktop", "MARKER desktop"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        if not peers.wait_for(port, server):
            return None
        with peers.Tap("lo") as tap:
            try:
                subprocess.run(["vncsnapshot", "-passwd", f"{folder}/client", f"127.0.0.1:{port - 5900}", f"{folder}/shot.jpg"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=15)
            except subprocess.TimeoutExpired:
                pass
            time.sleep(0.3)
        return peers.records_of(tap, folder, port)
    finally:
        peers.stop(server)


def check_vnc():
    ways = {("VncAuth", "MARKER1"): (2, "OK", "success"), ("VncAuth", "wrong"): (2, "FAIL", "failure"), ("None", "x"): (1, None, "open")}
    bad = False
    for (kind, word), (number, result, outcome) in ways.items():
        with tempfile.TemporaryDirectory() as folder:
            got = vnc(folder, kind, word)
        if got is None:
            bad |= peers.say("VNC", ["Xtigervnc does not listen"])
            continue
        records, out = got
        told = [r for r in records if r["event_type"] == "rfb"]
        problems = [f"anomaly {r['anomaly']}" for r in records if r["event_type"] == "anomaly"]
        if len(told) != 1:
            problems.append(f"{len(told)} rfb records")
        else:
            auth = told[0]["rfb"]["authentication"]
            have = (auth["security_type"], auth.get("security_result"), told[0]["sekisho"]["rfb"]["auth"]["outcome"])
            want = (number, result if number == 2 else auth.get("security_result"), outcome)
            problems += [] if have == want else [f"{have}, expected {want}"]
            if outcome != "failure" and told[0]["rfb"]["framebuffer"] != {"width": 640, "height": 480}:
                problems.append(f"{told[0]['rfb']}")
        if b"MARKER" in out:
            problems.append("a password or the desktop's name is told")
        bad |= peers.say(f"VNC, {kind}, {'right' if outcome != 'failure' else 'wrong'} password", problems)
    return bad


def serve_telnet(listener, login, children):
    """As inetd does: each connection is telnetd's standard input and output."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        children.append(subprocess.Popen(["/usr/sbin/telnetd", "-E", login], stdin=connection, stdout=connection, stderr=subprocess.DEVNULL))
        connection.close()


def type_at(port, answers):
    """telnet on a terminal of its own; each answer waits for its prompt."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvp("telnet", ["telnet", "-K", "127.0.0.1", str(port)])
    said, end = b"", time.monotonic() + 30
    for prompt, answer in answers:
        while prompt not in said and time.monotonic() < end:
            if select.select([terminal], [], [], 0.5)[0]:
                try:
                    said += os.read(terminal, 4096)
                except OSError:
                    break
        said = said.split(prompt, 1)[-1]
        time.sleep(0.2)
        os.write(terminal, answer)
    time.sleep(0.5)
    os.close(terminal)
    os.kill(child, 9)
    os.waitpid(child, 0)


LOGIN = """#!/bin/sh
# as /bin/login speaks; the good word is MARKER-good
while :; do
	printf 'box login: '; read name || exit
	printf 'Password: '; stty -echo; read word || exit; stty echo; printf '\\n'
	[ "$word" = MARKER-good ] && break
	printf '\\nLogin incorrect\\n'
done
printf 'Last login: yesterday MARKER\\n$ '; read command; printf 'MARKER of the session\\n$ '; read command
"""


def check_telnet():
    name, wrong, good = (b"login: ", b"MARKER-user\r"), (b"assword: ", b"MARKER-bad\r"), (b"assword: ", b"MARKER-good\r")
    ways = {"two wrong passwords": ([name, wrong, name, wrong, (b"login: ", b"\x1d")], ("failure", 2, 2)),
            "one wrong, one right": ([name, wrong, name, good, (b"$ ", b"MARKER\r")], ("success", 2, 1)),
            "nobody tries": ([(b"login: ", b"\x1d")], ("none", 0, 0))}
    bad = False
    for way, (answers, want) in ways.items():
        with tempfile.TemporaryDirectory() as folder, socket.socket() as listener:
            with open(f"{folder}/login", "w") as login:
                login.write(LOGIN)
            os.chmod(folder, 0o755)
            os.chmod(f"{folder}/login", 0o755)
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port, children = listener.getsockname()[1], []
            server = threading.Thread(target=serve_telnet, args=(listener, f"{folder}/login", children), daemon=True)
            server.start()
            with peers.Tap("lo") as tap:
                type_at(port, answers)
                time.sleep(0.3)
            peers.stop(*children)
            records, out = peers.records_of(tap, folder, port)
        told = [r["sekisho"] for r in records if r["event_type"] == "telnet"]
        auth = told[0]["telnet"].get("auth", {}) if len(told) == 1 else {}
        have = (auth.get("outcome"), auth.get("attempts"), auth.get("failures"))
        problems = [] if have == want else [f"{have}, expected {want}: {told}"]
        if not problems and not {"echo", "suppress-go-ahead"} <= set(told[0]["telnet"]["options"]):
            problems.append(f"options {told[0]['telnet']['options']}")
        if b"MARKER" in out:
            problems.append("what was typed is told")
        bad |= peers.say(f"Telnet, {way}", problems)
    return bad


def main():
    bad = False
    for what, programs, check in (("VNC", ("Xtigervnc", "vncsnapshot"), check_vnc), ("Telnet", ("telnetd", "telnet"), check_telnet)):
        why = peers.why_not(*programs)
        if why:
            print(f"ok - {what} of real peers # SKIP {why}")
        else:
            bad |= check()
    return 1 if bad else 0


sys.exit(main())
