#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# demo: the claims of each lesson hold; a lesson whose claim does not hold fails.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

test_setup() {
	mkdir tmp
	export TMPDIR=$T/tmp
}

demo() {
	LC_ALL=${LC_ALL-C.UTF-8} timeout --foreground 20 "$FDTOOL" demo "$@"
}

nothing_stays() {
	assert_equal "$(ls -A "$TMPDIR")" ""
}

# inject WHAT LESSON...: runs lessons with the result of a call replaced by strace.
# LeakSanitizer, in a build that has it, does not work under strace.
inject() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o /dev/null -e inject="$1" \
		timeout 20 "$FDTOOL" demo "${@:2}"
}

# The lesson ends with 0, all its claims have a check mark, and it leaves no file.
# shellcheck disable=SC2154 # run sets stderr
holds() {
	run --separate-stderr demo "$1"
	assert_success
	assert_equal "$stderr" ""
	assert_equal "${lines[0]%%:*}" "$1"
	assert_line --partial '  ✓ '
	refute_output --partial FAILED
	nothing_stays
}

claims() {
	assert_line --regexp "^  ✓ $1\$"
}

calls() { # SIDE CALL
	assert_line --regexp "^  $1 [0-9]+  $2\$"
}

# The lessons whose titles are in $output.
titles() {
	sed -n 's/^\([a-z]*\): .*/\1/p' <<<"$output"
}

# stdout has lines that match each EXPRESSION, in this order.
in_order() {
	local line=0 next expression
	for expression; do
		next=$(tail -n +$((line + 1)) <<<"$output" | grep -nE -m 1 -- "$expression") ||
			fail "after line $line there is no $expression"
		line=$((line + ${next%%:*}))
	done
}

@test "numbers: they differ, the description is the same" {
	holds numbers
	claims 'the numbers differ: [0-9]+ in the opener, [0-9]+ in the worker'
	claims 'both are the same open file description: kcmp\([0-9]+, [0-9]+, KCMP_FILE, [0-9]+, [0-9]+\) = 0'
	claims "the opener's number means something else in the worker: kcmp\\(.*\\) = [12]"
	in_order 'opener [0-9]+  open\(.*/notes.txt", O_RDONLY\|O_CLOEXEC\) = [0-9]+' \
		'opener [0-9]+  sendmsg\(.*SCM_RIGHTS \[[0-9]+\]\) = 9' \
		'worker [0-9]+  recvmsg\([0-9]+\) = 9 "notes.txt", SCM_RIGHTS \[[0-9]+\]'
}

@test "numbers: the numbers of the claim are those of the calls, and the pids two" {
	holds numbers
	opened=$(sed -n 's/.*open(.*notes.txt.*= //p' <<<"$output")
	received=$(sed -n 's/.*recvmsg.*SCM_RIGHTS \[\(.*\)\]/\1/p' <<<"$output")
	opener=$(sed -n 's/^  opener \([0-9]*\) .*/\1/p' <<<"$output" | sort -u)
	worker=$(sed -n 's/^  worker \([0-9]*\) .*/\1/p' <<<"$output" | sort -u)
	assert_not_equal "$opened" "$received"
	assert_not_equal "$opener" "$worker"
	assert_line --partial "kcmp($opener, $worker, KCMP_FILE, $opened, $received) = 0"
}

@test "numbers: they differ whatever is open before" {
	for _ in 1 2 3 4 5 6 7; do
		exec {another}</dev/null # stays open
		holds numbers
	done
	[ "$another" -gt 8 ]
}

@test "offset: what one moves the other has moved, a second open has not" {
	holds offset
	claims "the worker reads from where the opener's lseek\\(\\) left it: \"three\""
	claims "the worker's read\\(\\) moved the opener's offset: 8 -> 13"
	claims 'the offset of the second open\(\) did not move: 0'
	claims "the worker's lseek\\(\\) moved it, too: 13 -> 4"
	in_order 'opener .*lseek\([0-9]+, 8, SEEK_SET\) = 8' 'worker .*read\([0-9]+, "three", 5\) = 5' \
		'opener .*lseek\([0-9]+, 0, SEEK_CUR\) = 13'
}

