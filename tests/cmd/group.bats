#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# serve --group: several descriptors as one offer, from serve to the program that gets them.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

test_setup() {
	printf one >a
	printf two >b
	own_state
}

# What a program prints for this: what it has at these numbers. (One that is free may be the pipe's.)
# shellcheck disable=SC2016 # for that shell
LINKS='for n in 3 4 5 7 8; do [ ! -e "/proc/$$/fd/$n" ] || echo "$n $(readlink "/proc/$$/fd/$n")"; done'

@test "group: one grant has all, in order, at 3, 4, 5, with a name each" {
	serve --group -n "$N" -n first a b eventfd:
	run fdtool grab "$N" -- sh -c "$LINKS; env | grep -E '^(LISTEN_FD|FDTOOL)'"
	assert_success
	assert_line "3 $T/a"
	assert_line "4 $T/b"
	assert_line "5 anon_inode:[eventfd]"
	assert_line LISTEN_FDS=3
	assert_line LISTEN_FDNAMES=first:b:eventfd
	assert_line FDTOOL_FD_first=3
	assert_line FDTOOL_FD_b=4
	assert_line FDTOOL_FD_eventfd=5
	grep -q "^$N:first: serving $T/a" serve.out
	grep -q "^$N: granted to pid" serve.out
}

@test "group: with other addresses, with -f, and as stderr" {
	serve --group -n "$N" a b
	serve -n "$N.c" /dev/null
	run fdtool grab "$N" "$N.c" -f 7 "$N" -- sh -c "$LINKS"
	assert_output "$(printf '%s\n' "3 $T/a" "4 $T/b" "5 /dev/null" "7 $T/a" "8 $T/b")"
	run fdtool grab "$N.c" -f 3 "$N" -- sh -c "$LINKS"
	assert_output "$(printf '%s\n' "3 $T/a" "4 $T/b" "5 /dev/null")"
	run fdtool grab -f 4 "$N.c" "$N" -- sh -c "$LINKS"
	assert_output "$(printf '%s\n' "3 $T/a" "4 /dev/null" "5 $T/b")"
	run fdtool grab -f 2 "$N" -- sh -c 'readlink "/proc/$$/fd/2" "/proc/$$/fd/3"'
	assert_output "$(printf '%s\n' "$T/a" "$T/b")"
	run fdtool grab -f 4 "$N.c" -f 3 "$N" -- true
	assert_failure 1
	assert_output "fdtool grab: $N: two descriptors would be at 4: -f gives the number of a group's first"
}

@test "group: --expect is for each, and each is described" {
	serve --group -n "$N" a eventfd:
	run fdtool grab --json "$N"
	assert_success
	json '[.[].name] == ["a", "eventfd"] and all(.[]; .same)'
	run fdtool grab --expect type=regular "$N" -- touch reached
	assert_failure 3
	assert_output "fdtool grab: $N: type is 'eventfd', not 'regular' as expected"
	[ ! -e reached ]
	run fdtool grab "$N" -c 'read 3'
	assert_success
	assert_line --partial '= 3 "one"'
}

@test "group: list and inspect show it" {
	serve --group -n "$N" a b eventfd:
	run fdtool list
	assert_line --regexp "^$N .* $T/a and 2 more$"
	run fdtool list --json
	json ".[0][] | select(.name == \"$N\") | .group | length == 3"
	run fdtool inspect --json "$N"
	json '.[0].descriptions | length == 3'
	until_true grep -q serving serve.out
	run grep -c granted serve.out
	assert_output 0
}

@test "group: commands for one descriptor, and a client that wants one, refuse it" {
	serve --group -n "$N" a b
	run fdtool lseek "$N"
	assert_failure 1
	assert_line --index 0 --partial "the server sent more than one descriptor; all are closed again: E2BIG"
	assert_line --index 1 "  'fdtool grab' takes a group of descriptors, for a PROGRAM"
	run python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("\0fdtool/" + sys.argv[1])
text, fds, _, _ = socket.recv_fds(s, 4096, 253)
keys = dict(l.split("=") for l in text.decode().splitlines()[1:])
print(len(fds), keys["fds"], keys["names"], keys["mode"], keys["type"], len(keys["fd"].split(":")))' "$N"
	assert_output '2 2 a:b r:r regular:regular 2'
}

