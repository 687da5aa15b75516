#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_rdp_peers: FreeRDP asks xrdp for a desktop over loopback, with each security; what was agreed on is told.

FreeRDP's client wants a display: Xvfb gives it one that nobody sees.
"""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

KEY = "c0ffee" * 10 + "c0ff"  # of the pseudonyms of this test

# security of the server, of the client: what the record has to say
WAYS = {
    ("negotiate", "rdp"): {"outcome": "accepted", "requested": [], "selected": "rdp", "nla": False},
    ("negotiate", "tls"): {"outcome": "accepted", "requested": ["ssl"], "selected": "ssl", "nla": False},
    ("rdp", "tls"): {"outcome": "accepted", "requested": ["ssl"], "selected": "rdp", "nla": False},
    ("negotiate", "nla"): {"outcome": "accepted", "requested": ["ssl", "hybrid"], "selected": "ssl", "nla": False},
}


def start_server(folder, security):
    port = peers.free_port()
    if not os.path.exists(f"{folder}/cert.pem"):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem",
                        "-out", f"{folder}/cert.pem", "-days", "2", "-subj", "/CN=rdp.example"], check=True, capture_output=True)
        subprocess.run(["xrdp-keygen", "xrdp", f"{folder}/rsakeys.ini"], check=True, capture_output=True)
    with open(f"{folder}/xrdp.ini", "w") as config:
        config.write(f"[Globals]\nini_version=1\nfork=true\nport=tcp://127.0.0.1:{port}\nsecurity_layer={security}\n"
                     f"crypt_level=high\ncertificate={folder}/cert.pem\nkey_file={folder}/key.pem\nrsakeys_ini={folder}/rsakeys.ini\n"
                     f"ssl_protocols=TLSv1.2\nautorun=none\nallow_channels=true\nmax_bpp=32\nuse_fastpath=both\n"
                     f"[Logging]\nLogFile={folder}/xrdp.log\nLogLevel=INFO\nEnableSyslog=false\n"
                     f"[Channels]\nrdpdr=true\ncliprdr=true\n[none]\nname=none\nlib=libvnc.so\n")
    server = subprocess.Popen(["xrdp", "--nodaemon", "--config", f"{folder}/xrdp.ini"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return server, port


def start_display():
    """Xvfb picks a number that is free and says it."""
    out, into = os.pipe()
    display = subprocess.Popen(["Xvfb", "-displayfd", str(into), "-screen", "0", "1024x768x24"], pass_fds=[into],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(into)
    with os.fdopen(out) as said:
        return display, said.readline().strip()


def ask(display, port, security):
    command = ["xfreerdp", f"/v:127.0.0.1:{port}", "/u:markeruser", "/p:MARKER", "/cert:ignore", f"/sec:{security}",
               "/client-hostname:ward3-pc", "/w:800", "/h:600", "/drive:share,/tmp"]
    client = subprocess.Popen(command, env={**os.environ, "DISPLAY": f":{display}", "HOME": "/nonexistent"},
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client.wait(4)
    except subprocess.TimeoutExpired:
        pass
    peers.stop(client)


def problems_of(records, server, client):
    told = [r for r in records if r["event_type"] == "rdp"]
    tls = [r for r in records if r["event_type"] == "tls"]
    want = WAYS[server, client]
    if not told or any(r["event_type"] == "anomaly" for r in records):
        return [f"no rdp record among {[(r['event_type'], r.get('anomaly')) for r in records]}"]
    have = told[0]["sekisho"]["rdp"]
    problems = [f"{k} {have.get(k)}, expected {v}" for k, v in want.items() if have.get(k) != v]
    if len(told[0]["rdp"].get("cookie") or "") != 32:
        problems.append(f"cookie {told[0]['rdp']}")
    if ((server, client) == ("negotiate", "tls")) != bool(tls) or any(t["tls"]["from_proto"] != "rdp" or t["tls"]["subject"] != "CN=rdp.example" for t in tls):
        problems.append(f"tls {[t['tls'] for t in tls]}")
    if client == "rdp":  # else FreeRDP ends it
        machine = told[0]["rdp"].get("client", {})
        if (machine.get("client_name"), machine.get("desktop_width"), machine.get("desktop_height")) != ("ward3-pc", 800, 600):
            problems.append(f"client {machine}")
        if "rdpdr" not in told[0]["rdp"].get("channels", []) or have.get("encryption", {}).get("level") != 3:
            problems.append(f"channels {told[0]['rdp'].get('channels')}, encryption {have.get('encryption')}")
    return problems


def main():
    why = peers.why_not("xrdp", "xfreerdp", "Xvfb", "openssl")
    if why:
        print(f"ok - RDP of real peers # SKIP {why}")
        return 0
    bad = False
    display, number = start_display()
    try:
        for server_security, client_security in WAYS:
            with tempfile.TemporaryDirectory() as folder:
                server, port = start_server(folder, server_security)
                try:
                    if not peers.wait_for(port, server):
                        print("not ok - RDP of real peers: xrdp does not listen")
                        return 1
                    with peers.Tap("lo") as tap:
                        ask(number, port, client_security)
                    records, out = peers.records_of(tap, folder, port, key=KEY)
                finally:
                    peers.stop(server)
            problems = problems_of(records, server_security, client_security)
            if b"marker" in out.lower():
                problems.append("a user or a password is told")
            bad |= peers.say(f"RDP, server {server_security}, client {client_security}", problems)
    finally:
        peers.stop(display)
    return 1 if bad else 0


sys.exit(main())
