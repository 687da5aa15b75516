#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_ike_peers: two strongSwan daemons negotiate in network namespaces; what they chose is what is told.

The packets are taken from the veth by a raw socket, written as a capture and replayed.
"""
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

B = os.environ.get("B", "build/gcc-address-undefined")
REPLAY = [os.path.join(B, "sekisho"), "replay", "--json", "--rules", "tests/fixtures/rules-none"]
CHARON, SWANCTL = "/usr/sbin/charon-systemd", shutil.which("swanctl") or "/usr/sbin/swanctl"
PEERS = {"a": ("192.0.2.1", "192.0.2.2", "b"), "b": ("192.0.2.2", "192.0.2.1", "a")}
# version, aggressive, what swanctl is told, what must be told of it
TABLE = [
    (2, "no", "aes256-sha256-modp2048", {"encr": "ENCR_AES_CBC_256", "prf": "PRF_HMAC_SHA2_256",
                                         "integ": "AUTH_HMAC_SHA2_256_128", "group": "MODP_2048"}),
    (2, "no", "aes128-sha512-modp3072", {"encr": "ENCR_AES_CBC_128", "prf": "PRF_HMAC_SHA2_512",
                                         "integ": "AUTH_HMAC_SHA2_512_256", "group": "MODP_3072"}),
    (1, "no", "aes128-sha1-modp1024", {"encr": "ENCR_AES_CBC_128", "prf": "PRF_HMAC_SHA1", "integ": None,
                                       "group": "MODP_1024", "auth": "PRE_SHARED_KEY"}),
    (1, "yes", "aes256-sha512-modp2048", {"encr": "ENCR_AES_CBC_256", "prf": "PRF_HMAC_SHA2_512", "integ": None,
                                          "group": "MODP_2048", "auth": "PRE_SHARED_KEY"}),
]


def watch(interface, path):
    """Run inside a namespace: writes what crosses the interface until SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    tap.bind((interface, 0))
    with open(path, "wb", buffering=0) as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        while True:
            frame = tap.recv(65535)
            now = time.time()
            file.write(struct.pack("<IIII", int(now), int(now % 1 * 1e6), len(frame), len(frame)) + frame)


def configure(work, peer, version, aggressive, proposal):
    here, there, other = PEERS[peer]
    with open(f"{work}/{peer}.strongswan", "w") as file:
        file.write(f"""charon-systemd {{
 load = random nonce aes sha1 sha2 hmac kdf gmp pem x509 pubkey kernel-libipsec kernel-netlink socket-default vici
 i_dont_care_about_security_and_use_aggressive_mode_psk = yes
 plugins {{
  vici {{
   socket = unix://{work}/{peer}.vici
  }}
 }}
}}
""")
    with open(f"{work}/{peer}.swanctl", "w") as file:
        file.write(f"""connections {{
 t {{
  version = {version}
  aggressive = {aggressive}
  local_addrs = {here}
  remote_addrs = {there}
  proposals = {proposal}
  local {{
   auth = psk
   id = MARKER-{peer}.example
  }}
  remote {{
   auth = psk
   id = MARKER-{other}.example
  }}
  children {{
   c {{
    esp_proposals = aes256-sha256
   }}
  }}
 }}
}}
secrets {{
 ike {{
  secret = "sekisho"
 }}
}}
""")


def swanctl(work, peer, *words):
    env = {**os.environ, "STRONGSWAN_CONF": f"{work}/{peer}.strongswan"}
    return subprocess.run([SWANCTL, *words, "--uri", f"unix://{work}/{peer}.vici"], env=env, capture_output=True, text=True,
                          timeout=30)


