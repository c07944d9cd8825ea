#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sources of serve that are made by a word: sockets, pairs, pidfd:, inotify:, signalfd:.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

# bound WORD: serves that under $N; $ADDRESS is what the socket is bound to.
bound() {
	serve --json -n "$N" "$@"
	ADDRESS=$(jq -r 'select(.event == "serving").address' serve.out)
}

# called CALL: what was printed is that call, with any descriptor.
called() {
	assert_output --partial ", $1"
}

with_python() { # SCRIPT [ARG]...
	timeout 20 python3 -c "import os, socket, sys
$1" "${@:2}"
}

@test "tcp: listens, at a port that is said, and accepts in another process" {
	bound tcp:127.0.0.1:0
	[[ $ADDRESS =~ ^127\.0\.0\.1:[1-9][0-9]*$ ]] || fail "$ADDRESS"
	run with_python '
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)
c.sendall(b"hello")
os.execv(sys.argv[2], [sys.argv[2], "grab", sys.argv[3], "--", "python3", "-c", """
import socket
s = socket.socket(fileno=3)
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 1
assert s.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1
assert s.getblocking()
print(s.accept()[0].recv(5))"""])' "${ADDRESS##*:}" "$FDTOOL" "$N"
	assert_success
	assert_output "b'hello'"
}

@test "tcp: without a HOST is IPv6 and IPv4; the line names it" {
	serve -n "$N" tcp:0
	local port
	port=$(sed -nE 's/.*serving TCP .*:([0-9]+) LISTEN, socket, O_RDWR, as descriptor .*/\1/p' serve.out)
	run with_python 'socket.create_connection(("127.0.0.1", int(sys.argv[1])), 5)' "$port"
	assert_success
	if [ -e /proc/net/if_inet6 ] && grep -q ' lo$' /proc/net/if_inet6; then
		run with_python 'socket.create_connection(("::1", int(sys.argv[1])), 5)' "$port"
		assert_success
	fi
}

@test "udp: is bound" {
	bound udp:127.0.0.1:0
	run with_python '
socket.socket(type=socket.SOCK_DGRAM).sendto(b"hello", ("127.0.0.1", int(sys.argv[1])))' "${ADDRESS##*:}"
	assert_success
	run fdtool grab "$N" -c 'read 5'
	called '5) = 5 "hello"'
}

@test "--nonblock, --backlog and --reuseport reach the socket" {
	bound --nonblock --reuseport --backlog 1 tcp:127.0.0.1:0
	run fdtool grab "$N" -- python3 -c '
import os, socket
s = socket.socket(fileno=3)
print(s.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT), os.get_blocking(3))'
	assert_output '1 False'
	# a second one has the port too
	serve --reuseport -n "$N.2" "tcp:$ADDRESS"
	run fdtool inspect --json "$N"
	json '.[0].descriptions[0].facts.backlog == 1'
}

@test "a port in use: who has it, and what would offer it" {
	bound tcp:127.0.0.1:0
	run fdtool serve "tcp:$ADDRESS"
	assert_failure 1
	assert_line --index 0 "fdtool serve: tcp:$ADDRESS: the port is in use: EADDRINUSE (Address already in use)"
	assert_line --index 1 --regexp "^  pid $SERVER \(fdtool\) has it, and listens; 'fdtool serve $SERVER:[0-9]+' would"
	local offer
	offer=$(grep -oE "serve [0-9]+:[0-9]+" <<<"${lines[1]}")
	serve -n "$N.2" "${offer#serve }"
	assert_equal "$(sed -n 's/.*serving \(.*\), as .*/\1/p' serve.out)" "TCP $ADDRESS LISTEN, socket, O_RDWR"
}

