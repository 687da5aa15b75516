#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_certificates: our DER reader against python3-cryptography on certificates made for it."""
import base64
import datetime
import hashlib
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
try:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
    from cryptography.x509.name import _ASN1Type
    from cryptography.x509.oid import NameOID, ObjectIdentifier
except ImportError:
    print("ok - certificates against python3-cryptography # SKIP python3-cryptography is not installed")
    sys.exit(0)

TOOL = os.path.join(os.environ.get("B", "build/gcc-address-undefined"), "tests/tools/dump_certificate")
# Names that RFC 4514 does not have but we write; the rest is as cryptography has it.
OURS = {
    NameOID.EMAIL_ADDRESS: "emailAddress", NameOID.SERIAL_NUMBER: "serialNumber", NameOID.SURNAME: "SN",
    NameOID.GIVEN_NAME: "GN", NameOID.TITLE: "title", NameOID.PSEUDONYM: "pseudonym",
    NameOID.BUSINESS_CATEGORY: "businessCategory", NameOID.POSTAL_CODE: "postalCode",
    NameOID.JURISDICTION_COUNTRY_NAME: "jurisdictionC", ObjectIdentifier("2.5.4.97"): "organizationIdentifier",
    NameOID.DOMAIN_COMPONENT: "DC", NameOID.USER_ID: "UID", NameOID.STREET_ADDRESS: "STREET",
    NameOID.GENERATION_QUALIFIER: "generationQualifier", NameOID.DN_QUALIFIER: "dnQualifier",
}
failed = 0


def check(name, have, want):
    global failed
    if have == want:
        print(f"ok - {name}")
    else:
        failed += 1
        print(f"not ok - {name}: {have!r} instead of {want!r}")


def attribute(oid, value, kind=None):
    return x509.NameAttribute(oid, value, kind) if kind else x509.NameAttribute(oid, value)


def plain(common_name):
    return x509.Name([attribute(NameOID.COUNTRY_NAME, "JP"), attribute(NameOID.ORGANIZATION_NAME, "Sekisho"),
                      attribute(NameOID.COMMON_NAME, common_name)])


def make(subject, key, names=(), start=None, end=None, serial=None, digest=hashes.SHA256(), issuer=None):
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or plain("Test CA"))
               .public_key(key.public_key()).serial_number(serial or x509.random_serial_number())
               .not_valid_before(start or datetime.datetime(2026, 4, 1, 0, 0, 1))
               .not_valid_after(end or datetime.datetime(2027, 3, 31, 23, 59, 59))
               .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    if isinstance(key, (ed25519.Ed25519PrivateKey, ed448.Ed448PrivateKey)):
        digest = None
    return builder.sign(key, digest)


def by_openssl(digest):
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", f"-{digest}", "-subj",
                           "/C=JP/CN=old", "-days", "30", "-outform", "DER", "-keyout", "/dev/null"],
                          check=True, capture_output=True)
    return x509.load_der_x509_certificate(made.stdout)


