#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
#
# load.py PORT: asks the HTTP server at 127.0.0.1:PORT, one connection a request, with four threads,
# until standard input ends. Prints how many answers came, and what else happened, one a line.
import http.client
import sys
import threading

port = int(sys.argv[1])
over = threading.Event()
answers, faults = [], []


def ask():
    while not over.is_set():
        try:
            c = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            c.request("GET", "/")
            r = c.getresponse()
            answers.append(r.read())
            assert r.status == 200, r.status
            c.close()
        except Exception as e:  # each kind is a failed request
            faults.append(repr(e))


threads = [threading.Thread(target=ask) for _ in range(4)]
for t in threads:
    t.start()
sys.stdin.read()
over.set()
for t in threads:
    t.join()
print(len(answers), "answers")
for f in faults:
    print(f)
