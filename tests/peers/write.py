#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""write.py [--packets] [--storm N | TEXT...]: writes to standard output, a pipe.

Each TEXT (C escapes) is one write. --packets puts the pipe into packet mode, so that each
write is one read, too. --storm N writes N records of /dev/mypoll.
"""

import argparse
import fcntl
import os


def put(text):
    while text:
        text = text[os.write(1, text) :]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packets", action="store_true")
    parser.add_argument("--storm", type=int, default=0)
    parser.add_argument("text", nargs="*")
    args = parser.parse_args()
    if args.packets:
        fcntl.fcntl(1, fcntl.F_SETFL, fcntl.fcntl(1, fcntl.F_GETFL) | os.O_DIRECT)
    records = [b"event=%d source=timer mono_ns=%d\n" % (i, i) for i in range(1, args.storm + 1)]
    for record in records if args.packets else [b"".join(records)]:
        put(record)
    for text in args.text:
        put(text.encode("latin-1").decode("unicode_escape").encode("latin-1"))


main()