@test "flags: what one sets holds for both, is ignored, or is the descriptor's own" {
	holds flags
	claims "the opener's O_APPEND holds for the worker"
	claims 'so its write\(\) went to the end of the file, wherever the offset was: 0 -> 28'
	claims 'F_SETFL returned 0, and ignored the access mode: it stays O_RDWR'
	claims 'F_SETFL returned 0, and ignored O_SYNC'
	claims "the worker's O_NONBLOCK holds for the opener, which did not set it"
	claims "FD_CLOEXEC is each descriptor's own: clear in the opener, set in the worker"
	in_order 'opener .*F_SETFL, O_RDWR\|O_APPEND.*\) = 0' \
		'worker .*F_GETFL\) = 0x[0-9a-f]+ \(O_RDWR\|O_APPEND' \
		'worker .*F_SETFL, O_RDONLY\|O_APPEND.*\) = 0' 'worker .*F_SETFL, .*\|O_SYNC.*\) = 0' \
		'worker .*F_SETFL, O_RDONLY\|O_NONBLOCK\) = 0' 'opener .*read\([0-9]+, 1\) = -1 EAGAIN' \
		'opener .*F_GETFD\) = 0$' 'worker .*F_GETFD\) = 0x1 \(FD_CLOEXEC\)$'
}

@test "ebadf: writing is refused, and opening it anew is not" {
	holds ebadf
	calls worker 'write\([0-9]+, "X", 1\) = -1 EBADF \(Bad file descriptor\)'
	calls worker 'pwrite\([0-9]+, "X", 1, 0\) = -1 EBADF \(Bad file descriptor\)'
	calls worker 'ftruncate\([0-9]+, 0\) = -1 EINVAL \(Invalid argument\)'
	calls worker 'open\("/proc/self/fd/[0-9]+", O_RDWR\|O_CLOEXEC\) = [0-9]+'
	calls worker 'pwrite\([0-9]+, "O", 1, 0\) = 1'
	claims 'F_SETFL claims success, and leaves the access mode as it was'
	claims 'but that is a description of its own: kcmp\(.*\) = [12]'
}

@test "sockets: one merges, two keep; two end, one does not" {
	holds sockets
	calls worker 'recvmsg\([0-9]+\) = 6 "onetwo", SCM_RIGHTS \[[0-9]+\]'
	claims 'SOCK_STREAM merged two sends into one receive'
	for kind in SOCK_DGRAM SOCK_SEQPACKET; do
		claims "$kind kept three messages, and the descriptor with its own"
	done
	for kind in SOCK_STREAM SOCK_SEQPACKET; do
		claims "$kind says that the other end was closed: end of file"
	done
	claims 'SOCK_DGRAM has no end of file: a receive would wait for ever'
}

@test "pair: a stream gives all, a message is cut short" {
	holds pair
	in_order 'SOCK_STREAM' 'write\([0-9]+, "one", 3\) = 3' 'write\([0-9]+, "two", 3\) = 3' \
		'worker .*read\([0-9]+, "onetwo", 100\) = 6' 'worker .*read\([0-9]+, "th", 2\) = 2' \
		'worker .*read\([0-9]+, "reefour", 100\) = 7' 'SOCK_SEQPACKET' \
		'worker .*read\([0-9]+, "one", 100\) = 3' 'worker .*read\([0-9]+, "two", 100\) = 3' \
		'worker .*read\([0-9]+, "th", 2\) = 2' \
		'worker .*recvmsg\([0-9]+, "fo", 2, msg_flags=MSG_TRUNC\) = 2' \
		'worker .*recv\([0-9]+, 1, MSG_DONTWAIT\) = -1 EAGAIN'
}

