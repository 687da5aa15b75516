#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_evidence: nginx with mutual TLS 1.3: the wire alone cannot say whether the client proved itself; its log can.

In a network namespace nginx and two clients talk over the loopback interface, under addresses of the example
inventory.  What the wire carried is captured; then the capture is replayed without and with nginx's access log.
"""
import json
import os
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
TOOL = os.path.join(ROOT, os.environ.get("B", "build/gcc-address-undefined"), "sekisho")
SERVER, WITH, WITHOUT = "10.10.0.13", "10.11.1.20", "10.11.2.20"  # portal, hospital-a, clinic-a

CONFIG = """daemon off; pid {work}/pid; error_log {work}/error.log; user root;
events {{ worker_connections 64; }}
http {{
  client_body_temp_path {work}; proxy_temp_path {work}; fastcgi_temp_path {work}; uwsgi_temp_path {work}; scgi_temp_path {work};
  log_format sekisho escape=json '{{"msec":"$msec","connection_time":"$connection_time",'
    '"remote_addr":"$remote_addr","remote_port":"$remote_port","server_addr":"$server_addr",'
    '"server_port":"$server_port","ssl_protocol":"$ssl_protocol","ssl_client_verify":"$ssl_client_verify",'
    '"ssl_client_s_dn":"$ssl_client_s_dn","ssl_client_i_dn":"$ssl_client_i_dn",'
    '"ssl_client_serial":"$ssl_client_serial"}}';
  access_log {work}/access.json sekisho;
  server {{
    listen {server}:443 ssl; ssl_protocols TLSv1.3;
    ssl_certificate {work}/server.pem; ssl_certificate_key {work}/server.key;
    ssl_client_certificate {work}/ca.pem; ssl_verify_client optional;
    location / {{ return 204; }}
  }}
  server {{
    listen {server}:8443 ssl; ssl_protocols TLSv1.2;
    ssl_certificate {work}/server.pem; ssl_certificate_key {work}/server.key;
    ssl_client_certificate {work}/ca.pem; ssl_verify_client optional;
    location / {{ return 204; }}
  }}
}}
"""


def report(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good else ': ' + why}", flush=True)


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)


def make_keys(work):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", "/C=JP/O=Test/CN=Test CA", "-keyout", f"{work}/ca.key", "-out", f"{work}/ca.pem")
    for name, subject in (("server", "/C=JP/CN=portal.base.example"), ("client", "/C=JP/O=Aoba/CN=hospital-a.example")):
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
            "-keyout", f"{work}/{name}.key", "-out", f"{work}/{name}.csr")
        run("openssl", "x509", "-req", "-in", f"{work}/{name}.csr", "-CA", f"{work}/ca.pem", "-CAkey", f"{work}/ca.key",
            "-CAcreateserial", "-days", "30", "-out", f"{work}/{name}.pem")


class Capture(threading.Thread):
    """All frames of lo into a pcap, each once."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.out = open(path, "wb")
        self.out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        self.socket.bind(("lo", 0))
        self.socket.settimeout(0.2)
        self.is_over = False

    def run(self):
        while not self.is_over:
            try:
                frame, place = self.socket.recvfrom(262144)
            except TimeoutError:
                continue
            if place[2] == socket.PACKET_OUTGOING:
                continue
            now = time.time()
            self.out.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)
        self.out.close()


def talk(work, source, has_certificate, port=443):
    context = ssl.create_default_context(cafile=f"{work}/ca.pem")
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if port == 443 else ssl.TLSVersion.TLSv1_2
    if has_certificate:
        context.load_cert_chain(f"{work}/client.pem", f"{work}/client.key")
    with socket.create_connection((SERVER, port), source_address=(source, 0), timeout=10) as raw:
        with context.wrap_socket(raw, server_hostname="portal.base.example" if port == 443 else "elsewhere.example") as stream:
            stream.sendall(b"GET / HTTP/1.0\r\n\r\n")
            while stream.recv(4096):
                pass


