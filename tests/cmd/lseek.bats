#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lseek: the offset of a description by ADDRESS, PID:FD and fd:N; the events of the server;
# failures and how they are reported.

bats_require_minimum_version 1.5.0
load ../helper

test_setup() {
	printf 'hello world\n' >file
}

# The number of the server's descriptor of its one source.
served_fd() {
	sed -n '1s/.*as descriptor //p' "$T/serve.out"
}

# As uid 1 we cannot be in the directory of another user.
denied_to() {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
	as "$1" fdtool lseek "$2"
}

# left_by N: that many clients have left.
left_by() {
	[ "$(grep -c 'left$' "$T/serve.out")" = "$1" ]
}

@test "lseek: without OFFSET the position, a number alone" {
	serve -n "$N" file
	run fdtool lseek "$N"
	assert_success
	assert_output 0
	run --separate-stderr fdtool lseek "$N"
	assert_output 0
	# shellcheck disable=SC2154 # run sets it
	assert_equal "$stderr" ''
}

@test "lseek: moves it by set, cur and end, for all that hold it" {
	serve -n "$N" file
	run fdtool lseek "$N" 6
	assert_output '0 -> 6'
	run fdtool lseek "$N" 2 cur
	assert_output '6 -> 8'
	run fdtool lseek "$N" -- -3 cur
	assert_output '8 -> 5'
	run fdtool lseek "$N" 0 end
	assert_output '5 -> 12'
	run fdtool lseek "$N" -- -6 end
	assert_output '12 -> 6'
	run fdtool grab -f 0 "$N" -- head -c 5
	assert_output world
	run fdtool lseek "$N" 3 set
	assert_output '11 -> 3'
	grep -q "^pos:[[:blank:]]*3$" "/proc/$SERVER/fdinfo/$(served_fd)"
}

@test "lseek: past the end is a place, too" {
	serve -n "$N" file
	run fdtool lseek "$N" 5000000000
	assert_success
	assert_output '0 -> 5000000000'
}

