#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_captures_tls: TLS in real captures against what tshark, cryptography, the JA4 authors, Arkime, nDPI and Zeek saw.

The captures are not in the tree (licences); CAPTURES says where they are.
"""
import glob
import ipaddress
import json
import os
import re
import subprocess
import sys

CAPTURES = os.environ.get("SEKISHO_CAPTURES", os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/captures"))
TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
VERSIONS = {"SSL 3.0": "SSLv3", "TLS 1.0": "TLSv1"}
# Handshakes that tshark did not take for TLS, because of their port or what came before them.
MORE_THAN_TSHARK = {"remote-anydesk-mtls": 1, "rdp-tls": 2}


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:1500]}" if problems else f"ok - {name}")
    return bool(problems)


def records_of(path):
    lines = subprocess.run([TOOL, path], check=True, capture_output=True).stdout.splitlines()
    records = [json.loads(line) for line in lines]
    return ([r for r in records if r["event_type"] == "tls" and r["proto"] == "TCP"],  # DTLS: test_captures_dtls
            {r["certificate"]["fingerprint_sha256"]: r["certificate"] for r in records if r["event_type"] == "certificate"})


def differs(problems, what, have, want):
    if have != want:
        problems.append(f"{what} is {have!r}, expected {want!r}")


def names_of(names):
    """As we write them: addresses in full, directory names not at all."""
    def one(name):
        try:
            return ipaddress.ip_address(name).exploded
        except ValueError:
            return name
    return [one(name) for name in names if not name.startswith("<Name(")]


def compare_certificate(problems, want, have):
    if have is None:
        problems.append(f"no certificate record of {want['sha256']}")
        return
    key = f"{have['key_type']}-{have['key_size']}".replace("EC-256", "EC-secp256r1").replace("EC-384", "EC-secp384r1")
    for what, seen, expected in (
            ("subject", have["subject"], want["subject"]), ("issuer", have["issuerdn"], want["issuer"]),
            ("notbefore", have["notbefore"], want["not_before"].replace(" ", "T")),
            ("notafter", have["notafter"], want["not_after"].replace(" ", "T")),
            ("serial", int(have["serial"].replace(":", ""), 16), int(want["serial"], 16)),
            ("key", key, want["key"]), ("signature", have["signature"], want["sigalg"]),
            ("names", have["subjectaltname"][:len(want["san"])], names_of(want["san"]))):
        differs(problems, f"{want['sha256'][:8]} {what}", seen, expected)


def compare(want, record, certificates):
    tls, own, problems = record["tls"], record["sekisho"]["tls"], []
    version = lambda name: VERSIONS.get(name, name)
    if "ja3" in want:
        differs(problems, "ja3", tls.get("ja3", {}).get("hash"), want["ja3"])
        differs(problems, "legacy version", tls.get("client_handshake", {}).get("version"), version(want["client_hello"]))
        differs(problems, "sni", tls.get("sni") or "", want["sni"])
        differs(problems, "alpn", ",".join(tls.get("client_alpns") or []), want["alpn_offered"])
        if want["versions_offered"]:
            offered = [v for v in want["versions_offered"].split(",") if "GREASE" not in v]
            differs(problems, "versions", own.get("versions_offered"), [version(v) for v in offered])
    if "server_hello" in want:
        differs(problems, "version", tls.get("version"), version(want["server_hello"]))
        differs(problems, "suite", tls.get("cipher_suite"), want["cipher"])
        differs(problems, "ja3s", tls.get("ja3s", {}).get("hash"), want["ja3s"])
    if "alpn_in_server_packet" in want and tls.get("version") != "TLS 1.3":
        differs(problems, "server's alpn", tls.get("server_alpns"), [want["alpn_in_server_packet"]])
    if want.get("certificate_request"):
        differs(problems, "certificate_requested", own.get("certificate_requested"), True)
    for side, chain in (("server", own), ("client", own.get("client", {}))):
        wanted = want.get(f"{side}_certificates", [])
        if wanted:
            differs(problems, f"{side} chain", chain.get("chain_sha256"), [c["sha256"] for c in wanted])
            differs(problems, f"{side} subject", (tls if side == "server" else tls.get("client", {})).get("subject"), wanted[0]["subject"])
        for certificate in wanted:
            compare_certificate(problems, certificate, certificates.get(certificate["sha256"]))
    return problems


def best_match(want, records, certificates):
    """Facts do not tell addresses: the record with the fewest differences is taken, once."""
    scored = [(compare(want, r, certificates), i) for i, r in enumerate(records)]
    if not scored:
        return ["no tls record left"], None
    return min(scored, key=lambda s: len(s[0]))


def check_facts(name, facts, records, certificates):
    failed, left = 0, list(records)
    for stream, want in sorted(facts.items()):
        if stream.startswith("udp"):
            continue
        problems, index = best_match(want, left, certificates)
        failed += say(f"{name} {stream}", problems)
        if index is not None:
            left.pop(index)
    return failed + say(f"{name}: nothing else is taken for TLS",
                        [] if len(left) == MORE_THAN_TSHARK.get(name, 0) else [f"{len(left)} records are left"])


def expected_ja4(name):
    """JA4 of each other tool that saw the capture: name of the file -> set."""
    base = os.path.join(CAPTURES, "expected", name)
    sources = {}
    if os.path.exists(base + ".ja4-python.json"):
        with open(base + ".ja4-python.json") as file:
            sources["ja4-python"] = {r["JA4.1"] for r in json.load(file) if "JA4.1" in r}
    for kind in ("arkime.json", "ndpi.out"):
        if os.path.exists(f"{base}.{kind}"):
            with open(f"{base}.{kind}", errors="replace") as file:
                sources[kind] = set(re.findall(r"\bts?\d?[s\d]\d[di]\d{4}\w\w_[0-9a-f]{12}_[0-9a-f]{12}\b", file.read()))
    return {kind: found for kind, found in sources.items() if found}


def as_known_by(kind, ja4):
    """nDPI of that day writes d without a server name too, and another letter of the ALPN than the specification."""
    return ja4[:3] + ja4[4:8] + ja4[10:] if kind == "ndpi.out" else ja4


def check_ja4(name, records):
    failed = 0
    for kind, wanted in sorted(expected_ja4(name).items()):
        have = {as_known_by(kind, r["tls"]["ja4"]) for r in records if "ja4" in r["tls"]}
        missing = {as_known_by(kind, ja4) for ja4 in wanted} - have
        failed += say(f"{name}: JA4 of {kind}", [f"{sorted(missing)} not in {sorted(have)}"] if missing else [])
    return failed


def check_own(name, records):
    """What the tables of the others do not say."""
    failed = 0
    if name == "tls-hybrid-pq":
        groups = {r["tls"].get("group") for r in records}
        failed += say(f"{name}: hybrid group by name", [] if groups <= {"X25519MLKEM768", "X25519Kyber768Draft00"} else [str(groups)])
    if name == "tls-smtp-starttls":
        failed += say(f"{name}: upgraded from SMTP", [] if [r["tls"].get("from_proto") for r in records] == ["smtp"] else ["it is not said"])
    if name == "rdp-tls":
        seen = {(r["tls"]["version"], r["tls"]["cipher_suite"], r["tls"]["sni"], r["tls"]["subject"],
                 r["tls"]["from_proto"], r["sekisho"]["tls"]["chain_sha256"][0]) for r in records}
        want = ("TLSv1", "TLS_RSA_WITH_AES_128_CBC_SHA", "192.168.1.150", "CN=WIN2K8R2.awakecoding.ath.cx", "rdp",
                "a5b05d2ae076130aa41060f53ecd72bdf864ea0179250e927549c94d5ab2499a")
        failed += say(f"{name}: as Zeek's ssl.log has it", [] if seen == {want} else [str(seen)])
    if name == "tls-1.3":
        hidden = records[0]["sekisho"]["unobservable"] if records else {}
        failed += say(f"{name}: says what is hidden", [] if {"tls.certificate", "tls.client"} <= set(hidden) else [str(hidden)])
    return failed


def main():
    paths = sorted(glob.glob(os.path.join(CAPTURES, "*.pcap*")))
    if not paths:
        print(f"ok - TLS of real captures # SKIP no captures in {CAPTURES}")
        return 0
    if not os.path.exists(TOOL):
        print(f"not ok - TLS of real captures: {TOOL} is not built; expected make test-programs")
        return 1
    failed = 0
    for path in paths:
        name = os.path.basename(path).split(".pcap")[0]
        with open(os.path.join(CAPTURES, "expected", name + ".facts.json")) as file:
            facts = json.load(file).get("tls", {})
        records, certificates = records_of(path)
        failed += check_facts(name, facts, records, certificates)
        failed += check_ja4(name, records) + check_own(name, records)
    return 1 if failed else 0


sys.exit(main())
