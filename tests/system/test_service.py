#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""test_service: what the service manager and a scraper see of a live sensor: ready, alive, stuck, stopping; counters."""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

SENSOR = os.path.join(os.environ.get("PLAIN", "build/gcc-plain"), "sekisho-sensor")
WATCHDOG = 1.5
failed = False


def check(holds, what):
    global failed
    print(("ok - " if holds else "not ok - ") + what, flush=True)
    failed |= not holds


def hear(notify, seconds):
    """All that is said within so long."""
    said, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        notify.settimeout(left)
        try:
            said.append(notify.recv(256).decode())
        except TimeoutError:
            break
    return said


def hear_one(notify, word, seconds=20):
    """True once the word is said."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if word in hear(notify, 0.2):
            return True
    return False


def scrape(path):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: sensor\r\n\r\n")
        data = b""
        while part := client.recv(65536):
            data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body.decode()


def value(body, name, lane):
    found = re.search(rf'^sekisho_sensor_{name}{{sensor="s\\"1",poi="p1",lane="{lane}"}} (\d+)$', body, re.M)
    return int(found[1]) if found else None


def run(work, net):
    path = f"{work}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(path)
        os.chmod(path, 0o777)
        env = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC=str(int(WATCHDOG * 1e6)))
        with open(f"{work}/log", "w") as log:
            sensor = subprocess.Popen(
                ["ip", "netns", "exec", net, SENSOR, "-i", "lo", "--sensor", 's"1', "--poi", "p1", "--flows", "4096", "--undecided", "256",
                 "--workers", "2", "--socket", "", "--spool", f"{work}/spool/spool.db", "--metrics", f"{work}/metrics.sock"],
                env=env, stderr=log)
        try:
            watch(work, net, sensor, notify)
        finally:
            if sensor.poll() is None:
                sensor.terminate()
                sensor.wait(30)


def watch(work, net, sensor, notify):
    check(hear_one(notify, "READY=1"), "READY=1 when all are at work")
    check(hear_one(notify, "WATCHDOG=1"), "WATCHDOG=1 while workers go on")
    subprocess.run(["ip", "netns", "exec", net, "python3", "-c",
                    "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                    "for i in range(100): s.sendto(b'x' * 50, ('127.0.0.1', 9000))"], check=True)
    for _ in range(100):
        head, body = scrape(f"{work}/metrics.sock")
        if sum(value(body, "packets_total", lane) for lane in (0, 1)) >= 100:
            break
        time.sleep(0.1)
    check(head.startswith("HTTP/1.1 200 OK") and "text/plain; version=0.0.4" in head, "metrics are HTTP")
    packets = sum(value(body, "packets_total", lane) for lane in (0, 1))
    check(packets >= 100, f"and tell of {packets} packets, labels escaped")
    check(all(re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{[^}]*\} \d+", line) for line in body.splitlines()),
          "every line is Prometheus text")
    check(value(body, "memory_bytes", 1) > 1 << 20 and value(body, "correlator_connected", 0) == 0, "memory and the spool's state too")
    check(abs(value(body, "last_tick_seconds", 0) - time.time()) < 30, "and the time of the last tick")
    mute = socket.socket(socket.AF_UNIX)
    mute.connect(f"{work}/metrics.sock")
    check(hear_one(notify, "WATCHDOG=1") and scrape(f"{work}/metrics.sock")[1] != "", "a client that says nothing stops nobody")
    mute.close()
    victim = int(subprocess.run(["pgrep", "-P", str(sensor.pid)], capture_output=True, text=True).stdout.split()[1])
    os.kill(victim, signal.SIGSTOP)
    hear(notify, WATCHDOG + 0.7)
    check("WATCHDOG=1" not in hear(notify, WATCHDOG * 2), "no WATCHDOG=1 when a worker stands still")
    os.kill(victim, signal.SIGCONT)
    check(hear_one(notify, "WATCHDOG=1"), "and again when it goes on")
    sensor.terminate()
    check(hear_one(notify, "STOPPING=1"), "STOPPING=1 at SIGTERM")
    check(sensor.wait(30) == 0 and not os.path.exists(f"{work}/metrics.sock"), "it ends in order and leaves no socket")


def main():
    net = f"sks{os.getpid()}"
    if os.geteuid() != 0 or subprocess.run(["ip", "netns", "add", net], capture_output=True).returncode:
        print("ok - service manager and metrics # SKIP no right to make a network namespace")
        return
    try:
        subprocess.run(["ip", "-n", net, "link", "set", "lo", "up"], check=True)
        with tempfile.TemporaryDirectory() as work:
            os.chmod(work, 0o755)
            run(work, net)
    finally:
        subprocess.run(["ip", "netns", "del", net])


main()
sys.exit(failed)
