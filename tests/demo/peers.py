#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""peers: the demo's services and clients: real TLS by OpenSSL, DNS, NTP, HL7, RDP; some good, some breaking a requirement.

usage: peers.py serve HOST CERTS        all services of a namespace, until it is ended
       peers.py talk HOST CERTS [4|6]   all conversations of a namespace, over and over, until it is ended
"""
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
V = ssl.TLSVersion
BASE = {"xca": 10, "hpki": 11, "mpi": 12, "portal": 13, "repository": 14, "audit": 15, "dns": 53, "ntp": 123}


def base(name, family):
    return f"10.10.0.{BASE[name]}" if family == 4 else f"2001:db8:0:1::{BASE[name]}"


def member(letter, part, family):
    number = {"a": 1, "b": 2}[letter]
    if part == 0:
        return f"10.1{number}.0.2" if family == 4 else f"2001:db8:{letter}::2"
    return f"10.1{number}.{part}.20" if family == 4 else f"2001:db8:{letter}:{part}::20"


# service: certificate, port, does it ask for the client's certificate
TLS_SERVICES = {"xca": ("xca-gateway", 443, True), "hpki": ("hpki-auth", 443, True), "mpi": ("mpi", 443, False),
                "portal": ("portal", 443, True), "repository": ("repository", 443, True), "audit": ("audit", 6514, True)}


def server_context(certs, name, asks):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = V.TLSv1
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(f"{certs}/{name}.pem", f"{certs}/{name}.key")
    if asks:
        made.verify_mode = ssl.CERT_OPTIONAL
        made.load_verify_locations(f"{certs}/ca.pem")
    return made


def answer_tls(made, link):
    with made.wrap_socket(link, server_side=True) as secure:
        secure.settimeout(20)
        size = int.from_bytes(secure.recv(4), "big")
        while secure.recv(65536)[-4:] != b"end\n":
            pass
        secure.sendall(b"x" * size)


def answer_clear(link):
    link.settimeout(30)
    while True:
        data = link.recv(65536)
        if not data:
            return
        if data[:1] == b"\x0b":  # MLLP
            link.sendall(b"\x0bMSH|^~\\&|LAB|B|ADT|A|20261120||ACK|2|P|2.5\rMSA|AA|1\r\x1c\r")
        elif data[:2] == b"\x03\x00":  # TPKT: RDP connection confirm
            link.sendall(bytes.fromhex("030000130ed000001234000200080001000000"))
        else:
            link.sendall(b"ok\r\n")


def listen(address, port, answer):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                answer(self.request)
            except (OSError, ssl.SSLError):
                pass  # the demo breaks rules on purpose; the sensor sees how it ended

    class Server(socketserver.ThreadingTCPServer):
        address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        allow_reuse_address, daemon_threads = True, True

    threading.Thread(target=Server((address, port), Handler).serve_forever, daemon=True).start()


def echo_udp(address, port, answer):
    talk = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    talk.bind((address, port))

    def run():
        while True:
            data, peer = talk.recvfrom(2048)
            talk.sendto(answer(data), peer)

    threading.Thread(target=run, daemon=True).start()


def dns_answer(data):
    return data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + data[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\x0a\0\x0a"


def ntp_answer(data):
    now = int(time.time()) + 2208988800
    return struct.pack("!BBbbII4sIIQQII", 0x24, 1, 6, -20, 0, 0, b"NICT", now, 0, 0, 0, now, 0)[:48]


def serve(host, certs):
    for family in (4, 6):
        if host == "base":
            for name, (certificate, port, asks) in TLS_SERVICES.items():
                made = server_context(certs, certificate, asks)
                listen(base(name, family), port, lambda link, made=made: answer_tls(made, link))
            echo_udp(base("dns", family), 53, dns_answer)
            echo_udp(base("ntp", family), 123, ntp_answer)
        else:
            part = {"h": 1, "c": 2, "p": 3}[host[0]]
            for port in (445, 2575, 3389):
                listen(member(host[1], part, family), port, answer_clear)
    while True:
        time.sleep(3600)


class Client:
    """The conversations one host can hold."""

    def __init__(self, certs, source):
        self.certs, self.source = certs, source

    def connect(self, server, port):
        return socket.create_connection((server, port), 8, (self.source, 0))

    def tls(self, server, port, sni, low=V.TLSv1_2, high=V.TLSv1_3, cert=None, ciphers="DEFAULT", up=800, down=9000):
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
        made.set_ciphers(ciphers + ":@SECLEVEL=0")
        made.minimum_version, made.maximum_version = low, high
        made.set_alpn_protocols(["http/1.1"])
        if cert:
            made.load_cert_chain(f"{self.certs}/{cert}.pem", f"{self.certs}/{cert}.key")
        with made.wrap_socket(self.connect(server, port), server_hostname=sni) as link:
            link.sendall(down.to_bytes(4, "big"))
            link.sendall(b"x" * up + b"end\n")
            while link.recv(65536):
                pass

    def clear(self, server, port, data, times=1, pause=1.0):
        with self.connect(server, port) as link:
            for _ in range(times):
                link.sendall(data)
                link.recv(65536)
                time.sleep(pause)

    def udp(self, server, port, data):
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as talk:
            talk.settimeout(2)
            talk.bind((self.source, 0))
            talk.sendto(data, (server, port))
            talk.recv(2048)


DNS = bytes.fromhex("abcd01000001000000000000") + b"\x06portal\x04base\x07example\0\0\1\0\1"
NTP = bytes([0x23]) + bytes(47)
HL7 = b"\x0bMSH|^~\\&|ADT|A|LAB|B|20261120||ADT^A01|1|P|2.5\rPID|1||DEMO-0001\r\x1c\r"
RDP = bytes.fromhex("0300002a25e00000000000") + b"Cookie: mstshash=maint\r\n" + bytes.fromhex("0100080003000000")


def plan(host, f):
    """What a host does: (every N seconds, what it is, function of a Client)."""
    gcm = "ECDHE+AESGCM"
    common = [(20, "dns", lambda c: c.udp(base("dns", f), 53, DNS)), (40, "ntp", lambda c: c.udp(base("ntp", f), 123, NTP))]
    other = member("b", 1, f)
    plans = {
        "ra": [(15, "good: XCA, TLS 1.3, mutual", lambda c: c.tls(base("xca", f), 443, "xca.base.example", V.TLSv1_3, cert="region-a", up=2500, down=60000)),
               (25, "good: XCA, TLS 1.2, mutual", lambda c: c.tls(base("xca", f), 443, "xca.base.example", high=V.TLSv1_2, cert="region-a", ciphers=gcm)),
               (30, "good: audit over TLS", lambda c: c.tls(base("audit", f), 6514, "audit.base.example", V.TLSv1_3, cert="region-a", up=4000, down=100))],
        "rb": [(15, "good: XCA, TLS 1.3, mutual", lambda c: c.tls(base("xca", f), 443, "xca.base.example", V.TLSv1_3, cert="region-b", down=40000)),
               (50, "broken: repository's certificate is over and weak", lambda c: c.tls(base("repository", f), 443, "repository.base.example", high=V.TLSv1_2, cert="region-b", ciphers=gcm))],
        "ha": [(20, "good: portal, TLS 1.2, mutual", lambda c: c.tls(base("portal", f), 443, "portal.base.example", high=V.TLSv1_2, cert="hospital-a", ciphers=gcm)),
               (30, "good: HPKI authentication", lambda c: c.tls(base("hpki", f), 443, "hpki.base.example", V.TLSv1_3, cert="hospital-a")),
               (90, "broken: direct connection to a hospital of another region", lambda c: c.clear(other, 445, b"\xffSMB-like", 3, 0.2)),
               (120, "broken: HL7 in clear text to another region", lambda c: c.clear(other, 2575, HL7))],
        "ca": [(35, "broken: portal by TLS 1.0", lambda c: c.tls(base("portal", f), 443, "portal.base.example", V.TLSv1, V.TLSv1)),
               (45, "good: portal by TLS 1.3", lambda c: c.tls(base("portal", f), 443, "portal.base.example", V.TLSv1_3))],
        "pa": [(40, "broken: no forward secrecy", lambda c: c.tls(base("hpki", f), 443, "hpki.base.example", high=V.TLSv1_2, ciphers="AES128-SHA"))],
        "hb": [(30, "broken: MPI asks for no client certificate", lambda c: c.tls(base("mpi", f), 443, "mpi.base.example", high=V.TLSv1_2, cert="hospital-b", ciphers=gcm)),
               (35, "near its end: client certificate with nine days left", lambda c: c.tls(base("portal", f), 443, "portal.base.example", high=V.TLSv1_2, cert="hospital-b", ciphers=gcm))],
        "cb": [(25, "good: portal by TLS 1.3", lambda c: c.tls(base("portal", f), 443, "portal.base.example", V.TLSv1_3))],
        "pb": [(25, "good: portal by TLS 1.3 over IPv6", lambda c: Client(c.certs, member("b", 3, 6)).tls(base("portal", 6), 443, "portal.base.example", V.TLSv1_3))],
        "su": [(60, "broken: remote maintenance outside its window", lambda c: c.clear(member("a", 1, f), 3389, RDP, 5, 2.0))],
        "un": [(70, "broken: a host nobody registered", lambda c: c.tls(base("portal", 4), 443, "portal.base.example", V.TLSv1_3))],
    }
    return plans[host] + (common if host not in ("su", "un") else [])


def source_of(host, family):
    if host == "su":
        return "10.20.0.5" if family == 4 else "2001:db8:c::5"
    if host == "un":
        return "10.99.0.7"
    return member(host[1], {"r": 0, "h": 1, "c": 2, "p": 3}[host[0]], family)


def talk(host, certs, family):
    client = Client(certs, source_of(host, family))
    turns = sorted((index + 1.0, index, every, what) for index, (every, _, what) in enumerate(plan(host, family)))
    begin = time.monotonic()
    while True:
        due, index, every, what = turns.pop(0)
        time.sleep(max(0, begin + due - time.monotonic()))
        try:
            what(client)
        except (OSError, ssl.SSLError) as why:
            print(f"peers: {host}: {plan(host, family)[index][1]}: {why}", file=sys.stderr)
        turns = sorted(turns + [(due + every, index, every, what)])


def main():
    verb, host, certs = sys.argv[1:4]
    if verb == "serve":
        serve(host, certs)
    else:
        talk(host, certs, int(sys.argv[4]) if len(sys.argv) > 4 else 4)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
