#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pki: the demo's certificates, made of the fixture keys: good ones, a weak one, one that is over.

usage: pki.py DIR
"""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import pcapmake  # noqa: E402

# name: key, subject, and what is wrong with it, if anything
CERTIFICATES = {
    "ca": dict(key="rsa2048-ca", cn="Sekisho Demo CA", o="Shared Base", c="JP", ca="yes"),
    "xca-gateway": dict(key="p256", cn="xca.base.example", o="Shared Base", c="JP", issuer="ca", san="xca.base.example"),
    "hpki-auth": dict(key="rsa2048", cn="hpki.base.example", o="Shared Base", c="JP", issuer="ca", san="hpki.base.example"),
    "mpi": dict(key="rsa2048", cn="mpi.base.example", o="Shared Base", c="JP", issuer="ca", san="mpi.base.example"),
    "portal": dict(key="rsa2048", cn="portal.base.example", o="Shared Base", c="JP", issuer="ca", san="portal.base.example"),
    "repository": dict(key="rsa1024", cn="repository.base.example", o="Shared Base", c="JP", issuer="ca",
                       san="repository.base.example", **{"from": "-400d", "to": "-3d"}),
    "audit": dict(key="p256", cn="audit.base.example", o="Shared Base", c="JP", issuer="ca", san="audit.base.example"),
    "region-a": dict(key="p256", cn="gateway.region-a.example", o="Aoba", c="JP", issuer="ca"),
    "region-b": dict(key="p256", cn="gateway.region-b.example", o="Midori", c="JP", issuer="ca"),
    "hospital-a": dict(key="rsa2048", cn="hospital-a.example", o="Aoba", c="JP", issuer="ca"),
    "hospital-b": dict(key="rsa2048", cn="hospital-b.example", o="Midori", c="JP", issuer="ca", to="9d"),
}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    keys = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "keys")
    made = pcapmake.Certificates(keys, time.time(), folder)
    for name, options in CERTIFICATES.items():
        made.make(name, options)
        with open(made.made[name][3], encoding="ascii") as key, open(os.path.join(folder, name + ".key"), "w", encoding="ascii") as out:
            out.write(key.read())


if __name__ == "__main__":
    main()
