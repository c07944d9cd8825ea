#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect -o +WHY: inherited, or passed, and over which socket.

bats_require_minimum_version 1.5.0
load ../helper

# passes FORM: two Python processes, of which one passes the file to the other: by a socket with a name
# (named), or by a socketpair that was there before the fork (pair). Their pids are in the file pids.
passes() {
	echo x >file
	cat >passes.py <<'END'
import os, socket, sys
form, name = sys.argv[1:]
if form == "named":
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("\0" + name)
    listener.listen()
else:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
parent = os.getpid()
child = os.fork()
if child == 0:
    if form == "named":
        listener.close()
        theirs = socket.socket(socket.AF_UNIX)
        theirs.connect("\0" + name)
    else:
        ours.close()
    fds = socket.recv_fds(theirs, 1, 1)[1]
    os.dup2(fds[0], 44)
    os.close(fds[0])
    open("pids.new", "w").write("%d %d\n" % (parent, os.getpid()))
    os.rename("pids.new", "pids")
    theirs.recv(1)
    os._exit(0)
if form == "named":
    ours = listener.accept()[0]
else:
    theirs.close()
os.dup2(os.open("file", os.O_RDONLY), 33)
socket.send_fds(ours, [b"x"], [33])
os.waitpid(child, 0)
END
	start python3 passes.py "$1" "$N"
	until_true [ -s pids ]
	read -r PARENT CHILD <pids
}

@test "WHY: passed over a socket with a name, which is told" {
	passes named
	run -0 --separate-stderr fdtool inspect --json "$CHILD:44"
	json --arg name "unix:@$N" '.[0].descriptions[] | select(.asked) | .evidence |
		contains("may have been passed: \($name), fd ") and (contains("inherited") | not)'
	run -0 --separate-stderr fdtool inspect -o +WHY "$CHILD:44"
	assert_output --regexp "($PARENT and $CHILD|$CHILD and $PARENT) have it at different numbers"
	kill "$CHILD"
}

@test "WHY: passed over a socketpair, which is told by its descriptors" {
	passes pair
	run -0 --separate-stderr fdtool inspect --json "$PARENT:33"
	json '.[0].descriptions[] | select(.asked) | .evidence |
		test("may have been passed: fd [0-9]+ <-> fd [0-9]+") and (contains("child of") | not)'
	kill "$CHILD"
}

@test "WHY: inherited, also where a socket joins the two" {
	echo x >file
	start python3 -c 'import os, socket, time
a, b = socket.socketpair()
os.dup2(os.open("file", os.O_RDONLY), 33)
child = os.fork()
open("ready%d" % (child == 0), "w").close()
time.sleep(60) if child == 0 else os.waitpid(child, 0)'
	local pid=$! child
	until_true [ -e ready1 ]
	child=$(pgrep -P "$pid")
	run -0 --separate-stderr fdtool inspect --json "$pid:33"
	json --arg why "$child inherited it from $pid" '.[0].descriptions[] | select(.asked) | .evidence == $why'
	kill "$child"
}
