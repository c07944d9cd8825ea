#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""foreign.py WHAT ARG...: programs that pass a descriptor without fdtool's protocol.

fdrecv PATH|@NAME       as util-linux fdrecv: prints the byte and what it reads from the descriptor
fdsend PATH|@NAME FILE  as util-linux fdsend
raw TYPE ADDRESS [N]    listens with a stream, seqpacket or dgram socket; prints what came
give TYPE ADDRESS HOW [FILE]
                        gives FILE: HOW is good, text (data, then data with the descriptor),
                        none (closes), two, empty
manager ADDRESS         a service manager at a datagram socket: prints each message, with
                        what the descriptor has, until BARRIER=1
deaf-manager ADDRESS    the same, but it keeps the descriptor of BARRIER=1
proxied COMMAND...      as ssh -o ProxyUseFdpass=yes: prints what came over the standard output of
                        COMMAND, and its exit status
"""

import os
import signal
import socket
import subprocess
import sys

TYPES = {"stream": socket.SOCK_STREAM, "seqpacket": socket.SOCK_SEQPACKET, "dgram": socket.SOCK_DGRAM}


def address(word):
    return "\0" + word[1:] if word.startswith("@") else word


def listen(kind, word):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(address(word))
    if kind != socket.SOCK_DGRAM:
        s.listen(1)
    print("ready", flush=True)
    return s


def show(data, fds):
    print(repr(data), [os.read(fd, 100) for fd in fds], flush=True)


def fdrecv(word):
    conn, _ = listen(socket.SOCK_STREAM, word).accept()
    data, fds, _, _ = socket.recv_fds(conn, 1, 1)
    show(data, fds)


def connect(kind, word):
    s = socket.socket(socket.AF_UNIX, kind)
    s.connect(address(word))
    return s


def fdsend(word, file):
    with open(file, "rb") as f:
        socket.send_fds(connect(socket.SOCK_STREAM, word), [b" "], [f.fileno()])


def raw(kind, word):
    s = listen(TYPES[kind], word)
    if kind == "dgram":
        signal.pause()
    conn, _ = s.accept()
    data, fds, _, _ = socket.recv_fds(conn, 4096, 253)
    show(data, fds)


def give(kind, word, how, file):
    s = connect(TYPES[kind], word)
    with open(file, "rb") as f:
        fd = f.fileno()
        if how == "text":
            s.send(b"first")
            socket.send_fds(s, [b"any data"], [fd])
        elif how == "none":
            s.send(b"nothing else")
        else:
            data = b"" if how == "empty" else b"\0"
            socket.send_fds(s, [data], [fd, fd] if how == "two" else [fd])


def manager(word, keeps=False):
    s = listen(socket.SOCK_DGRAM, word)
    while True:
        data, fds, _, _ = socket.recv_fds(s, 4096, 8)
        if data.startswith(b"BARRIER"):
            print(repr(data), len(fds), flush=True)
            if keeps:
                signal.pause()
            return
        show(data, fds)


def proxied(*command):
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    with subprocess.Popen(command, stdout=theirs, stdin=theirs) as p:
        theirs.close()
        data, fds, _, _ = socket.recv_fds(ours, 100, 8)
        show(data, fds)
        print(p.wait())


if __name__ == "__main__":
    {
        "fdrecv": fdrecv,
        "fdsend": fdsend,
        "raw": raw,
        "give": give,
        "manager": manager,
        "deaf-manager": lambda word: manager(word, True),
        "proxied": proxied,
    }[sys.argv[1]](*sys.argv[2:])