def inside(name, *words, **more):
    return subprocess.Popen(["ip", "netns", "exec", name, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)


def negotiate(work, names, row, path):
    """Returns what the initiator's swanctl said, and writes the capture."""
    version, aggressive, proposal, _ = row
    running = [inside(names["a"], sys.executable, os.path.abspath(__file__), "--watch", "sk-a", path)]
    try:
        for peer in PEERS:
            configure(work, peer, version, aggressive, proposal)
            running.append(inside(names[peer], CHARON, env={**os.environ, "STRONGSWAN_CONF": f"{work}/{peer}.strongswan"}))
        for peer in PEERS:
            for _ in range(100):
                if os.path.exists(f"{work}/{peer}.vici") and swanctl(work, peer, "--load-all", "--file",
                                                                     f"{work}/{peer}.swanctl").returncode == 0:
                    break
                time.sleep(0.1)
            else:
                return f"{CHARON} does not answer"
        return swanctl(work, "a", "--initiate", "--child", "c", "--timeout", "10").stdout
    finally:
        for process in running[1:] + running[:1]:
            process.terminate()
        for process in running:
            process.wait(timeout=20)
        for peer in PEERS:
            if os.path.exists(f"{work}/{peer}.vici"):
                os.unlink(f"{work}/{peer}.vici")


def check(row, said, path):
    version, aggressive, _, chosen = row
    if "IKE_SA t[1] established" not in said:
        return f"strongSwan did not come to terms: {said[-300:]}"
    out = subprocess.run([*REPLAY, path], capture_output=True, text=True, timeout=120)
    records = [json.loads(line) for line in out.stdout.splitlines() if '"event_type":"ike"' in line]
    inits = [r for r in records if r["sekisho"]["ike"]["kind"] == "init"]
    if len(inits) != 1:
        return f"{len(inits)} init records, expected 1; {out.stderr[:200]}"
    ike, own = inits[0]["ike"], inits[0]["sekisho"]["ike"]
    if {k: ike["chosen"].get(k) for k in chosen} != chosen or own["outcome"] != "answered":
        return f"chosen is {ike['chosen']}, expected {chosen}"
    if ike["version_major"] != version or own["aggressive"] != (aggressive == "yes"):
        return f"version {ike['version_major']}, aggressive {own['aggressive']}"
    if inits[0]["src_ip"] != PEERS["a"][0] or "MARKER" in out.stdout or not own["nat_t"]:
        return "who began it, an identity, or NAT-T is told wrongly"
    return None


def skip(why):
    print(f"ok - strongSwan's peers # SKIP {why}")


def main():
    if os.geteuid() != 0 or not os.path.exists(CHARON) or not os.path.exists(SWANCTL):
        skip("no root, or no charon-systemd and strongswan-swanctl")
        return
    names = {peer: f"sk-ike-{peer}-{os.getpid()}" for peer in PEERS}
    with tempfile.TemporaryDirectory() as work:
        try:
            for name in names.values():
                subprocess.run(["ip", "netns", "add", name], check=True, capture_output=True)
            subprocess.run(["ip", "link", "add", "sk-a", "netns", names["a"], "type", "veth", "peer", "name", "sk-b", "netns",
                            names["b"]], check=True, capture_output=True)
            for peer, name in names.items():
                for words in (["addr", "add", PEERS[peer][0] + "/24", "dev", f"sk-{peer}"], ["link", "set", f"sk-{peer}", "up"],
                              ["link", "set", "lo", "up"]):
                    subprocess.run(["ip", "-n", name, *words], check=True, capture_output=True)
        except subprocess.CalledProcessError as error:
            skip(f"no namespaces: {error.stderr.decode()[:100]}")
            return
        else:
            for number, row in enumerate(TABLE):
                path = f"{work}/{number}.pcap"
                why = check(row, negotiate(work, names, row, path), path)
                name = f"strongSwan, IKEv{row[0]}{' aggressive' if row[1] == 'yes' else ''}, {row[2]}"
                print(f"ok - {name}" if why is None else f"not ok - {name}: {' '.join(why.split())}", flush=True)
        finally:
            for name in names.values():
                subprocess.run(["ip", "netns", "del", name], capture_output=True)


if sys.argv[1:2] == ["--watch"]:
    watch(*sys.argv[2:4])
main()