@test "anatomy: both ends, lengths, credentials, and room for more than was asked" {
	holds anatomy
	for side in opener worker; do
		calls $side '  msg_iovlen=2'
		calls $side '  cmsg cmsg_len=[0-9]+ cmsg_level=SOL_SOCKET cmsg_type=SCM_RIGHTS'
		calls $side '  cmsg cmsg_len=[0-9]+ cmsg_level=SOL_SOCKET cmsg_type=SCM_CREDENTIALS'
	done
	calls worker '  msg_flags=MSG_CMSG_CLOEXEC'
	calls worker '  msg_flags=MSG_CTRUNC\|MSG_CMSG_CLOEXEC'
	opener=$(sed -n 's/^  opener \([0-9]*\) .*/\1/p' <<<"$output" | head -n 1)
	claims "SCM_CREDENTIALS says who sent it: $opener"
	claims 'CMSG_SPACE\(sizeof\(int\)\) is [0-9]+ bytes: ([0-9]+) sent, \1 received, no MSG_CTRUNC'
	claims 'CMSG_SPACE\(sizeof\(int\)\) is [0-9]+ bytes: [0-9]+ sent, [0-9]+ received, MSG_CTRUNC, the rest is lost'
}

@test "eventfd: a write wakes the epoll of the other, and two add up" {
	holds eventfd
	in_order 'worker .*epoll_wait\([0-9]+, \[\], 1, 0\) = 0' 'opener .*write\([0-9]+, \[3\], 8\) = 8' \
		'worker .*epoll_wait\([0-9]+, \[\{EPOLLIN, fd=' 'worker .*read\([0-9]+, \[3\], 8\) = 8' \
		'worker .*epoll_wait\([0-9]+, \[\], 1, 0\) = 0' \
		'opener .*write\([0-9]+, \[4\], 8\) = 8' 'opener .*write\([0-9]+, \[5\], 8\) = 8' \
		'worker .*epoll_wait\([0-9]+, \[\{EPOLLIN, fd=' 'worker .*read\([0-9]+, \[9\], 8\) = 8'
	claims 'two writes before one read add up, 4 \+ 5: 9'
	claims 'and there is no second event'
}

@test "mypoll: timer, trigger, and the server's hang-up" {
	holds mypoll
	in_order 'epoll_wait\([0-9]+, \[\{EPOLLIN, fd=[0-9]+\}\]' 'event=1 source=timer' \
		'event=2 source=timer' '✓ timer events came through the received descriptor: event=1, event=2' \
		'write\([0-9]+, "trigger' 'source=manual' '✓ and so did the one triggered by hand' \
		'opener [0-9]+  close\([0-9]+\) = 0' \
		'epoll_wait\([0-9]+, \[\{EPOLLIN\|EPOLLHUP\|EPOLLRDHUP, fd=' '✓ the socket told' \
		'worker .*recv\([0-9]+, 1, 0\) = 0'
}

@test "broker: it may not open the file, reads what it is given, and gains no more" {
	needs_root
	holds broker
	claims 'the worker is daemon, uid [1-9][0-9]*, without a capability and with no way back'
	in_order 'worker .*open\(.*/notes.txt", O_RDONLY\|O_CLOEXEC\) = -1 EACCES' \
		'opener [0-9]+  geteuid\(\) = 0' 'opener .*open\(.*/notes.txt", O_RDONLY\|O_CLOEXEC\) = [0-9]+' \
		'worker .*recvmsg.*SCM_RIGHTS' 'worker .*read\(.*"one two three four five' \
		'worker .*write\([0-9]+, "X", 1\) = -1 EBADF' \
		'worker .*open\("/proc/self/fd/[0-9]+", O_RDWR\|O_CLOEXEC\) = -1 EACCES' \
		'worker .*open\("/proc/self/fd/[0-9]+", O_RDONLY\|O_CLOEXEC\) = -1 EACCES'
}

# The kernel drops PR_SET_PDEATHSIG when the uid changes: without a second prctl a worker that is
# stuck at its stdout would outlive a killed fdtool.
@test "broker: the worker still ends with fdtool when it has another uid" {
	needs_root
	ASAN_OPTIONS=detect_leaks=0 run strace -f -qq -e trace=setresuid,prctl -e signal=none \
		timeout 20 "$FDTOOL" demo broker
	assert_success
	worker=$(sed -n 's/^  worker \([0-9]*\) .*/\1/p' <<<"$output" | head -n 1)
	in_order "$worker\\] setresuid\\(([1-9][0-9]*), \\1, \\1\\) += 0" \
		"$worker\\] prctl\\(PR_SET_PDEATHSIG, SIGKILL\\) += 0"
}

unprivileged() {
	if [ "$(id -u)" = 0 ]; then as 2 "$@"; else "$@"; fi
}

