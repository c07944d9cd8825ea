#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect tcp:PORT, udp:PORT, unix:PATH, unix:@NAME: who has the port, in every namespace.

bats_require_minimum_version 1.5.0
load ../helper

# python CODE: starts it; it prints what the test needs to $T/out, in one line.
python() {
	rm -f out
	start python3 -c "import os, socket, time
$1
time.sleep(60)" >out
	until_true test -s out
}

@test "tcp: who listens, then the connections in a group of their own" {
	python 's = socket.create_server(("127.0.0.1", 0))
port = s.getsockname()[1]
c = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
a = [s.accept()[0] for _ in c]
print(port, s.fileno(), a[0].fileno(), c[0].getsockname()[1], flush=True)'
	local port listener accepted client pid=${STARTED[-1]}
	read -r port listener accepted client <out
	LC_ALL=C.UTF-8 run -0 --separate-stderr fdtool inspect "tcp:$port"
	assert_line --index 1 --regexp "^A +$pid python3 +$listener rw +socket TCP 127.0.0.1:$port LISTEN$"
	assert_line --index 2 'connections:'
	assert_line --index 3 --regexp "^B +$pid python3 +$accepted rw +socket TCP 127.0.0.1:$port ↔ 127.0.0.1:$client$"
	assert_equal "${#lines[@]}" 5
	LC_ALL=C run -0 --separate-stderr fdtool inspect -n "tcp:127.0.0.1:$port"
	assert_output --partial "TCP 127.0.0.1:$port <-> 127.0.0.1:$client"
	refute_output --partial connections
	for word in "tcp:localhost:$port" "tcp:*:$port"; do
		run -0 --separate-stderr fdtool inspect -nr -o OFD "$word"
		assert_output $'A\nB\nC'
	done
	run -4 fdtool inspect "tcp:[::1]:$port"
	assert_output "fdtool inspect: tcp:[::1]:$port: nobody has it"
}

@test "tcp: what listens on all addresses has the port of each; IPv4 connections of an IPv6 socket" {
	python 's = socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True)
port = s.getsockname()[1]
c = socket.create_connection(("127.0.0.1", port))
a = s.accept()
print(port, flush=True)'
	local port
	port=$(<out)
	run -0 --separate-stderr fdtool inspect -n -o NAME "tcp:127.0.0.1:$port"
	assert_line "TCP [::]:$port LISTEN"
	assert_line --partial "TCP [::ffff:127.0.0.1]:$port"
	run -0 --separate-stderr fdtool inspect -n -o NAME "tcp:[::1]:$port"
	assert_output "TCP [::]:$port LISTEN"
}

@test "tcp: what is bound and does not listen yet has the port, too" {
	needs_linux 6.8
	python 's = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)'
	run -0 --separate-stderr fdtool inspect -n -o NAME "tcp:$(<out)"
	assert_output "TCP 127.0.0.1:$(<out) CLOSE"
}

@test "tcp: MPTCP" {
	python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)' ||
		skip 'the kernel has no MPTCP'
	python 's = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
s.bind(("127.0.0.1", 0))
s.listen()
print(s.getsockname()[1], flush=True)'
	run -0 --separate-stderr fdtool inspect -n -o NAME "tcp:$(<out)"
	assert_output "MPTCP 127.0.0.1:$(<out) LISTEN"
}

@test "udp: who has bound it" {
	python 's = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)'
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD "udp:$(<out)"
	assert_output "${STARTED[-1]} 3"
	run -0 --separate-stderr fdtool inspect -n -o NAME "udp:$(<out)"
	assert_output "UDP 127.0.0.1:$(<out)"
}

@test "unix: a socket by the name of its file, however that is written, and an abstract one" {
	python 's = socket.socket(socket.AF_UNIX)
s.bind("sock")
s.listen()
c = socket.socket(socket.AF_UNIX)
c.connect("sock")
a, _ = s.accept()
b = socket.socket(socket.AF_UNIX)
b.bind(b"\0'"$N"'")
b.listen()
print(s.fileno(), a.fileno(), b.fileno(), flush=True)'
	local listener accepted abstract
	read -r listener accepted abstract <out
	for word in unix:sock unix:./sock "unix:$T/sock"; do
		run -0 --separate-stderr fdtool inspect -nr -o OFD,FD "$word"
		assert_output "A $listener"$'\n'"B $accepted"
	done
	run -0 --separate-stderr fdtool inspect -n -o FD,NAME "unix:@$N"
	assert_output --regexp "^ *$abstract unix @$N LISTEN\$"
	rm sock
	run -0 --separate-stderr fdtool inspect -nr -o FD unix:sock
	assert_line --index 0 "$listener"
	run -4 fdtool inspect unix:none
	assert_output 'fdtool inspect: unix:none: no such file: ENOENT (No such file or directory)'
	run -4 fdtool inspect "unix:@$N.none"
	assert_output "fdtool inspect: unix:@$N.none: nobody has it"
	run -4 fdtool inspect --watch "unix:@$N.none"
}

