#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""month: made records of the days before the demo, so that every page has history.

They say they are made: sensor epoch "6d6164652d6d6f6e" ("made-mon").  Same seed, same records.
usage: month.py [--days 30] [--end UNIX_SECONDS] [--seed 1] > FILE.ndjson
"""
import argparse
import base64
import datetime
import hashlib
import ipaddress
import json
import random
import struct
import sys
import time

EPOCH = "6d6164652d6d6f6e"
SUITES = {"TLS 1.3": [("TLS_AES_256_GCM_SHA384", 0x1302), ("TLS_AES_128_GCM_SHA256", 0x1301)],
          "TLS 1.2": [("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xC030)],
          "TLSv1": [("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xC014)],
          "RSA": [("TLS_RSA_WITH_AES_128_CBC_SHA", 0x002F)]}
CERTIFICATE = {"key_type": "RSA", "key_size": 2048, "signature": "sha256WithRSAEncryption"}

# client, server, port, how often in a busy hour, versions, client certificate or None, bytes down
TALKS = [
    ("east", "10.11.0.2", "10.10.0.10", 443, 9, ["TLS 1.3", "TLS 1.2"], "CN=gateway.region-a.example,O=Aoba,C=JP", 60000),
    ("east", "10.11.0.2", "10.10.0.15", 6514, 6, ["TLS 1.3"], "CN=gateway.region-a.example,O=Aoba,C=JP", 300),
    ("east", "10.11.1.20", "10.10.0.13", 443, 6, ["TLS 1.2"], "CN=hospital-a.example,O=Aoba,C=JP", 24000),
    ("east", "10.11.1.20", "10.10.0.11", 443, 4, ["TLS 1.3"], "CN=hospital-a.example,O=Aoba,C=JP", 4000),
    ("east", "10.11.2.20", "10.10.0.13", 443, 3, ["TLS 1.3"], None, 9000),
    ("east", "10.11.3.20", "10.10.0.11", 443, 3, ["TLS 1.3"], None, 3000),
    ("west", "10.12.0.2", "10.10.0.10", 443, 7, ["TLS 1.3"], "CN=gateway.region-b.example,O=Midori,C=JP", 45000),
    ("west", "10.12.0.2", "10.10.0.15", 6514, 6, ["TLS 1.3"], "CN=gateway.region-b.example,O=Midori,C=JP", 300),
    ("east", "10.11.0.2", "10.10.0.123", 123, 1, ["ntp"], None, 0),
    ("west", "10.12.0.2", "10.10.0.123", 123, 1, ["ntp"], None, 0),
    ("west", "10.12.1.20", "10.10.0.12", 443, 5, ["TLS 1.2"], "CN=hospital-b.example,O=Midori,C=JP", 5000),
    ("west", "10.12.2.20", "10.10.0.13", 443, 3, ["TLS 1.3"], None, 9000),
    ("west", "2001:db8:b:3::20", "2001:db8:0:1::13", 443, 3, ["TLS 1.3"], None, 9000),
]
# days before the end, and what broke then: (sensor, client, server, port, kind)
BREAKS = {
    3: ("east", "10.11.2.20", "10.10.0.13", 443, "TLSv1"),
    9: ("west", "10.12.1.20", "10.10.0.12", 443, "RSA"),
    12: ("east", "10.11.1.20", "10.12.1.20", 445, "clear"),
    17: ("east", "10.20.0.5", "10.11.1.20", 3389, "rdp"),
    24: ("west", "10.99.0.7", "10.10.0.13", 443, "TLS 1.3"),
}
GAPS = {("west", 6): range(2, 7), ("east", 20): range(9, 12)}  # (sensor, days before): hours not watched
FULL = {"east": "sensor-east", "west": "sensor-west"}


def stamp(at):
    return datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def community_id(client, server, port_a, port_b, proto):
    ends = sorted([(ipaddress.ip_address(client).packed, port_a), (ipaddress.ip_address(server).packed, port_b)])
    data = struct.pack("!H", 0) + ends[0][0] + ends[1][0] + bytes([proto, 0]) + struct.pack("!HH", ends[0][1], ends[1][1])
    return "1:" + base64.b64encode(hashlib.sha1(data).digest()).decode()


def full(address):
    return ipaddress.ip_address(address).exploded


class Month:
    def __init__(self, seed):
        self.dice, self.seq, self.lines = random.Random(seed), {"east": 0, "west": 0}, []

    def record(self, side, at, event, members, sekisho):
        name = FULL[side]
        line = {"timestamp": stamp(at), "host": name, "event_type": event, **members}
        self.lines.append((at, side, line, {"v": 1, "poi": "poi-" + side, "sensor": name, "epoch": EPOCH, "lane": 0}, sekisho))

    def session(self, side, at, client, server, port, kind, certificate, down):
        length, local = self.dice.uniform(0.2, 20), self.dice.randrange(32768, 60999)
        flow = int.from_bytes(hashlib.sha256(f"{at}{client}{server}{local}".encode()).digest()[:6], "big")
        is_udp = kind == "ntp"
        head = {"src_ip": full(client), "src_port": local, "dest_ip": full(server), "dest_port": port, "proto": "UDP" if is_udp else "TCP",
                "ip_v": ipaddress.ip_address(client).version,
                "community_id": community_id(client, server, local, port, 17 if is_udp else 6)}
        roles = {"client": {"ip": full(client), "port": local}, "server": {"ip": full(server), "port": port},
                 "direction_confidence": "syn", "is_final": True}
        app = {"rdp": "rdp", "clear": "smb", "ntp": "ntp"}.get(kind, "tls")
        if app == "tls":
            self.tls(side, at + 0.05, flow, dict(head), dict(roles), kind, certificate)
        up = int(down * self.dice.uniform(0.05, 0.2)) + 900
        size = int(down * self.dice.uniform(0.5, 1.8)) + 2500
        if is_udp:
            flow_members = {"pkts_toserver": 1, "pkts_toclient": 1, "bytes_toserver": 90, "bytes_toclient": 90, "start": stamp(at),
                            "end": stamp(at + 0.01), "age": 0, "state": "established", "reason": "timeout"}
            self.record(side, at + 0.01, "flow", {"flow_id": flow, **head, "app_proto": app, "flow": flow_members}, roles)
            return
        members = {"flow_id": flow, **head, "app_proto": app,
                   "flow": {"pkts_toserver": up // 900 + 6, "pkts_toclient": size // 1300 + 5, "bytes_toserver": up,
                            "bytes_toclient": size, "start": stamp(at), "end": stamp(at + length), "age": int(length),
                            "state": "closed", "reason": "timeout"},
                   "tcp": {"tcp_flags": "1b", "tcp_flags_ts": "1b", "tcp_flags_tc": "1b", "syn": True, "fin": True, "rst": False,
                           "state": "closed"}}
        self.record(side, at + length, "flow", members, roles)

    def tls(self, side, at, flow, head, roles, kind, certificate):
        version = "TLS 1.2" if kind == "RSA" else kind
        suite, code = self.dice.choice(SUITES[kind])
        tls = {"sni": "portal.base.example", "version": version, "cipher_suite": suite}
        if version == "TLS 1.3":
            tls["group"] = "x25519"
        elif kind != "RSA":
            tls["group"] = "secp256r1"
        hidden = {"tls.certificate": "encrypted", "tls.client": "encrypted", "tls.alpn": "encrypted"}
        own = {"handshake": "complete", "suites_offered": [suite], "versions_offered": [version]}
        if version != "TLS 1.3":
            hidden = {}
            tls.update({"subject": "CN=portal.base.example,O=Shared Base,C=JP", "issuerdn": "CN=Sekisho Demo CA,O=Shared Base,C=JP"})
            own.update({"certificate_requested": certificate is not None, **CERTIFICATE, "seconds_left": 86400 * 200, "in_validity": True})
            if certificate:
                own["client"] = {"key_type": "EC", "key_size": 256, "signature": "sha256WithRSAEncryption", "in_validity": True}
            tls["server_handshake"] = {"cipher": code}
            tls["client"] = ({"subject": certificate, "issuerdn": "CN=Sekisho Demo CA,O=Shared Base,C=JP"} if certificate
                             else {"subject": None, "issuerdn": None})
        own_members = {"unobservable": hidden, "tls": own} if hidden else {"tls": own}
        self.record(side, at, "tls", {"flow_id": flow, **head, "app_proto": "tls", "tls": tls}, {**roles, **own_members})

    def coverage(self, side, begin, end, packets, observed=True):
        if observed and end > begin:
            lost = {"interface": 0, "kernel": self.dice.choice([0] * 9 + [packets // 2000]), "stream": 0, "flow": 0, "output": 0, "spool": 0}
            members = {"start": stamp(begin), "end": stamp(end), "observed_usec": int((end - begin) * 1e6), "packets": packets, "lost": lost,
                       "reason": "interval"}
            self.record(side, end, "coverage", {"coverage": members}, {})

    def write(self, out):
        for at, side, line, own, sekisho in sorted(self.lines, key=lambda item: item[0]):
            self.seq[side] += 1
            line["sekisho"] = {**own, "seq": self.seq[side], **sekisho}
            out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


def busy(at):
    local = time.gmtime(at + 9 * 3600)
    if local.tm_wday == 6:
        return 0.15
    return 1.0 if 8 <= local.tm_hour < 18 else 0.2


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--end", type=float, default=None)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    end = arguments.end if arguments.end is not None else time.time()
    month, hour = Month(arguments.seed), end - arguments.days * 86400
    while hour < end:
        until, before = min(hour + 3600, end), int((end - hour) / 86400)
        local = time.gmtime(hour + 9 * 3600)
        watched = {side: local.tm_hour not in GAPS.get((side, before), ()) for side in FULL}
        for side, client, server, port, often, versions, certificate, down in TALKS:
            for _ in range(int(often * busy(hour) + month.dice.random()) if watched[side] else 0):
                at = month.dice.uniform(hour, until - 25)
                if at > hour:
                    month.session(side, at, client, server, port, month.dice.choice(versions), certificate, down)
        if before in BREAKS and local.tm_hour == 22:
            side, client, server, port, kind = BREAKS[before]
            for turn in range(3):
                month.session(side, hour + 60 + turn * 300, client, server, port, kind, None, 2000)
        for side in FULL:
            month.coverage(side, hour, until, month.dice.randrange(20000, 60000), watched[side])
        hour = until
    month.write(sys.stdout)


if __name__ == "__main__":
    main()
