#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fdtool on /dev/mypoll, in the guest: a daemon that runs as root opens it and passes it
# to a worker that may not open it.

bats_require_minimum_version 1.5.0
load ../helper

GAMES=5 # an ordinary user of every Debian

test_setup() {
	chmod 755 "$T"
	period 20
}

period() {
	echo "$1" >/sys/module/mypoll/parameters/period_ms
}

has() { # REGEXP FILE
	grep -qE "$1" "$2"
}

# worker FILE ARG...: runs a tail as that user in the background; $WORKER is its pid.
worker() {
	start setpriv --reuid=$GAMES --regid=60 --clear-groups "$FDTOOL" mypoll-tail "${@:2}" >"$1" 2>"$1.err"
	WORKER=$!
}

@test "device: who may not open it tails it through a server that may" {
	run -1 setpriv --reuid=$GAMES --regid=60 --clear-groups "$FDTOOL" mypoll-tail /dev/mypoll
	assert_line --index 0 --partial '/dev/mypoll: open: EACCES '
	serve -n "$N" --allow-user games /dev/mypoll
	worker out "$N"
	until_true has '^event=[0-9]+ source=timer mono_ns=[0-9]+$' out
	echo trigger >/dev/mypoll
	until_true has '^event=[0-9]+ source=manual mono_ns=[0-9]+$' out
	stops_with 143 "$WORKER"
}

@test "device: what was served for reading triggers nothing: EBADF" {
	period 0
	serve -n "$N" --allow-user games /dev/mypoll
	run -1 env LC_ALL=C setpriv --reuid=$GAMES --regid=60 --clear-groups \
		"$FDTOOL" grab -f 1 "$N" -- /bin/echo trigger
	assert_output --partial 'Bad file descriptor'
	run -124 fdtool mypoll-tail -t 100ms "$N"
	refute_output --partial event=
}

@test "device: the daemon dies: the tail says so, a descriptor that was passed reads on" {
	serve -n "$N" --allow-user games /dev/mypoll
	worker out "$N"
	mkfifo gone
	chmod 666 gone
	# shellcheck disable=SC2016 # the other shell expands it
	start setpriv --reuid=$GAMES --regid=60 --clear-groups "$FDTOOL" grab "$N" -- \
		bash -c 'head -n 1 <&3; read -r <gone; head -n 3 <&3' >holder
	local holder=$!
	until_true has '^event=' out
	until_true has '^event=' holder
	stops_with 137 "$SERVER" KILL
	wait "$WORKER"
	# the two share a queue, so each misses the events that the other gets
	assert_regex "$(cat out.err)" 'the server hung up: [0-9]+ events, [0-9]+ missed$'
	echo >gone
	wait "$holder"
	assert_equal "$(grep -c '^event=' holder)" 4
}

@test "device: --follow picks the restarted daemon up" {
	serve -n "$N" --allow-user games /dev/mypoll
	worker out --follow "$N"
	until_true has '^event=' out
	stops_with 137 "$SERVER" KILL
	until_true has 'waiting for it to come back' out.err
	: >out
	serve -n "$N" --allow-user games /dev/mypoll
	until_true has '^event=' out
	stops_with 143 "$WORKER"
}

@test "device: it goes away while its server lives: the tail says which" {
	serve -n "$N" /dev/mypoll
	start "$FDTOOL" mypoll-tail "$N" >out 2>out.err
	local tail=$!
	until_true has '^event=' out
	echo mypoll >/sys/bus/platform/drivers/mypoll/unbind
	wait "$tail"
	echo mypoll >/sys/bus/platform/drivers/mypoll/bind
	assert_regex "$(cat out.err)" 'the device is gone: [0-9]+ events, [0-9]+ missed$'
	kill -0 "$SERVER"
}
