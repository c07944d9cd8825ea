#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""manager.py ADDRESS MAX COMMAND...: a service manager with a store, as systemd's.

Runs COMMAND with NOTIFY_SOCKET=ADDRESS and FDSTORE=MAX, and starts it again with what it stored
whenever it ends, until SIGTERM. Prints "ready PID" on READY=1, and each change of the store. What is stored
already is not stored twice, whatever its name; what hangs up is let go, unless FDPOLL=0.
"""

import ctypes
import fcntl
import os
import select
import signal
import socket
import sys

KCMP = {"x86_64": 312}.get(os.uname().machine, 272)
libc = ctypes.CDLL(None)


def same(a, b):
    me = os.getpid()
    return libc.syscall(KCMP, me, me, 0, a, b) == 0


def hung_up(fd):
    p = select.poll()
    p.register(fd, 0)
    return bool(p.poll(0))


class Manager:
    def __init__(self, address, room, command):
        self.store, self.room, self.command = [], int(room), command
        self.environ = dict(os.environ, NOTIFY_SOCKET=address, FDSTORE=room)
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind("\0" + address[1:] if address.startswith("@") else address)
        self.ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))

    def become_service(self):
        """In the child: the descriptors from 3 on, and variables that mean this process."""
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 3 + len(self.store)) for _, fd in self.store]
        for i, fd in enumerate(high):
            os.dup2(fd, 3 + i, inheritable=True)
        os.closerange(3 + len(high), 1000)
        env = dict(self.environ)
        if high:
            env.update(
                LISTEN_FDS=str(len(high)),
                LISTEN_PID=str(os.getpid()),
                LISTEN_FDNAMES=":".join(name for name, _ in self.store),
            )
        os.execvpe(self.command[0], self.command, env)

    def start(self):
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.become_service()
            finally:
                os._exit(127)

    def say(self, *words):
        print(*words, flush=True)

    def add(self, name, fd, polled):
        if len(self.store) >= self.room:
            self.say("full", name)
        elif any(same(fd, other) for _, other in self.store):
            self.say("double", name)
        elif polled and hung_up(fd):
            self.say("hung-up", name)
        else:
            self.store.insert(0, (name, os.dup(fd)))
            self.say("stored", name)

    def remove(self, name):
        for entry in [e for e in self.store if e[0] == name]:
            self.store.remove(entry)
            os.close(entry[1])
            self.say("removed", name)

    def read(self):
        data, fds, _, _ = socket.recv_fds(self.sock, 4096, 253)
        said = dict(line.split("=", 1) for line in data.decode().splitlines())
        name = said.get("FDNAME", "stored")
        assert len(name) <= 255 and ":" not in name and name.isascii() and name.isprintable(), name
        if "READY" in said:
            self.say("ready", self.pid)
        if "FDSTORE" in said:
            for fd in fds:
                self.add(name, fd, said.get("FDPOLL") != "0")
        if "FDSTOREREMOVE" in said:
            self.remove(name)
        for fd in fds:
            os.close(fd)

    def reap(self):
        os.read(self.ended, 100)
        if os.waitpid(self.pid, os.WNOHANG)[0]:
            self.say("ended", self.pid)
            self.start()

    def run(self):
        self.start()
        try:
            while True:
                # what was sent is read before the end of the sender counts, as in systemd
                ready, _, _ = select.select([self.sock, self.ended], [], [])
                if self.sock in ready:
                    self.read()
                elif self.ended in ready:
                    self.reap()
        finally:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.kill(self.pid, signal.SIGTERM)
            os.waitpid(self.pid, 0)


Manager(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