@test "broker: without root it is skipped, but not when it is asked for" {
	chmod 1777 tmp
	TMPDIR=tmp # other users cannot search the directories of its path
	LC_ALL=C.UTF-8 run --separate-stderr unprivileged fdtool demo
	assert_success
	assert_equal "$stderr" ""
	assert_line 'broker: skipped: needs root, to become the user daemon in the worker: EPERM (Operation not permitted)'
	assert_line '12 of 13 lessons held, 1 skipped.'
	for others in '' numbers; do
		# shellcheck disable=SC2086 # one word or none
		run --separate-stderr unprivileged fdtool demo $others broker
		assert_failure 1
		assert_equal "$stderr" 'fdtool demo: broker: needs root, to become the user daemon in the worker: EPERM (Operation not permitted)'
		refute_output --partial broker
	done
	nothing_stays
}

@test "broker: skipped where root may not become another user" {
	needs_root
	run --separate-stderr timeout 20 setpriv --bounding-set=-setuid --inh-caps=-all "$FDTOOL" demo
	assert_success
	assert_equal "$stderr" ""
	assert_line --partial 'broker: skipped: needs root, to become the user daemon in the worker: EPERM'
	nothing_stays
}

@test "broker: held though SIGCHLD is ignored from before" {
	needs_root
	run timeout 20 env --ignore-signal=CHLD "$FDTOOL" demo broker
	assert_success
}

@test "outlive: neither the opener nor a name is there any more" {
	holds outlive
	in_order 'opener .*close\([0-9]+\) = 0' 'opener .*unlink\(' 'opener .*exit_group\(0\)' \
		'✓ the opener, pid [0-9]+, has ended' 'worker .*recvmsg.*SCM_RIGHTS' \
		'worker .*open\(.*ENOENT' 'st_nlink=0' 'worker .*read\(.*"one two three four five'
	claims 'all of it can still be read'
}

# traces_bash [COMMAND]: the lesson, run by COMMAND.
traces_bash() {
	run "$@" fdtool demo trace
	assert_success
	in_order 'opener .*traces [0-9]+:[0-9]+ by (BPF|ptrace)' 'worker .*bash -c' \
		'bash [0-9]+  read\([0-9]+, "one two three four five.n", 4096\) = 24  pos 0 -> 24' \
		'bash [0-9]+  lseek\([0-9]+, -21, SEEK_CUR\) = 3  pos 24 -> 3'
	claims 'then it moves the offset back to the end of its word: 3'
	nothing_stays
}

@test "trace: bash reads to the end of the file, and goes back" {
	traces_bash
}

@test "trace: as a user, by ptrace" {
	chmod 1777 tmp
	TMPDIR=tmp traces_bash unprivileged
}

@test "nonblock: who set the flag is named, and the other's read fails" {
	holds nonblock
	in_order 'worker [0-9]+  fcntl\([0-9]+, F_SETFL, .*O_NONBLOCK.*\) = 0  flags \+O_NONBLOCK' \
		'the trace names who set it: pid [0-9]+, the worker' 'opener .*read\([0-9]+, 1 byte\) = -1 EAGAIN'
	claims "the opener's read no longer waits for a key, though it set no flag itself"
}

@test "demo gives all lessons, in the order of --list" {
	run demo --list
	assert_success
	names=$(awk '{print $1}' <<<"$output")
	assert_equal "$names" "$(printf '%s\n' numbers offset flags ebadf sockets \
		pair anatomy eventfd mypoll broker outlive trace nonblock)"
	refute_line --regexp '^[a-z]+ *$'
	run demo
	assert_success
	assert_equal "$(titles)" "$names"
	if [ "$(id -u)" = 0 ]; then
		assert_line '13 of 13 lessons held.'
	else
		assert_line '12 of 13 lessons held, 1 skipped.'
	fi
	nothing_stays
}

@test "demo gives the lessons that are named, in their order, each once" {
	run demo outlive numbers outlive
	assert_success
	assert_equal "$(titles)" $'outlive\nnumbers'
}

# --- try it yourself ------------------------------------------------------------------

