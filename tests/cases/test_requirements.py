#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_requirements: for each requirement of rules/ one record that breaks it, through the whole correlator.

The tests inside the rule files judge single records; here the record is a line of JSON, goes through reader,
inventory, judgement, store and alerts, and what comes out at 'sekisho replay --json' is compared.
"""
import json
import os
import subprocess
import sys
import tempfile

B = os.environ.get("B", "build/gcc-address-undefined")


def stamp(second):
    minute, second = divmod(second, 60)
    return f"2026-11-20T00:{minute:02d}:{second:02d}.000000+0000"


def record(event, client, server, port, proto="TCP", sekisho=None, **members):
    return {"timestamp": stamp(5), "flow_id": 4242, "host": "sensor-east", "event_type": event,
            "src_ip": client, "src_port": 40000, "dest_ip": server, "dest_port": port, "proto": proto, **members,
            "sekisho": {"v": 1, "poi": "poi-east", "sensor": "sensor-east", "epoch": "00000000000000aa", "lane": 0,
                        "seq": 2, "client": {"ip": client, "port": 40000}, "server": {"ip": server, "port": port},
                        "direction_confidence": "syn", "is_final": True, **(sekisho or {})}}


def flow(client, server, port, app, proto="TCP"):
    return record("flow", client, server, port, proto, app_proto=app,
                  flow={"start": stamp(1), "end": stamp(4), "age": 3, "state": "closed", "reason": "timeout"})


def tls(tls=None, **sekisho):
    return record("tls", "10.11.1.20", "10.10.0.13", 443, app_proto="tls",
                  tls={"version": "TLS 1.2", "cipher_suite": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                       "group": "x25519", "client": {"subject": "CN=a"}, **(tls or {})},
                  sekisho={"tls": {"handshake": "complete", "suites_offered": ["TLS_AES_128_GCM_SHA256"], "dh_size": None,
                                   "key_type": "RSA", "key_size": 2048, "signature": "sha256WithRSAEncryption",
                                   "in_validity": True, "seconds_left": 9999999, "client": {"in_validity": True}, **sekisho}})


def ike(chosen, major=2, outcome="answered"):
    return record("ike", "10.11.1.20", "10.10.0.20", 500, "UDP", app_proto="ike",
                  ike={"version_major": major, "version_minor": 0, "chosen": {
                      "encr": "ENCR_AES_CBC_256", "prf": "PRF_HMAC_SHA2_256", "integ": "AUTH_HMAC_SHA2_256_128", **chosen}},
                  sekisho={"ike": {"kind": "init", "outcome": outcome, "aggressive": False}})


def ihe(**xua):
    return record("ihe", "10.11.1.20", "10.10.0.10", 8080, app_proto="http",
                  ihe={"transaction": "ITI-39", "kind": "exchange", "xua": {
                      "is_seen": True, "role": "112247003", "purpose": "TREATMENT", "organization": "a", "organization_id": None, **xua}})


GOOD = tls()
# requirement, who answers for it, the record, what the alert's sentence holds (None: advice raises no alert)
TABLE = [
    ("CR-REG-01", "base", flow("10.99.0.7", "10.10.0.13", 443, "tls"), "unregistered party (10.99.0.7)"),
    ("CR-REG-02", "hospital-a", flow("10.11.1.20", "10.12.1.20", 445, "smbv23"), "Midori Central Hospital"),
    ("CR-TLS-01", "hospital-a", tls({"version": "TLSv1"}), "the TLS version is TLSv1, required is at least TLS 1.2"),
    ("CR-TLS-08", "hospital-a", GOOD, None),
    ("CR-TLS-02", "hospital-a", tls({"cipher_suite": "TLS_RSA_WITH_AES_128_CBC_SHA"}), "TLS_RSA_WITH_AES_128_CBC_SHA"),
    ("CR-TLS-03", "hospital-a", tls(suites_offered=["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_RC4_128_SHA"]),
     "suites offered is TLS_RSA_WITH_RC4_128_SHA"),
    ("CR-TLS-04", "hospital-a", tls({"group": "secp192r1"}), "the key exchange group is secp192r1"),
    ("CR-TLS-05", "base", tls(key_size=1024), "key size is 1024"),
    ("CR-TLS-06", "hospital-a", tls({"client": {"subject": None}}, client={"in_validity": None}), "the client certificate is none"),
    ("CR-TLS-07", "base", tls(seconds_left=86400), "in seconds, is 86400, required is at least 1209600"),
    ("CR-CLR-01", "hospital-a", flow("10.11.1.20", "10.11.2.20", 2575, "hl7"), "the application protocol is hl7"),
    ("CR-CLR-02", "hospital-a", flow("10.11.1.20", "10.10.0.13", 443, "http"), "the application protocol is http"),
    ("CR-CLR-03", "hospital-a", ihe(), "ihe"),
    ("CR-XUA-01", "hospital-a", ihe(is_seen=False), "ihe.xua.is_seen is no"),
    ("CR-XUA-02", "hospital-a", ihe(purpose=None), "ihe.xua.purpose is none"),
    ("CR-XUA-03", "hospital-a", ihe(role=None), "ihe.xua.role is none"),
    ("CR-HTTP-01", "hospital-a", record("http", "10.11.1.20", "10.10.0.13", 80, app_proto="http", http={"http_method": "GET"},
                                        sekisho={"http": {"auth": "basic"}}), "basic"),
    ("CR-RMT-01", "supplier", flow("10.20.0.5", "10.11.1.20", 3389, "rdp"), "the begin of the session is 2026-11-20T09:00:01+09:00"),
    ("CR-IKE-01", "hospital-a", ike({"group": "MODP_1536"}), "ike.chosen.group is MODP_1536"),
    ("CR-IKE-02", "hospital-a", ike({"group": "ECP_256"}, major=1), "ike.version_major is 1, required is at least 2"),
    ("CR-DNS-01", "hospital-a", flow("10.11.1.20", "198.51.100.53", 53, "dns", "UDP"), "(198.51.100.53 port 53)"),
    ("CR-NTP-01", "hospital-a", flow("10.11.1.20", "198.51.100.53", 123, "ntp", "UDP"), "(198.51.100.53 port 123)"),
]



def replay(given):
    frame = {"host": "sensor-east", "sekisho": {"v": 1, "poi": "poi-east", "sensor": "sensor-east",
                                                "epoch": "00000000000000aa", "lane": 0}}
    tick = {"timestamp": stamp(0), "host": "sensor-east", "event_type": "tick", "sekisho": {**frame["sekisho"], "seq": 1}}
    watched = {"timestamp": stamp(10), "host": "sensor-east", "event_type": "coverage",
               "coverage": {"start": stamp(0), "end": stamp(10), "observed_usec": 10000000, "packets": 9,
                            "lost": {"interface": 0, "kernel": 0, "stream": 0, "flow": 0, "output": 0}, "reason": "interval"},
               "sekisho": {**frame["sekisho"], "seq": 3}}
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as lines:
        for line in (tick, given, watched):
            lines.write(json.dumps(line, separators=(",", ":")) + "\n")
        lines.flush()
        done = subprocess.run([f"{B}/sekisho", "replay", lines.name, "--json", "--inventory", "rules/inventory-example",
                               "--rules", "rules"], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 5):
        raise RuntimeError(f"replay ended with {done.returncode}: {done.stderr[:300]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def verdict_of(lines, requirement, participant):
    for line in lines:
        verdict = line.get("verdict")
        if verdict and verdict["requirement"] == requirement and verdict["participant"] == participant:
            return verdict
    return None


def sentences(lines, requirement):
    return [line["sekisho"]["alert"]["reason"] for line in lines
            if line.get("event_type") == "alert" and line["sekisho"]["alert"]["rule"] == requirement]


def tell(name, why):
    print(f"ok - {name}" if why is None else f"not ok - {name}: {why}")


def broken(requirement, participant, given, said):
    lines = replay(given)
    verdict, alerts = verdict_of(lines, requirement, participant), sentences(lines, requirement)
    if verdict is None:
        return f"no verdict for {participant}"
    if verdict["verdict"] != "violated" or verdict["bad"] != 1 or verdict["disposition"] != "open":
        return f"verdict is {verdict['verdict']}, {verdict['bad']} bad"
    if verdict["evidence"] != ["sensor-east/00000000000000aa/0/2"]:
        return f"evidence is {verdict['evidence']}"
    if said is None:
        return None if not alerts else f"advice raised an alert: {alerts}"
    if len(alerts) != 1 or said not in alerts[0]:
        return f"alerts are {alerts}; expected one with \"{said}\""
    return None


def kept():
    lines = replay(GOOD)
    for requirement, participant, given, _ in TABLE:
        if given["event_type"] != "tls" or requirement == "CR-TLS-08":
            continue
        verdict = verdict_of(lines, requirement, participant)
        if verdict is None or verdict["verdict"] != "satisfied":
            return f"{requirement}: {verdict and verdict['verdict']}; expected satisfied"
    return None


def hidden():
    given = tls({"version": "TLS 1.3", "cipher_suite": "TLS_AES_128_GCM_SHA256"})
    del given["tls"]["client"]
    for name in ("key_type", "key_size", "signature", "in_validity", "seconds_left", "client"):
        del given["sekisho"]["tls"][name]
    given["sekisho"]["unobservable"] = {"tls.certificate": "encrypted", "tls.client": "encrypted"}
    lines = replay(given)
    for requirement, participant in (("CR-TLS-05", "base"), ("CR-TLS-06", "hospital-a"), ("CR-TLS-07", "base")):
        verdict = verdict_of(lines, requirement, participant)
        if verdict is None or verdict["verdict"] != "unobservable" or verdict["reason"] != "encrypted":
            return f"{requirement}: {verdict and (verdict['verdict'], verdict['reason'])}; expected unobservable, encrypted"
    return None


def complete():
    """What is broken here is active, and at least 45 requirements are (the rest by the tests in their files)."""
    listed = subprocess.run([f"{B}/sekisho", "rules", "coverage", "rules", "--lang", "en"], capture_output=True, text=True).stdout
    active = {line.split("\t")[1] for line in listed.splitlines() if line.startswith(("observable\t", "partly\t"))}
    missing = {row[0] for row in TABLE} - active
    if missing or len(active) < 45:
        return f"{len(active)} are active and can be observed; of the table not: {sorted(missing)}"
    return None


os.chdir(os.path.dirname(os.path.abspath(__file__)) + "/../..")
tell("the table's requirements are active, and 45 or more can be observed", complete())
for row in TABLE:
    tell(f"{row[0]} is broken by its record", broken(*row))
tell("a good session breaks none", kept())
tell("what TLS 1.3 hides is unobservable", hidden())
sys.exit(0)
