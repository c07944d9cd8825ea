#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# send --as and grab --listen --as: other programs at the other end.
#
# shellcheck disable=SC2016 # what the programs are to expand

load ../helper

test_setup() {
	printf 'hello\n' >file
	export XDG_RUNTIME_DIR=$T/run
	mkdir -m 700 run
}

# foreign WORD...: starts tests/peers/foreign.py; its output is in $T/foreign.out.
foreign() {
	rm -f "$T/foreign.out"
	start timeout 30 "$TESTDIR/peers/foreign.py" "$@" >"$T/foreign.out" 2>&1 </dev/null
	FOREIGN=$!
	until_true grep -qs ready "$T/foreign.out"
}

# received_is LINE...: what it printed after "ready"
received_is() {
	ends_with 0 "$FOREIGN"
	assert_equal "$(sed 1d "$T/foreign.out")" "$(printf '%s\n' "$@")"
}

# listens ADDRESS ARG...: starts "grab --listen"; its output is in $T/got. $LISTENER is its pid.
listens() {
	start timeout --foreground 30 "${BEHIND[@]}" "$FDTOOL" grab --listen "$@" >"$T/got" 2>"$T/got.err"
	LISTENER=$!
	until_true is_bound "$1"
}

is_bound() {
	case $1 in
	@*) grep -q " $1$" /proc/net/unix ;;
	*/*) [ -S "$1" ] ;;
	*) [ -S "$XDG_RUNTIME_DIR/fdsend/$1" ] ;;
	esac
}

give() {
	run timeout 20 "$TESTDIR/peers/foreign.py" give "$@"
}

@test "send --as fdsend: fdrecv has it, at a path, an abstract name, and its own directory" {
	foreign fdrecv ./socket
	run fdtool send --as fdsend file ./socket
	assert_success
	assert_output --regexp "^file: sent to pid [0-9]+ \(.*\), user $(id -un)$"
	received_is "b' ' [b'hello\\n']"
	foreign fdrecv "@$N"
	run fdtool send -q --as fdsend eventfd:3 "@$N"
	assert_success
	refute_output
	received_is "b' ' [b'\\x03\\x00\\x00\\x00\\x00\\x00\\x00\\x00']"
	mkdir run/fdsend
	foreign fdrecv "$T/run/fdsend/inbox"
	run fdtool send -q --as fdsend file inbox
	assert_success
	received_is "b' ' [b'hello\\n']"
	run fdtool send --as fdsend file not-there
	assert_failure 4
	assert_line --index 0 "fdtool send: not-there: nobody waits there: ENOENT (No such file or directory)"
}

@test "grab --listen --as fdsend: what fdsend sends, and the directory is made" {
	listens inbox --as fdsend -- bash -c 'cat <&3; echo $LISTEN_FDNAMES'
	run timeout 20 "$TESTDIR/peers/foreign.py" fdsend "$T/run/fdsend/inbox" file
	assert_success
	ends_with 0 "$LISTENER"
	assert_equal "$(cat got)" $'hello\ninbox'
	assert_equal "$(stat -c %a run/fdsend)" 700
	[ ! -e run/fdsend/inbox ]
	listens inbox --as fdsend -q
	run fdtool send -q --as fdsend file inbox # and both ends are fdtool
	assert_success
	ends_with 0 "$LISTENER"
}

@test "send --as raw: a stream or a SEQPACKET socket, several at once, any bytes" {
	local type
	for type in stream seqpacket; do
		foreign raw "$type" "@$N-$type"
		run fdtool send -q --as raw file "@$N-$type"
		assert_success
		received_is "b'\\x00' [b'hello\\n']"
		foreign raw "$type" "./$type"
		run fdtool send -q --as raw --data 'a\tb\101\0' file eventfd:1 "./$type"
		assert_success
		received_is "b'a\\tbA\\x00' [b'hello\\n', b'\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00']"
	done
	foreign raw dgram ./dgram
	run fdtool send --as raw file ./dgram
	assert_failure 1
	assert_line --index 1 --partial SOCK_DGRAM
	kill "$FOREIGN"
}

@test "grab --listen --as raw: any type, any data before and with the descriptor" {
	local type as
	for type in stream seqpacket dgram; do
		as=raw:$type
		for address in "@$N-$type" "./$type"; do
			listens "$address" --as "${as%:stream}" -- bash -c 'cat <&3; echo $LISTEN_FDNAMES'
			give "$type" "$address" text file
			assert_success
			ends_with 0 "$LISTENER"
			assert_equal "$(cat got)" $'hello\nunknown'
		done
		[ ! -e "$type" ]
	done
}

@test "grab --listen --as raw: data and no descriptor, two descriptors, none at all" {
	listens "@$N-none" --as raw
	give stream "@$N-none" none file
	ends_with 1 "$LISTENER"
	grep -q 'the sender left without giving a descriptor' got.err
	listens "@$N-two" --as raw
	give stream "@$N-two" two file
	ends_with 1 "$LISTENER"
	grep -q 'sent more than one descriptor; all are closed again: E2BIG' got.err
	listens "@$N-empty" --as raw:dgram
	give dgram "@$N-empty" empty file
	ends_with 1 "$LISTENER"
	grep -q 'the sender sent no byte with its descriptor; it is closed again: EBADMSG' got.err
}

@test "grab --listen --as raw: a stranger is kept out, of datagrams too" {
	needs_root
	chmod 755 .
	local type
	local -A socket_of=([raw]=stream [raw:dgram]=dgram [raw:seqpacket]=seqpacket)
	for type in raw raw:dgram raw:seqpacket; do
		listens "@$N-$type" --as "$type" --json
		as 1 timeout 20 "$TESTDIR/peers/foreign.py" give "${socket_of[$type]}" "@$N-$type" good /dev/null || true
		until_true grep -q 'of user daemon wants to send, and is not trusted' got.err
		give "${socket_of[$type]}" "@$N-$type" good file
		assert_success
		ends_with 0 "$LISTENER"
		jq -e '.sender.uid == 0 and .path == $p' --arg p "$T/file" got
	done
}

@test "send --as systemd: the manager has the descriptor, its name, and a barrier" {
	foreign manager "$T/notify"
	NOTIFY_SOCKET=$T/notify run fdtool send --as systemd -n one -n two file eventfd:1
	assert_success
	assert_line --index 0 'one: given to the service manager'
	received_is "b'FDSTORE=1\\nFDNAME=one' [b'hello\\n']" \
		"b'FDSTORE=1\\nFDNAME=two' [b'\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00']" "b'BARRIER=1' 1"
	foreign manager "@$N"
	NOTIFY_SOCKET=@$N run fdtool send --as systemd --json file
	assert_success
	json '.[0].name == "file" and .[0].receiver == null'
	received_is "b'FDSTORE=1\\nFDNAME=file' [b'hello\\n']" "b'BARRIER=1' 1"
}

@test "send --as systemd: no manager, one that does not answer, one beyond a vsock" {
	NOTIFY_SOCKET='' run fdtool send --as systemd file
	assert_failure 1
	assert_line --index 0 'fdtool send: NOTIFY_SOCKET: is not set'
	NOTIFY_SOCKET=vsock:2:1234 run fdtool send --as systemd file
	assert_failure 1
	assert_output --partial 'vsock:2:1234: vsock carries no descriptors'
	NOTIFY_SOCKET=/not/there run fdtool send --as systemd file
	assert_failure 1
	assert_output --partial 'ENOENT'
	foreign deaf-manager "@$N"
	NOTIFY_SOCKET=@$N run fdtool send --as systemd -t 100ms file
	assert_failure 124
	assert_output --partial 'the service manager does not answer: ETIMEDOUT'
}

@test "send --as stdout: as ssh's ProxyUseFdpass has it" {
	run timeout 20 "$TESTDIR/peers/foreign.py" proxied "$FDTOOL" send --as stdout file
	assert_success
	assert_output "b'\\x00' [b'hello\\n']"$'\n'0
	run fdtool send --as stdout file
	assert_failure 1
	assert_line --index 0 'fdtool send: standard output: is no AF_UNIX socket'
	assert_line --index 1 '  ssh runs its ProxyCommand with one: -o ProxyUseFdpass=yes'
}

# Says the banner of a server, and prints what the client says.
banner='import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
c, _ = s.accept()
c.sendall(b"SSH-2.0-none\r\n")
print(c.recv(100).split(b"\r")[0].decode(), flush=True)'

@test "send --as stdout: ssh speaks over the connection that it was given" {
	start timeout 20 python3 -c "$banner" >banner
	until_true grep -q . banner
	run timeout 20 ssh -F none -o ProxyUseFdpass=yes -o ProxyCommand="bash -c 'exec 5<>/dev/tcp/127.0.0.1/$(head -n 1 banner); \"$FDTOOL\" send --as stdout fd:5'" nowhere
	until_true grep -q '^SSH-2.0-' banner
}

@test "send --as, grab --as: mistakes on the command line" {
	local arguments said
	while IFS='|' read -r arguments said; do
		# shellcheck disable=SC2086 # words
		run fdtool $arguments
		assert_failure 2
		assert_line --index 0 --partial "$said"
	done <<-'EOT'
		send --as fdsend file file x|exactly one SOURCE
		send --as raw file|no ADDRESS after 'file'
		send --data x file x|--data needs --as raw or --as stdout
		send --as systemd -w file|--wait needs an ADDRESS
		send --as stdout --json file|exclude each other
		send --as nothing file|must be fdtool, fdsend, raw, systemd or stdout
		grab --as raw x|--as needs --listen
	EOT
	run fdtool send --as raw --data '\q' file ./socket
	assert_failure 2
	assert_line --index 0 --partial "--data: '\134q' has an escape that C does not have"
	run fdtool send --as raw --data '' file ./socket
	assert_failure 2
	assert_line --index 0 --partial 'must not be empty'
}
