#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_infra_peers: daemons of Debian speak the protocols of infrastructure over loopback; what they said is what is told.

usage: test_infra_peers.py [name ...]   only those protocols
"""
import os
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
import peers

AUDIT = ('<AuditMessage><EventIdentification EventActionCode="R" EventDateTime="2026-11-20T09:00:00Z" EventOutcomeIndicator="0">'
         '<EventID csd-code="110106" codeSystemName="DCM"/><EventTypeCode csd-code="ITI-39"/></EventIdentification>'
         '<ActiveParticipant UserID="MARKER-user" UserIsRequestor="true"/><AuditSourceIdentification AuditSourceID="gw"/>'
         '<ParticipantObjectIdentification ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1" '
         'ParticipantObjectID="MARKER^^^&amp;1.2.3&amp;ISO"/>' + "<!-- filler -->" * 200 + '</AuditMessage>')


def of(records, event):
    return [r for r in records if r["event_type"] == event]


def differ(what, have, want):
    return [] if have == want else [f"{what}: {have}, expected {want}"]


def run_syslog(folder, daemons):
    """rsyslog forwards what logger says, in each framing, to another rsyslog."""
    udp, tcp, control = peers.free_port(socket.SOCK_DGRAM), peers.free_port(), peers.free_port()
    with open(f"{folder}/to.conf", "w") as conf:
        conf.write(f'global(workDirectory="{folder}" maxMessageSize="64k")\nmodule(load="imudp")\nmodule(load="imtcp")\n'
                   f'input(type="imudp" address="127.0.0.1" port="{udp}")\ninput(type="imtcp" address="127.0.0.1" port="{tcp}")\n'
                   f'action(type="omfile" file="{folder}/got")\n')
    forward = "".join(f'action(type="omfwd" target="127.0.0.1" port="{port}" protocol="{protocol}" {more} '
                      'template="RSYSLOG_SyslogProtocol23Format")\n'
                      for port, protocol, more in ((udp, "udp", ""), (tcp, "tcp", 'TCP_Framing="octet-counted"'),
                                                   (tcp, "tcp", 'TCP_Framing="traditional"')))
    with open(f"{folder}/from.conf", "w") as conf:
        conf.write(f'global(workDirectory="{folder}" maxMessageSize="64k")\nmodule(load="imtcp")\n'
                   f'input(type="imtcp" address="127.0.0.1" port="{control}")\n{forward}')
    with peers.Tap("lo") as tap:
        for name, port in (("to", tcp), ("from", control)):
            daemons.append(subprocess.Popen(["rsyslogd", "-n", "-iNONE", "-f", f"{folder}/{name}.conf"], stdout=subprocess.DEVNULL,
                                            stderr=subprocess.DEVNULL))
            if not peers.wait_for(port, daemons[-1]):
                return [f"rsyslogd ({name}) does not listen"]
        logger = ["logger", "-n", "127.0.0.1", "-t", "xca", "--size", "60000"]
        via = logger + ["-T", "-P", str(control), "--octet-count", "--rfc5424=notq"]
        subprocess.run(via + ["-p", "local2.notice", "--msgid", "IHE+RFC-3881", "--", AUDIT], check=True)
        subprocess.run(via + ["-p", "user.warning", "--", "MARKER plain"], check=True)
        subprocess.run(logger + ["-d", "-P", str(udp), "--rfc3164", "-p", "mail.info", "--", "MARKER bsd"], check=True)
        time.sleep(1)
    records, out = peers.records_of(tap, folder, udp, tcp)
    framings = ["datagram", "newline", "octet_counting"]
    audits, plain = of(records, "atna"), of(records, "syslog")
    problems = differ("framings of audits", sorted(r["syslog"]["framing"] for r in audits), framings)
    for r in audits:
        problems += differ("audit", [r["atna"].get(k) for k in ("event_id", "event_types", "action", "outcome", "audit_source")],
                           ["110106", ["ITI-39"], "R", 0, "gw"])
        problems += differ("truncated", r["sekisho"].get("truncated"), None)
    problems += differ("messages", sorted((r["syslog"]["framing"], r["syslog"]["facility"], r["syslog"]["severity"],
                                           r["syslog"]["app_name"]) for r in plain if r["syslog"]["app_name"] == "xca"),
                       sorted([(f, 1, 4, "xca") for f in framings] + [("datagram", 2, 6, "xca")]))
    return problems + (["a marker is told"] if b"MARKER" in out else [])


# name: what it runs, programs it needs
PROTOCOLS = {
    "syslog": (run_syslog, ("rsyslogd", "logger")),
}


def main():
    failed = 0
    for name, (run, programs) in PROTOCOLS.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        why = peers.why_not(*programs)
        if why:
            print(f"ok - {name} of real peers # SKIP {why}", flush=True)
            continue
        with tempfile.TemporaryDirectory() as folder:
            daemons = []
            try:
                failed += peers.say(f"{name} of real peers", run(folder, daemons))
            finally:
                peers.stop(*daemons[::-1])
    return 1 if failed else 0


sys.exit(main())