@test "lseek: data and hole of a sparse file" {
	truncate -s 1M sparse
	printf x | dd of=sparse bs=1 seek=524288 conv=notrunc status=none
	# what the file system made of it, found in another way
	local holes
	holes=$(python3 -c 'import os
fd = os.open("sparse", os.O_RDONLY)
data = os.lseek(fd, 0, os.SEEK_DATA)
print(data, os.lseek(fd, data, os.SEEK_HOLE))')
	[ "$holes" != "0 1048576" ] || fail "the file system of $T keeps no holes"
	serve -n "$N" sparse
	run fdtool lseek "$N" 0 data
	assert_output "0 -> ${holes% *}"
	run fdtool lseek "$N" "${holes% *}" hole
	assert_output "${holes% *} -> ${holes#* }"
	run fdtool lseek "$N" 10 hole
	assert_output "${holes#* } -> 10"
	# a hole reaches to the end: the offset is not moved
	run fdtool lseek "$N" 1048575 data
	assert_failure 1
	assert_line --index 0 "fdtool lseek: $N: lseek: ENXIO (No such device or address)"
	assert_equal "${#lines[@]}" 2
	run fdtool lseek "$N"
	assert_output 10
	run fdtool lseek "$N" 1048576 hole
	assert_failure 1
	assert_line --partial ENXIO
}

@test "lseek: --json: before and after, numbers" {
	serve -n "$N" file
	run fdtool lseek --json "$N"
	json '. == [{"before":0,"after":0}]'
	run fdtool lseek --json "$N" 4 set
	json '. == [{"before":0,"after":4}]'
}

@test "lseek: the server is told, and by whom; asking is no move" {
	serve -n "$N" file
	fdtool lseek "$N" >/dev/null
	fdtool lseek "$N" 4 >/dev/null
	until_true grep -qE "^$N: pid [0-9]+: lseek: pos 0 -> 4$" serve.out
	local pid
	pid=$(sed -nE "s/^$N: pid ([0-9]+): lseek: .*/\1/p" serve.out)
	grep -qE "^$N: granted to pid $pid " serve.out
	fdtool lseek "$N" 4 >/dev/null
	until_true left_by 3
	assert_equal "$(grep -c ' -> ' serve.out)" 1
}

@test "lseek: the server's other clients are told" {
	serve -n "$N" file
	mkfifo script
	exec {to}<>script
	"$FDTOOL" grab -i "$N" <script >grab.out 3>&- {to}>&- &
	STARTED+=($!)
	echo 'read 5' >&"$to"
	until_true grep -q 'pos 0 -> 5' grab.out
	fdtool lseek "$N" 1 >/dev/null
	until_true grep -qE "^$N: pid [0-9]+: lseek: pos 5 -> 1$" grab.out
	exec {to}>&-
	ends_with 0 "${STARTED[-1]}"
}

@test "lseek: PID:FD, which makes nobody a client" {
	serve -n "$N" file
	run fdtool lseek "$SERVER:$(served_fd)" 7
	assert_success
	assert_output '0 -> 7'
	run fdtool lseek "$N"
	assert_output 7
	assert_equal "$(grep -c granted serve.out)" 1
}

@test "lseek: fd:N" {
	{
		read -r -N 3 _
		run fdtool lseek fd:0 2 cur
		assert_output '3 -> 5'
		IFS= read -r rest
	} <file
	assert_equal "$rest" ' world'
}

@test "lseek: a socket by its path, and @RAW" {
	serve -n ./sock file
	run fdtool lseek ./sock 2
	assert_output '0 -> 2'
	serve -n "@$N-raw" file
	run fdtool lseek "@$N-raw" 3
	assert_output '0 -> 3'
}

@test "lseek: what has no offset: ESPIPE, with the reason" {
	run fdtool lseek fd:0 < <(:)
	assert_failure 1
	assert_line --index 0 'fdtool lseek: fd:0: lseek: ESPIPE (Illegal seek)'
	assert_line --index 1 '  it has no offset: pipes, sockets and most devices are streams'
	assert_equal "${#lines[@]}" 2
}

@test "lseek: before the start: EINVAL, and it stays" {
	serve -n "$N" -c 'lseek 5' file
	run fdtool lseek "$N" -- -1
	assert_failure 1
	assert_output "fdtool lseek: $N: lseek: EINVAL (Invalid argument)"
	run fdtool lseek "$N"
	assert_output 5
}

@test "lseek: PID:FD needs ptrace permission" {
	needs_root
	serve -n "$N" file
	run denied_to 1 "$SERVER:$(served_fd)"
	assert_failure 1
	assert_line --index 0 "fdtool lseek: $SERVER:$(served_fd): pidfd_getfd: EPERM (Operation not permitted)"
	assert_line --index 1 --partial 'needs ptrace permission'
	assert_equal "${#lines[@]}" 2
}

@test "lseek: another user is refused: 3" {
	needs_root
	serve -n "$N" file
	run denied_to 1 "$N"
	assert_failure 3
	assert_equal "$(fdtool lseek "$N")" 0
	serve -n "$N.1" --allow-user 1 file
	run denied_to 1 "$N.1"
	assert_success
	assert_output 0
}

@test "lseek: --from: a server of another user" {
	needs_root
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
	serve -n "$N" --user daemon --allow-any file
	run as 2 fdtool lseek "$N"
	assert_failure 3
	run as 2 fdtool lseek --from daemon "$N"
	assert_success
	assert_output 0
}

@test "lseek: nobody there: 4" {
	run fdtool lseek "$N"
	assert_failure 4
	run fdtool lseek fd:77
	assert_failure 4
	assert_output 'fdtool lseek: fd:77: no such descriptor: EBADF (Bad file descriptor)'
	run fdtool lseek "$BASHPID:777"
	assert_failure 4
	assert_line --partial EBADF
	# higher than any pid
	run fdtool lseek 4194305:0
	assert_failure 4
	assert_line --partial ESRCH
}

@test "lseek: --wait waits for the name; 4 when the time is up" {
	run fdtool lseek --wait=50ms "$N"
	assert_failure 4
	start fdtool lseek --wait "$N" 3 >out
	serve -n "$N" file
	ends_with 0 "${STARTED[0]}"
	assert_equal "$(<out)" '0 -> 3'
}

@test "lseek: --timeout: 124 for a server that says nothing" {
	peer "$N" silent
	run fdtool lseek --timeout 100ms "$N"
	assert_failure 124
}

@test "lseek: -v takes the message apart that it sends" {
	serve -n "$N" file
	run --separate-stderr fdtool lseek -v "$N" 1
	assert_output '0 -> 1'
	grep -q SCM_RIGHTS <<<"$stderr"
	grep -q 'FDTOOL/1 NOTE' <<<"$stderr"
}

@test "lseek: the command line" {
	local words
	for words in '' 'x y' 'x 1 nowhere' 'x 1 set more' 'x -1' '--json'; do
		# shellcheck disable=SC2086 # words
		run fdtool lseek $words
		assert_failure 2
		assert_equal "${#lines[@]}" 1
		assert_output --partial "see 'fdtool lseek --help'"
	done
}

@test "lseek: an offset may be negative, in every place that shows it" {
	exec 7</proc/self/mem # cat's or bats's own: nothing is read
	serve -n "$N" fd:7
	run -0 fdtool lseek "$N" -- -10485760
	assert_output '0 -> -10485760'
	run -0 fdtool lseek --json "$N" -- -29
	assert_output '{"before":-10485760,"after":-29}'
	run -0 fdtool lseek "$N"
	assert_output '-29'
	run -0 --separate-stderr fdtool inspect --json fd:7
	json '.[0].descriptions[0].pos == -29'
	run -0 --separate-stderr fdtool inspect -r -n -o POS fd:7
	assert_line -- '-29'
	run -0 --separate-stderr fdtool grab --json "$N"
	json '.[0].pos == -29'
	until_true grep -qxE "$N: pid [0-9]+: lseek: pos -10485760 -> -29" serve.out
	run -0 fdtool grab -q "$N" -c 'expect pos=-29' -c 'lseek -1' -c 'expect pos=-1' -c 'expect EINVAL pread -1 4'
	assert_line --index 0 --regexp '^lseek\([0-9]+, -1, SEEK_SET\) = -1   pos -29 -> -1$'
	exec 7<&-
}

@test "lseek: -1 is an offset, and no offset is not -1" {
	serve -n "$N" eventfd:1
	run -0 --separate-stderr fdtool grab --json "$N"
	json '.[0].pos == null'
	run -1 fdtool grab -q "$N" -c 'expect pos=-1'
	assert_output 'fdtool grab: line 1: expect pos=-1: it has no offset'
}
