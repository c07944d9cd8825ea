#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sender.py ADDRESS BEHAVIOUR [FILE]: gives to one that waits, as fdtool send does, or badly.

Prints the answer, and how it ended.
"""

import array
import os
import socket
import sys

OFFER = b"FDTOOL/1 OFFER\nname=peer\nfds=1\n"
BEHAVIOURS = {
    # the text, and the number of descriptors
    "good": (OFFER, 1),
    "no-keys": (b"FDTOOL/1 OFFER\n", 1),
    "unknown-keys": (OFFER + b"colour=green\n", 1),
    "escapes-in-name": (b"FDTOOL/1 OFFER\nname=a\x1b[31mb\n", 1),
    "none": (OFFER, 0),
    "two": (OFFER, 2),
    "most": (OFFER, 253),
    "announces-two": (b"FDTOOL/1 OFFER\nfds=2\n", 2),
    "version-2": (b"FDTOOL/2 OFFER\n", 1),
    "bad-expire": (OFFER + b"expire=soon\n", 1),
    "drop-with-descriptor": (b"FDTOOL/1 DROP\nname=peer\n", 1),
    "drop": (b"FDTOOL/1 DROP\nname=peer\n", 0),
    "other-verb": (b"FDTOOL/1 GIFT\n", 1),
    "rubbish": (bytes(range(256)), 1),
    "empty-key": (OFFER + b"=\n", 1),
    "long": (OFFER + b"x=" + b"y" * 5000, 1),
    "more-and-leaves": (OFFER + b"more=2\n", 1),
    "more-and-hangs": (OFFER + b"more=2\n", 1),
    "taken": (b"FDTOOL/1 TAKEN\n", 1),
}


def address(word):
    if word.startswith("@"):
        return "\0" + word[1:]
    return word if "/" in word else "\0fdtool/" + word


def main(argv):
    behaviour = argv[2]
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    sock.connect(address(argv[1]))
    if behaviour == "leaves":
        return
    if behaviour == "silent":
        print("silent", flush=True)
        sock.recv(1)
        return
    text, n = BEHAVIOURS[behaviour]
    fd = os.open(argv[3], os.O_RDONLY) if len(argv) > 3 else os.pipe()[0]
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd] * n))] if n else []
    sock.sendmsg([text], control)
    if behaviour == "more-and-leaves":
        sock.recv(4096)
        return
    while True:
        try:
            answer = sock.recv(4096)
        except ConnectionResetError:
            continue  # once, where the peer closed without reading
        print(answer.decode().replace("\n", " ") if answer else "end", flush=True)
        if not answer:
            return


if __name__ == "__main__":
    main(sys.argv)
