#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""exec.py WHAT PROGRAM [ARG]...: becomes PROGRAM, with descriptor 7 a WHAT.

WHAT is "listener" (TCP on 127.0.0.1; writes the port to the file "port"),
"socketpair" (SEQPACKET), "inotify=DIRECTORY" (reports its new files), "pty" (the slave, with
the master at 8; writes the slave's path to the file "slave"), or "pipe=N" (contains N times
the letter x, and has no writer).
"""

import ctypes
import fcntl
import os
import socket
import sys


def note(name, text):
    with open(name + ".new", "w", encoding="ascii") as f:
        f.write(f"{text}\n")
    os.rename(name + ".new", name)


def listener(_):
    s = socket.create_server(("127.0.0.1", 0))
    note("port", s.getsockname()[1])
    return s.detach()


def socketpair(_):
    a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    b.detach()
    return a.detach()


def inotify(directory):
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init1(0)
    assert libc.inotify_add_watch(fd, directory.encode(), 0x100) >= 0  # IN_CREATE
    return fd


def pty(_):
    master, slave = os.openpty()
    note("slave", os.ttyname(slave))
    os.dup2(master, 8)
    return slave


def pipe(length):
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 1 << 20)
    assert os.write(writer, b"x" * int(length)) == int(length)
    return reader


WHAT = {
    "listener": listener,
    "socketpair": socketpair,
    "inotify": inotify,
    "pty": pty,
    "pipe": pipe,
}

kind, _, argument = sys.argv[1].partition("=")
os.dup2(WHAT[kind](argument), 7)
os.execvp(sys.argv[2], sys.argv[2:])
