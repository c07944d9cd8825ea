#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Every claim of the lesson that fdtool grew out of: in one script, and typed by hand
# in two terminals.

bats_require_minimum_version 1.5.0
load helper
load terminal

test_setup() {
	printf 0123456789abcdef >file
	own_state
	export PATH=$T/bin:$PATH
	mkdir bin
	ln -s "$FDTOOL" bin/fdtool
	sed "s/day55/$N/g" "$TESTDIR/day55.walk" >walk
}

@test "day55: the walk as a script" {
	run fdtool serve -n "$N" -i file <walk
	assert_success
	assert_equal "$(<file)" 0123456789abcdef
}

@test "day55: the script notices a claim that does not hold" {
	# with a writable description
	run fdtool serve -m rw -n "$N" -i file <walk
	assert_failure 1
	assert_line --regexp '^fdtool serve: line [0-9]+: expect EBADF write x: it did not fail$'
	# with a description that has its own offset
	run fdtool serve --narrow -n "$N" -i file <walk
	assert_failure 1
	refute_line --partial EBADF
}

# pid PANE: prints the pid of the program that its shell runs.
pid() {
	pgrep -P "$(terminal display-message -p -t "0.$1" '#{pane_pid}')"
}

@test "day55: by hand: the numbers differ, the offset is one" {
	serve_and_grab file
	local fd
	fd=$(screen 0 | tr -s ' \n' ' ' | sed -nE 's/.*as descriptor ([0-9]+).*/\1/p')
	types 0 'lseek 8' Enter
	sees 0 "lseek($fd, 8, SEEK_SET) = 8   pos 0 -> 8"
	sees 1 "$N: pid $SERVED: lseek: pos 0 -> 8"
	stands 1 "$N r @8>"
	types 1 'read 4' Enter
	sees 1 'read(3, 4) = 4 "89ab"   pos 8 -> 12'
	[ "$fd" != 3 ]
	sees 0 "$N: pid $GRABBED: read: pos 8 -> 12"
	stands 0 "$N r @12>"
	# the parent exits, the struct file stays
	types 0 quit Enter
	sees 0 rc=0
	sees 1 "$N: the server left; the descriptor is still yours"
	types 1 read Enter
	sees 1 'read(3, 64) = 4 "cdef"   pos 12 -> 16'
	terminal kill-server
}

@test "day55: by hand: the status flags are shared, the open mode is a limit" {
	serve_and_grab file
	types 1 'flags +nonblock' Enter
	sees 0 "$N: pid $GRABBED: fcntl: flags O_RDONLY|O_LARGEFILE -> O_RDONLY|O_NONBLOCK|O_LARGEFILE"
	stands 0 "$N r @0 O_NONBLOCK>"
	stands 1 "$N r @0 O_NONBLOCK>"
	types 0 'flags -nonblock' Enter
	stands 0 "$N r @0>"
	stands 1 "$N r @0>"
	types 1 'write x' Enter
	sees 1 'write(3, "x", 1) = -1 EBADF (Bad file descriptor)'
	types 1 why Enter
	sees 1 'The description was opened O_RDONLY.'
	types 1 'expect EBADF write x' Enter
	stands 1 "$N r @0>"
	terminal kill-server
}

@test "day55: by hand: epoll wakes the child for what the parent writes to an eventfd" {
	serve_and_grab eventfd:
	types 1 wait Enter
	types 0 'write \1\0\0\0\0\0\0\0' Enter
	sees 0 ', 8) = 8'
	sees 1 'epoll_wait(3) = 1 EPOLLIN'
	types 1 read Enter
	sees 1 'read(3, 64) = 8 "\001\0\0\0\0\0\0\0"'
	terminal kill-server
}

@test "day55: by hand: mypoll: timer events, manual events, and the peer that hangs up" {
	two_terminals
	types 0 "fdtool serve -n $N mypoll:500ms" Enter
	stands 0 "$N r>"
	types 1 "fdtool mypoll-tail $N; echo rc=\$?" Enter
	sees 0 "$N: granted to pid $(until_true pid 1)"
	sees 1 'source=timer'
	types 0 trigger Enter
	sees 0 'the device made an event'
	sees 1 'source=manual'
	types 0 quit Enter
	sees 1 'the server hung up'
	sees 1 rc=0
	terminal kill-server
}

@test "day55: by hand: the kinds of socket, and a message with a descriptor taken apart" {
	two_terminals
	types 0 'fdtool demo sockets | grep ✓' Enter
	sees 0 'STREAM'
	types 1 "clear; fdtool demo anatomy | grep 'cmsg_level\\|CMSG_LEN'" Enter
	sees 1 'cmsg_level=SOL_SOCKET cmsg_type=SCM_RIGHTS'
	sees 1 'CMSG_LEN(1 * sizeof(int))=20 CMSG_SPACE=24'
	terminal kill-server
}

@test "day55: by hand: a privileged opener, a worker that is not" {
	needs_root
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
	chmod 600 file
	cp "$FDTOOL" "$T/worker"
	two_terminals
	types 1 "exec setpriv --reuid=games --regid=games --clear-groups env PS1='% ' XDG_STATE_HOME=/nonexistent bash --norc" Enter
	stands 1 %
	types 1 'cat file' Enter
	sees 1 'Permission denied'
	types 0 "fdtool serve --allow-user games -n $N file" Enter
	stands 0 "$N r @0>"
	types 1 "clear; ./worker grab $N" Enter
	stands 1 "$N r @0>"
	sees 0 'user games'
	types 1 'read 4' Enter
	sees 1 'read(3, 4) = 4 "0123"   pos 0 -> 4'
	stands 0 "$N r @4>"
	types 1 C-d
	terminal kill-server
}
