#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""client.py NAME BEHAVIOUR: a client that is not fdtool's.

Connects to the offer NAME, as often as BEHAVIOUR needs, and behaves well or badly.
"""

import array
import os
import socket
import sys


def connect(name):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(10)
    s.connect("\0fdtool/" + name)
    return s


def receive(s):
    text, fds, flags, _ = socket.recv_fds(s, 4096, 8)
    assert not flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC), flags
    return text, fds


def show(name):
    """Prints the message and the number of descriptors."""
    text, fds = receive(connect(name))
    sys.stdout.write(text.decode())
    print(f"descriptors={len(fds)}")


def read_five(name):
    """Prints five bytes from the current offset on."""
    _, fds = receive(connect(name))
    print(os.read(fds[0], 5).decode())


def leave_at_once(name):
    for _ in range(100):
        connect(name).close()


def leave_without_reading(name):
    """Leaves after the server has sent the offer, without receiving it."""
    for _ in range(100):
        s = connect(name)
        s.recv(1, socket.MSG_PEEK)
        s.close()


def no_room(name):
    """Receives the text, without room for the descriptor."""
    s = connect(name)
    text, _, flags, _ = s.recvmsg(4096, 0)
    assert text.startswith(b"FDTOOL/1 OFFER\n") and flags & socket.MSG_CTRUNC


def send_all(name, messages):
    """Sends each message on a new connection. The server closes it after nonsense."""
    for message in messages:
        s = connect(name)
        receive(s)
        try:
            s.send(message)
            assert s.recv(4096) == b""
        except ConnectionError:
            pass


def rubbish(name):
    send_all(name, [b"\0", b"\n", bytes(range(256)), b"FDTOOL/", b"FDTOOL/2 TAKEN\n", b"x" * 4095])


def too_long(name):
    send_all(name, [b"FDTOOL/1 TAKEN\nfd=3\nx=" + b"y" * 60000])


def empty_message(name):
    send_all(name, [b""])


def send_descriptors(name):
    """Sends unwanted descriptors: the kernel refuses them, or the server closes the connection."""
    s = connect(name)
    receive(s)
    rights = array.array("i", [0] * 253)
    try:
        s.sendmsg([b"FDTOOL/1 TAKEN\nfd=3\n"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
        assert s.recv(4096) == b""
        print("let go")
    except PermissionError:
        print("EPERM")


def talk(name):
    """Sends without a pause and never reads."""
    s = connect(name)
    s.setblocking(False)
    sent = 0
    while sent < 1000:
        try:
            sent += s.send(b"FDTOOL/1 NOTE\npos=1\nop=lseek\n") > 0
        except BlockingIOError:
            pass


def crowd(name):
    """Opens more connections than allowed; prints how many got the descriptor and how many not."""
    socks = [connect(name) for _ in range(300)]
    got = [receive(s) for s in socks]
    for _, fds in got:
        for fd in fds:
            os.close(fd)
    print(sum(1 for text, fds in got if text.startswith(b"FDTOOL/1 OFFER\n") and len(fds) == 1))
    print(sum(1 for text, fds in got if text.startswith(b"FDTOOL/1 DENY\n") and len(fds) == 0))


def half_close(name):
    """Shuts down its sending side and still receives its descriptor."""
    s = connect(name)
    s.shutdown(socket.SHUT_WR)
    _, fds = receive(s)
    assert len(fds) == 1


BEHAVIOURS = {
    "show": show,
    "read-five": read_five,
    "leave-at-once": leave_at_once,
    "leave-without-reading": leave_without_reading,
    "no-room": no_room,
    "rubbish": rubbish,
    "too-long": too_long,
    "empty-message": empty_message,
    "send-descriptors": send_descriptors,
    "talk": talk,
    "crowd": crowd,
    "half-close": half_close,
}

BEHAVIOURS[sys.argv[2]](sys.argv[1])