@test "a port in use by ourselves, and of another protocol" {
	bound tcp:127.0.0.1:0
	local port=${ADDRESS##*:}
	stops_with 143 "$SERVER"
	run fdtool serve -n "$N.1" -n "$N.2" "tcp:127.0.0.1:$port" "tcp:127.0.0.1:$port"
	assert_failure 1
	assert_line '  an earlier SOURCE of this command has it'
	serve -n "$N" "tcp:127.0.0.1:$port"
	serve -n "$N.2" "udp:127.0.0.1:$port"
	run fdtool serve "udp:127.0.0.1:$port"
	assert_failure 1
	assert_line --regexp "^  pid $SERVER \(fdtool\) has it; "
}

@test "a port in use by another user's process, and one below 1024" {
	needs_root
	bound tcp:127.0.0.1:0
	run as 4711 fdtool serve "tcp:$ADDRESS"
	assert_failure 1
	assert_line --index 1 '  a process of user root has it'
	has_low_ports || skip 'needs ports that need a privilege'
	run as 4711 fdtool serve tcp:127.0.0.1:1
	assert_failure 1
	assert_line --index 0 'fdtool serve: tcp:127.0.0.1:1: bind: EACCES (Permission denied)'
	assert_line --index 1 --regexp '^  a port below [0-9]+ needs CAP_NET_BIND_SERVICE; the sysctl net.ipv4.ip_unprivileged_port_start'
}

@test "words of sockets that are none" {
	local word fault
	while read -r word fault; do
		run fdtool serve "$word"
		assert_failure 2
		assert_output "fdtool serve: '$word' $fault; see 'fdtool serve --help'"
	done <<-'END'
		tcp: needs a port, such as 8080 or 127.0.0.1:8080
		udp:host: needs a port, such as 8080 or 127.0.0.1:8080
		tcp:65536 has a port above 65535
		tcp:99999 has a port above 65535
		udp:1:99999999999999999999 has a port above 65535
		tcp:::1:80 needs brackets around an IPv6 address, such as [::1]:8080
		tcp:[::1] needs an address in the brackets and a port after them, such as [::1]:8080
		tcp:[]:80 needs an address in the brackets and a port after them, such as [::1]:8080
		unix: needs a path or @NAME after the colon
		unix:@ is empty after the '@'
		pair:raw needs seqpacket, stream or dgram after the colon, or nothing
		pipe:w has something after the colon; -m w offers the end to write to
		pidfd:0 needs a pid after the colon
		pidfd: needs a pid after the colon
		inotify: needs a path after the colon
		signalfd: needs names of signals after the colon, such as USR1,HUP
		signalfd:USR1, needs names of signals after the colon, such as USR1,HUP
		signalfd:0 needs names of signals after the colon, such as USR1,HUP
		signalfd:STOP has KILL or STOP, which no process can receive
	END
	run fdtool serve "unix:$(printf %0108d 0)"
	assert_failure 2
	assert_output --partial 'is longer than 107 bytes, the most'
}

@test "a host or a service that nobody knows, an address that is not ours" {
	run fdtool serve tcp:no-such-host.invalid:80
	assert_failure 1
	assert_output --partial 'tcp:no-such-host.invalid:80: the host does not resolve: '
	run fdtool serve tcp:127.0.0.1:no-such-service
	assert_failure 1
	assert_line --index 0 --partial 'the service is not known: '
	assert_line --index 1 '  /etc/services has the names; a number is a port, too'
	run fdtool serve udp:192.0.2.1:0
	assert_failure 1
	assert_line --index 0 'fdtool serve: udp:192.0.2.1:0: bind: EADDRNOTAVAIL (Cannot assign requested address)'
	assert_line --index 1 '  this machine does not have that address'
}

@test "options that are not for the SOURCE" {
	run fdtool serve --backlog 3 udp:0
	assert_failure 2
	assert_output --partial '--backlog is for tcp: and unix:'
	run fdtool serve --reuseport unix:./x
	assert_failure 2
	assert_output --partial '--reuseport is for tcp: and udp:'
	run fdtool serve --backlog 2147483648 tcp:0
	assert_failure 2
	assert_output --partial 'must be 1 to 2147483647'
	run fdtool serve --nonblock pidfd:$$
	assert_failure 2
	run fdtool serve -m r tcp:0
	assert_failure 1
	assert_output --partial 'is not open in the mode of --mode'
	run fdtool serve -m rw pipe:
	assert_failure 1
	assert_output --partial 'is not open in the mode of --mode'
}

@test "unix:PATH listens, without a slash too, and is removed at the end" {
	serve -n "$N" unix:sock
	run with_python 's = socket.socket(socket.AF_UNIX); s.connect("sock")'
	assert_success
	stops_with 143 "$SERVER"
	[ ! -e sock ]
}

@test "unix:PATH stays where another process still listens" {
	serve --once -n "$N" "unix:$T/sock"
	start "$FDTOOL" grab "$N" -- python3 -c '
import signal, socket
s = socket.socket(fileno=3)
print(s.accept()[0].recv(5))' >got
	ends_with 0 "$SERVER"
	[ -S sock ]
	run with_python 's = socket.socket(socket.AF_UNIX); s.connect("sock"); s.send(b"hello")'
	assert_success
	until_true grep -q hello got
}

@test "unix:PATH that is taken, stale, or a file" {
	with_python 's = socket.socket(socket.AF_UNIX); s.bind("stale")'
	serve -n "$N" unix:stale
	assert_equal "$(cat serve.err)" \
		'fdtool serve: unix:stale: the socket of a server that has ended was there, and is replaced'
	run fdtool serve unix:stale
	assert_failure 1
	assert_line --index 0 'fdtool serve: unix:stale: the address is in use: EADDRINUSE (Address already in use)'
	assert_line --index 1 --regexp "^  pid $SERVER \(fdtool\) has it, and listens; "
	: >file
	run fdtool serve unix:file
	assert_failure 1
	assert_line --index 1 '  file is a file, not a socket: it is left alone'
	run fdtool serve unix:nowhere/sock
	assert_failure 1
	assert_line --index 0 'fdtool serve: unix:nowhere/sock: bind: ENOENT (No such file or directory)'
	assert_line --index 1 '  there is no such directory'
	# a SOURCE that fails later takes the path along
	run fdtool serve -n "$N.1" -n "$N.2" unix:first unix:file
	assert_failure 1
	[ ! -e first ]
}

@test "unix:@NAME is abstract" {
	serve -n "$N" "unix:@$N.raw"
	assert_equal "$(sed -n 's/.*serving \(.*\), socket.*/\1/p' serve.out)" "unix @$N.raw LISTEN"
	run fdtool serve "unix:@$N.raw"
	assert_failure 1
	assert_line --index 1 --partial "pid $SERVER (fdtool) has it, and listens"
}

# start_reading FIFO COMMAND...: starts it with the FIFO as its standard input, which waits for a
# writer, and its output in serve.out.
start_reading() {
	# shellcheck disable=SC2016 # for that shell
	start bash -c 'exec "${@:2}" <"$1" >serve.out' bash "$@"
}

# ends TYPE: reads what the server wrote at its prompt, in two calls.
ends() {
	rm -f go && mkfifo go
	start_reading go "$FDTOOL" serve -i -n "$N" "$@"
	local pid=$!
	exec {go}>go
	printf 'write one\nwrite two\n' >&"$go"
	until_true grep -qs '"two", 3) = 3' serve.out
	run fdtool grab "$N" -c read
	exec {go}>&-
	ends_with 0 "$pid" # before another one has the name
}

@test "pair: keeps messages apart, pair:stream merges them; no --allow-type is needed" {
	ends pair:
	called '64) = 3 "one"'
	ends pair:stream
	called '64) = 6 "onetwo"'
	ends pair:dgram
	called '64) = 3 "one"'
}

@test "pipe: offers the end to read from; with -m w the other" {
	ends pipe:
	called '64) = 6 "onetwo"'
	mkfifo lines
	start_reading lines "$FDTOOL" serve -i -m w -n "$N.w" pipe:
	exec {go}>lines
	run fdtool grab -w10s "$N.w" -c 'write hello' -c 'expect EBADF read'
	assert_success
	echo read >&"$go"
	until_true grep -qs '= 5 "hello"' serve.out
	exec {go}>&-
}

@test "pair: two terminals see what a stream does with messages" {
	two_terminals
	types 0 "$FDTOOL serve -n $N pair:stream" Enter
	prompted 0
	types 1 "$FDTOOL grab $N" Enter
	prompted 1
	types 0 'write one' Enter
	sees 0 '"one", 3) = 3'
	types 0 'write two' Enter
	sees 0 '"two", 3) = 3'
	types 1 read Enter
	sees 1 '= 6 "onetwo"'
	types 1 'write back' Enter
	sees 1 '"back", 4) = 4'
	types 0 read Enter
	sees 0 '= 4 "back"'
	terminal kill-server
}

@test "pidfd: is that process, and becomes ready at its end" {
	start sleep 100
	local pid=$!
	serve -n "$N" "pidfd:$pid"
	run fdtool grab "$N" -c 'wait 50ms'
	assert_output --regexp '^epoll_wait\([0-9]+\) = 0'
	kill "$pid"
	run fdtool grab "$N" -c 'wait 10s'
	assert_output --partial EPOLLIN
	run fdtool serve pidfd:4194304
	assert_failure 4
	assert_output 'fdtool serve: pidfd:4194304: no such process: ESRCH (No such process)'
}

@test "inotify: says what happens there" {
	mkdir watched
	serve -n "$N" inotify:watched
	: >watched/new
	run fdtool epoll-watch -n 1 "$N"
	assert_output --partial IN_CREATE
	run fdtool serve inotify:nowhere
	assert_failure 1
	assert_output 'fdtool serve: inotify:nowhere: inotify_add_watch: ENOENT (No such file or directory)'
}

@test "signalfd: the server that is killed with it reads it at its prompt" {
	mkfifo lines
	start_reading lines "$FDTOOL" serve -i -n "$N" signalfd:USR1,RTMIN+1
	local pid=$!
	exec {go}>lines
	until_true grep -qs serving serve.out
	kill -USR1 "$pid"
	echo 'read 128' >&"$go"
	until_true grep -qs 'read(.*) = 128' serve.out
	exec {go}>&-
	ends_with 0 "$pid"
}

@test "nothing is left open: the ends, the sockets" {
	serve --json -n "$N.1" -n "$N.2" -n "$N.3" pair: pipe: tcp:127.0.0.1:0
	run jq -c 'select(.kept) | [.name, .kept]' serve.out
	[ "${#lines[@]}" = 2 ]
	fdtool grab "$N.1" "$N.2" "$N.3" -- true
	stops_with 143 "$SERVER"
}
