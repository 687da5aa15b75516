#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_ldap_peers: OpenLDAP's slapd and its tools over loopback; who binds and how is told, and what is done in counts."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

KEY = "c0ffee" * 10 + "c0ff"  # of the pseudonyms of this test
ADMIN = "cn=marker-admin,dc=example"
TREE = f"dn: dc=example\nobjectClass: dcObject\nobjectClass: organization\ndc: example\no: MARKER\n\n" + "".join(
    f"dn: cn=MARKER-{i},dc=example\nobjectClass: organizationalRole\ncn: MARKER-{i}\n\n" for i in range(20))


def start_server(folder, port):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
                    "-days", "2", "-subj", "/CN=localhost"], check=True, capture_output=True)
    os.mkdir(f"{folder}/db")
    with open(f"{folder}/slapd.conf", "w") as config:
        config.write(f"include /etc/ldap/schema/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\npidfile {folder}/pid\n"
                     f"TLSCertificateFile {folder}/cert.pem\nTLSCertificateKeyFile {folder}/key.pem\nTLSProtocolMin 3.3\n"
                     f"database mdb\nsuffix dc=example\nrootdn {ADMIN}\nrootpw MARKER-word\ndirectory {folder}/db\n")
    subprocess.run(["slapadd", "-f", f"{folder}/slapd.conf"], input=TREE.encode(), check=True, capture_output=True)
    return subprocess.Popen(["slapd", "-d", "0", "-f", f"{folder}/slapd.conf", "-h", f"ldap://127.0.0.1:{port}"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def ask(port, program, *options, data=b""):
    subprocess.run([program, "-H", f"ldap://127.0.0.1:{port}", *options], input=data, capture_output=True, timeout=30,
                   env={**os.environ, "LDAPTLS_REQCERT": "never", "LDAPNOINIT": "1"})


def taken(folder, port, *what, **how):
    with peers.Tap("lo") as tap:
        ask(port, *what, **how)
        time.sleep(0.3)
    records, out = peers.records_of(tap, folder, port, key=KEY)
    problems = [f"anomaly {r['anomaly']}" for r in records if r["event_type"] == "anomaly"]
    if b"marker" in out.lower():
        problems.append("a person or a password is told")
    return records, problems


def binds_of(records):
    return [(r["sekisho"]["ldap"]["auth"].get("method"), r["sekisho"]["ldap"]["auth"]["outcome"], r["sekisho"]["ldap"]["result_code"],
             r["sekisho"]["ldap"]["auth"].get("password_in_clear"), len(r["ldap"]["request"].get("bind_request", {}).get("name") or ""))
            for r in records if r["event_type"] == "ldap" and r["sekisho"]["ldap"]["kind"] != "end"]


def end_of(records):
    return [r["sekisho"] for r in records if r["event_type"] == "ldap" and r["sekisho"]["ldap"]["kind"] == "end"][0]


def check(name, folder, port, binds, counts, *what, **how):
    records, problems = taken(folder, port, *what, **how)
    problems += [] if binds_of(records) == binds else [f"binds {binds_of(records)}, expected {binds}"]
    done = end_of(records)["ldap"]
    have = {**done["operations"], "entries": done["entries"], "refused": done["refused"]}
    problems += [f"{k} {have[k]}, expected {v}" for k, v in counts.items() if have[k] != v]
    return peers.say(f"LDAP: {name}", problems)


def check_start_tls(folder, port):
    records, problems = taken(folder, port, "ldapsearch", "-ZZ", "-x", "-D", ADMIN, "-w", "MARKER-word", "-b", "dc=example")
    kinds = [(r["event_type"], r["sekisho"]["ldap"]["kind"] if r["event_type"] == "ldap" else r["tls"]["from_proto"])
             for r in records if r["event_type"] in ("ldap", "tls")]
    if sorted(kinds) != [("ldap", "end"), ("ldap", "starttls"), ("tls", "ldap")]:
        problems.append(f"{kinds}")
    elif end_of(records)["unobservable"].get("sekisho.ldap.operations") != "encrypted" or binds_of(records)[0][1:3] != ("success", 0):
        problems.append(f"{records}")
    return peers.say("LDAP: StartTLS, and TLS behind it", problems)


def main():
    why = peers.why_not("slapd", "slapadd", "ldapsearch", "ldapmodify", "openssl")
    if why:
        print(f"ok - LDAP of real peers # SKIP {why}")
        return 0
    bad = False
    clear = ("-x", "-D", ADMIN, "-w")
    with tempfile.TemporaryDirectory() as folder:
        port = peers.free_port()
        server = start_server(folder, port)
        try:
            if not peers.wait_for(port, server):
                print("not ok - LDAP of real peers: slapd does not listen")
                return 1
            bad |= check("a password in the clear, and a search", folder, port, [("simple", "success", 0, True, 32)],
                         {"search": 1, "search_subtree": 1, "search_root": 0, "entries": 21, "refused": 0, "bind": 1},
                         "ldapsearch", *clear, "MARKER-word", "-b", "dc=example")
            bad |= check("a wrong password", folder, port, [("simple", "failure", 49, True, 32)], {"search": 0, "refused": 1},
                         "ldapsearch", *clear, "MARKER-bad", "-b", "dc=example")
            bad |= check("nobody, at the root", folder, port, [("anonymous", "success", 0, False, 0)],
                         {"search": 1, "search_root": 1, "search_subtree": 0, "entries": 1},
                         "ldapsearch", "-x", "-b", "", "-s", "base")
            bad |= check("changes", folder, port, [("simple", "success", 0, True, 32)], {"modify": 1, "delete": 1, "add": 1, "refused": 0},
                         "ldapmodify", *clear, "MARKER-word",
                         data=b"dn: cn=MARKER-1,dc=example\nchangetype: modify\nadd: description\ndescription: MARKER\n\n"
                              b"dn: cn=MARKER-2,dc=example\nchangetype: delete\n\n"
                              b"dn: cn=MARKER-new,dc=example\nchangetype: add\nobjectClass: organizationalRole\ncn: MARKER-new\n\n")
            bad |= check_start_tls(folder, port)
        finally:
            peers.stop(server)
    return 1 if bad else 0


sys.exit(main())
