#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""testator.py ADDRESS NAME: a broker that keeps two names, and dies when it has handed over NAME."""

import os
import socket
import sys


def listen(name):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.bind("\0fdtool/" + name)
    sock.listen()
    return sock


address, kept = listen(sys.argv[1]), listen(sys.argv[2])
print("ready", flush=True)
heir = address.accept()[0]
assert heir.recv(4096).startswith(b"FDTOOL/1 TAKEOVER\n")
socket.send_fds(heir, [b"FDTOOL/1 HANDOVER\nkind=address\nmore=2\nkept=2\n"], [address.fileno()])
assert b" TAKEN\n" in heir.recv(4096)
socket.send_fds(
    heir,
    [b"FDTOOL/1 HANDOVER\nkind=listener\nmore=1\nowner=%d\n" % os.getuid()],
    [kept.fileno()],
)
null = os.open("/dev/null", os.O_RDONLY)
socket.send_fds(heir, [b"FDTOOL/1 OFFER\nname=%s\nfds=1\n" % os.fsencode(sys.argv[2])], [null])
assert b" TAKEN\n" in heir.recv(4096)
