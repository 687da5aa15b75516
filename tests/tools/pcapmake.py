#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pcapmake: a readable text becomes a capture, so that a reviewer can read what a case contains.

usage: pcapmake.py TEXT -o FILE.pcap [--start TIME] [--keys DIR]

The text, one statement a line ('#' begins a comment, words as in a shell):

  start 2026-11-20T09:00:00+09:00        time of +0; --start overrides it, also "now-10m"
  link ethernet|raw|sll|null             default ethernet
  cert NAME key=KEY cn=.. [o=..] [c=..] [issuer=NAME] [from=-30d] [to=365d] [san=a,b] [ca=yes] [hash=sha256]
                                         KEY: rsa1024 rsa2048 rsa4096 p256 p384 ed25519; the keys are fixtures
  tls AT CLIENT SERVER [version=1.2] [min=..] [ciphers=..] [groups=..] [cert=NAME] [client_cert=NAME] [ask=yes]
                       [sni=..] [alpn=h2,http/1.1] [up=500] [down=4000] [resume=TAG] [rtt=4ms] [close=fin|rst|none] [loss=N,M]
                                         a real handshake through OpenSSL, then up/down bytes of application data;
                                         resume=TAG: the second with this TAG takes the session up again;
                                         loss=N,M: those packets of the conversation are left out (from 1)
  tcp AT CLIENT SERVER [up=TEXT] [down=TEXT] [rtt=..] [close=..] [count=1 gap=1s]
                                         clear text, further turns as up2 down2 .. up9 down9; \\r \\n \\xNN \\v as in Python; "hex:0b4d.." is bytes
  syn AT CLIENT SERVER [ports=1-100] [answer=rst|none] [gap=10ms]
  udp AT CLIENT SERVER [up=..] [down=..] [count=1] [gap=1s]
  ping AT CLIENT SERVER [count=1] [gap=1s]
  frame AT HEX                           a frame as it is, link header included
  options on any conversation: vlan=10,20; only=client|server: the tap saw one direction;
           fragment=SIZE[,turned]: IP packets with more than SIZE bytes behind their header are cut, the last piece first;
           tunnel=gre:A:B[:KEY], vxlan:A:B:VNI or ipip:A:B ([..] around IPv6): within packets from A to B and back;
           tunnel_fragment=SIZE[,turned]: those are cut

