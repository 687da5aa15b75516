#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_http_peers: curl, nginx and nghttp2's tools talk HTTP/1 and HTTP/2 over a real loopback; what curl counted is what is told.

The packets are taken from lo by a raw socket, written as a capture and replayed. SOAP and FHIR messages go the same way, with
markers wherever a patient, a user or a secret stands: none may be told, and what leaves as a pseudonym is the right one.
"""
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tools"))
from tap import Tap

DUMP = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_records")
SECRET = bytes(range(32))
SERVER = """
daemon off; pid {dir}/pid; error_log {dir}/error; user root;
events {{}}
http {{
  access_log off; client_body_temp_path {dir}/b; proxy_temp_path {dir}/p; fastcgi_temp_path {dir}/f; uwsgi_temp_path {dir}/u;
  scgi_temp_path {dir}/s; root {dir}/www; types {{ }} default_type text/plain;
  server {{
    listen 127.0.0.1:{one};
    location /moved {{ return 301 http://MARKER:x@other.example.jp/MARKER?MARKER; }}
    location /secret {{ auth_basic MARKER; auth_basic_user_file {dir}/users; }}
    location /gone {{ return 410; }}
    location /chunked {{ sub_filter a b; sub_filter_types *; }}
    location /put {{ proxy_pass http://127.0.0.1:{one}/gone; }}
    location /soap {{ default_type "application/soap+xml; charset=utf-8"; error_page 405 =200 $uri; }}
    location /fhir {{ default_type "application/fhir+json; fhirVersion=4.0"; try_files /fhir/answer =404; }}
  }}
  server {{ listen 127.0.0.1:{two} http2; location /gone {{ return 410; }} location /soap {{ proxy_pass http://127.0.0.1:{one}; }} }}
}}
"""
NS = {"s": "http://www.w3.org/2003/05/soap-envelope", "a": "http://www.w3.org/2005/08/addressing", "x": "urn:ihe:iti:xds-b:2007",
      "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0", "t": "urn:oasis:names:tc:SAML:2.0:assertion"}
SPACES = " ".join(f'xmlns:{k}="{v}"' for k, v in NS.items())
CLAIMS = {"xspa:1.0:subject:subject-id": "Dr MARKER", "xspa:1.0:subject:organization": "病院A",
          "xacml:2.0:resource:resource-id": "MARKER-77^^^&amp;1.2.3&amp;ISO",
          "xspa:1.0:subject:purposeofuse": '<h:PurposeOfUse xmlns:h="urn:hl7-org:v3" code="TREATMENT" codeSystem="2.16.840.1.113883.3.18.7.1"/>'}
RETRIEVE = f"""<s:Envelope {SPACES}><s:Header><a:Action>urn:ihe:iti:2007:CrossGatewayRetrieve</a:Action>
<a:MessageID>urn:uuid:77</a:MessageID><w:Security xmlns:w="w"><t:Assertion ID="_77"><t:Issuer>https://idp.jp</t:Issuer><t:Subject>
<t:NameID>MARKER-Sato</t:NameID></t:Subject><t:AttributeStatement>{"".join(f'<t:Attribute Name="urn:oasis:names:tc:{k}"><t:AttributeValue>{v}</t:AttributeValue></t:Attribute>' for k, v in CLAIMS.items())}
</t:AttributeStatement></t:Assertion></w:Security></s:Header><s:Body><x:RetrieveDocumentSetRequest><x:DocumentRequest>
<x:HomeCommunityId>urn:oid:1.2.4</x:HomeCommunityId><x:RepositoryUniqueId>1.9</x:RepositoryUniqueId>
<x:DocumentUniqueId>MARKER.1</x:DocumentUniqueId></x:DocumentRequest></x:RetrieveDocumentSetRequest></s:Body></s:Envelope>"""
ANSWER = f"""<s:Envelope {SPACES}><s:Header><a:RelatesTo>urn:uuid:77</a:RelatesTo></s:Header><s:Body><x:RetrieveDocumentSetResponse>
<rs:RegistryResponse status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"/><x:DocumentResponse>
<x:DocumentUniqueId>MARKER.1</x:DocumentUniqueId><x:Document>{"TUFSS0VS" * 5000}</x:Document></x:DocumentResponse>
</x:RetrieveDocumentSetResponse></s:Body></s:Envelope>"""
BUNDLE = json.dumps({"resourceType": "Bundle", "type": "searchset", "total": 2, "entry": [
    {"resource": {"resourceType": "Patient", "id": "MARKER", "name": [{"text": "MARKER 太郎"}]}}] * 2}, ensure_ascii=False)
MTOM = ('--b1\r\nContent-Type: application/xop+xml; type="application/soap+xml"\r\nContent-ID: <root@x>\r\n\r\n' + RETRIEVE +
        "\r\n--b1\r\nContent-ID: <doc@x>\r\n\r\nMARKER\r\n--b1--\r\n")


def pseudonym(identifier):
    return hmac.new(SECRET, identifier.strip().lower().encode(), hashlib.sha256).digest()[:16].hex()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"not ok - HTTP of real peers: nothing listens on {port}")


def curl(*args, data=None):
    """Runs curl; what it counted of each transfer."""
    out = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", "%{json}\n", "--max-time", "30", "-A", "curl-test",
                          "-H", "Cookie: MARKER", "-H", "X-Patient: MARKER", *args], input=data, check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def files(folder):
    for name, text in {"index": "hello", "large": "x" * 300000, "chunked": "x" * 70000, "soap": ANSWER, "fhir/answer": BUNDLE}.items():
        path = os.path.join(folder, "www", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
    with open(os.path.join(folder, "users"), "w") as out:
        out.write("MARKER:" + subprocess.run(["openssl", "passwd", "-1", "MARKER"], check=True, capture_output=True, text=True).stdout)


def talk(one, two):
    """What was said: (name, what curl counted, what is expected beside)."""
    web, web2 = f"http://127.0.0.1:{one}", f"http://127.0.0.1:{two}"
    said = []

    def add(got, **want):
        said.extend((entry, want) for entry in got)

    add(curl(f"{web}/index?MARKER=MARKER"), framing="length", has_query=True)
    add(curl("-I", f"{web}/large"), framing="none")
    add(curl(f"{web}/chunked"), framing="chunked")
    add(curl("-0", f"{web}/index"), protocol="HTTP/1.0")  # the answer is of HTTP/1.1
    add(curl(f"{web}/moved"), redirect_host="other.example.jp")
    add(curl(f"{web}/secret"), challenge="basic")
    add(curl("-u", "MARKER:MARKER", f"{web}/secret"), auth="basic")
    add(curl("-H", "Authorization: Bearer MARKER", f"{web}/gone"), auth="bearer")
    add(curl("-d", "name=MARKER&x=" + "y" * 5000, f"{web}/put"), request_type="application/x-www-form-urlencoded")
    add(curl("-T", "-", f"{web}/put", data=b"MARKER" * 100), request_size=600)  # curl counts the chunks' framing too
    add(curl("-o", "/dev/null", "-o", "/dev/null", f"{web}/index", f"{web}/MARKER", f"{web}/large"))  # one connection
    add(curl("--http2-prior-knowledge", f"{web2}/large?MARKER"), framing="stream")
    add(curl("--http2-prior-knowledge", f"{web2}/gone"), framing="stream")
    add(curl("-H", 'Content-Type: application/soap+xml; charset=utf-8', "--data-binary", "@-", f"{web}/soap", data=RETRIEVE.encode()), soap="1.2")
    add(curl("-H", 'Content-Type: multipart/related; boundary=b1; type="application/xop+xml"; start="<root@x>"', "--data-binary", "@-",
             f"{web}/soap", data=MTOM.encode()), soap="1.2")
    add(curl("-H", 'Content-Type: application/soap+xml', "--data-binary", "@-", "--http2-prior-knowledge", f"{web2}/soap",
             data=RETRIEVE.encode()), soap="1.2")
    add(curl("-H", "Accept: application/fhir+json", f"{web}/fhir/Patient?family=MARKER&identifier=urn:oid:1.2.3%7CMARKER-77"))
    return said


def compare(told, got, want):
    problems, h, s = [], told["http"], told["sekisho"]["http"]
    version = {"1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}[got["http_version"]]
    version = want.pop("protocol", version)
    have = (h.get("http_method"), h.get("status"), h.get("protocol"), h.get("hostname"), h.get("http_user_agent"), s.get("has_cookie"))
    need = (got["method"], got["http_code"], version, "127.0.0.1", "curl-test", True)
    if have != need:
        problems.append(f"{got['urlnum']} {got['url']}: {have}, expected {need}")
    if got["method"] != "HEAD" and h.get("length") != got["size_download"]:
        problems.append(f"{got['url']}: length {h.get('length')}, expected {got['size_download']}")
    if s.get("request_size") != want.get("request_size", got["size_upload"]):
        problems.append(f"{got['url']}: request_size {s.get('request_size')}, expected {got['size_upload']}")
    if (h.get("http_content_type") or "") != (got["content_type"] or "").split(";")[0]:
        problems.append(f"{got['url']}: type {h.get('http_content_type')}, expected {got['content_type']}")
    problems += [f"{got['url']}: {k} {s.get(k)}, expected {v}" for k, v in want.items() if s.get(k) != v]
    if told["sekisho"].get("unobservable"):
        problems.append(f"{got['url']}: unobservable {told['sekisho']['unobservable']}")
    return problems


def is_proxys(record):
    """nginx asks itself by HTTP/1.0, and closes: curl's own such exchange is the one of five bytes."""
    return record["http"]["protocol"] == "HTTP/1.0" and record["http"]["length"] != 5


def check_contents(records):
    problems = []
    ihe = [r for r in records if r["event_type"] == "ihe" and not is_proxys(r)]
    fhir = [r for r in records if r["event_type"] == "fhir"]
    if (len(ihe), len(fhir)) != (3, 1):
        return [f"{len(ihe)} ihe and {len(fhir)} fhir records"]
    for r in ihe:
        i = r["ihe"]
        have = (i["transaction"], i["status"], i["documents_asked"], i["documents_returned"], i["home_communities"], i["relates_to"],
                i["xua"]["purpose"], i["xua"]["organization"], i["xua"]["issuer"], i["xua"]["assertion_id"])
        if have != ("ITI-39", "Success", 1, 1, ["urn:oid:1.2.4"], "urn:uuid:77", "TREATMENT", "病院A", "https://idp.jp", "_77"):
            problems.append(f"ihe: {have}")
        have = (r["sekisho"]["user"], i["xua"]["subject"], i["xua"]["patient"], i["documents"])
        need = (pseudonym("MARKER-Sato"), pseudonym("Dr MARKER"), pseudonym("MARKER-77^^^&1.2.3&ISO"), [pseudonym("MARKER.1")])
        if have != need:
            problems.append(f"ihe: pseudonyms {have}, expected {need}")
    if [r["ihe"]["is_mtom"] for r in ihe] != [False, True, False]:
        problems.append("is_mtom")
    f = fhir[0]["fhir"]
    have = (f["transaction"], f["interaction"], f["resource"], f["version"], f["status"], f["answer"], f["bundle"], f["parameters"], f["patients"])
    need = ("ITI-78", "search", "Patient", "4.0", 200, "Bundle", {"type": "searchset", "total": 2, "entries": 2}, ["family", "identifier"],
            [pseudonym("MARKER-77^^^&1.2.3&ISO")])
    if have != need:
        problems.append(f"fhir: {have}, expected {need}")
    return problems


def upgrade(folder, web):
    """nghttp asks nghttpx for h2c: the exchange that asks, and what comes behind it."""
    port = free_port()
    with Tap("lo") as tap:
        server = subprocess.Popen(["nghttpx", "--conf=/dev/null", f"--frontend=127.0.0.1,{port};no-tls", f"--backend=127.0.0.1,{web}",
                                   "--errorlog-file=/dev/null", "--workers=1", "--single-process"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(port)
            subprocess.run(["nghttp", "-u", "-n", f"http://127.0.0.1:{port}/large", f"http://127.0.0.1:{port}/index"], check=True,
                           stdout=subprocess.DEVNULL, timeout=30)
            time.sleep(0.3)
        finally:
            server.terminate()
            server.wait()
    records, _ = dump(folder, tap, port)
    told = [(r["http"].get("status"), r["http"].get("length"), r["sekisho"]["http"].get("upgrade"), r["http"].get("http2", {}).get("stream_id"))
            for r in records if r["event_type"] == "http" and "http_method" in r["http"]]
    if told[:1] != [(101, 0, "h2c", None)] or sorted(t[:2] for t in told[1:]) != [(200, 5), (200, 300000)] or 1 not in [t[3] for t in told]:
        return [str(told)]
    return []


def dump(folder, tap, *ports):
    path, key = os.path.join(folder, "http.pcap"), os.path.join(folder, "key")
    tap.write(path, *ports)
    with open(os.open(key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as out:
        out.write(SECRET.hex())
    out = subprocess.run([DUMP, path, key], check=True, capture_output=True).stdout
    return [json.loads(line) for line in out.splitlines()], out


def say(name, problems):
    print(f"not ok - {name}: {'; '.join(problems)[:2500]}" if problems else f"ok - {name}")
    return bool(problems)


def main():
    missing = [p for p in ("nginx", "curl", "nghttp", "nghttpx", "openssl") if not shutil.which(p)]
    if missing or os.geteuid() != 0:
        print(f"ok - HTTP of real peers # SKIP {'not installed: ' + ' '.join(missing) if missing else 'only root may take packets from lo'}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        files(folder)
        one, two = free_port(), free_port()
        with open(os.path.join(folder, "nginx.conf"), "w") as out:
            out.write(SERVER.format(dir=folder, one=one, two=two))
        with Tap("lo") as tap:
            nginx = subprocess.Popen(["nginx", "-c", os.path.join(folder, "nginx.conf")], stderr=subprocess.DEVNULL)
            try:
                wait_for(one)
                said = talk(one, two)
                time.sleep(0.3)
                problems_of_upgrade = upgrade(folder, one)
            finally:
                nginx.terminate()
                nginx.wait()
        records, out = dump(folder, tap, one, two)
        told = [r for r in records if r["event_type"] == "http" and r["http"]["http_user_agent"] == "curl-test" and not is_proxys(r)]
        problems = [] if len(told) == len(said) else [f"{len(told)} exchanges told, {len(said)} were made"]
        for record, (got, want) in zip(told, said):
            problems += compare(record, got, want)
        anomalies = {r["anomaly"]["event"] for r in records if r["event_type"] == "anomaly"}
        failed = say("what curl counted is told", problems)
        failed |= say("no anomaly is told of sound peers", sorted(anomalies))
        failed |= say("SOAP and FHIR are told as they were sent", check_contents(records))
        failed |= say("no marker of a patient, user or secret is told", [line[:400].decode() for line in out.splitlines() if b"MARKER" in line
                                                                         or "太郎".encode() in line][:2])
        failed |= say("nghttp's upgrade to HTTP/2 is followed", problems_of_upgrade)
    return 1 if failed else 0


sys.exit(main())
