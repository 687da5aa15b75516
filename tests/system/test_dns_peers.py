#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_dns_peers: dig asks dnsmasq over loopback, by UDP and TCP; what was asked and answered is told, matched, with EDNS."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

CONFIG = """no-resolv
no-hosts
no-daemon
bind-interfaces
listen-address=127.0.0.1
user=root
local=/example/
address=/a.example/192.0.2.1
address=/a.example/2001:db8::1
mx-host=example,mail.example,10
txt-record=t.example,"v=spf1 -all","second"
srv-host=_hl7._tcp.example,a.example,2575,1,2
ptr-record=1.2.0.192.in-addr.arpa,a.example
cname=www.example,a.example
caa-record=example,0,issue,ca.example
dns-rr=h.example,65,000100000100060268320268 33
"""
# what dig is told, the type, and what must be told of the answer: its rcode and data
TABLE = [
    (["a.example"], "A", "NOERROR", ["192.0.2.1"]),
    (["a.example"], "AAAA", "NOERROR", ["2001:0db8:0000:0000:0000:0000:0000:0001"]),
    (["example"], "MX", "NOERROR", ["10 mail.example"]),
    (["t.example"], "TXT", "NOERROR", ["v=spf1 -allsecond"]),
    (["_hl7._tcp.example"], "SRV", "NOERROR", ["1 2 2575 a.example"]),
    (["1.2.0.192.in-addr.arpa"], "PTR", "NOERROR", ["a.example"]),
    (["example"], "CAA", "NOERROR", ['0 issue "ca.example"']),
    (["h.example"], "HTTPS", "NOERROR", ["1 . alpn=h2,h3"]),
    (["nothing.example"], "A", "NXDOMAIN", []),
    (["+tcp", "a.example"], "A", "NOERROR", ["192.0.2.1"]),
    (["+noedns", "a.example"], "A", "NOERROR", ["192.0.2.1"]),
]


def check(records, port):
    told = [r for r in records if r["event_type"] == "dns"]
    asked = [r for r in told if r["dns"]["type"] == "request"]
    answers = {(r["flow_id"], r["dns"]["id"]): r for r in told if r["dns"]["type"] == "response"}
    if len(asked) != len(TABLE) or len(answers) != len(TABLE):
        return [f"{len(asked)} requests and {len(answers)} responses, expected {len(TABLE)} each"]
    problems = []
    for request, (words, kind, rcode, data) in zip(asked, TABLE):
        answer = answers.get((request["flow_id"], request["dns"]["id"]))
        if request["dns"]["queries"] != [{"rrname": words[-1], "rrtype": kind}]:
            problems.append(f"asked {request['dns']['queries']}, expected {words} {kind}")
        if answer is None or answer["dns"]["rcode"] != rcode or answer["sekisho"]["dns"]["latency"] is None:
            problems.append(f"{words} {kind}: answered {answer and answer['dns']}")
        elif [a["rdata"] for a in answer["dns"]["answers"] or []] != data:
            problems.append(f"{words} {kind}: {answer['dns']['answers']}, expected {data}")
        edns = request["sekisho"]["dns"]["edns"]
        if (edns["version"] is None) != ("+noedns" in words):
            problems.append(f"{words}: EDNS {edns}")
        if request["dest_port"] != port or request["proto"] != ("TCP" if "+tcp" in words else "UDP"):
            problems.append(f"{words}: {request['proto']} to {request['dest_port']}")
    return problems


def main():
    why = peers.why_not("dnsmasq", "dig")
    if why:
        print(f"ok - dig and dnsmasq # SKIP {why}")
        return 0
    port = peers.free_port()
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/conf", "w") as file:
            file.write(CONFIG.replace(" 33\n", "33\n") + f"port={port}\n")
        server = subprocess.Popen(["/usr/sbin/dnsmasq", "-C", f"{folder}/conf"], stderr=subprocess.DEVNULL)
        try:
            if not peers.wait_for(port, server):
                return peers.say("dig and dnsmasq", ["dnsmasq does not answer"])
            with peers.Tap("lo") as tap:
                for words, kind, _, _ in TABLE:
                    subprocess.run(["dig", "@127.0.0.1", "-p", str(port), "+tries=1", "-t", kind, *words], check=True,
                                   capture_output=True, timeout=20)
                records, _ = peers.records_of(tap, folder, port)
        finally:
            peers.stop(server)
        return peers.say("dig and dnsmasq, by UDP and TCP, with EDNS and without", check(records, port))


sys.exit(main())