@test "a port in another network namespace" {
	needs_namespaces
	start unshare -n python3 -c 'import os, socket, time
os.system("ip link set lo up 2>/dev/null")
s = socket.create_server(("0.0.0.0", 4711))
t = socket.create_server(("::", 4712), family=socket.AF_INET6)
u = socket.socket(socket.AF_UNIX)
u.bind(b"\0'"$N"'")
u.listen()
print(s.fileno(), t.fileno(), u.fileno(), flush=True)
time.sleep(60)' >out
	until_true test -s out
	local tcp tcp6 unix
	read -r tcp tcp6 unix <out
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD tcp:4711
	assert_line "${STARTED[-1]} $tcp"
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD tcp:4712
	assert_line "${STARTED[-1]} $tcp6"
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD "unix:@$N"
	assert_line "${STARTED[-1]} $unix"
}

@test "why a port is still held: by the child that inherited it" {
	python 's = socket.create_server(("127.0.0.1", 0))
s.set_inheritable(True)
os.setpgid(0, 0)
port = s.getsockname()[1]
pid = os.fork()
if pid == 0:
	os.execvp("sleep", ["sleep", "60"])
while "sleep" not in open("/proc/%d/comm" % pid).read():
	time.sleep(0.01)
print(port, pid, s.fileno(), flush=True)'
	local port child fd parent=${STARTED[-1]}
	read -r port child fd <out
	run -0 --separate-stderr fdtool inspect "tcp:$port"
	assert_line --regexp "^A +$parent python3 .*LISTEN"
	assert_line "sleep $child fd $fd, inherited from python3 $parent, close-on-exec is off"
	kill "$parent"
	wait "$parent" || :
	run -0 --separate-stderr fdtool inspect "tcp:$port"
	assert_line --regexp "^A +$child sleep .*LISTEN"
	assert_line "sleep $child fd $fd, of process group $parent, whose leader has ended, close-on-exec is off"
	kill "$child"
	until_true is_gone "$child"
	run -4 fdtool inspect -q "tcp:$port"
	assert_output "fdtool inspect: tcp:$port: nobody has it"
}

@test "a port of another user: who that is, and what to do" {
	needs_open_proc
	python 's = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)'
	run -1 as 65533 fdtool inspect -q "tcp:$(<out)"
	assert_line --index 0 "fdtool inspect: tcp:$(<out): no process that can be inspected has it open"
	assert_line --index 1 "  its user is root: sudo fdtool inspect tcp:$(<out)"
}

@test "a closed connection that waits for its end" {
	local port
	port=$(python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 0))
c = socket.create_connection(s.getsockname())
a, _ = s.accept()
a.close()
c.recv(1)
c.close()
print(s.getsockname()[1])')
	run -4 fdtool inspect "tcp:$port"
	assert_line --index 0 "fdtool inspect: tcp:$port: nobody has it"
	assert_line --index 1 --partial '1 closed connection of it waits for the end'
}

@test "--watch: connections that come are found" {
	python 's = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)'
	local server=${STARTED[-1]} port
	port=$(<out)
	start "$FDTOOL" inspect --watch=50ms -r -o NAME "tcp:$port" >watch.out 2>watch.err
	local watch=$!
	until_true grep -q LISTEN watch.out
	exec {connection}<>"/dev/tcp/127.0.0.1/$port"
	kill "$server"
	ends_with 0 "$watch"
	exec {connection}>&-
	grep -q "tcp:$port: nobody holds it any longer" watch.err
}

@test "ports that are none: each has its line" {
	local word
	for word in tcp:99999 tcp:0 tcp:-1 tcp: tcp:nosuchservice udp:1x tcp:127.0.0.1: unix: unix:@ tcp:nohost.invalid:80; do
		run -2 fdtool inspect "$word"
		assert_equal "${#lines[@]}" 1
		assert_line --partial "'$word' "
	done
	run -4 fdtool inspect 12x
	run -2 fdtool inspect -1
}