AT is +SECONDS[.fraction][m|h|d]; CLIENT and SERVER are ADDRESS:PORT, [IPv6]:PORT (CLIENT's port may be left out).
"""
import argparse
import datetime
import ipaddress
import os
import re
import shlex
import ssl
import struct
import sys
import tempfile
import warnings

# old versions are wanted here: requirements must see them broken
warnings.simplefilter("ignore", DeprecationWarning)

LINKS = {"ethernet": 1, "raw": 101, "sll": 113, "null": 0}
MSS = 1400


class Mistake(Exception):
    pass


def seconds(word):
    scale = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
    for suffix, factor in scale.items():
        if word.endswith(suffix) and word[: -len(suffix)].lstrip("+-").replace(".", "", 1).isdigit():
            return float(word[: -len(suffix)]) * factor
    return float(word)


def instant(word, now):
    if word.startswith("now"):
        return now + seconds(word[3:] or "0")
    return datetime.datetime.fromisoformat(word).timestamp()


def payload(word):
    if word.startswith("hex:"):
        return bytes.fromhex(word[4:])
    if word.isdigit():
        return bytes(0x20 + i * 7 % 95 for i in range(int(word)))
    return word.encode("utf-8").decode("unicode_escape").encode("latin-1") if word.isascii() else word.encode("utf-8")


def endpoint(word, port):
    host, colon, tail = word.rpartition(":") if (not word.startswith("[") or "]:" in word) else (word, "", "")
    if not colon or (word.count(":") > 1 and not word.startswith("[")):
        host, tail = word, str(port)
    return ipaddress.ip_address(host.strip("[]")), int(tail)


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Way:
    """How a conversation's packets stand on the wire."""

    def __init__(self, options, client):
        self.client = client
        self.vlan = [int(tag) for tag in options.get("vlan", "").split(",") if tag]
        self.fragment, self.turned = self.size(options.get("fragment", "0"))
        self.outer_fragment, self.outer_turned = self.size(options.get("tunnel_fragment", "0"))
        self.kind, self.ends, self.id = None, None, None
        if "tunnel" in options:
            self.tunnel(options["tunnel"])

    @staticmethod
    def size(word):
        number, _, order = word.partition(",")
        if order not in ("", "turned") or int(number) % 8:
            raise Mistake(f"fragment {word}; expected a multiple of 8, then nothing or \",turned\"")
        return int(number), order == "turned"

    def tunnel(self, word):
        words = [part.strip("[]").replace("\0", ":") for part in
                 re.sub(r"\[[^]]*\]", lambda found: found.group().replace(":", "\0"), word).split(":")]
        if words[0] not in ("gre", "vxlan", "ipip") or not 3 <= len(words) <= 4:
            raise Mistake(f"tunnel {word}; expected gre:A:B[:KEY], vxlan:A:B:VNI or ipip:A:B")
        self.kind = words[0]
        self.ends = ipaddress.ip_address(words[1]), ipaddress.ip_address(words[2])
        self.id = int(words[3]) if len(words) == 4 else None


class Capture:
    def __init__(self, start):
        self.start, self.link, self.packets, self.count = start, "ethernet", [], 0

    def add(self, at, frame):
        self.packets.append((at, len(self.packets), frame))

    def ip(self, source, dest, protocol, body, place=None):
        """place: offset and "more" of a fragment"""
        mark = 0x4000 if place is None else place[0] // 8 | (0x2000 if place[1] else 0)
        if source.version == 4:
            head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), self.count & 0xFFFF, mark, 62, protocol, 0,
                               source.packed, dest.packed)
            return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + body
        if place is not None:
            body = struct.pack("!BBHI", protocol, 0, place[0] | place[1], self.count) + body
            protocol = 44
        return struct.pack("!IHBB16s16s", 0x60000000, len(body), protocol, 62, source.packed, dest.packed) + body

    def cut(self, source, dest, protocol, body, size, turned):
        """The packets that carry the body, of 'size' bytes each (0: in one)."""
        if size == 0 or len(body) <= size:
            packets = [self.ip(source, dest, protocol, body)]
        else:
            packets = [self.ip(source, dest, protocol, body[at:at + size], (at, at + size < len(body)))
                       for at in range(0, len(body), size)]
        self.count += 1
        return packets[::-1] if turned else packets

    def ethernet(self, source, dest, packet, vlan=()):
        macs = b"\x02\0" + dest.packed[-4:] + b"\x02\0" + source.packed[-4:]
        tags = b"".join(struct.pack("!HH", 0x8100, tag) for tag in vlan)
        return macs + tags + struct.pack("!H", 0x0800 if source.version == 4 else 0x86DD) + packet

    def tunnelled(self, source, dest, packet, way):
        """(addresses, protocol, body) of the packet that carries this one"""
        ends = way.ends if source == way.client else way.ends[::-1]
        if way.kind == "gre":
            head = struct.pack("!HH", 0x2000 if way.id is not None else 0, 0x0800 if source.version == 4 else 0x86DD)
            return ends, 47, head + (struct.pack("!I", way.id) if way.id is not None else b"") + packet
        if way.kind == "vxlan":
            body = struct.pack("!II", 0x08000000, (way.id or 0) << 8) + self.ethernet(source, dest, packet)
            head = struct.pack("!HHH", 49152, 4789, 8 + len(body))
            if ends[0].version == 4:
                return ends, 17, head + b"\0\0" + body
            pseudo = ends[0].packed + ends[1].packed + struct.pack("!II", 8 + len(body), 17)
            return ends, 17, head + struct.pack("!H", checksum(pseudo + head + b"\0\0" + body)) + body
        return ends, 4 if source.version == 4 else 41, packet

    def on_link(self, source, dest, packet, vlan):
        if self.link == "raw":
            return packet
        if self.link == "null":
            return struct.pack("<I", 2 if source.version == 4 else 30) + packet
        if self.link == "sll":
            kind = 0x0800 if source.version == 4 else 0x86DD
            return struct.pack("!HHH8sH", 0, 1, 6, b"\x02\0\0\0\0\x01\0\0", kind) + packet
        return self.ethernet(source, dest, packet, vlan)

    def send(self, at, source, dest, protocol, body, way):
        for packet in self.cut(source, dest, protocol, body, way.fragment, way.turned):
            if way.kind is None:
                self.add(at, self.on_link(source, dest, packet, way.vlan))
                continue
            ends, carrier, carried = self.tunnelled(source, dest, packet, way)
            for outer in self.cut(*ends, carrier, carried, way.outer_fragment, way.outer_turned):
                self.add(at, self.on_link(*ends, outer, way.vlan))

    def transport(self, at, source, dest, protocol, head, data, way):
        """head: (bytes before the checksum, bytes after it)."""
        size = len(head[0]) + 2 + len(head[1]) + len(data)
        pseudo = source[0].packed + dest[0].packed + struct.pack("!II", size, protocol)
        total = checksum(pseudo + head[0] + b"\0\0" + head[1] + data)
        self.send(at, source[0], dest[0], protocol, head[0] + struct.pack("!H", total) + head[1] + data, way)

    def write(self, path):
        self.packets.sort()
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, LINKS[self.link]))
            for at, _, frame in self.packets:
                usec = round((self.start + at) * 1e6)
                out.write(struct.pack("<IIII", usec // 1000000, usec % 1000000, len(frame), len(frame)) + frame)


class Conversation:
    """A TCP conversation as a tap in the middle sees it."""

    def __init__(self, capture, at, client, server, options):
        self.capture, self.at, self.ends = capture, at, (client, server)
        self.rtt = seconds(options.get("rtt", "4ms"))
        self.way = Way(options, client[0])
        self.only = options.get("only")
        self.loss = {int(n) for n in options.get("loss", "").split(",") if n}
        self.seq = [1000 + int(at * 1000) % 100000, 500000]
        self.sent = 0

    def packet(self, side, flags, data=b""):
        self.sent += 1
        source, dest = self.ends[side], self.ends[1 - side]
        ack = self.seq[1 - side] if flags & 0x10 else 0
        option = b"\x02\x04\x05\x78" if flags & 2 else b""
        head = struct.pack("!HHIIBBH", source[1], dest[1], self.seq[side], ack, (20 + len(option)) << 2, flags, 64240)
        skip = self.sent in self.loss or (self.only and self.only != ("client", "server")[side])
        if not skip:
            self.capture.transport(self.at, source, dest, 6, (head, struct.pack("!H", 0) + option), data, self.way)
        self.seq[side] = (self.seq[side] + len(data) + (1 if flags & 3 else 0)) & 0xFFFFFFFF
        self.at += 0.0001

    def open(self):
        self.packet(0, 0x02)
        self.at += self.rtt / 2
        self.packet(1, 0x12)
        self.at += self.rtt / 2
        self.packet(0, 0x10)

    def send(self, side, data):
        if not data:
            return
        for begin in range(0, len(data), MSS):
            self.packet(side, 0x18, data[begin:begin + MSS])
        self.at += self.rtt / 2
        self.packet(1 - side, 0x10)

    def close(self, how):
        if how == "rst":
            self.packet(0, 0x14)
        elif how == "fin":
            self.packet(0, 0x11)
            self.at += self.rtt / 2
            self.packet(1, 0x11)
            self.packet(0, 0x10)


VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


class Certificates:
    """Fixture keys and certificates made of them; python3-cryptography writes the certificates."""

    def __init__(self, keys, start, folder):
        self.keys, self.start, self.folder, self.made = keys, start, folder, {}

    def key(self, name):
        path = os.path.join(self.keys, name + ".pem")
        if not os.path.exists(path):
            raise Mistake(f"no key {name}; expected one of {', '.join(sorted(os.listdir(self.keys)))}")
        return path

    def make(self, name, options):
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.x509.oid import NameOID

        def load(kind):
            with open(self.key(kind), "rb") as source:
                return serialization.load_pem_private_key(source.read(), None)

        words = (("cn", NameOID.COMMON_NAME), ("o", NameOID.ORGANIZATION_NAME), ("c", NameOID.COUNTRY_NAME))
        subject = x509.Name([x509.NameAttribute(oid, options[word]) for word, oid in reversed(words) if word in options])
        issuer = self.made.get(options.get("issuer"), None)
        if "issuer" in options and issuer is None:
            raise Mistake(f"issuer {options['issuer']} is not made above")
        key = load(options["key"])
        begin = datetime.datetime.utcfromtimestamp(int(self.start + seconds(options.get("from", "-30d"))))
        end = datetime.datetime.utcfromtimestamp(int(self.start + seconds(options.get("to", "365d"))))
        serial = int.from_bytes(name.encode()[:8], "big") * 65536 + len(self.made) + 1
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer[2] if issuer else subject)
                   .public_key(key.public_key()).serial_number(serial).not_valid_before(begin).not_valid_after(end)
                   .add_extension(x509.BasicConstraints(options.get("ca") == "yes", None), critical=True))
        if "san" in options:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(n) for n in options["san"].split(",")]), critical=False)
        digest = {"sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384}[options.get("hash", "sha256")]()
        signer = issuer[1] if issuer else key
        certificate = builder.sign(signer, None if "ed25519" in options["key"] and not issuer else digest)
        path = os.path.join(self.folder, name + ".pem")
        with open(path, "wb") as out:
            out.write(certificate.public_bytes(serialization.Encoding.PEM))
            if issuer:
                with open(issuer[0], "rb") as chain:
                    out.write(chain.read())
        self.made[name] = (path, key, subject, self.key(options["key"]))


def context(server, options, certificates):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    top = VERSIONS[options.get("version", "1.2")]
    made.minimum_version = VERSIONS["1.0"] if not server else min(top, VERSIONS[options.get("min", "1.0")])
    if not server and "min" in options:
        made.minimum_version = VERSIONS[options["min"]]
    made.maximum_version = top if server or options.get("offer") is None else VERSIONS[options["offer"]]
    made.set_ciphers(options.get("ciphers", "ALL") + ":@SECLEVEL=0")
    if options.get("alpn"):
        made.set_alpn_protocols(options["alpn"].split(","))
    name = options.get("cert") if server else options.get("client_cert")
    if name:
        if name not in certificates.made:
            raise Mistake(f"certificate {name} is not made above")
        path, _, _, key = certificates.made[name]
        made.load_cert_chain(path, key)
    if server and (options.get("client_cert") or options.get("ask") == "yes"):
        made.verify_mode = ssl.CERT_OPTIONAL
        for path, *_ in certificates.made.values():
            made.load_verify_locations(path)
    if server and options.get("groups"):
        made.set_ecdh_curve(options["groups"])
    return made


class Tls:
    """Both ends of a real handshake in memory; what each writes is what the tap sees."""

    def __init__(self, options, certificates, sessions):
        self.options, self.sessions = options, sessions
        tag = options.get("resume")
        kept = sessions.get(tag) if tag else None
        contexts = kept[1] if kept else (context(False, options, certificates), context(True, options, certificates))
        self.bios = [(ssl.MemoryBIO(), ssl.MemoryBIO()), (ssl.MemoryBIO(), ssl.MemoryBIO())]
        client = contexts[0].wrap_bio(*self.bios[0], server_hostname=options.get("sni"), session=kept[0] if kept else None)
        self.ends = [client, contexts[1].wrap_bio(*self.bios[1], server_side=True)]
        self.contexts, self.tag = contexts, tag

    def pump(self, talk, side):
        data = self.bios[side][1].read()
        if data:
            talk.send(side, data)
            self.bios[1 - side][0].write(data)
        return bool(data)

    def handshake(self, talk):
        done, failed = [False, False], False
        for _ in range(20):
            for side in (0, 1):
                try:
                    if not done[side]:
                        self.ends[side].do_handshake()
                        done[side] = True
                except ssl.SSLWantReadError:
                    pass
                except ssl.SSLError:
                    failed = True
                self.pump(talk, side)
            if failed or all(done):
                break
        return all(done)

    def exchange(self, talk, side, data):
        for begin in range(0, len(data), 16000):
            self.ends[side].write(data[begin:begin + 16000])
            self.pump(talk, side)
        try:
            while self.ends[1 - side].read(65536):
                pass
        except (ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            pass
        self.pump(talk, 1 - side)

    def keep(self):
        if self.tag and self.tag not in self.sessions:
            self.sessions[self.tag] = (self.ends[0].session, self.contexts)


def do_tls(maker, at, client, server, options):
    talk = Conversation(maker.capture, at, client, server, options)
    talk.open()
    tls = Tls(options, maker.certificates, maker.sessions)
    if tls.handshake(talk):
        tls.exchange(talk, 0, payload(options.get("up", "500")))
        tls.exchange(talk, 1, payload(options.get("down", "4000")))
        tls.keep()
    talk.close(options.get("close", "fin"))


def turns(options):
    """(side, payload word) of up, down, up2, down2, up3, ... in that order."""
    for turn in [""] + [str(i) for i in range(2, 10)]:
        for side, way in enumerate(("up", "down")):
            if way + turn in options:
                yield side, options[way + turn]


def do_tcp(maker, at, client, server, options):
    for turn in range(int(options.get("count", 1))):
        talk = Conversation(maker.capture, at + turn * seconds(options.get("gap", "1s")), (client[0], client[1] + turn), server, options)
        talk.open()
        for side, word in turns(options):
            talk.send(side, payload(word))
        talk.close(options.get("close", "fin"))


def do_syn(maker, at, client, server, options):
    low, _, high = options.get("ports", str(server[1])).partition("-")
    for turn, port in enumerate(range(int(low), int(high or low) + 1)):
        talk = Conversation(maker.capture, at + turn * seconds(options.get("gap", "10ms")), client, (server[0], port), options)
        talk.packet(0, 0x02)
        if options.get("answer") == "rst":
            talk.packet(1, 0x14)


def do_udp(maker, at, client, server, options):
    way = Way(options, client[0])
    for turn in range(int(options.get("count", 1))):
        begin = at + turn * seconds(options.get("gap", "1s"))
        for side, word in ((0, "up"), (1, "down")):
            if word in options:
                source, dest = (client, server) if side == 0 else (server, client)
                data = payload(options[word])
                maker.capture.transport(begin + side * 0.002, source, dest, 17,
                                        (struct.pack("!HHH", source[1], dest[1], 8 + len(data)), b""), data, way)


def do_ping(maker, at, client, server, options):
    way = Way(options, client[0])
    protocol, kinds = (1, (8, 0)) if client[0].version == 4 else (58, (128, 129))
    for turn in range(int(options.get("count", 1))):
        for side in (0, 1):
            source, dest = (client, server) if side == 0 else (server, client)
            body = struct.pack("!BBHHH", kinds[side], 0, 0, 77, turn) + b"sekisho-case"
            if protocol == 1:
                total = checksum(body)
            else:
                total = checksum(source[0].packed + dest[0].packed + struct.pack("!II", len(body), 58) + body)
            body = body[:2] + struct.pack("!H", total) + body[4:]
            when = at + turn * seconds(options.get("gap", "1s")) + side * 0.002
            maker.capture.send(when, source[0], dest[0], protocol, body, way)


TALKS = {"tls": do_tls, "tcp": do_tcp, "syn": do_syn, "udp": do_udp, "ping": do_ping}


class Maker:
    def __init__(self, arguments, folder):
        self.now = datetime.datetime.now().timestamp()
        self.arguments, self.folder = arguments, folder
        self.capture = Capture(instant(arguments.start, self.now) if arguments.start else 1763596800.0)
        self.certificates = Certificates(arguments.keys, self.capture.start, folder)
        self.sessions, self.port = {}, 40000

    def statement(self, words):
        verb, rest = words[0], words[1:]
        options = dict(word.split("=", 1) for word in rest if "=" in word)
        plain = [word for word in rest if "=" not in word]
        if verb == "start":
            if not self.arguments.start:
                self.capture.start = instant(plain[0], self.now)
            self.certificates.start = self.capture.start
        elif verb == "link":
            if plain[0] not in LINKS:
                raise Mistake(f"link {plain[0]}; expected one of {', '.join(LINKS)}")
            self.capture.link = plain[0]
        elif verb == "cert":
            self.certificates.make(plain[0], options)
        elif verb == "frame":
            self.capture.add(seconds(plain[0]), bytes.fromhex(plain[1]))
        elif verb in TALKS:
            self.port += 1
            TALKS[verb](self, seconds(plain[0]), endpoint(plain[1], self.port), endpoint(plain[2], 0), options)
        else:
            raise Mistake(f"statement {verb}; expected start, link, cert, frame, {', '.join(TALKS)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("text")
    parser.add_argument("-o", dest="out", required=True)
    parser.add_argument("--start")
    parser.add_argument("--keys", default=os.path.join(os.path.dirname(__file__), "..", "fixtures", "keys"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        maker = Maker(arguments, folder)
        with open(arguments.text, encoding="utf-8") as source:
            for number, line in enumerate(source, 1):
                words = shlex.split(line, comments=True)
                try:
                    if words:
                        maker.statement(words)
                except (Mistake, ValueError, KeyError, IndexError) as why:
                    print(f"{arguments.text}:{number}:1: {why}", file=sys.stderr)
                    return 3
        maker.capture.write(arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
