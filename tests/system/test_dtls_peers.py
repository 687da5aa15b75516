#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_dtls_peers: OpenSSL's ends speak DTLS 1.0 and 1.2 over loopback, in fragments, with both sides' certificates, refused.

No peer of DTLS 1.3 is in Debian 12: tests/unit/test_dtls.c has its hellos alone.
"""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

WEAK = ["-cipher", "DEFAULT@SECLEVEL=0"]
# name, what both ends are told, the server alone, the client alone; what must be told
TABLE = [
    ("1.2", ["-dtls1_2"], [], [], {"version": "DTLS 1.2", "cipher_suite": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "group": "x25519"}),
    ("1.0", ["-dtls1", *WEAK], [], [], {"version": "DTLS 1.0", "cipher_suite": "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"}),
    ("1.2 in small fragments, with a client's certificate", ["-dtls1_2", "-mtu", "300"], ["-Verify", "1"], ["CERT"],
     {"version": "DTLS 1.2", "client": "CN=client.example"}),
    ("1.2 with a cookie", ["-dtls1_2"], ["-listen"], [], {"version": "DTLS 1.2"}),
    ("1.2 refused", ["-dtls1_2"], ["-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"], ["-cipher", "ECDHE-RSA-AES128-SHA"],
     {"failed": "handshake_failure"}),
]


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem", "-subj", f"/CN={name}.example", "-days", "30"],
                   check=True, capture_output=True)


def talk(folder, port, both, server, client):
    listening = subprocess.Popen(["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", f"{folder}/server.pem", "-key",
                                  f"{folder}/server.key", *both, *server], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 stderr=subprocess.DEVNULL)
    try:
        for line in listening.stdout:
            if line.startswith(b"ACCEPT"):
                break
        client = ["-cert", f"{folder}/client.pem", "-key", f"{folder}/client.key"] if client == ["CERT"] else client
        with subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "dtls.example", *both, *client],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as asking:
            time.sleep(1)
            try:
                asking.communicate(b"hello\n", 5)
            except (subprocess.TimeoutExpired, BrokenPipeError):
                peers.stop(asking)
    finally:
        peers.stop(listening)
        listening.stdin.close()
        listening.stdout.close()


def check(records, port, want):
    told = [r for r in records if r["event_type"] == "tls"]
    if len(told) != 1:
        return [f"{len(told)} tls records"]
    tls, own = told[0]["tls"], told[0]["sekisho"]["tls"]
    if told[0]["app_proto"] != "dtls" or told[0]["proto"] != "UDP" or told[0]["dest_port"] != port or tls.get("sni") != "dtls.example":
        return [f"{told[0]['app_proto']} over {told[0]['proto']} to {told[0]['dest_port']}, SNI {tls.get('sni')}"]
    if "failed" in want:
        return [] if own["handshake"] == "failed" and own["alert"] == want["failed"] else [f"{own['handshake']}, {own.get('alert')}"]
    problems = [f"{k} is {tls.get(k)}, expected {v}" for k, v in want.items() if k != "client" and tls.get(k) != v]
    if own["handshake"] != "complete" or tls["subject"] != "CN=server.example" or not tls["ja4"].startswith("dd"):
        problems.append(f"{own['handshake']}, {tls.get('subject')}, {tls.get('ja4')}")
    if tls["client"]["subject"] != want.get("client"):
        problems.append(f"client's certificate {tls['client']}")
    return problems


def main():
    why = peers.why_not("openssl")
    if why:
        print(f"ok - DTLS peers # SKIP {why}")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        make_certificate(folder, "server")
        make_certificate(folder, "client")
        for name, both, server, client, want in TABLE:
            port = peers.free_port()
            with peers.Tap("lo") as tap:
                talk(folder, port, both, server, client)
            records, _ = peers.records_of(tap, folder, port)
            failed += peers.say(f"OpenSSL, DTLS {name}", check(records, port, want))
    return 1 if failed else 0


sys.exit(main())
