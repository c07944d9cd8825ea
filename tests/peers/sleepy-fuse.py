#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""sleepy-fuse.py DIRECTORY [later] [flush] [opens]: mounts a FUSE file system with one file,
"file", and opens it as descriptor 7. Then, or with "later" at SIGUSR1, its server sleeps and answers
no more requests, with "opens" none but those to open the file. With "flush" a close of the file
waits for an answer, too.

Prints "ready" when the file is open. Needs root; SIGTERM unmounts it."""

import ctypes
import os
import signal
import struct
import sys
import threading

LOOKUP, GETATTR, OPEN, FLUSH, INIT = 1, 3, 14, 25, 26
FORGET, RELEASE, INTERRUPT, BATCH_FORGET = 2, 18, 36, 42
NOBODY_WAITS = FORGET, RELEASE, INTERRUPT, BATCH_FORGET
where = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)
dev = os.open("/dev/fuse", os.O_RDWR)
options = f"fd={dev},rootmode=40000,user_id=0,group_id=0"
if libc.mount(b"sleepy", where.encode(), b"fuse.sleepy", 0, options.encode()) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))


def end(*_):
    libc.umount2(where.encode(), 1)  # MNT_FORCE: all waiting calls fail, also our close(2)
    libc.umount2(where.encode(), 2)  # MNT_DETACH
    os._exit(0)


def attributes(node):
    mode = 0o40755 if node == 1 else 0o100644
    return struct.pack("6Q10I", node, 5, 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def answer(op, node):
    if op == INIT:
        return struct.pack("IIIIHHIIHHII24x", 7, 31, 65536, 0, 16, 12, 65536, 1, 0, 0, 0, 0)
    if op == LOOKUP:
        return struct.pack("QQQQII", 2, 0, 0, 0, 0, 0) + attributes(2)
    if op == GETATTR:
        return struct.pack("QII", 0, 0, 0) + attributes(node)
    if op == FLUSH and "flush" in sys.argv[2:]:  # "not implemented" ends such requests for good
        return b""
    return struct.pack("QII", 1, 0, 0) if op == OPEN else None


awake = True
LATER = "later" in sys.argv[2:]


def sleep(*_):
    global awake
    awake = False


def serve():
    while True:
        request = os.read(dev, 1 << 20)
        _, op, unique, node = struct.unpack_from("IIQQ", request)
        if not awake and op == OPEN and "opens" in sys.argv[2:]:
            pass
        elif not awake and op not in NOBODY_WAITS:
            if "opens" in sys.argv[2:]:
                continue
            return  # the first one after the signal: taken, so that not even SIGKILL ends the wait
        body = answer(op, node)
        head = struct.pack("IiQ", 16 + len(body or b""), -38 if body is None else 0, unique)
        os.write(dev, head + (body or b""))
        if op == OPEN and not LATER:
            return


signal.signal(signal.SIGTERM, end)
signal.signal(signal.SIGUSR1, sleep)
threading.Thread(target=serve, daemon=True).start()
fd = os.open(where + "/file", os.O_RDONLY)
os.dup2(fd, 7)
print("ready", flush=True)
while True:
    signal.pause()
