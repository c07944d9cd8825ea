#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes that /proc does not show, or shows as what they are not: no /proc, the one of another
# pid namespace, hidepid, a process whose first thread has ended. What cannot be known is
# refused, or unknown; it never passes for "there is none", nor for another process.
#
# shellcheck disable=SC2154 # the helper has N and T

bats_require_minimum_version 1.5.0
load helper

test_setup() {
	needs_namespaces
	echo text >file
	exec 7<file
}

# without_proc COMMAND...: AddressSanitizer, in a build that has it, warns that it misses /proc.
without_proc() {
	ASAN_OPTIONS=detect_leaks=0 unshare -m sh -c 'umount -l /proc && exec "$@"' sh timeout 20 "$@"
}

# says LINE: this is all that fdtool says.
says() {
	assert_equal "$(grep -v -e '^==' -e '^False positive' -e '^For details' <<<"$output")" "$1"
}

# in_other_pids COMMAND...: in a pid namespace, with the /proc of the outer one. Its first
# process is the shell.
in_other_pids() {
	timeout 20 unshare -pf sh -c '"$@"; exit $?' sh "$@"
}

@test "without /proc: inspect says so, whatever it is asked" {
	local operands
	for operands in fd:7 1:0 1 --all '--picture fd:7' '--json fd:7' '--limits fd:7'; do
		# shellcheck disable=SC2086 # words
		run -1 without_proc "$FDTOOL" inspect $operands
		says 'fdtool inspect: /proc: is not mounted, or does not show this process'
	done
}

@test "without /proc: serve says so, and names no call that did not fail" {
	run -1 without_proc "$FDTOOL" serve -n "$N" file
	says 'fdtool serve: /proc: is not mounted, or does not show this process'
}

@test "without /proc: a grab has its descriptor, and a program runs on it" {
	serve -n "$N" file
	assert_equal "$(without_proc "$FDTOOL" grab -f 0 "$N" -- cat)" text
	run -1 without_proc "$FDTOOL" grab "$N"
	says 'fdtool grab: /proc: is not mounted, or does not show this process'
}

@test "the /proc of another pid namespace: inspect looks at no process there" {
	local operands
	for operands in fd:7 1:0 1 '--shared --all'; do
		# shellcheck disable=SC2086 # words
		run -1 in_other_pids "$FDTOOL" inspect $operands
		assert_output 'fdtool inspect: /proc: shows another pid namespace than this process is in'
	done
}

@test "the /proc of another pid namespace: grab takes no process of it for the server" {
	# shellcheck disable=SC2016 # the inner shell has these
	run -0 in_other_pids sh -c '"$1" serve -n "$2" file >serve.out &
		until grep -q serving serve.out; do sleep 0.02; done
		"$1" list
		"$1" inspect "$2"
		"$1" grab "$2"
		kill $!; wait $!; true' sh "$FDTOOL" "$N"
	assert_line --regexp "^$N +\? +root "
	assert_line 'fdtool inspect: /proc: shows another pid namespace than this process is in'
	assert_line --regexp '^  server +pid [0-9]+ \(\?\), user root$'
	assert_line --regexp '^  description +the same open file description'
	grep -q "granted to pid [0-9]* (?), user root" serve.out
}

@test "the /proc of another pid namespace: PID:FD is what it is in this one" {
	# shellcheck disable=SC2016 # the inner shell has these
	run -0 in_other_pids sh -c 'exec 8<file; read -r line <&8; "$1" lseek $$:8' sh "$FDTOOL"
	assert_output 5
}

@test "hidepid: what is hidden is not taken for missing" {
	# shellcheck disable=SC2016 # the inner shell has these
	local hidden='mount -t proc -o hidepid=2 proc /proc && "$@"'
	run -1 unshare -m sh -c "$hidden" sh setpriv --reuid=1 --regid=1 --clear-groups -- "$FDTOOL" inspect $$:0
	assert_line --index 0 --partial "$$:0: look at the process's descriptors: EACCES"
	run -1 unshare -m sh -c "$hidden" sh setpriv --reuid=1 --regid=1 --clear-groups -- "$FDTOOL" inspect $$
	assert_line --index 0 --partial "$$: look at the process's descriptors: EACCES"
	local gone
	gone=$(sh -c 'echo $$')
	run -4 unshare -m sh -c "$hidden" sh setpriv --reuid=1 --regid=1 --clear-groups -- "$FDTOOL" inspect "$gone"
	assert_output --partial 'no such process: ESRCH'
}

# A process whose first thread has ended; descriptor 7 is the file. Its pid is $HEADLESS.
headless() {
	start /usr/bin/python3 -c '
import ctypes, threading, time
def go_on():
    print("ready", flush=True)
    time.sleep(60)
threading.Thread(target=go_on).start()
ctypes.CDLL(None).pthread_exit(None)' >headless.out
	HEADLESS=$!
	until_true grep -qs ready headless.out
	until_true grep -q '^State:.Z' "/proc/$HEADLESS/status"
}

@test "a process whose first thread has ended still has its descriptors" {
	headless
	run -0 --separate-stderr fdtool inspect -r -n -o PID,FD,NAME "$HEADLESS:7"
	assert_line "$HEADLESS 7 $T/file"
	run -0 --separate-stderr fdtool inspect --json fd:7
	json --argjson pid "$HEADLESS" '.[0].descriptions[0].holders | any(.pid == $pid and .fds == [7])'
	run -0 --separate-stderr fdtool inspect -r -n -o PID,FD,NAME --all
	assert_line "$HEADLESS 7 $T/file"
}

@test "a process whose first thread has ended gives its descriptor" {
	headless
	read -r -u 7
	needs_linux 6.9
	run -0 fdtool lseek "$HEADLESS:7"
	assert_output 5
	run -0 fdtool inspect --limits "$HEADLESS:7"
	assert_line --regexp '^read +works'
}
