#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# serve as a service that a connection starts: the sockets of LISTEN_FDS, by systemd-socket-activate(1)
# and by a few lines of Python.

bats_require_minimum_version 1.5.0
load ../helper

# activate OPTION... -- SERVE_ARG...: a server that starts at the first connection.
activate() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	start systemd-socket-activate "${options[@]}" "$FDTOOL" serve "${@:2}" >serve.out 2>serve.err
	until_true grep -qs Listening serve.err
}

# given KIND SERVE_ARG...: serve with LISTEN_FDS=1, where descriptor 3 is of that kind.
given() {
	run timeout 30 python3 -c '
import os, socket, sys
kind, command = sys.argv[1], sys.argv[2:]
s = {"tcp": lambda: socket.create_server(("127.0.0.1", 0)),
     "stream": lambda: socket.socket(socket.AF_UNIX),
     "bound": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET),
     "pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0],
     "file": lambda: open("/dev/null"),
     "listening": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)}[kind]()
if kind == "listening":
    s.bind("\0" + os.environ["WHERE"])
    s.listen()
os.dup2(s.fileno(), 3, inheritable=True)
os.closerange(4, 100)
os.environ.update(LISTEN_FDS=os.environ.get("FDS", "1"), LISTEN_PID=os.environ.get("PID") or str(os.getpid()))
os.execv(command[0], command)' "$1" "$FDTOOL" serve "${@:2}"
}

@test "serve: at the socket that systemd-socket-activate listens at" {
	echo hello >file
	activate --seqpacket -l "@fdtool/$N" -- --once file
	run fdtool grab -t 20 "$N" -c 'read 5'
	assert_success
	assert_output --partial '= 5 "hello"'
	ends_with 0 "${STARTED[-1]}"
	# the name is that of the address
	assert_equal "$(sed -n '1s/: .*//p' serve.out)" "$N"
}

@test "serve: at a path, which stays the manager's" {
	activate --seqpacket -l "$T/sock" -- --once -n "$N" /dev/null
	run fdtool grab -t 20 "$T/sock" --json
	assert_success
	json '.[0].path == "/dev/null"'
	ends_with 0 "${STARTED[-1]}"
	[ -S sock ]
}

@test "serve: several sockets, in order, and by LISTEN_FDNAMES" {
	local names
	for names in "" b:a; do
		activate --seqpacket -l "@fdtool/$N.1" -l "@fdtool/$N.2" ${names:+"--fdname=$names"} -- \
			--count 2 -n a -n b /dev/null eventfd:
		run fdtool grab -t 20 --json "$N.1" "$N.2"
		assert_success
		if [ -z "$names" ]; then
			json '[.[].type] == ["char", "eventfd"]'
		else
			json '[.[].type] == ["eventfd", "char"]'
		fi
		ends_with 0 "${STARTED[-1]}"
	done
}

@test "serve: the client sees the server's identity, not the manager's" {
	needs_root
	activate --seqpacket -l "@fdtool/$N" -- --count 2 --allow-any --user daemon /dev/null
	run fdtool grab -t 20 --json "$N" # it came while the manager listened
	assert_success
	run fdtool grab -t 20 --json --from daemon "$N"
	assert_success
	json ".[0].server.uid == $(id -u daemon)"
}

@test "serve: LISTEN_* are gone afterwards, and the socket is not passed on" {
	WHERE=fdtool/$N given listening --json --once -t 0.2 -n "$N" /dev/null
	assert_failure 124
	WHERE=fdtool/$N given listening -n "$N" -t 20 /dev/null -c '!env' -c '!ls -l /proc/self/fd' -c quit
	assert_success
	refute_output --partial LISTEN_
	refute_output --partial socket:
}

@test "serve: a socket of another kind is said" {
	local kind fault
	while read -r kind fault; do
		given "$kind" -n "$N" /dev/null
		assert_failure 1
		assert_line --index 0 "fdtool serve: LISTEN_FDS: descriptor 3 $fault"
		assert_line --index 1 --partial "serve needs ListenSequentialPacket= and Accept=no; 'fdtool serve fd:3' offers"
	done <<-'END'
		tcp is no AF_UNIX socket of type SOCK_SEQPACKET
		stream is no AF_UNIX socket of type SOCK_SEQPACKET
		bound does not listen, so it is a connection
		pair does not listen, so it is a connection
		file is no socket
	END
}

@test "serve: more sockets than SOURCEs" {
	given tcp -n "$N" fd:3 -t 0.2 # it is a SOURCE, not an address
	assert_failure 124
	assert_output --partial "$N: serving TCP 127.0.0.1:"
	activate --seqpacket -l "@fdtool/$N.1" -l "@fdtool/$N.2" -- /dev/null
	run fdtool grab -t 20 "$N.1"
	assert_failure
	ends_with 1 "${STARTED[-1]}"
	run tail -n 1 serve.err
	assert_output 'fdtool serve: LISTEN_FDS: there are more sockets than SOURCEs'
}

@test "serve: variables that mean another process are not heeded" {
	PID=1 given tcp -n "$N" -t 0.2 /dev/null
	assert_failure 124
	local n
	for n in 0 x -1 99999999999999999999; do
		FDS=$n given tcp -n "$N" -t 0.2 /dev/null
		assert_failure 124
	done
	FDS=1000000 WHERE=fdtool/$N given listening -n "$N" -t 0.2 /dev/null # as many as are open
	assert_failure 124
}
