#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""heir.py ADDRESS N: asks a broker to hand over, answers N times, and then stays silent."""

import signal
import socket
import sys

sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
sock.connect("\0fdtool/" + sys.argv[1])
sock.send(b"FDTOOL/1 TAKEOVER\n")
taken = 0
while taken <= int(sys.argv[2]):
    text = socket.recv_fds(sock, 4096, 253)[0]
    if b"kind=listener" in text:
        continue  # its OFFER follows
    if taken < int(sys.argv[2]):
        sock.send(b"FDTOOL/1 TAKEN\n")
    taken += 1
print("ready", flush=True)
signal.pause()
