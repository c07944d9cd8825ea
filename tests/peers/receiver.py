#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""receiver.py ADDRESS BEHAVIOUR: waits for what fdtool send gives, and answers well or badly.

Prints "ready", then what came.
"""

import os
import signal
import socket
import sys

ANSWERS = {
    "good": b"FDTOOL/1 TAKEN\nfd=9\n",
    "no-keys": b"FDTOOL/1 TAKEN\n",
    "deny": b"FDTOOL/1 DENY\nreason=policy\nuid=1\n",
    "deny-system": b"FDTOOL/1 DENY\nreason=system\nerrno=EMFILE\n",
    "deny-expect": b"FDTOOL/1 DENY\nreason=expect\n",
    "deny-escapes": b"FDTOOL/1 DENY\nreason=a\x1b[31mb\n",
    "rubbish": bytes(range(256)),
    "version-2": b"FDTOOL/2 TAKEN\n",
    "other-verb": b"FDTOOL/1 THANKS\n",
    "offer": b"FDTOOL/1 OFFER\n",
}


def address(word):
    if word.startswith("@"):
        return "\0" + word[1:]
    return word if "/" in word else "\0fdtool/" + word


def main(argv):
    behaviour = argv[2]
    kind = {"stream": socket.SOCK_STREAM, "dgram": socket.SOCK_DGRAM}.get(
        behaviour, socket.SOCK_SEQPACKET
    )
    listener = socket.socket(socket.AF_UNIX, kind)
    listener.bind(address(argv[1]))
    if behaviour != "dgram":
        listener.listen(8)
    print("ready", flush=True)
    if behaviour in ("stream", "dgram", "deaf"):
        signal.pause()
    conn, _ = listener.accept()
    if behaviour == "closes":  # without reading
        return
    text, fds, flags, _ = socket.recv_fds(conn, 4096, 253)
    first = fds[0]
    print(text.decode(), len(fds), flush=True)
    if behaviour == "takes-and-leaves":
        return
    if behaviour == "silent":
        conn.recv(1)
        return
    conn.send(ANSWERS[behaviour])
    if behaviour == "good":  # and all that follow
        while b"more=" in text:
            text, fds, flags, _ = socket.recv_fds(conn, 4096, 253)
            print(text.decode(), len(fds), flush=True)
            conn.send(ANSWERS[behaviour])
    print(os.read(first, 100))


if __name__ == "__main__":
    main(sys.argv)
