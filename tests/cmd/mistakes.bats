#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Mistakes at the prompt, and what it answers: in a script with all of them, none of which runs; then
# those that only a call finds.

load ../helper

test_setup() {
	printf 'hello world\n' >file
}

# typed LINE: adds it to the script. answers TEXT: what is said of it, without "fdtool serve: line N: ".
typed() {
	echo "$1" >>script
}

answers() {
	sed -n "s/^/$(wc -l <script): /; p" <<<"$1" >>expected
}

# runs_script: what it says of the lines, with their numbers in front, and the usage below.
runs_script() {
	run fdtool serve -q -k -n "$N" --script script file
	sed -nE 's/^fdtool serve: script: line ([0-9]+): /\1: /p' <<<"$output" >answered
	diff -u expected answered
}

@test "mistakes: lines that are no commands" {
	typed 'raed 5'
	answers "'raed' is not a command here; did you mean 'read'?"
	typed 'READ 5'
	answers "'READ' is not a command here; did you mean 'read'?"
	typed 'read(3, 5)'
	answers "'read(3,' is not a command here; did you mean 'read'?"
	typed 'cat file'
	answers "'cat' is not a command here; 'help' lists them, and !PROGRAM runs a program"
	typed s
	answers "'s' can be stat, seals, send, source"
	typed 'read five'
	answers "read: 'five' is not a number"
	typed 'read -5'
	answers "read: '-5' must be a number from 0 to 65536"
	typed 'read 5 6'
	answers "read: '6' is too much"
	typed 'pread 5'
	answers 'pread: N is missing'
	typed 'pwrite hello 0'
	answers "pwrite: 'hello' is not a number"
	typed write
	answers 'write: TEXT is missing'
	typed 'lseek end'
	answers "lseek: 'end' is not a number"
	typed 'lseek 3 ned'
	answers "lseek: 'ned' must be set, cur, end, data or hole"
	typed 'lseek 99999999999999999999'
	answers "lseek: '99999999999999999999' is too large"
	typed 'flags append'
	answers "flags: 'append' must begin with + or -"
	typed 'flags +foo'
	answers "flags: '+foo' must be append, nonblock, direct, noatime, async or sync"
	typed 'wait 10 ms'
	answers "wait: 'ms' is too much"
	typed 'wait 5x'
	answers "wait: '5x' must be a time: 250ms, 2s, 1m, or a number of seconds"
	typed 'expect EBADF'
	answers "expect: 'EBADF' needs a COMMAND after it"
	typed 'expect EBADFF write x'
	answers "expect: 'EBADFF' is not the name of an errno"
	typed 'expect write x'
	answers "expect: 'write' is none of ok, ERRNAME, pos=, data=, flags+= and flags-="
	typed 'expect pos=x'
	answers "expect: 'pos=x' has no number"
	typed 'expect EBADF wriet x'
	answers "'wriet' is not a command here; did you mean 'write'?"
	typed 'why EFOO'
	answers "why: 'EFOO' is not the name of an errno"
	typed 'repeat read 1'
	answers "repeat: 'read' is not a number"
	typed 'help foo'
	answers "'foo' is not a command here; 'help' lists them, and !PROGRAM runs a program"
	typed 'kick me'
	answers "kick: 'me' is not a number"
	typed 'quit now'
	answers "quit: 'now' is too much"
	runs_script
	assert_failure 2
	# each of the second kind with the form that is right, and nothing ran
	assert_line '  usage: read [-x] [N]'
	assert_line '  usage: pwrite OFF TEXT'
	assert_line '  usage: quit'
	assert_line "  'help expect' has its forms"
	refute_output --partial ' = '
}

@test "mistakes: what only the call finds" {
	typed 'write x'
	answers 'write x: it failed with EBADF'
	typed 'expect EBADF read 1'
	answers 'expect EBADF read 1: it did not fail'
	typed 'expect EBADF lseek -1'
	answers 'expect EBADF lseek -1: it failed with EINVAL'
	typed 'expect pos=5'
	answers 'expect pos=5: it is 1'
	typed 'expect data=hello'
	answers 'expect data=hello: it is "h"'
	typed 'expect flags+=append'
	answers 'expect flags+=append: the flags are O_RDONLY|O_LARGEFILE'
	typed 'read 0' # which is no end of file
	typed trigger
	answers 'trigger: it is neither a mypoll device nor an eventfd: its type is regular'
	typed 'recv 5'
	answers 'recv 5: it failed with ENOTSOCK'
	typed 'seals +write'
	answers 'seals +write: it failed with EPERM'
	typed 'source nothing'
	answers 'source nothing: open: ENOENT (No such file or directory)'
	typed '!false'
	answers '!false: its exit status is 1'
	typed 'kick 4194305'
	answers "kick 4194305: no client has that pid; 'clients' lists them"
	runs_script
	assert_failure 1
	assert_line --regexp '^read\([0-9]+, 0\) = 0 \(nothing was requested\)$'
	assert_line '0 of 5 held'
}
