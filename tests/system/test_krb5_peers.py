#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_krb5_peers: MIT's KDC and kinit over loopback, UDP and TCP, strong and weak; what was asked and answered is told."""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

KEY = "c0ffee" * 10 + "c0ff"  # of the pseudonyms of this test
REALM = "MEDICAL.EXAMPLE"


def start_kdc(folder, port):
    with open(f"{folder}/krb5.conf", "w") as config:
        config.write(f"[libdefaults]\ndefault_realm={REALM}\ndns_lookup_kdc=false\nrdns=false\nallow_weak_crypto=true\n"
                     f"allow_rc4=true\nudp_preference_limit=LIMIT\n"
                     f"[realms]\n{REALM}={{\nkdc=127.0.0.1:{port}\n}}\n")
    with open(f"{folder}/kdc.conf", "w") as config:
        config.write(f"[kdcdefaults]\nkdc_listen=127.0.0.1:{port}\nkdc_tcp_listen=127.0.0.1:{port}\n"
                     f"[realms]\n{REALM}={{\ndatabase_name={folder}/principal\nkey_stash_file={folder}/stash\nacl_file={folder}/acl\n"
                     f"supported_enctypes=aes256-cts:normal rc4-hmac:normal\n}}\n")
    env = {**os.environ, "KRB5_KDC_PROFILE": f"{folder}/kdc.conf", "KRB5_CONFIG": f"{folder}/krb5.conf", "KRB5CCNAME": f"FILE:{folder}/cache"}
    subprocess.run(["kdb5_util", "create", "-s", "-P", "master"], env=env, check=True, capture_output=True)
    for what in ("addprinc +requires_preauth -pw MARKER-word marker-user", "addprinc -randkey host/server.example"):
        subprocess.run(["kadmin.local", "-q", what], env=env, check=True, capture_output=True)
    return subprocess.Popen(["krb5kdc", "-n"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL), env


def prefer(folder, by_tcp, types=None):
    with open(f"{folder}/krb5.conf") as config:
        lines = [line for line in config.read().replace("LIMIT", "1465").splitlines() if "_enctypes" not in line]
    lines = [f"udp_preference_limit={1 if by_tcp else 1465}" if "udp_preference" in line else line for line in lines]
    if types:
        lines[1:1] = [f"default_tkt_enctypes={types}", f"default_tgs_enctypes={types}"]
    with open(f"{folder}/krb5.conf", "w") as config:
        config.write("\n".join(lines) + "\n")


def talk(env, word, service=None, user="marker-user"):
    subprocess.run(["kinit", user], env=env, input=word + b"\n", capture_output=True, timeout=30)
    if service:
        subprocess.run(["kvno", service], env=env, capture_output=True, timeout=30)


def check(name, folder, env, port, want, *what, weak=False, **how):
    with peers.Tap("lo") as tap:
        talk(env, *what, **how)
        time.sleep(0.3)
    records, out = peers.records_of(tap, folder, port, key=KEY)
    told = [r for r in records if r["event_type"] == "krb5"]
    problems = [f"anomaly {r['anomaly']}" for r in records if r["event_type"] == "anomaly"]
    have = [(r["krb5"]["msg_type"], r["krb5"].get("sname"), r["krb5"].get("error_code"), r["krb5"].get("ticket_encryption"),
             r["sekisho"]["krb5"]["outcome"]) for r in told]
    problems += [] if have == want else [f"{have}, expected {want}"]
    if any(r["krb5"]["realm"] != REALM or len(r["krb5"].get("cname", "x" * 32)) != 32 for r in told):
        problems.append(f"names {[r['krb5'] for r in told]}")
    if any(r["krb5"].get("weak_encryption") for r in told) != weak:
        problems.append(f"weak encryption {not weak}")
    if b"marker" in out.lower():
        problems.append("a user or a password is told")
    return peers.say(f"Kerberos: {name}", problems)


def main():
    why = peers.why_not("krb5kdc", "kinit", "kvno", "kdb5_util", "kadmin.local")
    if why:
        print(f"ok - Kerberos of real peers # SKIP {why}")
        return 0
    tgt, aes = f"krbtgt/{REALM}", "aes256-cts-hmac-sha1-96"
    asks = ("KRB_ERROR", tgt, "KDC_ERR_PREAUTH_REQUIRED", None, "preauth_required")
    bad = False
    with tempfile.TemporaryDirectory() as folder:
        port = peers.free_port(socket.SOCK_DGRAM)
        kdc, env = start_kdc(folder, port)
        try:
            if not peers.wait_for(port, kdc):
                print("not ok - Kerberos of real peers: krb5kdc does not listen")
                return 1
            for by_tcp in (False, True):
                prefer(folder, by_tcp)
                bad |= check(f"in, and a service, by {'TCP' if by_tcp else 'UDP'}", folder, env, port,
                             [asks, ("KRB_AS_REP", tgt, None, aes, "success"), ("KRB_TGS_REP", "host/server.example", None, aes, "success")],
                             b"MARKER-word", "host/server.example")
            prefer(folder, False)
            bad |= check("a wrong password", folder, env, port,
                         [asks, ("KRB_ERROR", tgt, "KDC_ERR_PREAUTH_FAILED", None, "failure")], b"MARKER-bad")
            bad |= check("nobody of that name", folder, env, port,
                         [("KRB_ERROR", tgt, "KDC_ERR_C_PRINCIPAL_UNKNOWN", None, "failure")], b"x", user="marker-nobody")
            prefer(folder, True, "rc4-hmac")
            bad |= check("a service by RC4", folder, env, port,
                         [asks, ("KRB_AS_REP", tgt, None, aes, "success"), ("KRB_TGS_REP", "host/server.example", None, aes, "success")],
                         b"MARKER-word", "host/server.example", weak=True)
        finally:
            peers.stop(kdc)
    return 1 if bad else 0


sys.exit(main())
