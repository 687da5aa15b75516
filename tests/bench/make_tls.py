#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""make_tls: the bench's capture of handshakes: real OpenSSL on both sides, certificates that differ.

usage: make_tls.py FILE.pcap [HANDSHAKES]
Half TLS 1.2, half TLS 1.3; half with a client's certificate.  Every fourth handshake meets a new server
certificate of its own, and every client that shows one has its own too: a sensor that only remembers
certificates would gain nothing from seeing one twice.
"""
import datetime
import os
import ssl
import struct
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
START = 1_700_000_000_000_000
SEGMENT = 1448
SERVERS_SHARE = 4
DAY = datetime.timedelta(days=1)


def name(common):
    return x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Bench Hospital"),
                      x509.NameAttribute(NameOID.COMMON_NAME, common)])


class Authority:
    """Signs certificates over one key of each side: only the certificates have to differ."""

    def __init__(self, folder):
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.leaf = ec.generate_private_key(ec.SECP256R1())
        self.certificate = self.sign("bench ca", self.key.public_key(), True)
        self.path = os.path.join(folder, "ca.pem")
        with open(self.path, "wb") as out:
            out.write(self.certificate.public_bytes(serialization.Encoding.PEM))
        self.leaf_pem = self.leaf.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                                serialization.NoEncryption())

    def sign(self, common, public, is_ca=False):
        start = datetime.datetime(2023, 11, 1)
        builder = (x509.CertificateBuilder().subject_name(name(common)).issuer_name(name("bench ca"))
                   .public_key(public).serial_number(x509.random_serial_number())
                   .not_valid_before(start).not_valid_after(start + 20 * 365 * DAY)
                   .add_extension(x509.BasicConstraints(is_ca, None), True)
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName(common.replace(" ", "-") + ".example")]),
                                  False))
        return builder.sign(self.key, hashes.SHA256())

    def leaf_file(self, common):
        path = os.path.join(self.folder, "leaf.pem")
        with open(path, "wb") as out:
            out.write(self.leaf_pem)
            out.write(self.sign(common, self.leaf.public_key()).public_bytes(serialization.Encoding.PEM))
        return path


def context(authority, is_server, version, common):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = made.maximum_version = version
    made.check_hostname = False
    made.load_verify_locations(authority.path)
    if common is not None:
        made.load_cert_chain(authority.leaf_file(common))
    return made


class Wire:
    """One TCP connection, written as frames."""

    def __init__(self, out, number):
        self.out = out
        self.at = START + number * 400
        self.address = [struct.pack(">I", 0x0A000000 + number // 20000), struct.pack(">I", 0x0A800000 + number // 4)]
        self.port = [20000 + number % 20000, 443]
        self.next = [1000, 5000]

    def frame(self, side, flags, data=b""):
        tcp = struct.pack(">HHIIBBHHH", self.port[side], self.port[1 - side], self.next[side],
                          self.next[1 - side] if flags & 16 else 0, 0x50, flags, 65535, 0, 0)
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(data), 1, 0, 64, 6, 0, self.address[side],
                         self.address[1 - side])
        whole = b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" + ip + tcp + data
        self.out.write(struct.pack("<IIII", self.at // 1_000_000, self.at % 1_000_000, len(whole), len(whole)))
        self.out.write(whole)
        self.at += 10
        self.next[side] += len(data) + (1 if flags & 3 else 0)

    def send(self, side, data):
        for i in range(0, len(data), SEGMENT):
            self.frame(side, 0x18, data[i:i + SEGMENT])
            self.frame(1 - side, 0x10)


def shake(wire, contexts):
    wire.frame(0, 2)
    wire.frame(1, 0x12)
    wire.frame(0, 0x10)
    bios = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    ends = [contexts[i].wrap_bio(*bios[i], server_side=i == 1) for i in range(2)]
    done = [False, False]
    for _ in range(8):
        for side in range(2):
            if not done[side]:
                try:
                    ends[side].do_handshake()
                    done[side] = True
                except ssl.SSLWantReadError:
                    pass
            data = bios[side][1].read()
            wire.send(side, data)
            bios[1 - side][0].write(data)
    if not all(done):
        sys.exit("make_tls: a handshake did not end")
    ends[0].write(b"GET / HTTP/1.1\r\n\r\n")
    wire.send(0, bios[0][1].read())
    wire.frame(0, 0x11)
    wire.frame(1, 0x11)
    wire.frame(0, 0x10)


def main():
    path = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 24000
    versions = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
    with tempfile.TemporaryDirectory() as folder, open(path, "wb") as out:
        authority = Authority(folder)
        plain = {version: context(authority, False, version, None) for version in versions}
        out.write(HEADER)
        for i in range(count):
            version = versions[i // SERVERS_SHARE % 2]
            if i % SERVERS_SHARE == 0:
                server = context(authority, True, version, f"server {i}")
                server.verify_mode = ssl.CERT_OPTIONAL
            client = context(authority, False, version, f"client {i}") if i % 2 else plain[version]
            shake(Wire(out, i), (client, server))


main()
