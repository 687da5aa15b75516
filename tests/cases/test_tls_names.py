#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""test_tls_names: our table of suites and groups against those of OpenSSL and tshark: a name that differs is a failure."""
import re
import shutil
import subprocess
import sys

# Numbers tshark knows that IANA never gave a name: SSLv2 relics, withdrawn drafts, others' own.
NOT_IANA = re.compile(r"^(SSL_|ssl_|Reserved|E?CC?_?|IBC|IBSDH|RSA_SM|ECDHE_SM)|EXPORT1024|_GOSTR3410|GOSTR341094|GOSTR341001|SALSA20|"
                      r"^TLS_DHE_DSS_WITH_RC4_128_SHA$|^TLS_ECJPAKE")
OLD_CHACHA = range(0xCC13, 0xCC16)


def table(path, row, start=""):
    """The rows of a file, or of the array in it that begins with 'start'."""
    with open(path) as file:
        text = file.read()
    text = text[text.index(start):]
    return {int(code, 0): name for code, name in re.findall(row, text[:text.find("};")] if start else text)}


def say(name, wrong):
    print(f"not ok - {name}: {wrong[:10]}" if wrong else f"ok - {name}")
    return bool(wrong)


def compare(ours, theirs):
    return [f"{code:#06x}: {ours.get(code)} is {name}" for code, name in sorted(theirs.items()) if ours.get(code) != name]


def openssl_suites():
    said = subprocess.run(["openssl", "ciphers", "-stdname", "-V", "ALL:COMPLEMENTOFALL@SECLEVEL=0"],
                          check=True, capture_output=True, text=True).stdout
    return {int(a + b, 16): name for a, b, name in re.findall(r"0x(..),0x(..) - (\S+)", said)}


def tshark_values(field):
    said = subprocess.run(["tshark", "-G", "values"], check=True, capture_output=True, text=True).stdout
    rows = [line.split("\t") for line in said.splitlines()]
    return {int(r[2], 0): r[3] for r in rows if len(r) > 3 and r[1] == field}


def main():
    suites = table("sensor/dissect/tls_suites.def", r'SUITE\((0x[0-9a-f]+), "(\w+)"\)')
    groups = table("sensor/dissect/tls_names.c", r'\{ (\d+), "(\w+)" \}', "groups[]")
    known = openssl_suites()
    failed = say(f"suites as OpenSSL names its {len(known)}", compare(suites, known) or ([] if len(known) > 100 else ["too few"]))
    failed += say("suites by rising code point", [] if list(suites) == sorted(suites) else ["out of order"])
    if shutil.which("tshark") is None:
        print("ok - names against tshark # SKIP tshark is not installed")
        return failed
    known = {code: name for code, name in tshark_values("tls.handshake.ciphersuite").items()
             if not NOT_IANA.search(name) and code not in OLD_CHACHA}
    failed += say(f"suites as tshark names {len(known)}", compare(suites, known) or ([] if len(known) > 300 else ["too few"]))
    known = {code: name for code, name in tshark_values("tls.handshake.extensions_supported_group").items()
             if code <= 0x1ff or code >= 0xff00}
    failed += say(f"groups as tshark names {len(known)}", compare(groups, known))
    return 1 if failed else 0


sys.exit(main())
