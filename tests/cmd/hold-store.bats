#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# hold under a service manager that stores descriptors: tests/peers/manager.py.
#
# shellcheck disable=SC2016 # what the programs and jq are to expand

bats_require_minimum_version 1.5.0
load ../helper

# managed ADDRESS MAX ARG...: a manager runs "hold $N ARG..."; what it says is in $T/said.
managed() {
	start "$TESTDIR/peers/manager.py" "$1" "$2" "$FDTOOL" hold "$N" "${@:3}" >"$T/said" 2>"$T/err"
	MANAGER=$!
	until_true is_ready 1
}

# is_ready N: the broker has been ready N times; $HOLDER is its pid.
is_ready() {
	[ "$(grep -c ^ready said)" -ge "$1" ] && HOLDER=$(sed -n 's/^ready //p' said | tail -n 1)
}

# restarts [SIGNAL]: ends the broker, and waits for the next one.
restarts() {
	local before
	before=$(grep -c ^ready said)
	kill "-${1:-KILL}" "$HOLDER"
	until_true is_ready $((before + 1))
}

sends() {
	fdtool send -q "$@" "$N"
}

# stored_is NAME...: what the manager's store has now, by what it said.
stored_is() {
	local now
	now=$(awk '$1 == "stored" { n[$2] } $1 == "removed" { delete n[$2] } END { for (i in n) print i }' said |
		sed 's,/.*,,' | sort)
	[ "$now" = "$(printf '%s\n' "$@" | sort)" ]
}

# count_of NAME: of an eventfd, which is 0 then
count_of() {
	fdtool grab -f 0 "$1" -- head -c 8 | od -An -tu8 | tr -d ' '
}

test_setup() {
	printf 'one\ntwo\nthree\n' >file
}

@test "hold in a store: kill -9 loses nothing, by a path and an abstract name" {
	local address i
	for address in "$T/notify" "@$N"; do
		managed "$address" 100
		exec {own}<file
		read -r -u "$own" _
		sends -n "$N-f" "fd:$own"
		sends -n "$N-again" "fd:$own" # one description, and two names
		sends -n "$N-e" eventfd:7
		for i in 1 2 3; do
			restarts
			run fdtool grab -f 0 "$N-f" -- head -c 4
			assert_output two
			run fdtool lseek "$N-again" 4
			assert_output '8 -> 4'
			run fdtool grab --json "$N-e"
			json '.[0] | .same == true and .type == "eventfd"'
		done
		run fdtool lseek "fd:$own"
		assert_output 4
		run grep -c "^$N-e: restored: anon_inode:\[eventfd\], eventfd, .*, from the service manager$" said
		assert_output 3
		stored_is "$N-f" "$N-again" "$N-e"
		exec {own}<&-
		stops_with 0 "$MANAGER"
		assert_equal "$(cat err)" ''
	done
}

@test "hold in a store: every mode and flag; SIGTERM loses nothing either" {
	managed "@$N" 100 --json
	local mode
	for mode in r w rw; do
		sends -n "$N-$mode" -m "$mode" file
	done
	exec {own}>>file
	sends -n "$N-a" "fd:$own"
	exec {own}>&-
	restarts TERM
	for mode in r w rw; do
		run fdtool grab --json "$N-$mode"
		json ".[0].mode == \"$mode\""
	done
	run fdtool grab --json "$N-a"
	json '.[0].flags | any(. == "O_APPEND")'
	run grep '"restored"' said
	json 'length == 4 and all(.fd >= 0 and .type == "regular")'
}

@test "hold in a store: what is dropped, replaced or expires is removed there" {
	managed "@$N" 100
	sends -n "$N-x" file
	sends -n "$N-y" --replace eventfd:1
	sends -n "$N-y" --replace eventfd:2
	sends -n "$N-z" --expire 200ms file
	run fdtool drop --at "$N" "$N-x"
	until_true stored_is "$N-y"
	# never without: the new one is stored before the old one is removed
	assert_equal "$(sed -n "s,^\(stored\|removed\) $N-y/.*,\1,p" said | paste -sd ' ')" 'stored stored removed'
	restarts
	assert_equal "$(count_of "$N-y")" 2
	run fdtool grab "$N-x"
	assert_failure 4
	run fdtool grab "$N-z"
	assert_failure 4
}

@test "hold in a store: the time of --expire goes on while it is down" {
	managed "@$N" 100 --expire 1h
	sends -n "$N-long" file
	sends -n "$N-short" --expire 1s file
	restarts
	grep -q "^$N-short: restored" said
	until_true grep -q "^$N-short: expired" said
	until_true stored_is "$N-long"
}

@test "hold in a store: the owner is the same: others may not drop it" {
	needs_root
	chmod 755 .
	managed "@$N" 100 --store-user 1 --store-user 2
	as 1 fdtool send -q --to root -n "$N-x" /dev/null "$N"
	restarts
	run as 2 fdtool drop --at "$N" "$N-x"
	assert_failure 3
	run as 1 fdtool drop --at "$N" "$N-x"
	assert_success
}

