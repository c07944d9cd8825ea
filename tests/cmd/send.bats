#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# send, and its other end, grab --listen.
#
# shellcheck disable=SC2016 # what the programs and jq are to expand
# shellcheck disable=SC2154 # stderr_lines is of run --separate-stderr

bats_require_minimum_version 1.5.0
load ../helper

# listens ADDRESS ARG...: starts "grab --listen"; its output is in $T/got. $LISTENER is its pid.
listens() {
	start timeout --foreground 30 "${BEHIND[@]}" "$FDTOOL" grab --listen "$@" >"$T/got" 2>"$T/got.err"
	LISTENER=$!
	until_true is_waiting "$1"
}

# is_waiting ADDRESS: a socket listens there
is_waiting() {
	case $1 in
	*/*) [ -S "$1" ] ;;
	@*) grep -qE " 0001 .*$1$" /proc/net/unix ;;
	*) grep -q "@fdtool/$1$" /proc/net/unix ;;
	esac
}

# receiver ADDRESS BEHAVIOUR: starts tests/peers/receiver.py; its output is in $T/peer.out.
receiver() {
	rm -f "$T/peer.out"
	start timeout 30 "$TESTDIR/peers/receiver.py" "$@" >"$T/peer.out" 2>&1 </dev/null
	until_true grep -qs ready "$T/peer.out"
}

sender() {
	run timeout 20 "$TESTDIR/peers/sender.py" "$@"
}

# ended STATUS: grab --listen has ended so.
ended() {
	ends_with "$1" "$LISTENER"
}

@test "send: a file; grab --listen says what it is, and both agree who the other is" {
	printf 'hello\n' >file
	listens "$N"
	run fdtool send file "$N"
	assert_success
	assert_output --regexp "^file: taken by pid [0-9]+ \(.*\), user $(id -un)$"
	ended 0
	run cat got
	assert_line --index 0 file
	assert_line "  path         $T/file"
	assert_line --regexp "^  sender       pid [0-9]+ \(.*\), user $(id -un)$"
	assert_line "  description  the same open file description as the sender's (kcmp)"
	assert_equal "$(cat got.err)" ''
}

@test "send: --json of both" {
	printf hello >file
	listens "$N" --json
	run fdtool send --json -n mine file eventfd: "$N"
	assert_success
	json 'map(.name) == ["mine", "eventfd"] and (map(.receiver.uid) | unique) == [$uid]' --argjson uid "$(id -u)"
	json '.[0] | .mode == "r" and .type == "regular" and .path == $p' --arg p "$T/file"
	ended 0
	run cat got
	json 'map([.name, .same]) == [["mine", true], ["eventfd", true]] and (.[0].sender | keys) == ["pid", "uid"]'
}

@test "send: PROGRAM has them at 3, 4, ... and by name; the offset is shared" {
	printf 'one\ntwo\n' >file
	exec 8<file
	listens "$N" -- bash -c 'read -n 4 -u 3; echo $FDTOOL_FD_mine $FDTOOL_FD_eventfd $LISTEN_FDS $LISTEN_FDNAMES; readlink /proc/$$/fd/4; for n in {0..99}; do [ ! -e /proc/$$/fd/$n ] || printf "%s " $n; done'
	run fdtool send -q -n mine fd:8 eventfd: "$N"
	assert_success
	refute_output
	ended 0
	run cat got
	assert_line --index 0 '3 4 2 mine:eventfd'
	assert_line --index 1 'anon_inode:[eventfd]'
	assert_line --index 2 '0 1 2 3 4 '
	run cat <&8 # read -n 4 went on from the start, and bash put back what it had read too much
	assert_output two
}

@test "send: -f puts the first at N, and more go to the free numbers" {
	printf hello >file
	start "$FDTOOL" grab --listen -f 0 "$N" -- bash -c 'cat; readlink /proc/$$/fd/3' >got
	LISTENER=$!
	until_true is_waiting "$N"
	run fdtool send file eventfd: "$N"
	assert_success
	ended 0
	assert_equal "$(cat got)" 'helloanon_inode:[eventfd]'
}

@test "send: as many as a table has room for" {
	local -a sources
	mapfile -t sources < <(yes /dev/null | head -n 300)
	listens "$N" --json -q
	run fdtool send -q "${sources[@]}" "$N"
	assert_success
	ended 0
	assert_equal "$(wc -l <got)" 300
	assert_equal "$(jq -s 'map(.fd) | unique | length' got)" 300
}

@test "send: a table that is full is said by both, and nothing stays" {
	local -a sources
	mapfile -t sources < <(yes /dev/null | head -n 30)
	start bash -c 'ulimit -n 20; exec "$FDTOOL" grab --listen "$0" 2>got.err' "$N"
	LISTENER=$!
	until_true is_waiting "$N"
	run fdtool send -q "${sources[@]}" "$N"
	assert_failure 3
	assert_output "fdtool send: $N: the receiver could not take it: EMFILE (Too many open files)"
	ended 1
	grep -q 'no room in the descriptor table: EMFILE' got.err
}

@test "send: a path is made with the umask, and is gone afterwards" {
	umask 077
	listens ./socket
	assert_equal "$(stat -c %a socket)" 700
	run fdtool send /dev/null ./socket
	assert_success
	ended 0
	[ ! -e socket ]
}

@test "send: a path is gone after a signal, the time, and a stale one is taken over" {
	local signal
	for signal in INT TERM HUP; do
		start "$FDTOOL" grab --listen ./socket # no shell between
		LISTENER=$!
		until_true is_waiting ./socket
		kill -$signal $LISTENER
		ends_with $((128 + $(kill -l $signal))) $LISTENER
		[ ! -e socket ]
	done
	run fdtool grab --listen -t 50ms ./socket
	assert_failure 124
	assert_output 'fdtool grab: ./socket: nobody sends: ETIMEDOUT (Connection timed out)'
	[ ! -e socket ]
	python3 -c 'import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.bind("socket")'
	run fdtool send /dev/null ./socket
	assert_failure 4
	start "$FDTOOL" grab --listen ./socket
	LISTENER=$!
	until_true fdtool send -q /dev/null ./socket
	ended 0
	touch file
	run fdtool grab --listen ./file
	assert_failure 1
	assert_output --partial 'the name is in use: EADDRINUSE'
	[ -f file ]
}

@test "send: -w waits for a receiver; without, nobody is there" {
	run fdtool send /dev/null "$N"
	assert_failure 4
	assert_line --index 0 "fdtool send: $N: nobody waits there: ECONNREFUSED (Connection refused)"
	assert_line --index 1 "  'fdtool grab --listen' waits for what is sent; -w waits for that"
	run fdtool send -w50ms /dev/null "$N"
	assert_failure 4
	run fdtool send -w -t 50ms /dev/null "$N"
	assert_failure 124
	assert_output "fdtool send: $N: nobody waits there: ETIMEDOUT (Connection timed out)"
	start "$FDTOOL" send -q -w10s /dev/null "$N"
	local pid=$!
	run fdtool grab -q --listen "$N"
	assert_success
	ends_with 0 $pid
}

@test "send: a receiver that answers badly, or not" {
	local behaviour wanted said
	while read -r behaviour wanted said; do
		receiver "$N-$behaviour" "$behaviour"
		run fdtool send -t 2s /dev/null "$N-$behaviour"
		# shellcheck disable=SC2031 # run sets it
		assert_equal "$behaviour: $status" "$behaviour: $wanted"
		assert_line --index 0 --partial "$said"
	done <<-'EOT'
		good 0 null: taken by pid
		no-keys 0 null: taken by pid
		deny 3 takes nothing from user daemon
		deny-system 3 the receiver could not take it: EMFILE
		deny-expect 3 the receiver expects something else: its --expect
		deny-escapes 3 the receiver refused: a\033[31mb
		rubbish 1 EBADMSG
		version-2 1 the receiver speaks another version of the protocol: EPROTONOSUPPORT
		other-verb 1 EBADMSG
		offer 1 a server is there, which offers something itself
		closes 1 the receiver left, and did not say that it has taken it
		takes-and-leaves 1 the receiver left, and did not say that it has taken it
	EOT
	receiver "$N-silent" silent
	run fdtool send -t 100ms /dev/null "$N-silent"
	assert_failure 124
	assert_output "fdtool send: $N-silent: the receiver does not answer: ETIMEDOUT (Connection timed out)"
}

@test "send: a receiver that is not fdtool has them all, with one recvmsg each" {
	printf hello >file
	receiver "$N" good
	run fdtool send -n first -n second file eventfd: "$N"
	assert_success
	until_true grep -q hello peer.out
	grep -qx 'name=first' peer.out
	grep -qx 'more=1' peer.out
	grep -qx 'name=second' peer.out
}

@test "send: the type of another socket is said" {
	receiver ./stream stream
	run fdtool send /dev/null ./stream
	assert_failure 1
	assert_line --index 0 'fdtool send: ./stream: connect: EPROTOTYPE (Protocol wrong type for socket)'
	assert_line --index 1 --partial SOCK_STREAM
	receiver ./dgram dgram
	run fdtool send /dev/null ./dgram
	assert_line --index 1 --partial SOCK_DGRAM
	receiver "@$N-raw" stream
	run fdtool send /dev/null "@$N-raw"
	assert_failure 4
	assert_line --index 1 --partial SOCK_STREAM
}

@test "send: to a server that offers something itself" {
	serve -n "$N" /dev/zero
	run fdtool send /dev/null "$N"
	assert_failure 1
	assert_line --index 0 "fdtool send: $N: a server is there, which offers something itself"
	assert_line --index 1 "  'fdtool grab $N' receives that"
}

@test "grab --listen: what a sender that is not fdtool gives, well or badly" {
	local behaviour wanted answer said
	printf hello >file
	while IFS=' ' read -r behaviour wanted answer said; do
		listens "$N-$behaviour"
		sender "$N-$behaviour" "$behaviour" file
		assert_equal "$behaviour: ${lines[0]}" "$behaviour: ${answer//_/ } "
		ended "$wanted"
		cat got got.err | grep -qF -- "$said" || fail "$behaviour: $(cat got got.err)"
	done <<-'EOT'
		good 0 FDTOOL/1_TAKEN_fd=3 sender
		no-keys 0 FDTOOL/1_TAKEN_fd=3 sender
		unknown-keys 0 FDTOOL/1_TAKEN_fd=3 sender
		escapes-in-name 0 FDTOOL/1_TAKEN_fd=3 sender
		none 1 FDTOOL/1_DENY_reason=protocol_errno=EBADMSG_uid=0 is not an offer
		two 1 FDTOOL/1_DENY_reason=protocol_errno=E2BIG_uid=0 the sender sent more than one descriptor; all are closed again: E2BIG
		most 1 FDTOOL/1_DENY_reason=protocol_errno=E2BIG_uid=0 E2BIG
		announces-two 1 FDTOOL/1_DENY_reason=protocol_errno=E2BIG_uid=0 E2BIG
		version-2 1 FDTOOL/1_DENY_reason=protocol_errno=EPROTONOSUPPORT_uid=0 another version
		other-verb 1 FDTOOL/1_DENY_reason=protocol_errno=EBADMSG_uid=0 is not an offer
		rubbish 1 FDTOOL/1_DENY_reason=protocol_errno=EBADMSG_uid=0 is not an offer
		empty-key 1 FDTOOL/1_DENY_reason=protocol_errno=EBADMSG_uid=0 is not an offer
		long 1 FDTOOL/1_DENY_reason=protocol_errno=EMSGSIZE_uid=0 too long
		taken 1 FDTOOL/1_DENY_reason=protocol_errno=EBADMSG_uid=0 is not an offer
	EOT
}

@test "grab --listen: a sender that says more than it gives" {
	listens "$N"
	sender "$N" more-and-leaves
	ended 1
	grep -q 'the sender left before it had given all' got.err
	listens "$N" -t 300ms
	sender "$N" more-and-hangs
	ended 124
	grep -q 'the sender does not answer' got.err
}

@test "grab --listen: who is silent, or leaves, holds up nobody" {
	listens "$N"
	start timeout 20 "$TESTDIR/peers/sender.py" "$N" silent >silent.out
	until_true grep -q silent silent.out
	sender "$N" leaves
	assert_success
	run fdtool send -q /dev/null "$N"
	assert_success
	ended 0
}

@test "grab --listen: --expect and --narrow; the sender is told" {
	listens "$N" --expect type=eventfd
	run fdtool send /dev/null "$N"
	assert_failure 3
	assert_output "fdtool send: $N: the receiver expects something else: its --expect"
	ended 3
	printf hello >file
	listens "$N" --narrow --json
	run fdtool send -q -m rw file "$N"
	assert_success
	ended 0
	jq -e '.mode == "r" and .same == false' got
}

@test "grab --listen: a prompt on what came" {
	printf hello >file
	listens "$N" -c 'read 5' -c 'expect pos=5' -c 'expect EBADF write x'
	run fdtool send file "$N"
	assert_success
	ended 0
	grep -q 'read(3, 5) = 5 "hello"' got
}

@test "grab --listen: a stranger is denied, and it goes on waiting; --from lets it in" {
	needs_root
	chmod 755 .
	listens "$N"
	run as 1 fdtool send /dev/null "$N"
	assert_failure 3
	assert_line --index 0 --regexp "fdtool send: $N: pid [0-9]+ of user root takes nothing from user daemon"
	assert_line --index 1 '  the receiver would need: --from daemon; a broker: --store-user daemon'
	until_true grep -q 'of user daemon wants to send, and is not trusted: --from daemon' got.err
	run fdtool send -q /dev/null "$N"
	assert_success
	ended 0
	listens "$N" --from daemon
	run as 1 fdtool send -q /dev/null "$N"
	assert_success
	ended 0
}

@test "send: a receiver of another user gets nothing, unless --to says so" {
	needs_root
	chmod 755 .
	local BEHIND=(setpriv --reuid=1 --regid=1 --clear-groups --)
	listens "$N"
	BEHIND=()
	run fdtool send /dev/null "$N"
	assert_failure 3
	assert_line --index 0 --regexp "fdtool send: $N: the receiver is pid [0-9]+ of user daemon, who may not have it"
	assert_line --index 1 '  if that user may have it: --to daemon'
	run fdtool send -q --to daemon /dev/null "$N"
	assert_success
	ended 0
}

@test "send: mistakes on the command line" {
	local said
	while IFS='|' read -r arguments said; do
		# shellcheck disable=SC2086 # words
		run fdtool $arguments
		assert_failure 2
		assert_line --index 0 --partial "$said"
	done <<-'EOT'
		send|no SOURCE to send
		send file|no ADDRESS after 'file' to send it to
		send -n a -n b file x|more names than SOURCEs
		send mypoll: x|needs a process that stays
		send eventfd:x x|needs a count
		send /dev/null a!b|has a character
		send -n a/b file x|the name 'a/b' has a '/' in it
		grab --listen|no ADDRESS
		grab --listen a b|--listen needs exactly one ADDRESS
		grab --listen -w a|--listen and --wait exclude each other
	EOT
	run fdtool send ./not-there "$N"
	assert_failure 1
	assert_output 'fdtool send: ./not-there: open: ENOENT (No such file or directory)'
	run fdtool send "$$:999" "$N"
	assert_failure 4
}