def inside(work):
    """In the namespace: three sessions, one of them without a certificate."""
    run("ip", "link", "set", "lo", "up")
    for address in (SERVER, WITH, WITHOUT):
        run("ip", "address", "add", f"{address}/32", "dev", "lo")
    with open(f"{work}/nginx.conf", "w") as out:
        out.write(CONFIG.format(work=work, server=SERVER))
    nginx = subprocess.Popen(["nginx", "-c", f"{work}/nginx.conf"], stderr=subprocess.DEVNULL)
    capture = Capture(f"{work}/wire.pcap")
    try:
        for _ in range(100):
            try:
                socket.create_connection((SERVER, 443), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        capture.start()
        time.sleep(0.3)
        talk(work, WITH, True)
        talk(work, WITH, True)
        talk(work, WITHOUT, False)
        talk(work, WITH, True, 8443)
        time.sleep(0.5)
    finally:
        capture.is_over = True
        capture.join()
        nginx.terminate()
        nginx.wait()


def replay(work, *more):
    """Verdicts of CR-TLS-06 by participant, and its alerts."""
    out = subprocess.run([TOOL, "replay", f"{work}/wire.pcap", "--inventory", "rules/inventory-example", "--rules", "rules", "--json",
                          *more], cwd=ROOT, capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(f"not ok - replay: status {out.returncode}: {out.stderr}")
    verdicts, alerts = {}, []
    for line in out.stdout.splitlines():
        row = json.loads(line)
        if "verdict" in row and row["verdict"].get("requirement") == "CR-TLS-06":
            verdicts[row["verdict"]["participant"]] = row["verdict"]
        if row.get("event_type") == "alert" and row["alert"]["signature"].startswith("CR-TLS-06"):
            alerts.append(row)
    return verdicts, alerts


def trusted(work, *more):
    out = subprocess.run([TOOL, "replay", f"{work}/wire.pcap", "--inventory", "rules/inventory-example", "--rules", "rules", "--json",
                          *more], cwd=ROOT, capture_output=True, text=True)
    rows = [json.loads(line)["verdict"] for line in out.stdout.splitlines() if line.startswith('{"verdict"')]
    return {(row["requirement"], row["participant"]): (row["good"], row["bad"]) for row in rows if row["requirement"].startswith("CR-TRU")}


def check_trust(work):
    """The session of TLS 1.2 shows both certificates; what they are worth depends on the anchors."""
    os.makedirs(f"{work}/anchors")
    report("without anchors nothing is said of trust", set(trusted(work).values()) == {(0, 0)}, str(trusted(work)))
    shutil.copy(f"{work}/ca.pem", f"{work}/anchors/ca.pem")
    ours = trusted(work, "--anchors", f"{work}/anchors")
    report("certificates of our CA are trusted", ours[("CR-TRU-01", "base")] == (1, 0) and ours[("CR-TRU-02", "hospital-a")] == (1, 0), str(ours))
    report("the name the client asked for is not in it", ours[("CR-TRU-03", "base")] == (0, 1), str(ours))
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", "/CN=Other CA",
        "-keyout", f"{work}/other.key", "-out", f"{work}/anchors/ca.pem")
    other = trusted(work, "--anchors", f"{work}/anchors")
    report("certificates of another CA are not", other[("CR-TRU-01", "base")] == (0, 1) and other[("CR-TRU-02", "hospital-a")] == (0, 1), str(other))


def check(work):
    alone, alerts = replay(work)
    report("the wire alone cannot say whether the client proved itself",
           alone.get("hospital-a", {}).get("verdict") == "unobservable" and alone["hospital-a"]["unknown"] == 2 and not alerts, str(alone))
    both, alerts = replay(work, "--log", f"nginx={work}/access.json")
    one = both.get("hospital-a", {})
    report("with nginx's log it is satisfied", one.get("verdict") == "satisfied" and one.get("good") == 2 and one.get("unknown") == 0, str(one))
    report("and the verdict says who attested it", one.get("evidence_class") == "attested:nginx", str(one))
    other = both.get("clinic-a", {})
    report("who showed no certificate breaks it", other.get("verdict") == "violated" and len(alerts) == 1, f"{other} {alerts}")
    trial = subprocess.run([TOOL, "rules", "try", "--participant", "hospital-a", "--capture", f"{work}/wire.pcap", "--inventory",
                            "rules/inventory-example", "--rules", "rules", "--lang", "en", "--log", f"nginx={work}/access.json"],
                           cwd=ROOT, capture_output=True, text=True)
    report("a candidate's trial takes the log too", "met\tCR-TLS-06" in trial.stdout, trial.stdout + trial.stderr)
    with open(f"{work}/access.json") as log, open(f"{work}/late.json", "w") as late:
        for line in log:
            row = json.loads(line)
            row["msec"] = str(float(row["msec"]) + 60)
            late.write(json.dumps(row) + "\n")
    late, alerts = replay(work, "--log", f"nginx={work}/late.json")
    report("a line a minute off belongs to no session", late["hospital-a"]["verdict"] == "unobservable" and not alerts, str(late))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "inside":
        inside(sys.argv[2])
        return
    if os.geteuid() != 0 or not shutil.which("nginx") or not shutil.which("ip"):
        print("ok - nginx with mutual TLS 1.3 # SKIP needs root, nginx and ip")
        return
    work, space = tempfile.mkdtemp(prefix="sekisho-evidence-"), f"sekisho-ev-{os.getpid()}"
    try:
        if subprocess.run(["ip", "netns", "add", space], capture_output=True).returncode != 0:
            print("ok - nginx with mutual TLS 1.3 # SKIP no network namespaces here")
            return
        make_keys(work)
        subprocess.run(["ip", "netns", "exec", space, sys.executable, os.path.abspath(__file__), "inside", work], check=True)
        check(work)
        check_trust(work)
    finally:
        subprocess.run(["ip", "netns", "delete", space], capture_output=True)
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