@test "hold in a store: killed while it is sent to, again and again" {
	managed "@$N" 200
	local i taken=()
	for i in {1..40}; do
		((i % 8)) || kill -KILL "$HOLDER"
		fdtool send -q -w10s -n "$N-$i" "eventfd:$i" "$N" 2>/dev/null && taken+=("$i")
		((i % 8)) || until_true is_ready $((i / 8 + 1))
	done
	[ ${#taken[@]} -gt 30 ] || fail "${#taken[@]} were taken"
	restarts
	for i in "${taken[@]}"; do
		assert_equal "$(count_of "$N-$i")" "$i"
	done
	run cat err
	refute_output
}

@test "hold in a store: a manager that does not read holds nobody up" {
	managed "@$N" 1000
	kill -STOP "$MANAGER"
	local i late
	for i in {1..40}; do # more than there is room for in the socket
		sends -n "$N-$i" "eventfd:$i" || late="$late $i"
	done
	fdtool drop -q --at "$N" "$N-7"
	kill -CONT "$MANAGER"
	assert_equal "$late" ''
	until_true stored_count 40
	until_true grep -q "^removed $N-7/" said
	restarts
	assert_equal "$(count_of "$N-40")" 40
	run fdtool grab "$N-7"
	assert_failure 4
}

@test "hold in a store: a manager that is busy when it ends is told of what was dropped" {
	managed "@$N" 1000
	sends -n "$N-kept" file
	sends -n "$N-dropped" file
	until_true stored_count 2
	kill -STOP "$MANAGER"
	local i
	for i in {1..40}; do # more than there is room for in the socket
		sends -n "$N-$i" "eventfd:$i"
	done
	fdtool drop -q --at "$N" "$N-dropped"
	kill -TERM "$HOLDER"
	kill -CONT "$MANAGER"
	until_true is_ready 2
	grep -q "^removed $N-dropped/" said
	assert_equal "$(count_of "$N-40")" 40
	fdtool grab -q "$N-kept"
	run fdtool grab "$N-dropped"
	assert_failure 4
}

@test "hold in a store: one that is full keeps what it has, and a name that is taken stays there" {
	managed "@$N" 3
	sends -n "$N-1" file
	sends -n "$N-2" file
	run fdtool send -n "$N-3" file "$N"
	assert_failure 3
	sends -n "$N-2" --replace eventfd:
	run ! grep '^full' said
	refute [ -s err ]
	kill -STOP "$MANAGER"
	kill -KILL "$HOLDER"
	until_true not_bound "$N-1"
	serve -n "$N-1" /dev/null
	kill -CONT "$MANAGER"
	until_true is_ready 2
	grep -q "LISTEN_FDS: $N-1/[0-9]*: it stays with the service manager: EADDRINUSE" err
	stops_with 143 "$SERVER"
	restarts
	run fdtool grab --json "$N-1"
	json '.[0].path == $p' --arg p "$T/file"
	stops_with 0 "$MANAGER"
	managed "@$N.2" 3 --max 5
	grep -q 'the service manager stores 2 only: FileDescriptorStoreMax=3' err
}

not_bound() {
	! grep -q "@fdtool/$1$" /proc/net/unix
}

stored_count() {
	[ "$(grep -c ^stored said)" = "$1" ]
}

# given NAMES KIND...: hold with LISTEN_FDS, where the descriptors are of these kinds.
given() {
	start timeout 30 python3 -c '
import os, socket, sys
names, kinds, command = sys.argv[1], sys.argv[2].split(), sys.argv[3:]
def listening(kind, at):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind("\0" + at)
    s.listen()
    return s.detach()
make = {"address": lambda: listening(socket.SOCK_SEQPACKET, os.environ["AT"]),
        "stream": lambda: listening(socket.SOCK_STREAM, os.environ["AT"] + ".s"),
        "file": lambda: os.open("file", os.O_RDONLY),
        "socket": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].detach()}
high = [os.dup2(make[kind](), 100 + i) for i, kind in enumerate(kinds)]
for i, fd in enumerate(high):
    os.dup2(fd, 3 + i, inheritable=True)
os.closerange(3 + len(high), 200)
os.environ.update(LISTEN_FDS=str(len(high)), LISTEN_PID=str(os.getpid()), LISTEN_FDNAMES=names)
os.execv(command[0], command)' "$1" "$2" "$FDTOOL" hold "$N" "${@:3}" >hold.out 2>hold.err
	until_true grep -q "keeping what" hold.out
}

@test "hold: what the unit opens is offered, and its socket is the ADDRESS" {
	AT=elsewhere-$N given "$N-f:hold.socket:$N-s" 'file address stream'
	fdtool send -q -n "$N-x" eventfd: "@elsewhere-$N"
	run fdtool grab --json "$N-f"
	json '.[0].type == "regular"'
	run fdtool grab --json "$N-s"
	json '.[0].type == "socket"'
	run fdtool grab --json "$N-x"
	json '.[0].type == "eventfd"'
	refute [ -s hold.err ]
}

@test "hold: entries of the store that are none, and names that are no NAME" {
	given "$N-a/17:a b:$N-f:$N-f:$N-b/18" 'socket file file file file'
	run cat hold.err
	assert_line --partial "LISTEN_FDS: $N-a/17: it stays with the service manager: EAGAIN"
	assert_line --partial "LISTEN_FDNAMES: the name 'a b' "
	assert_line --partial "LISTEN_FDS: $N-f: it stays with the service manager: EEXIST"
	assert_line --partial "LISTEN_FDS: $N-b/18: it stays with the service manager: ENOTSOCK"
	run fdtool grab --json "$N-f"
	json '.[0].type == "regular"'
}

@test "hold: systemd-socket-activate starts it with the first sender" {
	command -v systemd-socket-activate >/dev/null || skip 'needs systemd-socket-activate'
	start systemd-socket-activate --seqpacket -l "@fdtool/$N" "$FDTOOL" hold "$N" >hold.out 2>hold.err
	until_true grep -qs Listening hold.err
	sends -n "$N-f" file
	run fdtool grab --json "$N-f"
	json '.[0].type == "regular"'
}
