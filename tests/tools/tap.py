# SPDX-License-Identifier: Apache-2.0
"""tap: takes the packets of an interface while a test's peers talk, and writes those of a port as a capture."""
import socket
import struct
import threading
import time

ETH_P_ALL, PACKET_OUTGOING = 3, 4


class Tap:
    """with Tap("lo") as tap: ... ; tap.write(path, *ports).  Only root may.  On lo each packet is taken once."""

    def __init__(self, interface):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 20)
        self.socket.bind((interface, 0))
        self.socket.settimeout(0.2)
        self.packets, self.is_over = [], False
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while True:
            try:
                frame, address = self.socket.recvfrom(1 << 18)
            except TimeoutError:
                if self.is_over:
                    return
                continue
            if address[2] == PACKET_OUTGOING:
                self.packets.append((time.time(), frame))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()
        self.socket.close()

    def write(self, path, *ports):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 1))
            for at, frame in self.packets:
                # TCP and UDP over IPv4 without options is all that lo's peers speak here
                if frame[12:14] != b"\x08\0" or frame[23] not in (6, 17) or not set(ports) & set(struct.unpack("!HH", frame[34:38])):
                    continue
                usec = round(at * 1e6)
                out.write(struct.pack("<IIII", usec // 1000000, usec % 1000000, len(frame), len(frame)) + frame)
