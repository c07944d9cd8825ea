#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The NAMEs of what has no path, in the table and in drawings.

bats_require_minimum_version 1.5.0
load ../helper

@test "pipes, sockets, terminals, and what fdinfo tells" {
	start python3 -c '
import ctypes, os, select, socket, subprocess, sys, time
libc = ctypes.CDLL(None)
event, counted = os.eventfd(0), os.eventfd(3)
r, w = os.pipe()
epoll = select.epoll()
epoll.register(event, 1)
epoll.register(r, 1)
timer = libc.timerfd_create(1, 0)
pidfd = libc.syscall(434, os.getpid(), 0)
master, slave = os.openpty()
a, b = socket.socketpair()
s = socket.socket(socket.AF_UNIX)
s.bind(b"\0" + sys.argv[1].encode())
s.listen()
c = socket.socket(socket.AF_UNIX)
c.connect(s.getsockname())
d, _ = s.accept()
child = subprocess.Popen(["sleep", "60"], stdin=subprocess.PIPE)
os.mkfifo("fifo")
fifo = os.open("fifo", os.O_RDONLY | os.O_NONBLOCK)
print(event, counted, r, w, epoll.fileno(), timer, pidfd, slave, master, a.fileno(), b.fileno(),
	s.fileno(), c.fileno(), d.fileno(), child.pid, child.stdin.fileno(), fifo, os.ttyname(slave)[5:], flush=True)
child.wait()' "$N" >out
	until_true test -s out
	local me="python3 ${STARTED[-1]} fd" event counted r w epoll timer pidfd slave master a b s c d child input fifo tty
	read -r event counted r w epoll timer pidfd slave master a b s c d child input fifo tty <out
	until_true grep -qs '^sleep' "/proc/$child/comm"
	LC_ALL=C.UTF-8 run -0 --separate-stderr fdtool inspect --each -n -o FD,NAME "${STARTED[-1]}"
	assert_line --regexp "^ *$event eventfd [0-9]+$"
	assert_line --regexp "^ *$counted eventfd [0-9]+, count 3$"
	assert_line --regexp "^ *$r pipe ↔ $me $w$"
	assert_line --regexp "^ *$w pipe ↔ $me $r$"
	assert_line --regexp "^ *$epoll epoll of fd ($event,$r|$r,$event)$"
	assert_line --regexp "^ *$timer timerfd, not armed$"
	assert_line --regexp "^ *$pidfd pidfd ${STARTED[-1]}$"
	assert_line --regexp "^ *$slave $tty \(its master: $me $master\)$"
	assert_line --regexp "^ *$a unix ↔ $me $b$"
	assert_line --regexp "^ *$s unix @$N LISTEN$"
	assert_line --regexp "^ *$c unix @$N ↔ $me $d$"
	assert_line --regexp "^ *$d unix @$N ↔ $me $c$"
	assert_line --regexp "^ *$input pipe ↔ sleep $child fd 0$"
	assert_line --regexp "^ *$fifo $T/fifo$"
	LC_ALL=C run -0 --separate-stderr fdtool inspect --picture "${STARTED[-1]}:$a"
	assert_output --partial "unix <-> $me $b"
	LC_ALL=C.UTF-8 run -0 --separate-stderr fdtool inspect --dot "${STARTED[-1]}:$s"
	assert_output --partial "unix @$N LISTEN"
	run -0 --separate-stderr fdtool inspect --json "${STARTED[-1]}:$s"
	json '.[0].descriptions[0].name | startswith("socket:[")'
	kill "$child"
}

@test "a pipe that never ends: who keeps its other end" {
	mkfifo fifo
	start bash -c 'exec 7> >(exec sleep 61); sleep 60 & echo $! >child; trap "kill $!" TERM; wait'
	until_true test -s child
	local reader
	until_true pgrep -P "${STARTED[-1]}" -f 'sleep 61'
	reader=$(pgrep -P "${STARTED[-1]}" -f 'sleep 61')
	LC_ALL=C run -0 --separate-stderr fdtool inspect --each -n -o PID,FD,MODE,NAME "$reader:0"
	assert_line --regexp "^ *${STARTED[-1]} +7 w +pipe <-> sleep $reader fd 0"
	assert_line --regexp "^ *$(<child) +7 w +pipe <-> sleep $reader fd 0"
	assert_line --regexp "^ *$reader +0 r +pipe <-> bash ${STARTED[-1]} fd 7 \+1"
	kill "$reader"
}
