#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# lib/fdtool.h, the client for other programs: it compiles as C and as C++; the example of its
# page works; it takes what it should, and nothing else.

load helper

test_setup() {
	ROOT=$(realpath "$TESTDIR/..")
}

# compiles COMMAND...: the compiler says nothing at all.
compiles() {
	run "$@" -Wall -Wextra -pedantic -Wshadow -Wconversion -Werror -I"$ROOT" -I"$ROOT/lib"
	assert_success
	refute_output
}

# client WORD...: builds tests/peers/header-client.c, once, and runs it.
client() {
	[ -x client ] || compiles "${CC:-cc}" -std=gnu11 -DFDTOOL_TIMEOUT_MS=300 \
		-o client "$TESTDIR/peers/header-client.c"
	run timeout 20 ./client "$@"
}

example() {
	mandoc -T ascii -O width=110 "$ROOT/man/fdtool_grab.3" | sed 's/.\x08//g' |
		awk '/^EXAMPLES/ {on = 1} /^ERRORS/ {on = 0} on && /^           /' | cut -c 12- >example.c
	grep -q fdtool_grab example.c
}

@test "header: it has one file, less than 150 lines, and its own licence" {
	run head -n 1 "$ROOT/lib/fdtool.h"
	assert_output '/* SPDX-License-Identifier: 0BSD */'
	[ "$(wc -l <"$ROOT/lib/fdtool.h")" -lt 150 ]
	run grep '#include "' "$ROOT/lib/fdtool.h"
	refute_output
}

@test "header: the example of fdtool_grab(3) compiles as C of each age, and works" {
	local std
	example
	for std in c99 gnu99 c11 gnu11 gnu17; do
		compiles "${CC:-cc}" -std=$std -o example example.c
	done
	printf 'hello\n' >file
	serve -n "$N" file
	run timeout 20 ./example "$N"
	assert_success
	assert_output hello
	run fdtool grab --json "$N" # the description is the server's
	json '.[0].pos == 6'
	run timeout 20 ./example "$N.nobody"
	assert_failure
	assert_output "$N.nobody: Connection refused"
}

@test "header: the example compiles as C++, and works" {
	local std
	example
	cp example.c example.cc
	for std in c++11 c++17 c++20; do
		compiles "${CXX:-c++}" -std=$std -o example example.cc
	done
	printf 'hello\n' >file
	serve -n "$T/socket" file
	run timeout 20 ./example ./socket
	assert_success
	assert_output hello
}

@test "header: a NAME, a path and another abstract socket; a word that is none of these" {
	serve -n "$N" -n "./socket" -n "@$N-raw" /dev/null /dev/null /dev/null
	local word
	for word in "$N" ./socket "@$N-raw"; do
		client "$word"
		assert_output 'done, 1 more'
	done
	for word in '' @ 'a b' 'ä' a:b; do
		client "$word"
		assert_output 'Invalid argument, 0 more'
	done
	client "$(printf '%0100d' 0)"
	assert_output 'File name too long, 0 more'
	client "$(printf '%099d' 0)"
	assert_output 'Connection refused, 0 more'
	client "@$(printf '%0108d' 0)"
	assert_output 'File name too long, 0 more'
	client ./not-there
	assert_output 'No such file or directory, 0 more'
}

@test "header: a message that is no offer of one descriptor is refused, and all is closed" {
	local behaviour said
	while read -r behaviour said; do
		peer "$N" "$behaviour"
		client "$N"
		assert_equal "$behaviour: $output" "$behaviour: $said more"
		kill "$PEER"
		wait "$PEER" || true
	done <<-'EOT'
		good done, 1
		no-keys done, 1
		no-newline done, 1
		unknown-keys done, 1
		no-descriptor Bad message, 0
		two Argument list too long, 0
		most Argument list too long, 0
		announces-two Bad message, 0
		announces-and-sends-two Argument list too long, 0
		empty Bad message, 0
		version-2 Protocol not supported, 0
		version-10 Protocol not supported, 0
		no-version Bad message, 0
		other-verb Bad message, 0
		no-verb Bad message, 0
		rubbish Bad message, 0
		nul Bad message, 0
		long Message too long, 0
		very-long Message too long, 0
		byte-by-byte Bad message, 0
		deny-busy Device or resource busy, 0
		deny Permission denied, 0
		deny-no-keys Permission denied, 0
		deny-with-descriptor Bad message, 0
		closes Connection reset by peer, 0
	EOT
}

@test "header: a server that is silent, or whose backlog is full: the time ends it, in spite of signals" {
	peer "$N" silent
	client "$N"
	assert_output 'Connection timed out, 0 more'
	peer "$N-full" full
	client "$N-full"
	assert_output 'Connection timed out, 0 more'
}

@test "header: a full descriptor table is a failure" {
	peer "$N" good
	client "$N" full
	assert_output 'Too many open files, 0 more'
}

@test "header: a server that denies; and one of root, which is trusted" {
	needs_root
	serve -n "$N" /dev/null
	chmod 755 "$T"
	client "$N"
	assert_output 'done, 1 more'
	run as 1 timeout 20 ./client "$N"
	assert_output 'Permission denied, 0 more'
	serve -n "$N-any" --allow-any /dev/null
	run as 1 timeout 20 ./client "$N-any" # a server of root is trusted
	assert_output 'done, 1 more'
}

@test "header: a server of another user is refused before anything moves, unless the flag says otherwise" {
	needs_root
	local BEHIND=(setpriv --reuid=1 --regid=1 --clear-groups --)
	serve -n "$N" /dev/null
	BEHIND=()
	client "$N"
	assert_output 'Operation not permitted, 0 more'
	client "$N" any
	assert_output 'done, 1 more'
}
