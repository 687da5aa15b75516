# SPDX-License-Identifier: Apache-2.0
"""privacy_traffic: one conversation of each protocol with "Privy" wherever a person's name, identifier or secret can stand.

CONVERSATIONS: (event that must be told, "tcp" or "udp", server port, [(side, bytes), ...]); side 0 speaks first to the port.
OPEN_MARK stands where a record shows what it is given: whoever greps can show that the sieve works.
"""
import base64
import struct

OPEN_MARK = "OPENMARKER"


def crlf(*lines):
    return "".join(line + "\r\n" for line in lines).encode()


def b64(text):
    return base64.b64encode(text.encode()).decode()


def utf16(text):
    return text.encode("utf-16-le")


def ber(tag, *parts):
    body = b"".join(parts)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + struct.pack(">H", len(body))
    return bytes([tag]) + size + body


def integer(value):
    return ber(2, value.to_bytes((value.bit_length() // 8) + 1, "big"))


def http_one():
    body = b"name=PrivyBody&id=PrivyId"
    ask = crlf("POST /patients/PrivyUrl?name=PrivyQuery HTTP/1.1", "Host: viewer.example", f"User-Agent: {OPEN_MARK}/1.0",
               "Cookie: session=PrivyCookie", f"Authorization: Basic {b64('PrivyUser:PrivyPassword')}",
               "Referer: http://viewer.example/PrivyReferer", "Content-Type: application/x-www-form-urlencoded",
               f"Content-Length: {len(body)}", "") + body
    told = b"<html>PrivyAnswer</html>"
    return [(0, ask), (1, crlf("HTTP/1.1 200 OK", "Content-Type: text/html", "Set-Cookie: id=PrivySet",
                               f"Content-Length: {len(told)}", "") + told)]


def soap():
    body = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
            '<a:Action>urn:ihe:iti:2007:CrossGatewayQuery</a:Action><a:MessageID>urn:uuid:1</a:MessageID>'
            '<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
            '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>idp.example</Issuer><Subject><NameID>PrivySubject</NameID>'
            '</Subject><AttributeStatement><Attribute Name="urn:oasis:names:tc:xspa:1.0:subject:subject-id"><AttributeValue>PrivyDoctor'
            '</AttributeValue></Attribute></AttributeStatement></Assertion></o:Security></s:Header><s:Body>'
            '<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"><r:AdhocQuery '
            'xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><r:Slot name="$XDSDocumentEntryPatientId"><r:ValueList><r:Value>'
            "'PrivyPatient^^^&amp;1.2.3&amp;ISO'</r:Value></r:ValueList></r:Slot></r:AdhocQuery></q:AdhocQueryRequest></s:Body></s:Envelope>").encode()
    return [(0, crlf("POST /gateway HTTP/1.1", "Host: gw.example",
                     'Content-Type: application/soap+xml; action="urn:ihe:iti:2007:CrossGatewayQuery"',
                     f"Content-Length: {len(body)}", "") + body),
            (1, crlf("HTTP/1.1 200 OK", "Content-Type: application/soap+xml", "Content-Length: 0", ""))]


def fhir():
    told = b'{"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"resource":{"resourceType":"Patient","id":"PrivyFhirId"}}]}'
    return [(0, crlf("GET /fhir/Patient?identifier=urn:oid:1.2.3%7CPrivyIdentifier&name=PrivyName HTTP/1.1", "Host: fhir.example",
                     "Accept: application/fhir+json", "Authorization: Bearer PrivyToken", "")),
            (1, crlf("HTTP/1.1 200 OK", "Content-Type: application/fhir+json", f"Content-Length: {len(told)}", "") + told)]


def hl7():
    message = (f"MSH|^~\\&|{OPEN_MARK}|HOSP|LAB|HOSP|20261120||ADT^A01|1|P|2.5\rPID|1||PrivyPid^^^HOSP||Privy^Taro||19500101|M\r"
               "NK1|1|PrivyKin\r").encode()
    ack = b"MSH|^~\\&|LAB|HOSP|A|HOSP|20261120||ACK|2|P|2.5\rMSA|AA|1|PrivyFreeText\r"
    return [(0, b"\x0b" + message + b"\x1c\r"), (1, b"\x0b" + ack + b"\x1c\r")]


def dicom():
    def item(kind, body):
        return struct.pack(">BBH", kind, 0, len(body)) + body

    def element(group, number, value):
        return struct.pack("<HHI", group, number, len(value)) + value

    context = item(0x20, bytes([1, 0, 0, 0]) + item(0x30, b"1.2.840.10008.5.1.4.1.2.1.1") + item(0x40, b"1.2.840.10008.1.2"))
    identity = item(0x58, bytes([1, 0]) + struct.pack(">H", 9) + b"PrivyUser" + struct.pack(">H", 0))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3") + identity)
    body = struct.pack(">HH", 1, 0) + OPEN_MARK.ljust(16).encode() + b"MODALITY".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    accept = struct.pack(">HH", 1, 0) + OPEN_MARK.ljust(16).encode() + b"MODALITY".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + \
        item(0x21, bytes([1, 0, 0, 0]) + item(0x40, b"1.2.840.10008.1.2")) + item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.4"))
    find = element(0, 2, b"1.2.840.10008.5.1.4.1.2.1.1\0") + element(0, 0x100, struct.pack("<H", 0x20)) + element(0, 0x110, struct.pack("<H", 1)) + \
        element(0, 0x700, struct.pack("<H", 0)) + element(0, 0x800, struct.pack("<H", 1))
    find = element(0, 0, struct.pack("<I", len(find))) + find
    data = element(8, 0x52, b"PATIENT ") + element(0x10, 0x10, b"Privy^Hanako") + element(0x10, 0x20, b"PrivyId1")

    def pdu(kind, body):
        return struct.pack(">BBI", kind, 0, len(body)) + body

    def pdv(flags, body):
        return pdu(4, struct.pack(">IBB", len(body) + 2, 1, flags) + body)

    return [(0, pdu(1, body)), (1, pdu(2, accept)), (0, pdv(3, find) + pdv(2, data)), (0, pdu(5, bytes(4))), (1, pdu(6, bytes(4)))]


AUDIT = ('<?xml version="1.0" encoding="UTF-8"?><AuditMessage><EventIdentification EventActionCode="E" '
         'EventDateTime="2026-11-20T00:00:00Z" EventOutcomeIndicator="0"><EventID csd-code="110112" codeSystemName="DCM" originalText="Query"/>'
         '<EventTypeCode csd-code="ITI-38" codeSystemName="IHE Transactions" originalText="Cross Gateway Query"/></EventIdentification>'
         '<ActiveParticipant UserID="PrivyDoctor" UserName="Privy Taro" UserIsRequestor="true" NetworkAccessPointID="192.0.2.1" '
         'NetworkAccessPointTypeCode="2"/><AuditSourceIdentification AuditSourceID="gateway"/><ParticipantObjectIdentification '
         'ParticipantObjectID="PrivyPatient^^^&amp;1.2.3&amp;ISO" ParticipantObjectTypeCode="1" ParticipantObjectTypeCodeRole="1">'
         '<ParticipantObjectIDTypeCode csd-code="2" codeSystemName="RFC-3881" originalText="PN"/><ParticipantObjectName>Privy Name'
         f'</ParticipantObjectName><ParticipantObjectDetail type="x" value="{b64("PrivyDetail")}"/></ParticipantObjectIdentification></AuditMessage>')


def atna():
    return [(0, ("<85>1 2026-11-20T00:00:00Z gw.example atna 1 IHE+RFC-3881 - " + AUDIT).encode())]


def syslog():
    return [(0, b"<34>1 2026-11-20T00:00:00Z host.example su 77 ID47 - user PrivyUser logged in"),
            (0, b"<34>1 2026-11-20T00:00:01Z host.example su 77 ID47 - PrivyAgain")]


def smtp():
    return [(1, crlf("220 mail.example ESMTP")), (0, crlf("EHLO client.example")), (1, crlf("250-mail.example", "250 AUTH PLAIN")),
            (0, crlf("AUTH PLAIN " + b64("\0PrivyUser\0PrivyPassword"))), (1, crlf("235 ok")),
            (0, crlf("MAIL FROM:<PrivyFrom@example.jp>")), (1, crlf("250 ok")), (0, crlf("RCPT TO:<PrivyTo@example.jp>")), (1, crlf("250 ok")),
            (0, crlf("DATA")), (1, crlf("354 go")), (0, crlf("From: PrivyHead <a@b>", "Subject: PrivySubject", "", "PrivyText", ".")),
            (1, crlf("250 queued")), (0, crlf("QUIT")), (1, crlf("221 bye"))]


def ftp():
    return [(1, crlf("220 FTP ready")), (0, crlf("USER PrivyUser")), (1, crlf("331 Password")), (0, crlf("PASS PrivyPassword")),
            (1, crlf("230 In")), (0, crlf("RETR /patients/PrivyFile.csv")), (1, crlf("550 PrivyFile.csv: no such file")), (0, crlf("QUIT")), (1, crlf("221 Bye"))]


def pop3():
    return [(1, crlf("+OK ready")), (0, crlf("USER PrivyUser")), (1, crlf("+OK")), (0, crlf("PASS PrivyPassword")), (1, crlf("+OK 1 message")),
            (0, crlf("RETR 1")), (1, crlf("+OK", "Subject: PrivySubject", "", "PrivyText", ".")), (0, crlf("QUIT")), (1, crlf("+OK"))]


def imap():
    return [(1, crlf("* OK IMAP4rev1 ready")), (0, crlf('a1 LOGIN PrivyUser "PrivyPassword"')), (1, crlf("a1 OK done")),
            (0, crlf('a2 SELECT "PrivyFolder"')), (1, crlf("a2 OK done")), (0, crlf("a3 LOGOUT")), (1, crlf("* BYE", "a3 OK"))]


def telnet():
    return [(1, b"\xff\xfd\x18\xff\xfd\x20login: "), (0, b"\xff\xfb\x18\xff\xfb\x20"), (0, b"PrivyUser\r\n"), (1, b"Password: "),
            (0, b"PrivyPassword\r\n"), (1, b"\r\nPrivyPrompt$ ")]


def ldap():
    bind = ber(0x30, integer(1), ber(0x60, integer(3), ber(4, b"cn=PrivyUser,dc=example"), ber(0x80, b"PrivyPassword")))
    bound = ber(0x30, integer(1), ber(0x61, ber(10, b"\0"), ber(4), ber(4)))
    search = ber(0x30, integer(2), ber(0x63, ber(4, b"ou=PrivyBase,dc=example"), ber(10, b"\2"), ber(10, b"\0"), integer(0), integer(0), ber(1, b"\0"),
                                       ber(0xa3, ber(4, b"cn"), ber(4, b"PrivyFilter")), ber(0x30)))
    entry = ber(0x30, integer(2), ber(0x64, ber(4, b"cn=PrivyEntry,dc=example"), ber(0x30)))
    done = ber(0x30, integer(2), ber(0x65, ber(10, b"\0"), ber(4), ber(4)))
    return [(0, bind), (1, bound), (0, search), (1, entry + done)]


def snmp():
    def message(kind, value):
        return ber(0x30, integer(1), ber(4, b"PrivyCommunity"),
                   ber(kind, integer(7), integer(0), integer(0), ber(0x30, ber(0x30, ber(6, b"\x2b\x06\x01\x02\x01\x01\x05\x00"), value))))
    return [(0, message(0xa0, b"\x05\0")), (1, message(0xa2, ber(4, b"PrivyValue")))]


def radius():
    def message(code, *attributes):
        body = b"".join(bytes([kind, len(value) + 2]) + value for kind, value in attributes)
        return struct.pack(">BBH", code, 5, 20 + len(body)) + bytes(range(16)) + body
    return [(0, message(1, (1, b"PrivyUser"), (2, b"\x01" * 16), (31, b"PrivyStation"), (4, b"\xc0\0\2\1"))), (1, message(2, (18, b"PrivyReply")))]


def mqtt():
    def field(text):
        return struct.pack(">H", len(text)) + text.encode()
    connect = field("MQTT") + b"\x04\xc2\0\x3c" + field("PrivyClient") + field("PrivyUser") + field("PrivyPassword")
    publish = field("ward/PrivyTopic") + b"PrivyPayload"
    return [(0, bytes([0x10, len(connect)]) + connect), (1, b"\x20\x02\0\0"), (0, bytes([0x30, len(publish)]) + publish), (0, b"\xe0\0")]


def kerberos():
    def name(kind, *parts):
        return ber(0x30, ber(0xa0, integer(kind)), ber(0xa1, ber(0x30, *(ber(0x1b, part) for part in parts))))
    body = ber(0x30, ber(0xa0, ber(3, b"\0\x40\x81\0\x10")), ber(0xa1, name(1, b"PrivyUser")), ber(0xa2, ber(0x1b, b"EXAMPLE.JP")),
               ber(0xa3, name(2, b"krbtgt", b"EXAMPLE.JP")), ber(0xa5, ber(0x18, b"20261121000000Z")), ber(0xa7, integer(77)),
               ber(0xa8, ber(0x30, integer(18), integer(23))))
    ask = ber(0x6a, ber(0x30, ber(0xa1, integer(5)), ber(0xa2, integer(10)), ber(0xa4, body)))
    refuse = ber(0x7e, ber(0x30, ber(0xa0, integer(5)), ber(0xa1, integer(30)), ber(0xa4, ber(0x18, b"20261120000000Z")), ber(0xa5, integer(1)),
                           ber(0xa6, integer(6)), ber(0xa7, ber(0x1b, b"EXAMPLE.JP")), ber(0xa8, name(1, b"PrivyUser")), ber(0xa9, ber(0x1b, b"EXAMPLE.JP")),
                           ber(0xaa, name(2, b"krbtgt", b"EXAMPLE.JP")), ber(0xab, ber(0x1b, b"PrivyText"))))
    return [(0, ask), (1, refuse)]


def rdp():
    cookie = b"Cookie: mstshash=PrivyUser\r\n"
    body = bytes([6 + len(cookie) + 8, 0xe0, 0, 0, 0, 0, 0]) + cookie + struct.pack("<BBHI", 1, 0, 8, 3)
    answer = bytes([6 + 8, 0xd0, 0, 0, 0x12, 0x34, 0]) + struct.pack("<BBHI", 3, 0, 8, 5)
    return [(0, struct.pack(">BBH", 3, 0, 4 + len(body)) + body), (1, struct.pack(">BBH", 3, 0, 4 + len(answer)) + answer)]


def smb():
    def header(command, ident, flags=0, tree=0, session=0):
        return b"\xfeSMB" + struct.pack("<HHIHHIIQIIQ", 64, 1, 0, command, 31, flags, 0, ident, 0, tree, session) + bytes(16)

    def framed(message):
        return struct.pack(">I", len(message)) + message

    negotiate = header(0, 0) + struct.pack("<HHHHI", 36, 1, 1, 0, 0) + bytes(16) + bytes(8) + struct.pack("<H", 0x0210)
    negotiated = header(0, 0, 1) + struct.pack("<HHHH", 65, 1, 0x0210, 0) + bytes(16) + struct.pack("<IIII", 0, 65536, 65536, 65536) + bytes(16) + \
        struct.pack("<HHI", 0x80, 0, 0)
    names = [utf16("WARD"), utf16("PrivyUser"), utf16("STATION7")]
    at, fields, tail = 64, b"", b""
    for name in (b"", b"", *names, b""):
        fields += struct.pack("<HHI", len(name), len(name), at + len(tail))
        tail += name
    ntlm = b"NTLMSSP\0" + struct.pack("<I", 3) + fields + struct.pack("<I", 0x201) + tail
    setup = header(1, 1) + struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(ntlm), 0) + ntlm
    done = header(1, 1, 1, 0, 9) + struct.pack("<HHHH", 9, 0, 72, 0)
    share = utf16("\\\\server\\PrivyShare")
    tree = header(3, 2, 0, 0, 9) + struct.pack("<HHHH", 9, 0, 72, len(share)) + share
    treed = header(3, 2, 1, 5, 9) + struct.pack("<HBBIII", 16, 1, 0, 0, 0, 0x1f01ff)
    file = utf16("patients\\PrivyFile.pdf")
    create = header(5, 3, 0, 5, 9) + struct.pack("<HBBIQQIIIIIHHII", 57, 0, 0, 2, 0, 0, 0x80, 0, 1, 1, 0, 120, len(file), 0, 0) + file
    created = header(5, 3, 1, 5, 9) + struct.pack("<HBBI", 89, 0, 0, 1) + bytes(32) + struct.pack("<QQII", 4096, 1234, 0x20, 0) + bytes(16) + struct.pack("<II", 0, 0)
    return [(0, framed(negotiate)), (1, framed(negotiated)), (0, framed(setup)), (1, framed(done)), (0, framed(tree)), (1, framed(treed)),
            (0, framed(create)), (1, framed(created))]


def dhcp():
    options = b"\x35\x01\x01" + b"\x0c\x09PrivyHost" + b"\x3d\x0b\x00PrivyIdent" + b"\xff"
    return [(0, struct.pack(">BBBBIHH", 1, 1, 6, 0, 0x12345678, 0, 0) + bytes(16) + b"\x02\0\0\0\0\x07" + bytes(10) + bytes(192) + b"\x63\x82\x53\x63" + options)]


def ike():
    """IKEv1 aggressive mode shows its identity in the clear."""
    def payload(following, body):
        return struct.pack(">BBH", following, 0, 4 + len(body)) + body
    transform = struct.pack(">BBHBBH", 0, 0, 28, 1, 1, 0) + struct.pack(">HHHHHHHHHH", 0x8001, 7, 0x800e, 256, 0x8002, 4, 0x8003, 1, 0x8004, 14)
    security = struct.pack(">II", 1, 1) + struct.pack(">BBHBBBB", 0, 0, 8 + len(transform), 1, 1, 0, 1) + transform
    body = payload(4, security) + payload(10, bytes(256)) + payload(5, bytes(16)) + payload(0, b"\x03\x11\x01\xf4PrivyUser@example.jp")
    return [(0, bytes(range(8)) + bytes(8) + struct.pack(">BBBBII", 1, 0x10, 4, 0, 0, 28 + len(body)) + body)]


CONVERSATIONS = [
    ("http", "tcp", 80, http_one()), ("ihe", "tcp", 8080, soap()), ("fhir", "tcp", 8081, fhir()), ("hl7", "tcp", 2575, hl7()),
    ("dicom", "tcp", 104, dicom()), ("atna", "udp", 514, atna()), ("syslog", "udp", 515, syslog()), ("smtp", "tcp", 25, smtp()),
    ("ftp", "tcp", 21, ftp()), ("pop3", "tcp", 110, pop3()), ("imap", "tcp", 143, imap()), ("telnet", "tcp", 23, telnet()),
    ("ldap", "tcp", 389, ldap()), ("snmp", "udp", 161, snmp()), ("radius", "udp", 1812, radius()), ("mqtt", "tcp", 1883, mqtt()),
    ("krb5", "udp", 88, kerberos()), ("rdp", "tcp", 3389, rdp()), ("smb", "tcp", 445, smb()), ("dhcp", "udp", 67, dhcp()),
    ("ike", "udp", 500, ike()),
]
