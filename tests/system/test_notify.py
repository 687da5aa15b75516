#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_notify: alerts reach real receivers at least once; dead, slow and refusing ones cost backlog only; nobody is named.

rsyslog with TLS, Python's HTTP and SMTP servers, files.  Records carry planted names of patients and users in every field
that may hold one; none of them is found in anything that leaves.
"""
import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import smtpd
import socket
import subprocess
import sys
import tempfile
import threading
import time
import asyncore
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from intake_peer import ROOT, Correlator, Peer, frame, program  # noqa: E402

MARKER = "MARKERNAME"
KEY = "0123456789abcdef0123456789abcdef"
EPOCH = "00000000000000aa"


def ok(holds, name, why=""):
    print(f"{'ok' if holds else 'not ok'} - {name}{'' if holds else ': ' + str(why)[:600]}", flush=True)


def free_port():
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    return port


def wait(holds, patience=60):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.1)
    return bool(holds())


def month(days):
    """Lines of one sensor, with names planted wherever a record has room for one; nobody sets a clock, so that each day has alerts."""
    text = subprocess.run([sys.executable, os.path.join(ROOT, "tests/demo/month.py"), "--days", str(days), "--end", "1764000000"],
                          check=True, capture_output=True).stdout
    lines = []
    for line in text.splitlines():
        record = json.loads(line)
        if record["sekisho"]["sensor"] != "sensor-east" or record.get("app_proto") == "ntp":
            continue
        record["sekisho"]["seq"] = len(lines) + 1
        if "tls" in record:
            record["tls"].update(subject=f"CN={MARKER}", sni=f"{MARKER.lower()}.example",
                                 client={"subject": f"CN={MARKER}", "issuerdn": f"CN={MARKER}"})
        if record["event_type"] == "flow":
            record["http"] = {"url": f"/Patient?name={MARKER}", "hostname": MARKER, "http_user_agent": MARKER}
            record["smtp"] = {"mail_from": MARKER}
            record["host"] = "sensor-east"
        lines.append(json.dumps(record, separators=(",", ":")).encode())
    return lines


class Hook(BaseHTTPRequestHandler):
    got, answers = [], []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = Hook.answers.pop(0) if Hook.answers else 204
        Hook.got.append((status, dict(self.headers), body))
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


class Relay(smtpd.SMTPServer):
    mails = []

    def process_message(self, peer, mailfrom, rcpttos, data, **_):
        Relay.mails.append((mailfrom, rcpttos, data))


def make_certificate(work):
    pem, key = os.path.join(work, "ca.pem"), os.path.join(work, "ca.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                    "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", pem], check=True, capture_output=True)
    return pem, key


class Rsyslog:
    def __init__(self, work, port, pem, key):
        self.work, self.port, self.out = work, port, os.path.join(work, "syslog.out")
        self.conf = os.path.join(work, "rsyslog.conf")
        with open(self.conf, "w") as file:
            file.write(f'''global(workDirectory="{work}" defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{pem}"
  defaultNetstreamDriverCertFile="{pem}" defaultNetstreamDriverKeyFile="{key}")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="whole" type="string" string="%pri%|%timestamp:::date-rfc3339%|%app-name%|%msgid%|%structured-data%|%msg%\\n")
input(type="imtcp" port="{port}" address="127.0.0.1")
action(type="omfile" file="{self.out}" template="whole")
''')
        self.process = None

    def start(self):
        self.process = subprocess.Popen(["rsyslogd", "-n", "-f", self.conf, "-i", os.path.join(self.work, "rsyslog.pid")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def lines(self):
        try:
            with open(self.out) as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)


class Mute:
    """Takes connections and never says a word."""

    def __init__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(50)
        self.port = self.listener.getsockname()[1]


def status(store):
    done = subprocess.run([program("sekisho"), "status", "--store", store], capture_output=True, text=True)
    return {line.split()[1].rstrip(":"): line for line in done.stdout.splitlines() if line.startswith("output")}


def waiting(store, name):
    found = re.search(r"(\d+) waiting", status(store).get(name, ""))
    return int(found[1]) if found else None


def send(correlator, lines, first):
    peer = Peer(correlator.socket, "sensor-east", "poi-east", EPOCH, (0,))
    seq = first
    for at in range(0, len(lines), 200):
        part = lines[at:at + 200]
        peer.send(frame(0, seq, part))
        seq += len(part)
    end = time.monotonic() + 120
    while peer.committed[0] < seq - 1 and time.monotonic() < end:
        peer.receive(0.1)
    done = peer.committed[0]
    peer.close()
    return done == seq - 1, seq


def verify(headers, body):
    found = dict(part.split("=") for part in headers["Sekisho-Signature"].split(","))
    return hmac.compare_digest(hmac.new(KEY.encode(), found["t"].encode() + b"." + body, hashlib.sha256).hexdigest(), found["v1"])


def transitions(store):
    import sqlite3
    database = sqlite3.connect(os.path.join(store, "correlator.db"))
    rows = database.execute("SELECT t.alert || '-' || t.number FROM alert_transition t JOIN alert a ON a.id = t.alert"
                            " WHERE a.disposition = 'open' AND a.severity <> 'info'").fetchall()
    database.close()
    return {row[0] for row in rows}


def check_syslog(rsyslog, want):
    lines = rsyslog.lines()
    keys = {f"{m[1]}-{m[2]}" for m in (re.search(r'\[alert@32473 id="([0-9a-f]{64})" transition="(\d+)"', line) for line in lines) if m}
    ok(keys == want, "rsyslog: every transition came by syslog over TLS", f"{len(keys)} of {len(want)}")
    cef = [line for line in lines if "CEF:0|Sekisho|sekisho-correlator|" in line]
    ok(all(re.search(r"\|sekisho-correlator\|alert\|", line) for line in lines), "rsyslog: read each header as RFC 5424 has it")
    return cef


def main():
    work = tempfile.mkdtemp(prefix="sekisho-notify-")
    store = os.path.join(work, "store")
    key_file = os.path.join(work, "hook.key")
    with open(key_file, "w") as file:
        file.write(KEY + "\n")
    pem, key = make_certificate(work)
    rsyslog = Rsyslog(work, free_port(), pem, key)
    hook = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    relay = Relay(("127.0.0.1", 0), None, decode_data=False)
    threading.Thread(target=asyncore.loop, kwargs={"timeout": 0.2}, daemon=True).start()
    mute, eve, stix = Mute(), os.path.join(work, "alerts.json"), os.path.join(work, "stix")
    Hook.answers = [503, 500, 422]
    extra = ["--eve", eve, "--stix", stix, "--syslog", f"127.0.0.1:{rsyslog.port}", "--cef", f"127.0.0.1:{mute.port}",
             "--webhook", f"http://127.0.0.1:{hook.server_port}/hook?x=1", "--webhook-key", key_file,
             "--mail", f"127.0.0.1:{relay.socket.getsockname()[1]}", "--mail-from", "sekisho@example.jp", "--mail-to", "soc@example.jp",
             "--mail-every", "1s", "--notify-ca", pem, "--burst", "100000", "--console-url", "https://console.example.jp"]
    try:
        lines = month(12)
        correlator = Correlator(work, extra=extra)
        correlator.wait_ready()
        committed, seq = send(correlator, lines[:len(lines) // 2], 1)
        ok(committed, "records are committed with a dead, a mute and a failing receiver")
        want = transitions(store)
        ok(len(want) > 3, "there is something to tell", len(want))
        ok(wait(lambda: waiting(store, "syslog") and "failed attempts; now:" in status(store)["syslog"]),
           "status shows the dead receiver's backlog and why", status(store))
        rsyslog.start()
        ok(wait(lambda: waiting(store, "syslog") == 0), "once it is there, its backlog is told", status(store).get("syslog"))
        correlator.kill()
        correlator = Correlator(work, extra=extra)
        correlator.wait_ready()
        rsyslog.stop()
        committed, seq = send(correlator, lines[len(lines) // 2:], seq)
        rsyslog.start()
        ok(committed and wait(lambda: all(waiting(store, name) == 0 for name in ("syslog", "webhook", "mail", "eve", "stix"))),
           "after a kill -9 and a receiver that went away all but the mute one have all", status(store))
        want = transitions(store)
        check_syslog(rsyslog, want)
        ok((waiting(store, "cef") or 0) > 0, "the mute receiver has a backlog of its own", status(store).get("cef"))
        check_hook(want)
        with open(eve) as file:
            events = [json.loads(line) for line in file]
        keys = {f"{e['sekisho']['alert']['id']}-{e['sekisho']['alert']['transition']}" for e in events}
        ok(keys == want and all(e["event_type"] == "alert" and e["alert"]["signature_id"] for e in events),
           "EVE: every transition is a line of event alert", f"{len(keys)} of {len(want)}")
        check_mail(want)
        check_stix(stix, want)
        ok(correlator.stop() == 0, "SIGTERM ends it")
        cef_again(work, store, extra, rsyslog)
        leaks = [name for name, text in everything(work, eve, stix, rsyslog) if MARKER.lower() in text.lower()]
        ok(not leaks, "no planted name of a patient or user is in any output", leaks)
    finally:
        rsyslog.stop()
        hook.shutdown()
        shutil.rmtree(work, ignore_errors=True)


def check_hook(want):
    taken = [(headers, body) for status, headers, body in Hook.got if status == 204]
    refused = [headers["Idempotency-Key"] for status, headers, body in Hook.got if status == 422]
    keys = {headers["Idempotency-Key"] for headers, _ in taken}
    ok(keys | set(refused) == want and len(refused) == 1,
       "webhook: 503 and 500 are tried again, 422 is passed over, all else came", f"{len(keys)} and {len(refused)} of {len(want)}")
    ok(all(verify(headers, body) for headers, body in taken), "webhook: every body is signed by the key and the time")
    bodies = [json.loads(body) for _, body in taken]
    ok(all(b["class_uid"] == 2004 and b["metadata"]["uid"] in want and b["finding_info"]["analytic"]["uid"] and
           b["finding_info"]["src_url"].startswith("https://console.example.jp/#/alerts/") and b["type_uid"] == 200400 + b["activity_id"]
           for b in bodies), "webhook: bodies are OCSF detection findings with a link to the alert's page")


def mail_text():
    texts = []
    for _, _, data in Relay.mails:
        head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
        texts.append(head.decode() + "\n\n" + base64.b64decode(body).decode())
    return "\n".join(texts)


def check_mail(want):
    text = mail_text()
    told = set(re.findall(r"アラート: ([0-9a-f]{64}-\d+)", text))
    ok(told == want, "mail: digests tell every transition", f"{len(told)} of {len(want)}")
    ok(1 < len(Relay.mails) < len(want) and all(m[0] == "sekisho@example.jp" and m[1] == ["soc@example.jp"] for m in Relay.mails),
       "mail: gathered, from and to as set", len(Relay.mails))
    ok("連絡先" in text, "mail: contacts of record are named")


def check_stix(folder, want):
    names = {name[:-5] for name in os.listdir(folder) if name.endswith(".json")}
    good = True
    for name in names:
        with open(os.path.join(folder, name + ".json")) as file:
            bundle = json.load(file)
        ids = {o["id"] for o in bundle["objects"]}
        for o in bundle["objects"]:
            good &= re.fullmatch(o["type"] + r"--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", o["id"]) is not None
            good &= o["spec_version"] == "2.1" and set(o.get("object_refs", [])) <= ids
        good &= any(o["type"] == "note" for o in bundle["objects"])
    ok(names == want and good, "STIX: a bundle each, whose references hold", f"{len(names)} of {len(want)}")


def cef_again(work, store, extra, rsyslog):
    """The receiver that was mute is replaced by one that speaks; then token buckets: few at once, the rest summed."""
    extra[extra.index("--cef") + 1] = f"127.0.0.1:{rsyslog.port}"
    extra[extra.index("--burst") + 1] = "1"
    extra += ["--refill", "2s"]
    correlator = Correlator(work, extra=extra)
    correlator.wait_ready()
    ok(wait(lambda: waiting(store, "cef") == 0 and
            any("CEF:0|" in line and ("more of this kind" in line or "同種のアラート" in line) for line in rsyslog.lines())),
       "CEF: the backlog goes to the next receiver, what overflows is summed", status(store).get("cef"))
    cef = [line for line in rsyslog.lines() if "CEF:0|Sekisho|sekisho-correlator|" in line]
    ok(cef and all(re.search(r"CEF:0\|Sekisho\|sekisho-correlator\|[^|]+\|[^|]+\|[^|]+\|(1|3|5|8|10)\|rt=\d+ start=\d+ end=\d+ cnt=\d+ ",
                             line) for line in cef), "CEF: header and extension are well formed", cef[:1])
    correlator.stop()
    ok(True if wait(lambda: children_are_gone(store), 10) else False, "the outputs end with the correlator")


def children_are_gone(store):
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if name.isdigit() and store.encode() in file.read():
                    return False
        except OSError:
            pass
    return True


def everything(work, eve, stix, rsyslog):
    yield "syslog", "\n".join(rsyslog.lines())
    yield "mail", mail_text()
    yield "webhook", "\n".join(body.decode() for _, _, body in Hook.got)
    for path in [eve] + [os.path.join(stix, name) for name in os.listdir(stix)] + \
            [os.path.join(work, "store/notify", name) for name in os.listdir(os.path.join(work, "store/notify"))]:
        with open(path) as file:
            yield path, file.read()


if __name__ == "__main__":
    main()
