#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_quic_peers: aioquic's client and server over loopback: versions 1 and 2, Retry, a ClientHello over several packets.

aioquic is not in Debian: where "import aioquic" fails (pip install aioquic; AIOQUIC names its folder) this is skipped aloud.
"""
import asyncio
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

if os.environ.get("AIOQUIC"):
    sys.path.insert(0, os.environ["AIOQUIC"])

# name, client's versions, server's versions, server's retry, octets of ALPN that make the hello long; what must be told
V1, V2 = 1, 0x6B3343CF
TABLE = [
    ("version 1", [V1], [V1], False, 0, {"version": "1", "retry": False}),
    ("version 2", [V2], [V2], False, 0, {"version": "2", "retry": False}),
    ("from version 1 to 2", [V2, V1], [V2, V1], False, 0, {"version": "2", "retry": False}),
    ("version 1 behind a Retry", [V1], [V1], True, 0, {"version": "1", "retry": True}),
    ("a ClientHello of three packets", [V1], [V1], False, 2600, {"version": "1", "retry": False}),
]


async def talk(folder, port, row):
    from aioquic.asyncio import connect, serve
    from aioquic.quic.configuration import QuicConfiguration
    _, client_versions, server_versions, retry, filler, _ = row
    alpns = ["sekisho", "h3"] + [f"{i:03}" + "x" * 197 for i in range(filler // 200)]
    server = QuicConfiguration(is_client=False, alpn_protocols=["sekisho"], supported_versions=server_versions)
    server.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    client = QuicConfiguration(is_client=True, alpn_protocols=alpns, server_name="quic.example", supported_versions=client_versions,
                               original_version=client_versions[-1])
    client.verify_mode = 0
    running = await serve("127.0.0.1", port, configuration=server, retry=retry)
    try:
        async with connect("127.0.0.1", port, configuration=client) as connection:
            await connection.ping()
    finally:
        running.close()
    return alpns


def check(row, alpns, records, port):
    told = [r for r in records if r["event_type"] == "quic"]
    if len(told) != 1:
        return [f"{len(told)} quic records"]
    quic, own, want = told[0]["quic"], told[0]["sekisho"]["quic"], row[5]
    problems = [] if own["handshake"] == "complete" else [f"{own}, {told[0]['sekisho'].get('unobservable')}"]
    if quic["version"] != want["version"] or own["retry"] != want["retry"]:
        problems.append(f"version {quic['version']}, retry {own['retry']}; expected {want}")
    if quic.get("sni") != "quic.example" or own.get("client_alpns") != alpns or own.get("tls_version") != "TLS 1.3":
        problems.append(f"SNI {quic.get('sni')}, ALPN {str(own.get('client_alpns'))[:80]}, TLS {own.get('tls_version')}")
    if not str(quic.get("ja4")).startswith("q13d") or told[0]["dest_port"] != port:
        problems.append(f"JA4 {quic.get('ja4')}, to {told[0]['dest_port']}")
    return problems


def main():
    why = peers.why_not("openssl")
    try:
        import aioquic  # noqa: F401
    except ImportError as missing:
        why = why or f"aioquic is not here ({missing}); pip install aioquic"
    if why:
        print(f"ok - QUIC peers # SKIP {why}")
        return 0
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=quic.example", "-days", "30"],
                       check=True, capture_output=True)
        for row in TABLE:
            port = peers.free_port()
            with peers.Tap("lo") as tap:
                alpns = asyncio.run(asyncio.wait_for(talk(folder, port, row), 20))
            records, _ = peers.records_of(tap, folder, port)
            failed += peers.say(f"aioquic, {row[0]}", check(row, alpns, records, port))
    return 1 if failed else 0


sys.exit(main())