# begin TERMINAL LINE: runs the command, with the offer's name replaced by $N. Its stdin is a
# pipe; keys[TERMINAL] is the other end.
begin() {
	local line
	line=$(sed -E "/fdtool serve /! s/ $name( |\$)/ $N\\1/; s/fdtool serve /&-n $N -i /
		/grab .* -- /! s/fdtool grab /&-i /; s,\\bfdtool ,$FDTOOL ,g" <<<"$2")
	rm -f "in.$1" "out.$1"
	mkfifo "in.$1"
	exec {keys[$1]}<>"in.$1"
	start "${user[@]}" bash -c "exec $line" <"in.$1" >"out.$1" 2>&1
	pids[$1]=$!
	if [ "$1" = 1 ]; then
		until_true grep -q "^$N: serving " out.1
	else
		until_true grep -q "^$N: granted to pid " out.1
	fi || fail "'$2' did not begin: $(cat out.*)"
	[[ $2 != *'grab '*' -- '* || $2 == *'-- fdtool grab'* ]] || is_over "$1"
}

is_over() { # TERMINAL
	ends_with 0 "${pids[$1]}"
	pids[$1]=
}

# Events, which begin with the name, are no answers.
answers_more_than() { # COUNT TERMINAL
	[ "$(grep -vc "^$N: " "out.$2")" -gt "$1" ]
}

# enter TERMINAL LINE: types it at a prompt, and waits for the answer.
enter() {
	local answers
	answers=$(grep -vc "^$N: " "out.$1") || true
	echo "$2" >&"${keys[$1]}"
	if [ "$2" = quit ]; then
		is_over "$1"
	else
		until_true answers_more_than "$answers" "$1" || fail "'$2' has no answer: $(cat "out.$1")"
	fi
}

# try_it LESSON: does what the end of the lesson says.
try_it() {
	local name='' n line pids=() keys=()
	demo "$1" | sed '1,/^try it yourself:$/d' >lines
	while read -r _ n line; do
		n=${n%:}
		[ -n "$name" ] || { name=${line##*[ /]} && name=${name%%:*}; }
		if [ -z "${keys[$n]-}" ]; then begin "$n" "$line"; else enter "$n" "$line"; fi
	done <lines
	for n in 2 1; do
		echo quit >&"${keys[$n]}"
		[ -z "${pids[$n]}" ] || is_over "$n"
		exec {keys[$n]}>&-
	done
}

# shows_in TERMINAL EXPRESSION
shows_in() {
	grep -qE -- "$2" "out.$1" || fail "terminal $1 has no $2: $(cat "out.$1")"
}

@test "try it yourself: what each lesson says, also without root" {
	local lesson user=()
	local -A seen=([numbers]='2 ^lseek\(3, 0, SEEK_CUR\) = 0' [offset]='1 ^lseek\([0-9]+, 0, SEEK_CUR\) = 13'
		[flags]='2 F_GETFL\) = .*O_APPEND' [ebadf]='2 ^write\(3, "x", 1\) = -1 EBADF'
		[sockets]='2 ^read\(3, 100\) = 3 "two"' [pair]='2 ^read\(3, 100\) = 6 "onetwo"'
		[anatomy]='2 cmsg_type=SCM_RIGHTS' [eventfd]='2 ^read\(3, 64\) = 8 "\\t'
		[mypoll]='2 source=manual' [outlive]='2 ^read\(3, 5\) = 5' [trace]='1 ^lseek\(.* = 3$'
		[nonblock]='1 ^read\(.*EAGAIN')
	[ "$(id -u)" != 0 ] || user=(setpriv --reuid=2 --regid=2 --clear-groups --)
	for lesson in $(fdtool demo --list | sed 's/ .*//; /^broker$/d'); do
		try_it "$lesson"
		# shellcheck disable=SC2086 # a terminal and an expression without blanks at its ends
		shows_in ${seen[$lesson]%% *} "${seen[$lesson]#* }"
	done
}

@test "try it yourself: broker" {
	needs_root
	local user=()
	try_it broker
	shows_in 2 '^pread\(3, 5, 0\) = 5 "hello"'
	[ "$(stat -c %a secret.txt)" = 600 ]
}

# --- at a terminal --------------------------------------------------------------------

# types_demo ARG...: at the shell of a terminal, in ASCII.
types_demo() {
	export TMUX_TMPDIR=$T
	two_terminals
	types 0 "LC_ALL=C '$FDTOOL' demo $*; echo rc=\$?" Enter
}

waits_after() {
	ends_in 0 '  (Enter: go on, q: end)' && [ "$(screen 0 | grep -c '^  ok ')" = "$1" ]
}

# shows_claims N: the first N claims are on the screen, and it waits.
shows_claims() {
	until_true waits_after "$1" || fail "it does not wait after $1 claims: $(screen 0)"
}

@test "at a terminal a lesson waits for Enter after each claim" {
	types_demo offset
	for claim in 1 2 3 4 5 6; do
		shows_claims "$claim"
		types 0 Enter
	done
	sees 0 rc=0
	run screen 0
	refute_output --partial 'Enter:'
	in_order 'worker .*read' 'ok the worker reads' 'opener .*lseek' 'ok the worker.s read' 'opener .*lseek' \
		'ok the offset' 'worker .*lseek.*, 4, SEEK_SET' 'opener .*lseek' 'ok the worker.s lseek'
	assert_line '  terminal 2: fdtool grab passwd'
	terminal kill-server
	nothing_stays
}

# ended_by KEY...: it ends with 0, and runs no other lesson.
ended_by() {
	types_demo offset numbers
	shows_claims 1
	types 0 "$@"
	sees 0 rc=0
	run screen 0
	refute_line --partial 'numbers:'
	refute_output --partial 'fdtool demo:'
	terminal kill-server
	nothing_stays
}

@test "at a terminal q ends a lesson, and those after it" {
	ended_by q Enter
}

@test "at a terminal q after a claim that did not hold is no success" {
	export TMUX_TMPDIR=$T
	two_terminals
	types 0 "export ASAN_OPTIONS=detect_leaks=0; LC_ALL=C strace -f -qq -o /dev/null -e inject=kcmp:retval=1 \
'$FDTOOL' demo numbers offset; echo rc=\$?" Enter
	shows_claims 1
	types 0 Enter
	sees 0 FAILED
	sees 0 'q: end)'
	types 0 q Enter
	sees 0 rc=1
	sees 0 'fdtool demo: numbers: a claim did not hold'
	terminal kill-server
	nothing_stays
}

@test "at a terminal end of file ends a lesson, and those after it" {
	ended_by C-d
}

@test "at a terminal Ctrl-C ends a lesson that waits by SIGINT" {
	types_demo --pause
	shows_claims 1
	types 0 C-c
	stands 0 '$'
	types 0 'echo rc=$?' Enter
	sees 0 rc=130
	terminal kill-server
	nothing_stays
}

@test "at a terminal --no-pause waits for nothing, and runs all; so does make demo" {
	types_demo --no-pause
	sees 0 rc=0
	sees 0 'lessons held'
	terminal kill-server
	run sed -n '/^demo:/,/^$/p' "$TESTDIR/../Makefile"
	assert_line --partial 'demo --no-pause'
}

@test "without LESSON at a terminal there is a menu" {
	types_demo
	stands 0 'Which lesson? (Enter: numbers, ?: list, q: leave)'
	sees 0 '13  nonblock  '
	types 0 2 Enter
	sees 0 'offset: an lseek'
	shows_claims 1
	types 0 q Enter
	stands 0 'Which lesson? (Enter: flags, ?: list, q: leave)'
	types 0 ' ebadf' Enter
	sees 0 'ebadf: opened'
	types 0 q Enter
	stands 0 'Which lesson? (Enter: sockets, ?: list, q: leave)'
	types 0 14 Enter
	sees 0 "'14' is not a lesson: give its number, 1 to 13, or its name"
	types 0 q Enter
	sees 0 rc=0
	terminal kill-server
	nothing_stays
}

@test "--pause is refused without a terminal, and with --no-pause" {
	run --separate-stderr demo --pause offset
	assert_failure 2
	assert_equal "$output" ""
	assert_regex "$stderr" '^fdtool demo: --pause needs a terminal'
	run --separate-stderr demo --pause --no-pause
	assert_failure 2
	assert_regex "$stderr" 'exclude each other'
}

@test "an unknown lesson is a usage error that suggests one" {
	run --separate-stderr demo numbrs
	assert_failure 2
	assert_equal "$output" ""
	[[ $stderr == *"'numbrs' is not a lesson: did you mean 'numbers'?"*"demo --list"* ]]
	run --separate-stderr demo numbers xyzzyplugh
	assert_failure 2
	assert_equal "$output" ""
	[[ $stderr == *"'xyzzyplugh' is not a lesson: 'fdtool demo --list' lists them"* ]]
}

@test "the marks are ASCII where the locale is" {
	LC_ALL=C run demo offset
	assert_success
	assert_line --regexp "^  ok the worker's read"
	refute_output --partial '✓'
}

@test "a claim that does not hold makes it fail, and the lesson goes on" {
	run inject kcmp:retval=1 numbers
	assert_failure 1
	assert_line --regexp '^  (✗ )?FAILED: both are the same open file description: kcmp\(.*\) = 1$'
	assert_line --regexp "^  (✓|ok) the opener's number means something else"
	assert_line 'fdtool demo: numbers: a claim did not hold'
	nothing_stays
}

@test "where kcmp is forbidden the claim has not been proved" {
	run inject kcmp:error=EPERM numbers offset
	assert_failure 1
	assert_line --regexp 'FAILED: both are the same .* = -1 EPERM$'
	assert_line '0 of 2 lessons held.'
	nothing_stays
}

# With any number of descriptors it reports the failure, ends, and leaves nothing.
@test "with too small a descriptor table a lesson fails where the table is full" {
	in_a_lesson=0
	for limit in 5 6 7; do
		run bash -c "exec 3>&- 4>&-; ulimit -n $limit; exec timeout 20 '$FDTOOL' demo sockets"
		assert_failure 1
		assert_output --partial EMFILE
		nothing_stays
		case $output in *'a call failed that the lesson needs') in_a_lesson=1 ;; esac
	done
	assert_equal "$in_a_lesson" 1
}

@test "without a directory for its file it fails" {
	TMPDIR=$T/none run --separate-stderr demo numbers
	assert_failure 1
	assert_regex "$stderr" "^fdtool demo: $T/none/fdtool-demo\\.[A-Za-z0-9]{6}: make a directory: ENOENT "
	TMPDIR=$T/none run demo mypoll
	assert_success
}

@test "a full stdout makes it fail" {
	for words in numbers '' --list; do
		run --separate-stderr bash -c "timeout 20 '$FDTOOL' demo $words >/dev/full"
		assert_failure 1
		assert_regex "$stderr" 'standard output: write: ENOSPC'
	done
	nothing_stays
}

@test "a reader that has enough ends it, and nothing is left" {
	run bash -c "set -o pipefail; timeout 20 '$FDTOOL' demo mypoll | sed 5q"
	assert_equal "$status" 141
	refute_output --partial 'fdtool demo:'
	nothing_stays
}

# Starts demo with a stdout that has room for the title and a few lines, so that it waits
# within the first lesson until drain.
start_and_hold() {
	mkfifo pipe
	exec {pipe}<>pipe
	head -c 65000 /dev/zero >&"$pipe"
	start "$@" 1>&"$pipe" 2>err
	demo=$!
	until_true pgrep -P "$demo"
}

drain() {
	start cat pipe >/dev/null
}

@test "a signal ends it by that signal, and nothing is left" {
	start_and_hold "$FDTOOL" demo
	stops_with 143 "$demo" TERM
	assert_equal "$(cat err)" ""
	nothing_stays
}

@test "a signal that is ignored from before ends nothing" {
	start_and_hold bash -c "trap '' HUP; exec '$FDTOOL' demo numbers"
	kill -HUP "$demo"
	drain
	wait "$demo"
	nothing_stays
}

@test "a side that is killed takes the other with it, and the lesson has failed" {
	start_and_hold "$FDTOOL" demo numbers
	kill -KILL "$(pgrep -P "$demo" | head -n 1)"
	status=0
	wait "$demo" || status=$?
	assert_equal "$status" 1
	assert_regex "$(cat err)" '^fdtool demo: numbers: the (opener|worker) was ended by SIGKILL$'
	nothing_stays
}
