#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""server.py ADDRESS BEHAVIOUR [FILE]: a server that is not fdtool's.

ADDRESS is a NAME of fdtool's, @RAW, or a path. Prints "ready" when it listens, and then
treats every client as BEHAVIOUR says. It passes FILE, opened for reading, or the read end
of a pipe.
"""

import array
import os
import socket
import sys
import threading

OFFER = b"FDTOOL/1 OFFER\nname=peer\nfds=1\n"
KEPT = []  # connections that stay open and are not read


def send(conn, text, fds=()):
    rights = array.array("i", fds)
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)] if fds else []
    conn.sendmsg([text], control)


def descriptors(n):
    """Returns a function that sends n descriptors in an offer of one."""
    return lambda conn, fd: send(conn, OFFER, [fd] * n)


def says(text, n=1):
    return lambda conn, fd: send(conn, text, [fd] * n)


def with_fd_number(conn, fd):
    send(conn, OFFER + b"fd=%d\n" % fd, [fd])


def lies_about_fd(conn, fd):
    """Announces the number of another descriptor than the one it passes."""
    send(conn, OFFER + b"fd=0\n", [fd])


def long_text(size):
    def behave(conn, fd):
        try:
            conn.setsockopt(socket.SOL_SOCKET, 32, 4 * size)  # SO_SNDBUFFORCE
        except PermissionError:  # only for root; others get as much as the limit allows
            conn.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * size)
        send(conn, OFFER + b"x=" + b"y" * (size - len(OFFER) - 2), [fd])

    return behave


def byte_by_byte(conn, fd):
    for byte in OFFER:
        send(conn, bytes([byte]), [fd])


def in_two(conn, fd):
    send(conn, OFFER[:20])
    send(conn, OFFER[20:], [fd])


def flood(conn, fd):
    """Sends a good offer, and then NOTEs without end."""
    send(conn, OFFER, [fd])

    def talk():
        try:
            while True:
                conn.send(b"FDTOOL/1 NOTE\npos=1\nop=lseek\n")
        except OSError:
            pass

    threading.Thread(target=talk, daemon=True).start()


def silent(conn, fd):
    pass


BEHAVIOURS = {
    "good": with_fd_number,
    "lies-about-fd": lies_about_fd,
    "no-keys": says(b"FDTOOL/1 OFFER\n"),
    "no-newline": says(b"FDTOOL/1 OFFER"),
    "unknown-keys": says(OFFER + b"colour=green\nshape=\n"),
    "colon-in-name": says(b"FDTOOL/1 OFFER\nname=a:b\n"),
    "escapes-in-name": says(b"FDTOOL/1 OFFER\nname=a\x1b[31mb\n"),
    "no-descriptor": descriptors(0),
    "two": descriptors(2),
    "three": descriptors(3),
    "most": descriptors(253),
    "announces-two": says(b"FDTOOL/1 OFFER\nfds=2\n"),
    "announces-and-sends-two": says(b"FDTOOL/1 OFFER\nfds=2\n", 2),
    "announces-three-and-sends-two": says(b"FDTOOL/1 OFFER\nfds=3\n", 2),
    "empty": says(b""),
    "version-2": says(b"FDTOOL/2 OFFER\n"),
    "version-10": says(b"FDTOOL/10 OFFER\n"),
    "no-version": says(b"FDTOOL/ OFFER\n"),
    "other-verb": says(b"FDTOOL/1 GIFT\n"),
    "no-verb": says(b"FDTOOL/1\n"),
    "rubbish": says(bytes(range(256))),
    "nul": says(b"FDTOOL/1 OFFER\nname=a\0b\n"),
    "no-equals": says(OFFER + b"nonsense\n"),
    "bad-escape": says(OFFER + b"path=\\Mx\n"),
    "long": long_text(5000),
    "very-long": long_text(300000),
    "byte-by-byte": byte_by_byte,
    "in-two": in_two,
    "deny": says(b"FDTOOL/1 DENY\nreason=policy\nuid=1\n", 0),
    "deny-busy": says(b"FDTOOL/1 DENY\nreason=busy\n", 0),
    "deny-system": says(b"FDTOOL/1 DENY\nreason=system\nerrno=ETOOMANYREFS\n", 0),
    "deny-no-keys": says(b"FDTOOL/1 DENY\n", 0),
    "deny-with-descriptor": says(b"FDTOOL/1 DENY\nreason=policy\n"),
    "deny-escapes": says(b"FDTOOL/1 DENY\nreason=a\x1b[31m\xc2\x9b31mb\n", 0),
    "flood": flood,
    "silent": silent,
    "closes": lambda conn, fd: conn.close(),
}


def address(word):
    if word.startswith("@"):
        return "\0" + word[1:]
    return word if "/" in word else "\0fdtool/" + word


def what_to_pass(argv):
    if len(argv) > 3:
        return os.open(argv[3], os.O_RDONLY)
    return os.pipe()[0]


def main(argv):
    behaviour = argv[2]
    kind = socket.SOCK_STREAM if behaviour == "stream" else socket.SOCK_SEQPACKET
    listener = socket.socket(socket.AF_UNIX, kind)
    listener.bind(address(argv[1]))
    listener.listen(0 if behaviour == "full" else 16)
    fd = what_to_pass(argv)
    fill = []
    if behaviour == "full":  # fills the backlog of 0
        fill.append(socket.socket(socket.AF_UNIX, kind))
        fill[0].connect(address(argv[1]))
    print("ready", flush=True)
    while behaviour in ("full", "deaf"):
        threading.Event().wait()
    while True:
        conn, _ = listener.accept()
        KEPT.append(conn)
        try:
            BEHAVIOURS[behaviour](conn, fd)
        except OSError as e:
            print(f"server.py: {e}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv)