@test "group: one message or none: a table that is full gets none of it" {
	serve --group -n "$N" a b a b a b a b
	ulimit -n 12
	run "$FDTOOL" grab "$N" -- touch reached
	assert_failure 1
	assert_line --index 0 "fdtool grab: $N: no room in the descriptor table: EMFILE (Too many open files)"
	[ ! -e reached ]
}

@test "group: 253 descriptors, and no more" {
	local -a sources
	mapfile -t sources < <(yes a | head -n 253)
	serve --group --once -n "$N" "${sources[@]}"
	# shellcheck disable=SC2016 # for that shell
	run fdtool grab "$N" -- sh -c 'echo $LISTEN_FDS; readlink /proc/$$/fd/255'
	assert_output "253
$T/a"
	ends_with 0 "$SERVER"
	run fdtool serve --group "${sources[@]}" b
	assert_failure 2
	assert_output --partial '--group takes at most 253 SOURCEs'
	mapfile -t sources < <(seq -f 'a-long-name-of-a-file-%g' 253)
	touch "${sources[@]}"
	run fdtool serve --group -n "$N" "${sources[@]}"
	assert_failure 1
	assert_line --index 0 "fdtool serve: $N: the names of the group do not fit in one message: EMSGSIZE (Message too long)"
}

@test "group: what does not go with it" {
	run fdtool serve --group --narrow a b
	assert_failure 2
	assert_output --partial '--group and --narrow exclude each other'
	run fdtool serve --group -n 1 -n 2 -n 3 -n 4 a b
	assert_failure 2
	assert_output --partial 'more names than SOURCEs'
	run fdtool serve --group -n "$N" -n a/b a b
	assert_failure 2
	assert_output --partial "the name 'a/b' has a '/' in it"
	run fdtool serve --group -n "$N" a missing
	assert_failure 1
}

@test "group: use: changes to another descriptor, by name and by number" {
	serve --group -n "$N" a b eventfd:
	run fdtool grab -q "$N" -c 'read 1' -c 'use b' -c 'read 2' -c 'use 3' -c lseek -c use -c 'use eventfd' \
		3>&- 4>&-
	assert_success
	assert_output - <<-'EOF'
		read(3, 1) = 1 "o"   pos 0 -> 1
		* 4  b r
		read(4, 2) = 2 "tw"   pos 0 -> 2
		* 3  a r
		lseek(3, 0, SEEK_CUR) = 1
		* 3  a r
		  4  b r
		  5  eventfd rw
		* 5  eventfd rw
	EOF
	run fdtool grab "$N" -c 'use c'
	assert_failure 2
	assert_line --partial "line 1: use: 'c' is none of them: 'use' lists them"
	# the failure of one is not explained on another
	run fdtool grab -k "$N" -c 'write x' -c 'use b' -c why
	assert_line 'Nothing has failed yet.'
	# with one descriptor there is nothing to change to
	run fdtool serve -n "$N.one" -c 'use 3' -c quit a
	assert_failure 2
	assert_line --partial "'use' is not a command here"
}

@test "group: terminal: use: the prompt shows which, Tab completes, what others do is seen for all" {
	two_terminals
	serve --group -n "$N" a b
	types 1 "$FDTOOL grab $N" Enter
	sees 1 "fdtool grab: b: descriptor 4 is open too"
	stands 1 'a r @0>'
	types 1 'us' Tab 'b' Tab Enter
	stands 1 'b r @0>'
	types 1 'read 2' Enter
	stands 1 'b r @2>'
	fdtool grab "$N" -c 'read 1'
	sees 1 'a: '
	sees 1 'pos 0 -> 1'
	fdtool grab "$N" -c 'use b' -c 'lseek 0'
	stands 1 'b r @0>'
	types 1 'use 3' Enter
	stands 1 'a r @1>'
	types 1 C-d
	terminal kill-server
}
