#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_intake_tls: who may deliver by TLS 1.3 and what; a line cut anywhere, and kills, lose and double nothing."""
import datetime
import glob
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from intake_peer import ROOT, Correlator, Peer, frame, hello, program  # noqa: E402


def report(name, good, why=""):
    print(f"{'ok' if good else 'not ok'} - {name}{'' if good else ': ' + str(why)[-300:]}", flush=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(test, patience=20):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return False


def rows(work, query):
    database = sqlite3.connect(os.path.join(work, "store/correlator.db"))
    found = database.execute(query).fetchall()
    database.close()
    return found


def records(work):
    found = []
    for path in glob.glob(os.path.join(work, "store/records-*.db")):
        database = sqlite3.connect(path)
        found += database.execute("SELECT * FROM record").fetchall()
        database.close()
    return found


def said(work):
    with open(os.path.join(work, "correlator.log"), encoding="utf-8") as log:
        return log.read()


def sekisho(*arguments):
    return subprocess.run([program("sekisho"), "sensor", *arguments], capture_output=True, text=True, check=False)


class Keys:
    """A centre's CA and sensors enrolled with it, by our own command."""

    def __init__(self, directory):
        self.directory = directory
        self.made = sekisho("ca", "--keys", directory)

    def path(self, name):
        return os.path.join(self.directory, name)

    def enroll(self, sensor, *pois):
        keys = self.path("at-" + sensor)
        who = ["--sensor", sensor, "--poi", ",".join(pois)]
        enrolled = sekisho("enroll", "--keys", keys, *who)
        signed = sekisho("sign", os.path.join(keys, "sensor.csr"), "--keys", self.directory, "-o", os.path.join(keys, "sensor.pem"), *who)
        if enrolled.returncode or signed.returncode:
            raise RuntimeError(enrolled.stderr + signed.stderr)
        self.said = enrolled.stdout, signed.stderr
        shutil.copy(self.path("ca.pem"), keys)
        return keys


def context(keys, ca):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.load_verify_locations(ca)
    if keys is not None:
        made.load_cert_chain(os.path.join(keys, "sensor.pem"), os.path.join(keys, "sensor.key"))
    return made


class TlsPeer(Peer):
    def __init__(self, port, made, sensor, poi, lanes=(0,), epoch="00000000000000aa"):
        self.socket = made.wrap_socket(socket.create_connection(("127.0.0.1", port)))
        self.socket.settimeout(10)
        self.socket.sendall(hello(sensor, poi, epoch, lanes))
        self.committed, self.input, self.refused, self.row, self.is_over = {}, b"", None, 0, False
        while len(self.committed) < len(lanes) and self.receive(10):
            pass

    def receive(self, patience):
        """False if nothing came in time; is_over once the other side is gone."""
        if self.is_over:
            return False
        try:
            if not self.socket.pending() and not select.select([self.socket], [], [], patience)[0]:
                return False
            got = self.socket.recv(1 << 16)
        except OSError:
            got = b""
        self.is_over = not got
        self.take(got)
        return bool(got)


def line(second, poi):
    return json.dumps({"timestamp": f"2026-11-24T01:00:{second:02}.000000+0000", "flow_id": second + 1, "event_type": "tls",
                       "src_ip": "10.11.1.20", "src_port": 50000, "dest_ip": "10.10.0.13", "dest_port": 443, "proto": "TCP",
                       "app_proto": "tls", "tls": {"version": "TLS 1.3"},
                       "sekisho": {"poi": poi, "client": {"ip": "10.11.1.20", "port": 50000},
                                   "server": {"ip": "10.10.0.13", "port": 443}, "direction_confidence": "syn"}}).encode()


def is_refused(port, made):
    """In TLS 1.3 the client is done before the server has judged it: the refusal comes with the first read."""
    try:
        with made.wrap_socket(socket.create_connection(("127.0.0.1", port))) as stranger:
            stranger.settimeout(10)
            stranger.sendall(hello("sensor-a", "poi-a", "00000000000000aa", (0,)))
            return stranger.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def expire(keys, centre):
    """The same certificate, signed by the same CA, but over since yesterday."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    with open(os.path.join(keys, "sensor.pem"), "rb") as file:
        old = x509.load_pem_x509_certificate(file.read())
    with open(centre.path("ca.key"), "rb") as file:
        signer = serialization.load_pem_private_key(file.read(), None)
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(old.subject).issuer_name(old.issuer).public_key(old.public_key())
               .serial_number(77).not_valid_before(now - datetime.timedelta(2)).not_valid_after(now - datetime.timedelta(1)))
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    with open(os.path.join(keys, "sensor.pem"), "wb") as file:
        file.write(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))


def test_commands(work):
    centre = Keys(os.path.join(work, "keys"))
    keys = centre.enroll("sensor-a", "poi-a")
    told = centre.said[0].split()[-1]
    report("both ends say the same fingerprint of a request", len(told) == 64 and told in centre.said[1], centre.said)
    shown = sekisho("show", os.path.join(keys, "sensor.pem"))
    report("a certificate says whose it is and until when", re.match(r"sensor sensor-a, serial [0-9a-f]+, expires on \d{4}-\d\d-\d\d, in 36[45] days\n"
                                                                    r"poi poi-a\n$", shown.stdout), shown.stdout + shown.stderr)
    request = os.path.join(keys, "sensor.csr")
    for what, sensor, poi in (("sensor", "sensor-x", "poi-a"), ("POI", "sensor-a", "poi-b"), ("POI too many", "sensor-a", "poi-a,poi-b")):
        wrong = sekisho("sign", request, "--keys", centre.directory, "--sensor", sensor, "--poi", poi)
        report(f"a request of another {what} is not signed", wrong.returncode == 3 and wrong.stderr.count("\n") == 1 and not wrong.stdout,
               wrong.stderr)
    with open(centre.path("ca.key"), "rb") as file:
        before = file.read()
    again = sekisho("ca", "--keys", centre.directory)
    with open(centre.path("ca.key"), "rb") as file:
        report("'ca' again renews the correlator's certificate and keeps the CA", again.returncode == 0 and file.read() == before, again.stderr)
    modes = [oct(os.stat(path).st_mode & 0o777) for path in (centre.path("ca.key"), os.path.join(keys, "sensor.key"))]
    report("keys are nobody else's to read", all(mode in ("0o600", "0o640") for mode in modes) and modes[0] == "0o600", modes)
    return centre, keys


def start(work, centre, port):
    correlator = Correlator(work, extra=["--listen", f"127.0.0.1:{port}", "--certificate", centre.path("correlator.pem"), "--key",
                                         centre.path("correlator.key"), "--ca", centre.path("ca.pem"), "--revoked", centre.path("revoked")])
    correlator.wait_ready()
    return correlator


def test_strangers(work, centre, keys, port):
    ca = centre.path("ca.pem")
    good = TlsPeer(port, context(keys, ca), "sensor-a", "poi-a")
    good.send(frame(0, 1, [line(0, "poi-a")]))
    report("a sensor with its certificate delivers", wait_for(lambda: good.receive(0.05) and good.committed.get(0) == 1), said(work))

    report("no certificate: refused", is_refused(port, context(None, ca)))
    old = context(keys, ca)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    report("TLS 1.2: refused", is_refused(port, old))
    other = Keys(os.path.join(work, "other-keys"))
    report("a certificate of another CA: refused", is_refused(port, context(other.enroll("sensor-a", "poi-a"), ca)))
    late = centre.enroll("sensor-late", "poi-a")
    expire(late, centre)
    report("an expired certificate: refused", is_refused(port, context(late, ca)))
    posing = centre.enroll("sensor-p", "poi-a")
    for name in ("pem", "key"):
        shutil.copy(centre.path(f"correlator.{name}"), os.path.join(posing, f"sensor.{name}"))
    report("the correlator's own certificate is no sensor's: refused", is_refused(port, context(posing, ca)))
    with socket.create_connection(("127.0.0.1", port)) as plain:
        plain.sendall(hello("sensor-a", "poi-a", "00000000000000aa", (0,)))
        plain.settimeout(10)
        try:
            answer = plain.recv(64)
        except ConnectionError:
            answer = b""
    report("plain text on the port: refused", answer == b"" or answer[0] == 0x15, answer)
    return good


def test_bounds(work, centre, keys, port, good):
    ca = centre.path("ca.pem")
    before = len(records(work))
    foreign = TlsPeer(port, context(keys, ca), "sensor-a", "poi-a", epoch="00000000000000bb")
    foreign.send(frame(0, 1, [line(1, "poi-a"), line(2, "poi-b"), line(3, "poi-a")]))
    report("a record of another POI ends the connection, with the reason", wait_for(lambda: not foreign.receive(0.1) and foreign.is_over)
           and "poi-b" in (foreign.refused or ""), foreign.refused)
    liar = TlsPeer(port, context(keys, ca), "sensor-b", "poi-a")
    report("another sensor's name ends the connection", liar.refused is not None and "sensor-a" in liar.refused and not liar.committed, liar.refused)
    elsewhere = TlsPeer(port, context(keys, ca), "sensor-a", "poi-b")
    report("another POI's name ends the connection", elsewhere.refused is not None and not elsewhere.committed, elsewhere.refused)
    nowhere = TlsPeer(port, context(keys, ca), "sensor-a", "poi-a", epoch="00000000000000cc")
    bare = json.loads(line(4, "x"))
    del bare["sekisho"]["poi"]
    nowhere.send(frame(0, 1, [json.dumps(bare).encode()]))
    report("a record without a POI is no way around", wait_for(lambda: not nowhere.receive(0.1) and nowhere.is_over), nowhere.refused)
    good.send(frame(0, 2, [line(5, "poi-a")]))
    wait_for(lambda: good.receive(0.05) and good.committed.get(0) == 2)
    report("nothing of them is stored", len(records(work)) == before + 1 and rows(work, "SELECT epoch, low FROM position WHERE lane = 0 AND "
           "sensor LIKE 'sensor-%'") == [("00000000000000aa", 2)], (len(records(work)), rows(work, "SELECT * FROM position")))
    counted = dict(rows(work, "SELECT name, value FROM counter"))
    report("all are counted", counted.get("foreign_refused") == 4 and counted.get("strangers_refused") == 6, counted)
    report("each kind of fault is one line", said(work).count("its connection ends") == 4, said(work))


def test_revoked(work, correlator, centre, keys, port, good):
    shown = sekisho("show", os.path.join(keys, "sensor.pem")).stdout
    with open(centre.path("revoked"), "w", encoding="utf-8") as file:
        file.write("# stolen\n" + re.search("serial ([0-9a-f]+)", shown).group(1).upper() + "  # sensor-a\n")
    correlator.process.send_signal(1)
    report("a certificate that becomes revoked ends its connection at SIGHUP", wait_for(lambda: not good.receive(0.1) and good.is_over), said(work))
    report("and comes in no more", is_refused(port, context(keys, centre.path("ca.pem"))))
    other = TlsPeer(port, context(centre.enroll("sensor-c", "poi-c", "poi-ö/1"), centre.path("ca.pem")), "sensor-c", "poi-ö/1")
    other.send(frame(0, 1, [line(6, "poi-c"), line(7, "poi-ö/1")]))
    report("others do, with two POIs if the certificate says so", wait_for(lambda: other.receive(0.05) and other.committed.get(0) == 2), other.refused)
    other.close()


class Cutter(threading.Thread):
    """Carries bytes between a sensor and the correlator and cuts each connection after a seeded number of them."""

    def __init__(self, to, seed):
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port, self.to, self.random = self.listener.getsockname()[1], to, random.Random(seed)
        self.cuts, self.cuts_most, self.is_ending = 0, 0, False

    def limit(self):
        if self.cuts >= self.cuts_most:
            return 1 << 60
        return self.random.choice((self.random.randrange(1, 4000), self.random.randrange(4000, 8000), self.random.randrange(8000, 120000)))

    def carry(self, one, other, left):
        pair = {one: other, other: one}
        while left > 0:
            for ready in select.select(list(pair), [], [], 1)[0]:
                data = ready.recv(min(left, 1 << 16))
                if not data:
                    return False
                pair[ready].sendall(data)
                left -= len(data)
                if left <= 0:
                    break
        return True

    def run(self):
        while not self.is_ending:
            sensor, _ = self.listener.accept()
            centre = None
            try:
                centre = socket.create_connection(("127.0.0.1", self.to))
                self.cuts += self.carry(sensor, centre, self.limit())
            except OSError:
                pass
            for end in (sensor, centre):
                if end is not None:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", self.random.randrange(2), 0))
                    end.close()


def capture(path, flows):
    made = random.Random(5)
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101))
        for i in range(flows):
            body = made.randbytes(20)
            packet = struct.pack(">BBHHHBBH4s4sHHHH", 0x45, 0, 28 + len(body), i & 0xffff, 0, 64, 17, 0, made.randbytes(4),
                                 bytes([10, 0, 0, 1]), 1024 + i % 60000, 9999, 8 + len(body), 0) + body
            at = 1790000000 * 1000000 + i * 20000
            out.write(struct.pack("<IIII", at // 1000000, at % 1000000, len(packet), len(packet)) + packet)


def sensor_command(work, keys, port, *more):
    return [program("sekisho-sensor"), "--sensor", "sensor-r", "--poi", "poi-r", "--flows", "4096", "--undecided", "64", "--spool",
            os.path.join(work, "spool/spool.db"), "--correlator", f"127.0.0.1:{port}", "--certificate", os.path.join(keys, "sensor.pem"),
            "--key", os.path.join(keys, "sensor.key"), "--ca", os.path.join(keys, "ca.pem"), *more]


def test_cut_line(work, centre, correlator, port):
    keys = centre.enroll("sensor-r", "poi-r")
    capture(os.path.join(work, "flows.pcap"), 12000)
    cutter = Cutter(port, int(os.environ.get("SEED", "20261124")))
    cutter.cuts_most = int(os.environ.get("CUTS", "25"))
    cutter.start()
    log = open(os.path.join(work, "sensor.log"), "ab")
    command = sensor_command(work, keys, cutter.port, "-r", os.path.join(work, "flows.pcap"), "--wait-sent")
    sensor = subprocess.Popen(command, stderr=log)
    wait_for(lambda: cutter.cuts >= cutter.cuts_most // 2 or sensor.poll() is not None, 120)
    correlator.kill()
    time.sleep(1.5)
    correlator = start(work, centre, port)
    try:
        status = sensor.wait(240)
    except subprocess.TimeoutExpired:
        sensor.terminate()
        status = "not done in time"
    log.close()
    with open(os.path.join(work, "sensor.log"), encoding="utf-8") as file:
        report("a sensor over a line cut again and again, with a kill -9 of the correlator between, ends when all is committed", status == 0,
               (status, file.read()))
    cutter.is_ending = True
    database = sqlite3.connect(os.path.join(work, "spool/spool.db"))
    spool = database.execute("SELECT lane, next_seq - 1 FROM lane").fetchall()
    database.close()
    kept = rows(work, "SELECT lane, low, gaps FROM position WHERE sensor = 'sensor-r'")
    report(f"{cutter.cuts} cuts: every seq the spool gave is applied, without a gap", cutter.cuts >= cutter.cuts_most // 2
           and kept == [(lane, last, "[]") for lane, last in spool], (spool, kept))
    flows = [row for row in records(work) if '"sensor-r"' in str(row) or "sensor-r" in row]
    events = sum('"event_type":"flow"' in str(row) for row in flows)
    report("each of the 12,000 flows is there once", events == 12000, events)
    return correlator


def test_sensor_refuses(work, centre, port):
    """What the sensor says and does when keys or the other side are wrong."""
    keys = os.path.join(centre.directory, "at-sensor-r")
    small = os.path.join(work, "small.pcap")
    capture(small, 3)
    wrong = subprocess.run(sensor_command(work, keys, port, "-r", small, "--poi", "poi-x"), capture_output=True, text=True, timeout=60, check=False)
    report("a sensor whose certificate does not name its POI does not start", wrong.returncode == 3 and "poi-x" in wrong.stderr, wrong.stderr)
    wrong = subprocess.run(sensor_command(work, keys, port, "-r", small, "--key", os.path.join(centre.directory, "at-sensor-a/sensor.key")),
                           capture_output=True, text=True, timeout=60, check=False)
    report("nor one whose key is another's", wrong.returncode == 3 and wrong.stderr.count("\n") == 1, wrong.stderr)

    # another sensor's certificate must not do for a correlator
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(centre.directory, "at-sensor-a/sensor.pem"), os.path.join(centre.directory, "at-sensor-a/sensor.key"))
    heard = []
    listener = socket.create_server(("127.0.0.1", 0))

    def pose():
        while True:
            peer, _ = listener.accept()
            try:
                with made.wrap_socket(peer, server_side=True) as secure:
                    heard.append(secure.recv(100))
            except (ssl.SSLError, OSError):
                heard.append(b"")

    threading.Thread(target=pose, daemon=True).start()
    sensor = subprocess.Popen(sensor_command(work, keys, listener.getsockname()[1], "-r", small, "--wait-sent"), stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(heard) >= 2)
    sensor.terminate()
    _, words = sensor.communicate(timeout=60)
    report("a sensor tells nothing to a correlator whose certificate is a sensor's", len(heard) >= 2 and not any(heard) and "certificate" in words,
           (heard, words))


def test_expiry(work, centre, port):
    keys = os.path.join(work, "soon")
    who = ["--sensor", "sensor-r", "--poi", "poi-r"]
    sekisho("enroll", "--keys", keys, *who)
    sekisho("sign", os.path.join(keys, "sensor.csr"), "--keys", centre.directory, "--days", "6", "-o", os.path.join(keys, "sensor.pem"), *who)
    shutil.copy(centre.path("ca.pem"), keys)
    done = subprocess.run(sensor_command(work, keys, port, "-r", os.path.join(work, "small.pcap"), "--wait-sent"), capture_output=True, text=True,
                          timeout=120, check=False)
    report("the sensor warns of a certificate that ends in days, once", done.returncode == 0 and done.stderr.count("expires on") == 1, done.stderr)
    report("so does the correlator", re.search("certificate of sensor sensor-r expires on", said(work)) is not None, said(work))


def test_renewal(work, centre, port):
    name = "a certificate signed anew is taken by SIGHUP, and the records go on"
    if os.geteuid() != 0:
        print(f"ok - {name} # SKIP only root may capture")
        return
    keys, who = os.path.join(work, "soon"), ["--sensor", "sensor-r", "--poi", "poi-r"]
    path = os.path.join(work, "live.log")
    with open(path, "wb") as log:
        live = subprocess.Popen(sensor_command(work, keys, port, "-i", "lo", "--buffer", "4MiB", "--user", "root"), stderr=log)

    def connected():
        with open(path, encoding="utf-8") as file:
            return file.read().count(": connected,")

    try:
        first = wait_for(lambda: connected() == 1)
        sekisho("sign", os.path.join(keys, "sensor.csr"), "--keys", centre.directory, "-o", os.path.join(keys, "sensor.pem"), *who)
        warned = said(work).count("of sensor sensor-r expires on")
        live.send_signal(signal.SIGHUP)
        again = wait_for(lambda: connected() == 2)
        live.terminate()
        status = live.wait(30)
    finally:
        if live.poll() is None:
            live.kill()
    report(name, first and again and status == 0 and said(work).count("of sensor sensor-r expires on") == warned, (first, again, status))


def main():
    work = tempfile.mkdtemp(prefix="sekisho-tls-")
    correlator = None
    try:
        port = free_port()
        centre, keys = test_commands(work)
        open(centre.path("revoked"), "w", encoding="utf-8").close()
        correlator = start(work, centre, port)
        good = test_strangers(work, centre, keys, port)
        test_bounds(work, centre, keys, port, good)
        test_revoked(work, correlator, centre, keys, port, good)
        correlator = test_cut_line(work, centre, correlator, port)
        test_sensor_refuses(work, centre, port)
        test_expiry(work, centre, port)
        test_renewal(work, centre, port)
        report("the correlator ends in order", correlator.stop() == 0)
        correlator = None
    finally:
        if correlator is not None:
            correlator.kill()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