def cases():
    small = ec.generate_private_key(ec.SECP256R1())
    for size in (1024, 2048, 4096):
        yield f"RSA {size}", make(plain("rsa"), rsa.generate_private_key(65537, size))
    for curve in (ec.SECP224R1(), ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1(), ec.BrainpoolP384R1()):
        yield f"EC {curve.name}", make(plain("ec"), ec.generate_private_key(curve))
    yield "Ed25519", make(plain("ed"), ed25519.Ed25519PrivateKey.generate())
    yield "Ed448", make(plain("ed"), ed448.Ed448PrivateKey.generate())
    yield "DSA", make(plain("dsa"), dsa.generate_private_key(2048))
    key = rsa.generate_private_key(65537, 2048)
    for digest in (hashes.SHA224(), hashes.SHA384(), hashes.SHA512()):
        yield f"RSA with {digest.name}", make(plain("x"), key, digest=digest)
        yield f"ECDSA with {digest.name}", make(plain("x"), small, digest=digest)
    for digest in ("sha1", "md5"):  # which cryptography no longer signs with
        yield f"RSA with {digest}", by_openssl(digest)
    yield "Japanese", make(x509.Name([
        attribute(NameOID.COUNTRY_NAME, "JP"), attribute(NameOID.STATE_OR_PROVINCE_NAME, "東京都"),
        attribute(NameOID.ORGANIZATION_NAME, "医療法人社団 関所会"), attribute(NameOID.COMMON_NAME, "第一病院 ゲートウェイ")]), small)
    yield "BMPString", make(x509.Name([attribute(NameOID.COMMON_NAME, "病院 𠮷", _ASN1Type.BMPString)]), small)
    yield "T61String, IA5String, UniversalString", make(x509.Name([
        attribute(NameOID.ORGANIZATION_NAME, "old teletex", _ASN1Type.T61String),
        attribute(NameOID.EMAIL_ADDRESS, "root@example.jp", _ASN1Type.IA5String),
        attribute(NameOID.COMMON_NAME, "関所", _ASN1Type.UniversalString)]), small)
    yield "escapes", make(x509.Name([
        attribute(NameOID.ORGANIZATION_NAME, 'a,b+c"d\\e<f>g;h=i'), attribute(NameOID.ORGANIZATIONAL_UNIT_NAME, " lead"),
        attribute(NameOID.LOCALITY_NAME, "trail "), attribute(NameOID.COMMON_NAME, "#hash # in it")]), small)
    yield "multi-valued", make(x509.Name([
        x509.RelativeDistinguishedName([attribute(NameOID.COUNTRY_NAME, "JP")]),
        x509.RelativeDistinguishedName([attribute(NameOID.COMMON_NAME, "two"), attribute(NameOID.USER_ID, "u1"),
                                        attribute(NameOID.SERIAL_NUMBER, "00042")])]), small)
    yield "other attributes", make(x509.Name([
        attribute(NameOID.DOMAIN_COMPONENT, "jp"), attribute(NameOID.DOMAIN_COMPONENT, "example"),
        attribute(NameOID.STREET_ADDRESS, "1-1"), attribute(NameOID.GIVEN_NAME, "Taro"),
        attribute(NameOID.SURNAME, "Yamada"), attribute(NameOID.TITLE, "Dr"), attribute(NameOID.POSTAL_CODE, "100"),
        attribute(NameOID.BUSINESS_CATEGORY, "hospital"), attribute(NameOID.JURISDICTION_COUNTRY_NAME, "JP"),
        attribute(ObjectIdentifier("2.5.4.97"), "VATJP-1"), attribute(ObjectIdentifier("1.2.392.200.1.2"), "own")]), small)
    yield "empty subject", make(x509.Name([]), small, [x509.DNSName("only.san.jp")])
    yield "many names", make(plain("many"), small, [x509.DNSName(f"host{i:03}.example.jp") for i in range(200)])
    yield "kinds of names", make(plain("kinds"), small, [
        x509.DNSName("*.example.jp"), x509.IPAddress(ipaddress.ip_address("192.0.2.7")),
        x509.IPAddress(ipaddress.ip_address("2001:db8::7")), x509.RFC822Name("a@example.jp"),
        x509.UniformResourceIdentifier("urn:oid:1.2.3"), x509.DirectoryName(plain("left out")),
        x509.RegisteredID(ObjectIdentifier("1.2.3"))])
    yield "GeneralizedTime", make(plain("long"), small, start=datetime.datetime(2051, 2, 28), end=datetime.datetime(9999, 12, 31, 23, 59, 59))
    yield "old UTCTime", make(plain("old"), small, start=datetime.datetime(1996, 2, 29, 12), end=datetime.datetime(2049, 12, 31, 1, 2, 3))
    yield "small serial", make(plain("s"), small, serial=1)
    yield "serial with its top bit set", make(plain("s"), small, serial=0xC70A)


def key_of(key):
    kinds = {rsa.RSAPublicKey: "RSA", ec.EllipticCurvePublicKey: "EC", dsa.DSAPublicKey: "DSA"}
    for kind, name in kinds.items():
        if isinstance(key, kind):
            return name, key.key_size
    return ("Ed25519", 256) if isinstance(key, ed25519.Ed25519PublicKey) else ("Ed448", 456)


def name_text(name):
    """RFC 4514, most specific first; values escaped by cryptography."""
    return name.rfc4514_string(attr_name_overrides=OURS)


def serial_text(number):
    size = number.bit_length() // 8 + 1
    return ":".join(f"{b:02X}" for b in number.to_bytes(size, "big"))


def alternative_names(certificate):
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    out = []
    for name in names:
        if isinstance(name, (x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier)):
            out.append(name.value)
        elif isinstance(name, x509.IPAddress):
            out.append(name.value.exploded if name.value.version == 6 else str(name.value))
    return out


def expected(certificate, der):
    kind, size = key_of(certificate.public_key())
    return {
        "fingerprint_sha256": hashlib.sha256(der).hexdigest(), "subject": name_text(certificate.subject),
        "issuerdn": name_text(certificate.issuer), "subjectaltname": alternative_names(certificate),
        "serial": serial_text(certificate.serial_number),
        "notbefore": certificate.not_valid_before.isoformat(), "notafter": certificate.not_valid_after.isoformat(),
        "key_type": kind, "key_size": size, "signature": certificate.signature_algorithm_oid._name,
        "side": "server", "der": base64.b64encode(der).decode(),
    }


def main():
    if not os.path.exists(TOOL):
        print(f"not ok - certificates: {TOOL} is not built; expected make test-programs")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        made = list(cases())
        paths = []
        for i, (_, certificate) in enumerate(made):
            paths.append(os.path.join(folder, f"{i}.der"))
            with open(paths[-1], "wb") as file:
                file.write(certificate.public_bytes(serialization.Encoding.DER))
        lines = subprocess.run([TOOL, *paths], check=True, capture_output=True).stdout.splitlines()
        check("a line a certificate", len(lines), len(made))
        for (name, certificate), line, path in zip(made, lines, paths):
            with open(path, "rb") as file:
                der = file.read()
            have, want = json.loads(line)["certificate"], expected(certificate, der)
            if name == "multi-valued":  # a set: old versions of cryptography forget its order
                have["subject"], want["subject"] = (sorted(x["subject"].replace(",", "+").split("+")) for x in (have, want))
            check(name, have, want)
    return 1 if failed else 0


sys.exit(main())
