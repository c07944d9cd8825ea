#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The prompt of serve and grab: its commands in scripts (-c, -i), the failures of
# scripts, every sentence of `why` with the failure that it explains, and the
# screen, in terminals of tmux.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

test_setup() {
	printf 'hello world\n' >file
	own_state
	unset INPUTRC PROMPT_COMMAND
}

# with ARG... : CMD...: runs a server with these arguments and commands. With -k, so that the
# commands after a failure run too.
with() {
	local args=() commands=()
	while [ "$1" != : ]; do
		args+=("$1")
		shift
	done
	while shift && [ $# -gt 0 ]; do
		commands+=(-c "$1")
	done
	run fdtool serve -k -n "$N" "${args[@]}" "${commands[@]}" -c quit
}

# seven CODE COMMAND...: runs fdtool or serve after CODE in Python has made descriptor 7.
seven() {
	# shellcheck disable=SC2034 # fdtool and serve use it
	local BEHIND=(python3 -c "import fcntl, os, signal, struct, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL) # which Python ignores
$1
os.set_inheritable(7, True)
os.execvp(sys.argv[1], sys.argv[1:])")
	"${@:2}"
}

# Opens the test's directory to other users.
open_to_all() {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
}

# --- the commands ------------------------------------------------------------------

@test "prompt: read, lseek: the answer is the call, and what it moved" {
	run fdtool serve -n "$N" -c 'read 5' -c lseek -c 'lseek 6' -c read -c read -c 'lseek -3 cur' \
		-c 'lseek 0 end' -c 'lseek 3 hole' -c quit file
	assert_success
	assert_line --index 0 --regexp "^$N: serving $T/file, regular, .* as descriptor [0-9]+$"
	local fd=${lines[0]##* }
	assert_equal "$(printf '%s\n' "${lines[@]:1}")" "read($fd, 5) = 5 \"hello\"   pos 0 -> 5
lseek($fd, 0, SEEK_CUR) = 5
lseek($fd, 6, SEEK_SET) = 6   pos 5 -> 6
read($fd, 64) = 6 \"world\\n\"   pos 6 -> 12
read($fd, 64) = 0 (end of file)
lseek($fd, -3, SEEK_CUR) = 9   pos 12 -> 9
lseek($fd, 0, SEEK_END) = 12   pos 9 -> 12
lseek($fd, 3, SEEK_HOLE) = 12"
}

@test "prompt: pread and pwrite leave the offset, write moves it" {
	with -m rw file : 'pread 6 3' 'pwrite 0 J' 'expect pos=0' 'write "a b"' 'write \x41\102\t\\' lseek
	assert_success
	assert_line --regexp '^pread\([0-9]+, 3, 6\) = 3 "wor"$'
	assert_line --regexp '^pwrite\([0-9]+, "J", 1, 0\) = 1$'
	assert_line --regexp '^write\([0-9]+, "a b", 3\) = 3   pos 0 -> 3$'
	assert_line --regexp '^write\([0-9]+, "AB\\t\\\\", 4\) = 4   pos 3 -> 7$'
	assert_equal "$(<file)" $'a bAB\t\\orld'
}

@test "prompt: bytes that are not printable are escaped, and only the first 256 shown" {
	head -c 300 /dev/zero | tr '\0' x >long
	printf '\033[31m\0' >file
	with file : 'read 9'
	refute_output --partial $'\033'
	assert_output --partial '"\033[31m\0"'
	with long : 'read 300'
	assert_line --regexp '= 300 "x{256}"\.\.\.   pos 0 -> 300$'
}

@test "prompt: flags: what F_SETFL changes, and what it ignores" {
	with -m rw file : flags 'flags +append -nonblock' 'write !' 'flags +sync' 'flags -append' flags
	assert_line --regexp '^fcntl\([0-9]+, F_GETFL\) = O_RDWR\|O_LARGEFILE$'
	assert_line --regexp 'F_SETFL, O_RDWR\|O_APPEND\|O_LARGEFILE\) = 0   flags O_RDWR\|O_LARGEFILE -> O_RDWR\|O_APPEND\|O_LARGEFILE$'
	assert_line --regexp '^write\([0-9]+, "!", 1\) = 1   pos 0 -> 13$'
	assert_line --regexp 'F_SETFL, O_RDWR\|O_APPEND\|O_SYNC\|O_LARGEFILE\) = 0   nothing changed$'
	assert_equal "$(<file)" $'hello world\n!'
}

@test "prompt: stat: what it is" {
	chmod 640 file
	with file : 'read 3' stat
	assert_success
	assert_line "path   $T/file"
	assert_line "type   regular, 12 bytes, inode $(stat -c %i file) on $(stat -c %Hd:%Ld file), permissions 0640, user $(id -u), group $(id -g)"
	assert_line 'flags  O_RDONLY|O_LARGEFILE'
	assert_line 'pos    3'
	with eventfd: : stat
	assert_line --regexp '^type   eventfd'
}

@test "prompt: limits does to the description what it says it would not do" {
	with -m rw file : 'read 3' limits 'expect pos=3' flags
	assert_success
	assert_line --regexp '^write +works'
	assert_line --regexp '^epoll +EPERM '
	assert_equal "$(<file)" 'hello world'
	with file : limits 'expect EBADF write x' 'expect EPERM wait'
	assert_success
	assert_line --regexp '^write +EBADF '
	assert_line --regexp '^lseek +works '
}

@test "prompt: wait: ready, and the time is up" {
	with eventfd:1 : wait read 'wait 20ms'
	assert_failure 1
	assert_line --regexp '^epoll_wait\([0-9]+\) = 1 EPOLLIN$'
	assert_line --regexp '^read\([0-9]+, 64\) = 8 "\\001(\\0){7}"$'
	assert_line --regexp '^epoll_wait\([0-9]+\) = 0$'
	assert_line 'fdtool serve: line 3: wait 20ms: the time is up'
	with eventfd:1 : wait 'wait soon'
	assert_failure 2
	assert_line --partial "wait: 'soon' must be a time"
	assert_line --partial 'usage: wait [TIME]'
	refute_line --partial epoll_wait
}

@test "prompt: read waits for what comes" {
	with timerfd:50ms : read
	assert_success
	assert_line --regexp '^read\([0-9]+, 64\) = 8 "\\00[1-9]'
}

@test "prompt: trigger: a client writes, and reads the event" {
	serve -n "$N" -m rw mypoll:0
	run fdtool grab -c 'trigger 2' -c wait -c read -c read -c 'flags +nonblock' -c 'expect EAGAIN read' "$N"
	assert_success
	assert_line --regexp '^write\([0-9]+, "trigger\\n", 8\) = 8$'
	assert_equal "$(grep -cE '^read\(.*event=[0-9]+ source=manual mono_ns=[0-9]+' <<<"$output")" 2
}

@test "prompt: trigger: at the server, the device makes the event" {
	with mypoll:0 : trigger read
	assert_success
	assert_line 'the device made an event'
	assert_line --partial 'source=manual'
	with file : trigger
	assert_failure 1
	assert_line 'fdtool serve: line 1: trigger: it is neither a mypoll device nor an eventfd: its type is regular'
}

@test "prompt: trigger: an eventfd counts up by N" {
	with eventfd: : trigger 'trigger 0x10' read 'expect data=\x11\0\0\0\0\0\0\0' 'write -u64 1k' read \
		'expect data=\0\004\0\0\0\0\0\0'
	assert_success
	assert_line '2 of 2 held'
}

# Starts a server that runs a script from a FIFO; $to writes to it.
serve_script() {
	mkfifo script
	"$FDTOOL" serve -i -n "$N" "$@" <script >serve.out 2>serve.err 3>&- &
	SERVER=$!
	STARTED+=("$SERVER")
	exec {to}>script
	until_true grep -q serving serve.out
}

# grab_script: the same with a client; its output is in grab.out.
grab_script() {
	mkfifo commands
	(
		[ -z "${to-}" ] || exec {to}>&- # the end of the FIFO ends the server
		exec "$FDTOOL" grab -i "$N" <commands >grab.out 2>grab.err 3>&-
	) &
	CLIENT=$!
	STARTED+=("$CLIENT")
	exec {say}>commands
}

@test "prompt: clients and kick" {
	serve_script file
	echo clients >&"$to"
	until_true grep -q '^nobody is connected' serve.out
	grab_script
	until_true grep -q "granted to pid $CLIENT" serve.out
	echo clients >&"$to"
	local me
	me=$(id -un)
	until_true grep -qx "pid $CLIENT (fdtool), user $me" serve.out
	echo "kick $CLIENT" >&"$to"
	until_true grep -q 'the server left; the descriptor is still yours' grab.out
	echo 'read 5' >&"$say"
	until_true grep -q 'pos 0 -> 5' grab.out
	exec {say}>&-
	ends_with 0 "$CLIENT"
	echo "kick $CLIENT" >&"$to"
	until_true grep -q "kick $CLIENT: no client has that pid" serve.err
	ends_with 1 "$SERVER"
	exec {to}>&-
}

@test "prompt: clients and kick are no commands of grab" {
	serve -n "$N" file
	run fdtool grab -k -c clients -c 'kick 1' "$N"
	assert_failure 2
	assert_equal "$(grep -c 'is not a command here' <<<"$output")" 2
	run fdtool grab -c help "$N"
	refute_line --regexp '^  (clients|kick)'
}

@test "prompt: !PROGRAM ends where SIGCHLD was ignored, and grab's program has it ignored" {
	serve -n "$N" file
	run timeout 10 env --ignore-signal=CHLD "$FDTOOL" grab -c '!true' "$N"
	assert_success
	assert_output 'exit = 0'
	run env --ignore-signal=CHLD "$FDTOOL" grab "$N" -- grep SigIgn /proc/self/status
	assert_output "$(env --ignore-signal=CHLD grep SigIgn /proc/self/status)"
}

@test "prompt: !PROGRAM is told of no descriptor that it does not get" {
	serve -n "$N" file
	FDTOOL_FD_old=4 LISTEN_FDS=1 LISTEN_PID=1 run fdtool grab -c '!env' "$N"
	assert_success
	refute_output --partial FDTOOL_FD_
	refute_output --partial LISTEN_
}

@test "prompt: standard input that cannot be read is a failure" {
	serve -n "$N" file
	run bash -c '"$FDTOOL" grab -i "$1" <"$2"' bash "$N" "$T"
	assert_failure 1
	assert_output --partial 'standard input: read: EISDIR'
}

@test "prompt: nohup(1) keeps a prompt that reads a file" {
	serve -n "$N" file
	mkfifo in
	nohup "$FDTOOL" grab -i "$N" <in >out 2>err 3>&- &
	local pid=$!
	STARTED+=("$pid")
	exec 8>in
	echo flags >&8
	until_true grep -q F_GETFL out
	kill -HUP "$pid"
	echo flags >&8
	exec 8>&-
	ends_with 0 "$pid"
	assert_equal "$(grep -c F_GETFL out)" 2
}

@test "prompt: expect of a call that succeeds leaves what why explains" {
	with file : 'write x' 'expect EBADF read 1' why
	assert_failure 1
	assert_line --partial 'EBADF'
	refute_line --partial 'Nothing has failed yet'
}

@test "prompt: expect and help know only what there is" {
	with file : 'expect EFOO read 1' 'expect pos=0' 'help bogus'
	assert_failure 2
	assert_line "fdtool serve: line 1: expect: 'EFOO' is not the name of an errno"
	assert_line --partial "line 3: 'bogus' is not a command here"
	with file : 'help read' 'expect ebadf write x'
	assert_success
	assert_line '  read [-x] [N]'
	assert_line --regexp '^ +for example: read 5$'
	with file : - '- # x' 'expect EBADF -write x'
	assert_failure 2
	assert_equal "$(grep -c "'-' stands before a COMMAND" <<<"$output")" 2
	assert_line --partial "'help expect' has its forms"
}

@test "prompt: O_NONBLOCK makes no EAGAIN of a file whose pages are not in memory" {
	local BEHIND=(python3 -c "import os, sys
fd = os.open('file', os.O_RDWR)
os.fsync(fd)
os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
os.execvp(sys.argv[1], sys.argv[1:])")
	serve -m rw -n "$N" file
	run fdtool grab -c 'flags +nonblock' -c 'read 5' -c 'expect pos=5' -c 'write J' -c 'expect pos=6' "$N"
	assert_success
}

@test "prompt: expect: the errno that it should be, and the offset" {
	run fdtool serve -n "$N" -c 'expect EBADF write x' -c 'expect pos=0' -c 'expect EINVAL lseek -1' -c quit file
	assert_success
	run fdtool serve -n "$N" -c 'expect EINVAL write x' -c quit file
	assert_failure 1
	assert_line 'fdtool serve: line 1: expect EINVAL write x: it failed with EBADF'
	run fdtool serve -n "$N" -c 'expect EBADF read' -c quit file
	assert_failure 1
	assert_line 'fdtool serve: line 1: expect EBADF read: it did not fail'
	run fdtool serve -n "$N" -c 'expect pos=3' -c quit file
	assert_failure 1
	assert_line 'fdtool serve: line 1: expect pos=3: it is 0'
	run fdtool serve -n "$N" -c 'expect pos=0' -c quit fd:0 < <(:)
	assert_failure 1
	assert_line 'fdtool serve: line 1: expect pos=0: it has no offset'
}

@test "prompt: !PROGRAM has the descriptor as 3, and no other of ours" {
	with file : '!head -c 5 <&3 >/dev/null' '!exit 3' '!kill -KILL $$' '!ls -l /proc/self/fd'
	assert_failure 1
	assert_line 'exit = 0   pos 0 -> 5'
	assert_line 'exit = 3'
	assert_line 'exit = 137'
	assert_line --regexp " 3 -> $T/file$"
	assert_equal "$(grep -c -- "-> $T/file$" <<<"$output")" 1
	refute_line --regexp -- '-> (socket|anon_inode):'
}

# The commands that help lists, in $output; a line each.
listed() {
	sed -nE 's/^  ([a-z]+|!)( .*|[A-Z].*|)$/\1/p' <<<"$output"
}

@test "prompt: help has every command, each of which is one" {
	local verb
	with eventfd:1 : help
	assert_success
	assert_equal "$(listed | wc -l)" "$(listed | sort -u | wc -l)"
	for verb in read pread write pwrite lseek flags stat limits inspect picture wait trigger clients kick expect \
		lock truncate dup cloexec seals recv send \
		source repeat why ! help quit; do
		listed | grep -qx "$verb" || fail "no $verb"
	done
	for verb in $(listed); do
		with eventfd:1 : "help $verb"
		assert_success
		listed | grep -qx "$verb" || fail "$verb: $output"
		assert_line --partial 'for example: '
	done
}

@test "prompt: help: each example is a command" {
	local example
	with file : help
	for verb in $(listed); do
		with file : "help $verb"
		sed -nE '/^    for example: /,$s/^(    for example: | {17})//p' <<<"$output"
	done >examples
	[ "$(wc -l <examples)" -gt "$(listed | wc -l)" ]
	echo 'read 1' >lesson
	while read -r example; do
		with -m rw file : "-$example"
		assert_success
	done < <(grep -v '^quit' examples)
}

@test "prompt: a beginning that one command has is enough; q, exit and ? are known" {
	with file : 'lse 3' 'ls 0x4' '?' '? lse' 'exp pos=4' '-exp EBADF wri x' exit 'read 1'
	assert_success
	assert_line --partial 'pos 3 -> 4'
	assert_line --regexp '^  quit  .*leave'
	refute_line --regexp '^read\('
	with file : q 'read 1'
	assert_success
	refute_line --regexp '^read\('
	with file : 'l 3' 'whi' 'p'
	assert_failure 2
	assert_line "fdtool serve: line 1: 'l' can be lseek, limits, lock"
	assert_line --partial "line 2: 'whi' is not a command here"
	assert_line "fdtool serve: line 3: 'p' can be pread, pwrite, picture"
}

@test "prompt: numbers as C writes them, and with k, M, G" {
	with file : 'lseek 0x10' 'expect pos=16' 'lseek 010' 'expect pos=8' 'lseek -1k cur' 'expect pos=8' \
		'lseek 2k' 'expect pos=2048' 'lseek 1M' 'expect pos=0x100000' 'lseek -0x1 cur' 'expect pos=1048575' \
		'pread 0x6 05' 'expect data=world'
	assert_line '7 of 7 held'
	run fdtool lseek "$N" 0x10 # the command, too
	with file : 'lseek 1kb' 'lseek 08' 'lseek 0x' 'lseek 1e3' 'read -1' 'read 99999999999999999999' 'pread 0 64k 3'
	assert_failure 2
	assert_equal "$(grep -c 'is not a number' <<<"$output")" 4
	assert_line "fdtool serve: line 5: read: '-1' must be a number from 0 to 65536"
	assert_line "fdtool serve: line 7: pread: '3' is too much"
}

@test "prompt: read -x shows what hexdump(1) shows; read 0 is no end of file" {
	head -c 300 /dev/urandom >bytes
	with bytes : 'lseek 16' 'read -x 300' 'pread -x 3 17' 'read 0'
	assert_success
	tail -c +17 bytes >rest
	hexdump -C bytes | sed -n '2,$p' | head -n -1 >want
	grep -E '^[0-9a-f]{8}  .*\|$' <<<"$output" | head -n 18 | diff -u want -
	assert_equal "$(grep -cE '^000000(03|13)  ' <<<"$output")" 2
	assert_line --regexp '^read\([0-9]+, 0\) = 0 \(nothing was requested\)$'
}

@test "prompt: each mistake names the word, and how it should be" {
	with file : 'flags +foo' 'flags append' 'lseek 1 nowhere' 'pread 1' 'read 5 6' 'write \q' 'kick me' 'why ENO' \
		'expect flags+=foo' 'expect pos=x' 'expect ok' 'expect something' 'repeat 0 read' 'repeat 2 raed' \
		'stat it' 'pwrite 0'
	assert_failure 2
	local line
	while read -r line; do
		assert_line "fdtool serve: line $line"
	done <<-'EOF'
		1: flags: '+foo' must be append, nonblock, direct, noatime, async or sync
		2: flags: 'append' must begin with + or -
		3: lseek: 'nowhere' must be set, cur, end, data or hole
		4: pread: N is missing
		5: read: '6' is too much
		6: write: '\q' has a backslash that begins no escape of C: \n \t \\ \x41 \101
		7: kick: 'me' is not a number
		8: why: 'ENO' is not the name of an errno
		9: expect: 'flags+=foo' must be append, nonblock, direct, noatime, async or sync
		10: expect: 'pos=x' has no number
		11: expect: 'ok' needs a COMMAND after it
		12: expect: 'something' is none of ok, ERRNAME, pos=, data=, flags+= and flags-=
		13: repeat: '0' must be a number from 1 up
		14: 'raed' is not a command here; did you mean 'read'?
		15: stat: 'it' is too much
		16: pwrite: TEXT is missing
	EOF
	refute_line --partial ' = '
}

@test "prompt: inspect, picture and why shared tell who has it besides" {
	serve -n "$N" file
	run --separate-stderr fdtool grab -c inspect -c picture -c 'why shared' -c 'expect pos=0' "$N"
	assert_success
	assert_line --regexp "^A +[0-9]+ fdtool +[0-9]+ r +0 .* $T/file\$"
	assert_line --regexp "^[|\`├└].*A +$SERVER fdtool"
	assert_line --regexp "mode r "
	assert_line --partial "$SERVER offers it as $N"
	refute_line --partial granted
}

@test "prompt: what is no command, or is misused, is said before anything runs: 2" {
	run fdtool serve -n "$N" -c 'read 1' -c 'raed 5' file
	assert_failure 2
	assert_output --partial "line 2: 'raed' is not a command here; did you mean 'read'?"
	refute_line --regexp '^read\('
	local line
	for line in 'read x' 'read 5 6' 'pread 1' 'write' 'write \q' 'pwrite x y' 'lseek here' 'lseek 1 nowhere' \
		'flags +what' 'stat 1' 'limits 1' 'inspect 1' 'picture 1' 'why shared now' 'trigger 0' 'kick me' 'expect' 'expect EBADF' 'expect pos=x' \
		'why ENOTHING' '!' 'quit now' 'source' 'repeat' 'repeat 3' 'repeat x read'; do
		run fdtool serve -n "$N" -c "$line" -c quit file
		assert_failure 2
		run fdtool serve -i -n "$N" file <<<"$line"
		assert_failure
		printf 'read 1\n%s\n' "$line" >script
		run fdtool serve -i -n "$N" file <script
		assert_failure 2
		refute_line --regexp '^read\('
	done
}

@test "prompt: lock: the lock is the description's" {
	serve -m rw -n "$N" file
	run fdtool grab -c lock -c 'lock ex' -c lock "$N"
	assert_success
	assert_line --index 0 'no lock is held by this description'
	assert_line --index 1 --regexp '^flock\([0-9]+, LOCK_EX\) = 0$'
	assert_line --index 2 'FLOCK ADVISORY WRITE'
	# the client has gone, and the lock is there: the server holds the description
	run flock -n file true
	assert_failure 1
	run fdtool grab -c 'lock sh' -c lock -c 'lock un' "$N"
	assert_line 'FLOCK ADVISORY READ'
	flock -n file true
	stops_with 143 "$SERVER"
	with file : 'lock so' 'lock ex un'
	assert_failure 2
	assert_line "fdtool serve: line 1: lock: 'so' must be sh, ex or un"
}

@test "prompt: lock waits for another holder, and the server serves meanwhile" {
	mkfifo hold
	start flock file cat hold
	until_true eval '! flock -n file true'
	serve -n "$N" -c 'lock ex' -c lock file
	run fdtool grab -f 0 "$N" -- cat
	assert_output 'hello world'
	run flock -n file true
	assert_failure 1
	: >hold
	until_true grep -q 'FLOCK ADVISORY WRITE' serve.out
	stops_with 143 "$SERVER"
}

@test "prompt: truncate, and why it fails" {
	with -m rw file : 'lseek 9' 'truncate 0x5' 'expect pos=9' 'truncate 4k' stat 'expect ok read'
	assert_success
	assert_line --regexp '^ftruncate\([0-9]+, 5\) = 0$'
	assert_line --regexp '^type   regular, 4096 bytes'
	with file : 'truncate 1' why
	assert_failure 1
	assert_line 'The description was opened O_RDONLY: ftruncate(2) says EINVAL where write(2) says EBADF.'
	with eventfd: : 'truncate 1' why
	assert_line 'Only regular files and memory have a size that can be set.'
	with file : 'truncate -1' truncate
	assert_failure 2
	# shellcheck disable=SC2034,SC2016 # fdtool uses it; bash expands it
	local BEHIND=(bash -c 'ulimit -f 1 && exec "$@"' bash)
	with -m rw file : 'truncate 1M' why
	assert_line --regexp '^ftruncate.* = -1 EFBIG'
}

@test "prompt: dup and cloexec: what is the descriptor's own" {
	serve -n "$N" file
	fdtool grab "$N" -- true
	until_true grep -q 'left$' serve.out # its first descriptors, such as that of --ready-fd, are closed
	local before
	before=$(fds_of "$SERVER")
	run fdtool grab -c dup -c cloexec -c 'cloexec off' -c cloexec -c 'cloexec on' -c '!ls -l /proc/self/fd' "$N"
	assert_success
	assert_line --regexp '^fcntl\([0-9]+, F_DUPFD_CLOEXEC, 0\) = [0-9]+ \(the same description; closed again\)$'
	assert_equal "$(grep -c 'F_GETFD) = FD_CLOEXEC$' <<<"$output")" 1
	assert_equal "$(grep -c 'F_GETFD) = 0$' <<<"$output")" 1
	assert_equal "$(grep -c -- "-> $T/file$" <<<"$output")" 1
	until_true eval '[ "$(fds_of $SERVER)" = "$before" ]'
}

@test "prompt: seals: of memory, for good" {
	with memfd: : seals 'write hello' 'seals +grow +FUTURE_WRITE' seals 'expect EPERM truncate 9' 'expect EPERM write x' \
		'seals +seal' 'expect EPERM seals +write' why
	assert_line '3 of 3 held'
	assert_line --regexp '^fcntl\([0-9]+, F_GET_SEALS\) = 0$'
	assert_line --regexp '^fcntl\([0-9]+, F_GET_SEALS\) = 20 F_SEAL_GROW\|F_SEAL_FUTURE_WRITE$'
	assert_line 'F_SEAL_SEAL is set: no more seals can be added.'
	with file : seals why
	assert_line 'Only memory can be sealed, such as a memfd.'
	seven 'fd = os.memfd_create("m", os.MFD_ALLOW_SEALING)
os.dup2(os.open("/proc/self/fd/%d" % fd, os.O_RDONLY), 7)' with fd:7 : 'seals +write' why
	assert_line 'Only a description that is open for writing can add seals.'
	with memfd: : 'seals +all' 'seals -write'
	assert_failure 2
	assert_line "fdtool serve: line 1: seals: '+all' must be seal, shrink, grow, write, future_write or exec"
	assert_line "fdtool serve: line 2: seals: '-write' must begin with +: a seal is never taken off"
}

# socket TYPE CODE: with the one end of a pair as descriptor 7; CODE has the other as `other`.
socket_pair() {
	seven "import socket
a, other = socket.socketpair(socket.AF_UNIX, socket.$1)
$2
os.dup2(a.fileno(), 7)
os.set_inheritable(other.fileno(), True)" "${@:3}"
}

@test "prompt: recv: a message a call, and what is cut off is lost" {
	socket_pair SOCK_SEQPACKET 'other.send(b"hello world"); other.send(b"two")' \
		with --allow-type unix fd:7 : 'recv 5' recv 'expect data=two' 'flags +nonblock' 'expect EAGAIN recv' 'recv 0' why
	assert_line --regexp '^recvmsg\([0-9]+, 5\) = 5 "hello" MSG_TRUNC$'
	assert_line '  MSG_TRUNC: the message was longer, and its rest is lost'
	assert_line --regexp '^recvmsg\([0-9]+, 64\) = 3 "two"$'
	assert_line '2 of 2 held'
	socket_pair SOCK_STREAM 'other.send(b"hello world"); other.send(b"two"); other.shutdown(socket.SHUT_WR)' \
		with --allow-type unix fd:7 : 'recv 5' recv recv
	assert_line --regexp '^recvmsg\([0-9]+, 5\) = 5 "hello"$'
	assert_line --regexp '^recvmsg\([0-9]+, 64\) = 9 " worldtwo"$'
	assert_line --regexp '^recvmsg\([0-9]+, 64\) = 0 \(end of file\)$'
	socket_pair SOCK_DGRAM 'other.send(b"")' with --allow-type unix fd:7 : recv
	assert_line --regexp '^recvmsg\([0-9]+, 64\) = 0 \(an empty message\)$'
}

@test "prompt: recv: descriptors that came are shown and closed, credentials shown" {
	socket_pair SOCK_SEQPACKET 'import array
a.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
other.sendmsg([b"two"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [os.open("file", os.O_RDONLY)] * 2))])
other.send(b"bare")' with --allow-type unix fd:7 : recv recv '!ls -l /proc/$PPID/fd' 'send x'
	assert_success
	assert_line '  SCM_RIGHTS: 2 descriptors, closed again'
	assert_equal "$(grep -cE "^  [0-9]+: $T/file, regular, O_RDONLY" <<<"$output")" 2
	assert_equal "$(grep -c '^  SCM_CREDENTIALS: pid ' <<<"$output")" 2
	refute_line --regexp -- "-> $T/file\$"
}

@test "prompt: send: one message a call, with this descriptor or without" {
	socket_pair SOCK_SEQPACKET '' serve -n "$N" -c 'send hello\n' -c 'send a b  fd' -c 'send "the fd"' --allow-type unix fd:7
	until_true grep -q '"the fd"' serve.out
	run cat serve.out
	assert_line --regexp '^sendmsg\(([0-9]+), "hello\\n", 6\) = 6$'
	assert_line --regexp '^sendmsg\(([0-9]+), "a b", 3, SCM_RIGHTS \[[0-9]+\]\) = 3$'
	assert_line --regexp '^sendmsg\(([0-9]+), "the fd", 6\) = 6$'
	stops_with 143 "$SERVER"
	with file : 'send x' why 'recv' 'send'
	assert_failure 2
	with file : 'send x' why recv
	assert_line --regexp '^sendmsg.* = -1 ENOTSOCK'
	assert_line 'It is no socket: read and write are for it.'
	seven 'import socket
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
os.set_inheritable(b.fileno(), True)
os.dup2(a.fileno(), 7)' with --allow-type unix fd:7 : "send $(printf 'x%.0s' {1..9000})" why
	assert_line --regexp '^sendmsg.* = -1 EMSGSIZE'
	assert_line 'The message is longer than the socket takes at once; it keeps messages whole.'
}

# --- scripts -------------------------------------------------------------------------

@test "prompt: a script stops at the first failure, with 1" {
	run fdtool serve -n "$N" -c 'read 1' -c 'write x' -c 'read 2' file
	assert_failure 1
	assert_line 'fdtool serve: line 2: write x: it failed with EBADF'
	assert_equal "${#lines[@]}" 4
	serve -n "$N" file
	run fdtool grab -c 'write x' -c 'read 2' "$N"
	assert_failure 1
	assert_equal "${#lines[@]}" 2
}

@test "prompt: -k goes on, and the status is 1 all the same" {
	serve -n "$N" file
	run fdtool grab -k -c 'write x' -c 'expect pos=1' -c 'read 2' "$N"
	assert_failure 1
	assert_line --regexp '"he"   pos 0 -> 2$'
	run fdtool grab -k -c 'expect pos=1' -c 'read 2' "$N"
	assert_failure 1
	assert_line --regexp '"ll"   pos 2 -> 4$'
	assert_line '0 of 1 held'
}

@test "prompt: -COMMAND ignores its failure, and no other" {
	serve -n "$N" file
	run fdtool grab -c '-write x' -c '-expect pos=9' -c 'read 2' "$N"
	assert_success
	run fdtool grab -c '-nosuch' -c 'read 2' "$N" # a mistake is no failure
	assert_failure 2
	run fdtool grab -c '-write x' -c 'write x' -c 'read 2' "$N"
	assert_failure 1
	refute_line --regexp '^read'
}

@test "prompt: serve -c: the commands, then it serves on; quit ends it" {
	serve -n "$N" -c 'lseek 6' file
	run fdtool grab -f 0 "$N" -- cat
	assert_output world
	run fdtool serve -n "$N.2" -c quit -c 'read 1' file
	assert_success
	refute_line --regexp '^read'
}

@test "prompt: -i after -c goes on with standard input, in grab as in serve" {
	echo 'read 3' >script
	run fdtool serve -n "$N" -c 'lseek 6' -i file <script
	assert_success
	assert_line --index 2 --regexp '"wor"   pos 6 -> 9$'
	serve -n "$N" file
	run fdtool grab -c 'lseek 6' -i "$N" <script
	assert_success
	assert_line --index 1 --regexp '"wor"   pos 6 -> 9$'
	run fdtool grab -c 'lseek 6' "$N" <script
	assert_equal "${#lines[@]}" 1
	# a failure before it ends both; with -k it still shows in the status
	run fdtool grab -c nosuch -i "$N" <script
	assert_failure 2
	refute_line --regexp '^read'
	run fdtool grab -c 'write x' -i "$N" <script
	assert_failure 1
	refute_line --regexp '^read'
	run fdtool grab -k -c 'write x' -i "$N" <script
	assert_failure 1
	assert_line --regexp '^read'
	run fdtool grab -c quit -i "$N" <script
	assert_success
	refute_output
}

@test "prompt: serve -k goes on to serve after a command that failed, and ends with 1" {
	serve --once -k -n "$N" -c 'write x' -c 'lseek 6' file
	run fdtool grab -f 0 "$N" -- cat
	assert_output world
	ends_with 1 "$SERVER"
	serve --once -n "$N" -c '-write x' file
	fdtool grab "$N" -- true
	ends_with 0 "$SERVER"
	serve -k -n "$N" -c 'write x' file
	stops_with 143 "$SERVER"
	run fdtool serve -t 50ms -k -n "$N" -c 'write x' file
	assert_failure 1
}

@test "prompt: --timeout ends a command of -c that waits, with 124" {
	run fdtool serve -t 50ms -n "$N" -c read -c stat eventfd:
	assert_failure 124
	assert_line --regexp '^read.* EINTR'
	refute_line --regexp '^type'
}

@test "prompt: -i: from a file, with comments and empty lines" {
	printf '# a comment\n\n  read 5\nexpect pos=5\nlseek 0\nread 4' >script
	run fdtool serve -i -n "$N" file <script
	assert_success
	assert_equal "${#lines[@]}" 4
	assert_line --index 3 --regexp '"hell"   pos 0 -> 4$'
	serve -n "$N" file
	printf 'read 5\nwrite x\nread 5\n' >script
	run fdtool grab -i "$N" <script
	assert_failure 1
	assert_equal "${#lines[@]}" 3
	run fdtool grab -i -k "$N" <script
	assert_failure 1
	assert_equal "${#lines[@]}" 4
	printf 'quit\nread 5\n' >script
	run fdtool grab -i "$N" <script
	assert_success
	refute_output
}

@test "prompt: -i: from a pipe; what others do shows between" {
	serve_script file
	grab_script
	echo 'read 5' >&"$say"
	until_true grep -qx "$N: pid $CLIENT: read: pos 0 -> 5" serve.out
	echo 'lseek 1' >&"$to"
	until_true grep -qx "$N: pid $SERVER: lseek: pos 5 -> 1" grab.out
	fdtool grab -f 0 "$N" -- cat >/dev/null
	until_true grep -qE "^$N: .*pos 1 -> 12" serve.out # by cat, as root knows
	until_true grep -qE "^$N: .*pos 1 -> 12" grab.out
	echo 'flags +append' >&"$to"
	until_true grep -q "^$N: pid $SERVER: fcntl: flags .* -> .*O_APPEND" grab.out
	# its end ends the server, and the client still has the descriptor
	exec {to}>&-
	ends_with 0 "$SERVER"
	until_true grep -q 'the server left; the descriptor is still yours' grab.out
	echo 'expect pos=12' >&"$say"
	echo 'lseek 0' >&"$say"
	exec {say}>&-
	ends_with 0 "$CLIENT"
	grep -q 'pos 12 -> 0' grab.out || fail "$(<grab.out)"
}

@test "prompt: of two clients, each hears of the other, and by whom" {
	serve -n "$N" file
	grab_script
	until_true grep -q granted serve.out
	fdtool grab -c 'read 4' "$N" >/dev/null
	until_true grep -qE "^$N: pid [0-9]+: read: pos 0 -> 4$" grab.out
	local pid
	pid=$(sed -nE "s/^$N: pid ([0-9]+): read.*/\1/p" grab.out)
	grep -q "granted to pid $pid " serve.out
	[ "$pid" != "$CLIENT" ]
	exec {say}>&-
	ends_with 0 "$CLIENT"
}

@test "prompt: a script on a terminal has no prompt, and signals end it" {
	serve_script file
	stops_with 143 "$SERVER"
	exec {to}>&-
	mkfifo f
	serve -n "$N" file
	"$FDTOOL" grab -i "$N" <>f >grab.out 3>&- &
	STARTED+=($!)
	until_true grep -q granted serve.out
	stops_with 143 $!
}

@test "prompt: -k counts the expectations that held" {
	printf '%s\n' 'read 3' 'expect data=hel' 'expect pos=4' '-expect pos=9' 'expect ok lseek 0' 'expect ok write x' \
		'repeat 3 expect EBADF write x' 'expect flags-=append' 'expect flags+=append,nonblock' >script
	run fdtool serve -k -i -n "$N" file <script
	assert_failure 2
	sed -i 's/append,nonblock/append/' script
	run fdtool serve -k -i -n "$N" file <script
	assert_failure 1
	assert_line 'fdtool serve: line 3: expect pos=4: it is 3'
	assert_line 'fdtool serve: line 6: expect ok write x: it failed with EBADF'
	assert_line --regexp '^fdtool serve: line 9: expect flags\+=append: the flags are O_RDONLY'
	assert_equal "$(grep -c 'fdtool serve: line' <<<"$output")" 3
	assert_line '6 of 9 held'
	run fdtool serve -i -n "$N" file <script
	assert_failure 1
	refute_line --partial held
}

@test "prompt: source and --script: a file of commands, its lines are named, nothing runs before all is right" {
	printf 'read 3\nexpect pos=3\n' >good
	printf 'read 3\nexpect EFOO read\n' >bad
	printf 'source good\nlseek 0\nsource good\nexpect pos=9\nread 1\n' >outer
	run fdtool serve --script outer -n "$N" file
	assert_failure 1
	assert_line 'fdtool serve: outer: line 4: expect pos=9: it is 3'
	assert_equal "$(grep -c '^read' <<<"$output")" 2
	# a failure inside is told once, where it is
	run fdtool serve -n "$N" -c 'lseek 1' -c 'source good' file
	assert_failure 1
	assert_line 'fdtool serve: good: line 2: expect pos=3: it is 4'
	assert_equal "$(grep -c 'fdtool serve:' <<<"$output")" 1
	run fdtool serve -n "$N" -c 'read 1' -c 'source bad' file
	assert_failure 2
	assert_line "fdtool serve: bad: line 2: expect: 'EFOO' is not the name of an errno"
	refute_line --regexp '^read\('
	serve -n "$N" file
	run fdtool grab --script good "$N"
	assert_success
	assert_line --regexp '^read\([0-9]+, 3\) = 3'
	# a file that comes only later
	run fdtool grab -c '!echo lseek 5 >late' -c 'source late' -c 'expect pos=5' "$N"
	assert_success
}

@test "prompt: source: what is no script makes nobody wait, and no circle" {
	mkfifo fifo
	echo 'source loop' >loop
	printf 'source b\n' >a
	printf 'source a\n' >b
	local what
	for what in fifo . /dev/zero; do
		with file : "source $what"
		assert_failure 2
		assert_line --partial "source: '$what' it is not a regular file"
	done
	for what in loop a; do
		with file : "source $what"
		assert_failure 2
		assert_line --partial "it is being run already"
	done
	with file : 'source nothing'
	assert_failure 1
	assert_line 'fdtool serve: line 1: source nothing: open: ENOENT (No such file or directory)'
	run fdtool serve --script nothing -n "$N" file
	assert_failure 1
	assert_line 'fdtool serve: nothing: open: ENOENT (No such file or directory)'
}

@test "prompt: a pipe runs what came before a mistake, and tells its line" {
	printf 'read 1\n\nraed\nread 2\n' >script
	run fdtool serve -i -n "$N" file < <(cat script)
	assert_failure 1
	assert_line "fdtool serve: line 3: 'raed' is not a command here; did you mean 'read'?"
	assert_equal "$(grep -c '^read' <<<"$output")" 1
	run fdtool serve -k -i -n "$N" file < <(cat script)
	assert_failure 1
	assert_equal "$(grep -c '^read' <<<"$output")" 2
}

@test "prompt: repeat: until it fails, and SIGTERM ends it" {
	with file : 'repeat 0x3 read 2' 'expect pos=6' 'repeat 3 expect pos=6' 'repeat 9 expect EBADF read 1'
	assert_failure 1
	assert_equal "$(grep -c '^read' <<<"$output")" 4
	assert_line 'fdtool serve: line 4: repeat 9 expect EBADF read 1: it did not fail'
	serve -n "$N" -c 'repeat 100G -lseek -1' file
	run fdtool grab -f 0 "$N" -- cat
	assert_output 'hello world'
	stops_with 143 "$SERVER"
}

@test "prompt: the options contradict each other: 2" {
	local words
	for words in 'serve -c stat file file' 'serve -i file file' 'serve --script x file file' 'serve --script x -i file' \
		'grab --script x -i y' 'serve --json -c stat file' \
		'grab -c stat x y' 'grab -c stat --json x' 'grab -i x -- cat'; do
		# shellcheck disable=SC2086 # words
		run fdtool $words
		assert_failure 2
		assert_equal "${#lines[@]}" 1
	done
}

# --- why: each of its sentences, with the failure ----------------------------------------

@test "prompt: why: nothing yet; an errno that nothing explains" {
	with file : why 'why EXDEV'
	assert_success
	assert_line 'Nothing has failed yet.'
	assert_line 'EXDEV: Invalid cross-device link'
	assert_line 'Nothing that can be seen of this descriptor explains it.'
}

@test "prompt: why: EBADF: opened read-only, whatever the permissions" {
	chmod 666 file
	with file : 'write x' why 'flags +append' 'pwrite 0 x' why
	assert_line 'EBADF of write: Bad file descriptor'
	assert_line 'EBADF of pwrite: Bad file descriptor'
	assert_equal "$(grep -c '^The description was opened O_RDONLY\.' <<<"$output")" 2
	assert_equal "$(<file)" 'hello world'
}

@test "prompt: why: EBADF: opened write-only" {
	with -m w file : read why 'pread 0 1' why
	assert_line 'EBADF of read: Bad file descriptor'
	assert_line 'EBADF of pread: Bad file descriptor'
	assert_equal "$(grep -c '^The description was opened O_WRONLY\.' <<<"$output")" 2
}

@test "prompt: why: EBADF: opened with O_PATH" {
	seven 'os.dup2(os.open("file", os.O_PATH), 7)' with --allow-type o_path fd:7 : read why 'write x' why lseek why
	assert_equal "$(grep -c '^It was opened with O_PATH:' <<<"$output")" 3
}

@test "prompt: why: ESPIPE: no offset" {
	with eventfd:1 : 'pread 0 8' why
	assert_line --regexp '= -1 ESPIPE'
	assert_line --partial 'It has no offset: pipes, sockets and most devices'
	with fd:0 : lseek why < <(:)
	assert_line --regexp '^lseek.* = -1 ESPIPE'
	assert_line --partial 'It has no offset: pipes, sockets and most devices'
}

@test "prompt: why: EAGAIN: O_NONBLOCK, which another holder has set" {
	serve -n "$N" eventfd:0
	fdtool grab -c 'flags +nonblock' "$N" >/dev/null
	run fdtool grab -k -c read -c why -c 'flags -nonblock' -c 'wait 1ms' "$N"
	assert_line --regexp '^read.* = -1 EAGAIN'
	assert_line --partial 'It would have had to wait, and O_NONBLOCK is set.'
	assert_line --partial "a holder, here or in another process, sets it for all holders"
	run fdtool grab -c flags "$N"
	refute_output --partial O_NONBLOCK
}

@test "prompt: why: EPERM: epoll takes nothing that is always ready" {
	local sentence='epoll takes only files that can tell when they are ready. This one is always ready: a read may take long, but it does not wait for another process.'
	with file : wait why
	assert_line --regexp '^epoll_ctl\(EPOLL_CTL_ADD, [0-9]+\) = -1 EPERM'
	assert_line "$sentence"
	with memfd: : wait why
	assert_line "$sentence"
	with --allow-type directory . : wait why
	assert_line "$sentence"
	with /dev/null : wait why
	assert_line "$sentence"
}

@test "prompt: why: EPERM: O_NOATIME is the owner's" {
	needs_root
	open_to_all
	chmod 644 file
	serve -n "$N" --allow-user 1 file
	run as 1 fdtool grab -k -c 'flags +noatime' -c why "$N"
	assert_line --regexp '^fcntl\(.*O_NOATIME.*\) = -1 EPERM'
	assert_line --partial "Only the owner of the file may set O_NOATIME"
	run fdtool grab -c 'flags +noatime' "$N"
	assert_success
}

# In memory, an immutable file can still be written by who has it open.
immutable_files() {
	local w refused
	exec {w}>file
	chattr +i file || return
	! echo x >&"$w"
	refused=$?
	chattr -i file
	exec {w}>&-
	return "$refused"
}

@test "prompt: why: EPERM: an append-only file, and an immutable one" {
	needs_root
	on_disk immutable_files
	echo text >"$DISK/file"
	cd "$DISK"
	chattr +a file
	with -m w --append file : 'flags -append' why
	chattr -a file
	assert_line --regexp '^fcntl\(.*\) = -1 EPERM'
	assert_line --partial 'O_APPEND of an append-only file.'
	mkfifo f
	exec {w}>file
	chattr +i file
	with "fd:$w" : 'write x' why
	chattr -i file
	exec {w}>&-
	assert_line --regexp '^write\(.*\) = -1 EPERM'
	assert_line 'It is sealed against writing (fcntl F_ADD_SEALS), or immutable.'
}

@test "prompt: why: EPERM: memory that is sealed" {
	seven 'fd = os.memfd_create("m", os.MFD_ALLOW_SEALING)
fcntl.fcntl(fd, 1033, 8) # F_ADD_SEALS, F_SEAL_WRITE
os.dup2(fd, 7)' with fd:7 : 'write x' why 'pwrite 0 x' why
	assert_equal "$(grep -c 'It is sealed against writing' <<<"$output")" 2
	assert_line --regexp '^write.* = -1 EPERM'
}

@test "prompt: why: EINVAL: an eventfd is read and written by 8 bytes" {
	with eventfd:1 : 'read 4' why 'write abc' why 'read 9' 'write \1\0\0\0\0\0\0\0'
	assert_equal "$(grep -c '^An eventfd is read and written in whole numbers of 8 bytes' <<<"$output")" 2
	assert_line --regexp '^read\([0-9]+, 9\) = 8 '
	assert_line --regexp '^write.* = 8$'
}

# Some file systems, such as one in memory, take the flag and any number of bytes.
direct_io() {
	printf %8192s >file
	dd if=file of=/dev/null iflag=direct bs=4096 count=1 && ! dd if=file of=/dev/null iflag=direct bs=5 count=1
}

@test "prompt: why: EINVAL: O_DIRECT" {
	on_disk direct_io
	with -m rw "$DISK/file" : 'flags +direct' 'pread 0 5' why 'pwrite 1 x' why
	assert_line --regexp '^pread.* = -1 EINVAL'
	assert_line --regexp '^pwrite.* = -1 EINVAL'
	assert_equal "$(grep -c '^With O_DIRECT length, offset and memory have to be multiples' <<<"$output")" 2
}

@test "prompt: why: EINVAL: before the start of the file" {
	with file : 'lseek -1' why
	assert_line --regexp '^lseek.* = -1 EINVAL'
	assert_line --partial 'The offset would have been negative'
}

@test "prompt: why: EINVAL: the device takes other words" {
	# a kernel file that takes only numbers
	with -m w "/proc/$$/oom_score_adj" : 'write abc' why
	assert_line --regexp '^write.* = -1 EINVAL'
	assert_line --partial 'takes other words'
}

@test "prompt: why: EINVAL: what is never written" {
	with timerfd:1h : 'write 12345678' why
	assert_line --regexp '^write.* = -1 EINVAL'
	refute_output --partial 'other words'
}

@test "prompt: why: EINVAL: the device gives whole records" {
	mkdir dir
	holding inotify=dir serve -n "$N" fd:7
	touch dir/name
	run fdtool grab -k -c 'read 4' -c why -c read "$N"
	assert_line --regexp '^read\([0-9]+, 4\) = -1 EINVAL'
	assert_line --partial 'returns whole records only, and this length is too short for one'
	assert_line --regexp '^read\([0-9]+, 64\) = 32 '
}

@test "prompt: why: ENXIO: no data from there on, in the file and past its end" {
	truncate -s 100k hole
	with hole : 'lseek 0 data' why
	assert_line --regexp '^lseek.* = -1 ENXIO'
	assert_line --partial 'There is no data, or no hole, from that offset on'
	# offset 0 of this file is neither at nor past its end
	refute_output --partial 'on: it is at or past the end of the file.'
	with file : 'lseek 12 hole' why
	assert_line --regexp '^lseek.* = -1 ENXIO'
	assert_line --partial 'There is no data, or no hole, from that offset on'
}

@test "prompt: why: ENXIO: a socket is not opened again" {
	holding listener with fd:7 : '!cat /proc/self/fd/3' 'why ENXIO'
	assert_line --partial 'No such device or address'
	assert_line 'A socket cannot be opened again: sockets have no open(2).'
}

@test "prompt: why: EISDIR" {
	with --allow-type directory . : read why
	assert_line --regexp '^read.* = -1 EISDIR'
	assert_line 'It is a directory: entries are listed (getdents), not read.'
}

@test "prompt: why: EPIPE: of a socket and of a pipe, and it does not end the prompt" {
	local sentence='Nobody holds the other end any more, so nobody could read it.'
	holding socketpair with --allow-type unix fd:7 : 'write x' why stat
	assert_failure 1
	assert_line --regexp '^write.* = -1 EPIPE'
	assert_line "$sentence"
	seven 'os.dup2(os.pipe()[1], 7)' with fd:7 : 'write x' why stat
	assert_failure 1
	assert_line --regexp '^write.* = -1 EPIPE'
	assert_line "$sentence"
	assert_line --regexp '^type   pipe'
}

@test "prompt: why: EACCES: the inode's permissions, which are not the description's" {
	needs_root
	open_to_all
	chmod 600 file
	serve -n "$N" --allow-user 1 file
	run as 1 fdtool grab -k -c '!echo x >>/proc/self/fd/3' -c 'why EACCES' -c 'read 5' "$N"
	assert_line --partial 'Permission denied'
	assert_line --partial "The call checks the permissions of the inode, which deny it to this user."
	assert_line --regexp '"hello"   pos 0 -> 5$'
}

@test "prompt: why: ENODEV: the device has gone, the description is there" {
	needs_root
	needs_device /dev/net/tun
	seven '
tun = os.open("/dev/net/tun", os.O_RDWR)
fcntl.ioctl(tun, 0x400454ca, struct.pack("16sH22x", b"t%d" % os.getpid(), 1)) # TUNSETIFF, IFF_TUN
fd = os.open("/sys/class/net/t%d/mtu" % os.getpid(), os.O_RDONLY)
os.close(tun)
os.dup2(fd, 7)' with fd:7 : read why flags
	assert_line --regexp '^read.* = -1 ENODEV'
	assert_line 'The device has gone. The description stays, but no device answers its calls.'
	assert_line --regexp 'F_GETFL\) = O_RDONLY'
}

@test "prompt: why: ENOSPC: the file system is full" {
	needs_namespaces
	mkdir small
	# shellcheck disable=SC2034,SC2016 # fdtool uses it; sh expands it
	local BEHIND=(unshare --mount sh -c 'mount -t tmpfs -o size=4k none small && exec "$@"' sh)
	with -m rw --create small/file : 'pwrite 0 x' 'pwrite 4096 x' why
	assert_line --regexp '^pwrite\(.*, 0\) = 1$'
	assert_line --regexp '^pwrite\(.*, 4096\) = -1 ENOSPC'
	assert_line 'The file system, or the quota, is full.'
}

@test "prompt: why: EFBIG: RLIMIT_FSIZE, and it does not end the prompt" {
	# shellcheck disable=SC2034,SC2016 # fdtool uses it; bash expands it
	local BEHIND=(bash -c 'ulimit -f 1 && exec "$@"' bash)
	with -m rw file : 'pwrite 1024 x' why 'lseek 1024' 'write x' stat
	assert_failure 1
	assert_line --regexp '^pwrite.* = -1 EFBIG'
	assert_line 'The file would become larger than RLIMIT_FSIZE or its file system allows.'
	assert_line --regexp '^write.* = -1 EFBIG'
	assert_line --regexp '^type   regular, 12 bytes'
}

@test "prompt: a NUL hides no part of a line" {
	serve -n "$N" file
	printf 'lseek 1\0junk\nlseek 2\n' >script
	run fdtool grab -i "$N" <script
	assert_failure 2
	assert_output "fdtool grab: line 1: a line with a NUL byte is not a command"
	run fdtool grab --script script "$N"
	assert_failure 2
	assert_output "fdtool grab: script: line 1: a line with a NUL byte is not a command"
	run fdtool grab -i "$N" < <(cat script)
	assert_failure 1
	assert_output "fdtool grab: line 1: a line with a NUL byte is not a command"
	run fdtool grab -k -i "$N" < <(cat script)
	assert_failure 1
	assert_line --regexp '^lseek\([0-9]+, 2, SEEK_SET\) = 2'
	refute_line --regexp '^lseek\([0-9]+, 1,'
}

@test "prompt: a line of 60,000 dashes, or expects, overflows nothing" {
	serve -n "$N" file
	(head -c 60000 /dev/zero | tr '\0' -; echo lseek 2) >script
	run fdtool grab -i "$N" <script
	assert_success
	assert_line --regexp '^lseek\([0-9]+, 2, SEEK_SET\) = 2'
	(yes 'expect EBADF' | head -n 60000 | tr '\n' ' '; echo write x) >script
	run fdtool grab -i "$N" <script
	assert_failure 2
	assert_output "fdtool grab: line 1: too many commands in commands"
}

@test "prompt: triggers without number keep no client waiting, nor SIGTERM" {
	serve -n "$N" -c 'trigger 100000000000' mypoll:0
	run fdtool mypoll-tail -n 1 -t 10s "$N"
	assert_success
	stops_with 143 "$SERVER"
}

@test "prompt: a program has the standard descriptors and the one as 3, whatever was inherited" {
	serve -n "$N" file
	exec 9<file
	run env LISTEN_FDS=1 LISTEN_PID=1 LISTEN_FDNAMES=x LISTEN_PIDFDID=1 FDTOOL="$FDTOOL" \
		bash -c '"$FDTOOL" grab -c "-!ls /proc/self/fd | grep -v ^4; env | grep LISTEN_" "$1" 3>&-' bash "$N"
	exec 9<&-
	assert_line --index 0 0
	assert_line --index 3 3
	refute_line 9
	refute_output --partial LISTEN_
}

@test "prompt: a program that outlives the time of its server is no success" {
	run fdtool serve -n "$N" -t 300ms -c '!sleep 1' file
	assert_failure 124
	assert_line 'the program is still running'
	refute_output --partial 'exit = 0'
} # sleep ends by itself

@test "prompt: why: ENOTCONN" {
	holding listener with fd:7 : read why
	assert_line --regexp '^read.* = -1 ENOTCONN'
	assert_line 'The socket is not connected.'
}

# --- terminals -------------------------------------------------------------------------

@test "prompt: terminal: what one moves shows in the other, with the pid" {
	serve_and_grab file
	stands 0 "$N r @0>"
	stands 1 "$N r @0>"
	types 1 'read 5' Enter
	sees 1 '= 5 "hello"   pos 0 -> 5'
	sees 0 "$N: pid $GRABBED: read: pos 0 -> 5"
	stands 0 "$N r @5>"
	types 0 'lseek 2' Enter
	sees 1 "$N: pid $SERVED: lseek: pos 5 -> 2"
	stands 1 "$N r @2>"
	# a holder that announces nothing
	fdtool grab -f 0 "$N" -- cat >/dev/null
	sees 0 ': pos 2 -> 12' # by cat, as root knows
	sees 1 ': pos 2 -> 12'
	stands 1 "$N r @12>"
	types 0 quit Enter
	sees 0 'rc=0'
	sees 1 "$N: the server left; the descriptor is still yours"
	stands 1 "$N r @12>"
	types 1 quit Enter
	sees 1 'rc=0'
	terminal kill-server
}

@test "prompt: terminal: a line half typed is as it was after an event above it" {
	serve_and_grab file
	types 0 'lseek 2' Left
	stands 0 "$N r @0> lseek 2"
	types 1 'read 5' Enter
	sees 0 "$N: pid $GRABBED: read: pos 0 -> 5"
	stands 0 "$N r @5> lseek 2"
	# once on the screen, and the event right above it
	assert_equal "$(screen 0 | grep -c 'lseek 2')" 1
	assert_equal "$(screen 0 | grep -B 1 'lseek 2' | head -n 1)" "$N: pid $GRABBED: read: pos 0 -> 5"
	# the cursor is where it was, before the 2
	types 0 1
	stands 0 "$N r @5> lseek 12"
	types 0 Enter
	sees 0 'SEEK_SET) = 12   pos 5 -> 12'
	terminal kill-server
}

@test "prompt: terminal: a long line that wraps survives an event" {
	serve_and_grab -m rw file
	local text
	text=$(printf 'abcdefghi.%.0s' {1..15})
	types 0 "pwrite 0 ${text}end"
	until_true eval 'screen 0 | tr -d "\n" | grep -qF "i.end"'
	types 1 'read 5' Enter
	sees 0 "read: pos 0 -> 5"
	assert_equal "$(screen 0 | tr -d '\n' | grep -oF "pwrite 0 ${text}end" | wc -l)" 1
	types 0 Enter
	sees 0 ', 0) = 153'
	assert_equal "$(<file)" "${text}end"
	terminal kill-server
}

@test "prompt: terminal: a line that just fills its row, and grows again, is one line still" {
	terminal new-session -d -x 70 -y 20 "exec $FDTOOL serve -n $N eventfd:0"
	prompted 0
	local text
	text=$(printf "%$((70 - ${#N} - 5))s" '' | tr ' ' x) # the prompt is "$N rw> "
	types 0 "${text}y"
	sees 0 y
	types 0 BSpace
	until_true eval '! shows 0 y'
	types 0 z
	# -J joins what the terminal would when it becomes wider
	until_true eval 'terminal capture-pane -p -J | grep -qx "$N rw> ${text}z"' || fail "$(screen 0)"
	terminal kill-server
}

@test "prompt: terminal: an event waits for the end of a search" {
	serve_and_grab file
	types 0 'lseek 4' Enter
	sees 0 'pos 0 -> 4'
	sees 1 'lseek: pos 0 -> 4' # or both moves could show as one, to 9
	types 0 C-r lse
	sees 0 "\`lse': lseek 4"
	fdtool lseek "$N" 9 >/dev/null
	sees 1 'lseek: pos 4 -> 9'
	shows 0 "\`lse': lseek 4" || fail "$(screen 0)"
	types 0 Enter
	sees 0 'lseek: pos 4 -> 9'
	stands 0 "$N r @4>"
	terminal kill-server
}

@test "prompt: terminal: flags show in the prompt, of everybody" {
	serve_and_grab -m w file
	types 1 'flags +append' Enter
	stands 1 "$N w @0 O_APPEND>"
	stands 0 "$N w @0 O_APPEND>"
	sees 0 "$N: pid $GRABBED: fcntl: flags"
	types 0 'flags -append +nonblock' Enter
	stands 1 "$N w @0 O_NONBLOCK>"
	terminal kill-server
}

@test "prompt: terminal: Ctrl-C clears the line, Ctrl-D leaves" {
	serve_and_grab file
	types 0 'read 5' C-c
	stands 0 "$N r @0>"
	sees 0 "^C"
	types 0 lseek Enter
	sees 0 'SEEK_CUR) = 0'
	types 0 C-d
	sees 0 'rc=0'
	types 1 C-c C-d
	sees 1 'rc=0'
	terminal kill-server
}

@test "prompt: terminal: Ctrl-C in the middle of a line, and in a search, spoils nothing" {
	two_terminals
	types 0 "$FDTOOL serve -n $N file" Enter
	stands 0 "$N r @0>"
	local text
	text=$(printf 'abcdefghi.%.0s' {1..12})
	types 0 "write ${text}end" C-a x # of two rows, the cursor in the first
	sees 0 '> xwrite'
	types 0 C-c
	sees 0 '^C'
	stands 0 "$N r @0>"
	assert_equal "$(screen 0 | tr -d '\n' | grep -oF "> xwrite ${text}end^C$N r @0>" | wc -l)" 1
	types 0 'lseek 4' Enter
	sees 0 'pos 0 -> 4'
	types 0 C-r lse
	sees 0 "\`lse': lseek 4"
	types 0 C-c
	stands 0 "$N r @4>"
	types 0 stat Enter
	sees 0 'type   regular'
	terminal kill-server
}

@test "prompt: terminal: a read that waits is ended by Ctrl-C, and events show meanwhile" {
	serve_and_grab eventfd:0
	types 0 read Enter
	until_true serve_waits
	types 1 'flags +nonblock' Enter
	sees 0 "$N: pid $GRABBED: fcntl: flags"
	refute shows 0 'read('
	fdtool grab "$N" -- true
	until_true eval '[ "$(screen 0 | grep -c "granted to")" = 2 ]'
	types 0 C-c
	sees 0 "= -1 EINTR (Interrupted system call)"
	refute shows 0 'call)   flags' # it was not the read that changed them
	stands 0 "$N rw O_NONBLOCK>"
	types 0 why Enter
	sees 0 'It was waiting, and Ctrl-C ended the wait; nothing was read or written.'
	types 0 'flags -nonblock' Enter 'wait' Enter
	sees 1 "pid $SERVED: fcntl"
	types 1 'write \1\0\0\0\0\0\0\0' Enter
	sees 0 '= 1 EPOLLIN'
	terminal kill-server
}

@test "prompt: terminal: the same with a FIFO, which a child reads" {
	mkfifo fifo
	serve_and_grab fd:9 '9<>fifo'
	types 0 read Enter
	until_true serve_waits
	fdtool grab "$N" -- true
	until_true eval '[ "$(screen 0 | grep -c "granted to")" = 2 ]'
	types 0 C-c
	sees 0 '= -1 EINTR (Interrupted system call)'
	stands 0 "$N rw>"
	types 1 'write x' Enter
	sees 1 '= 1'
	# the child of the interrupted read consumes nothing
	types 0 read Enter
	sees 0 '= 1 "x"'
	terminal kill-server
}

@test "prompt: terminal: a lock and a recv that wait are ended by Ctrl-C" {
	mkfifo hold
	start flock file cat hold
	until_true eval '! flock -n file true'
	serve_and_grab file
	types 0 'lock ex' Enter
	until_true serve_waits
	fdtool grab "$N" -- true
	until_true eval '[ "$(screen 0 | grep -c "granted to")" = 2 ]'
	types 0 C-c
	sees 0 'LOCK_EX) = -1 EINTR (Interrupted system call)'
	stands 0 "$N r @0>"
	: >hold
	terminal kill-server
}

@test "prompt: terminal: Ctrl-Z and fg; the terminal is the shell's meanwhile" {
	two_terminals
	types 0 'stty -g >before' Enter
	until_true [ -s before ]
	types 0 "$FDTOOL serve -n $N file" Enter
	stands 0 "$N r @0>"
	types 0 lse
	stands 0 "$N r @0> lse"
	types 0 C-z # the terminal drops input that was not read yet
	sees 0 Stopped
	types 0 'stty -g >stopped' Enter
	until_true [ -s stopped ]
	diff before stopped
	types 0 fg Enter
	stands 0 "$N r @0> lse"
	types 0 'ek 7' Enter
	sees 0 'pos 0 -> 7'
	terminal kill-server
}

@test "prompt: terminal: it is as it was: after quit, for a program, after a signal" {
	two_terminals
	types 0 'stty -g >before' Enter
	until_true [ -s before ]
	types 0 "$FDTOOL serve -n $N file; stty -g >after" Enter
	stands 0 "$N r @0>"
	types 0 '!stty -g >during' Enter
	until_true [ -s during ]
	types 0 quit Enter
	until_true [ -s after ]
	diff before after
	diff before during
	types 0 "clear; $FDTOOL serve -n $N file; stty -g >killed" Enter
	stands 0 "$N r @0>"
	types 0 'half a line'
	sees 0 'half a line'
	kill "$(pgrep -P "$(terminal list-panes -F '#{pane_pid}' -t 0.0 | head -n 1)")"
	until_true [ -s killed ]
	diff before killed
	terminal kill-server
}

@test "prompt: terminal: any signal that ends it leaves the terminal as it was" {
	local signal
	two_terminals
	types 0 'ulimit -c 0; stty -g >before' Enter
	until_true [ -s before ]
	for signal in QUIT USR1 ALRM PWR; do
		types 0 "clear; $FDTOOL serve -n $N file; echo rc=\$?; stty -g >after.$signal" Enter
		stands 0 "$N r @0>"
		types 0 'half a line'
		sees 0 'half a line'
		if [ "$signal" = QUIT ]; then
			types 0 'C-\'
		else
			kill -"$signal" "$(pgrep -P "$(terminal list-panes -F '#{pane_pid}' -t 0.0 | head -n 1)")"
		fi
		sees 0 "rc=$((128 + $(kill -l "$signal")))"
		until_true [ -s "after.$signal" ]
		diff before "after.$signal"
	done
	terminal kill-server
}

@test "prompt: terminal: a history that cannot grow does not end the prompt" {
	two_terminals
	mkdir -p state/fdtool
	types 0 "export XDG_STATE_HOME=$T/state; ulimit -f 0; clear" Enter
	types 0 "$FDTOOL serve -n $N file" Enter
	stands 0 "$N r @0>"
	types 0 'lseek 3' Enter
	sees 0 'history: File too large'
	stands 0 "$N r @3>"
	terminal kill-server
}

@test "prompt: terminal: the history is not kept where another user's link leads" {
	needs_root
	two_terminals
	mkdir -p mine/fdtool theirs/fdtool
	echo 'lseek 7' | tee mine/fdtool/history >theirs/fdtool/history
	chmod 644 mine/fdtool/history
	ln -s mine ours
	ln -s "$T/theirs" others
	chown -h 65534 others
	local pane=0 state
	for state in ours others; do
		types $pane "export XDG_STATE_HOME=$T/$state; clear; $FDTOOL serve -n $N-$state file" Enter
		stands $pane "$N-$state r @0>"
		pane=$((pane + 1))
	done
	# what is there is read, or not
	types 0 Up
	stands 0 "$N-ours r @0> lseek 7"
	types 1 Up
	stands 1 "$N-others r @0>"
	types 0 C-u 'lseek 3' Enter
	stands 0 "$N-ours r @3>"
	types 1 'lseek 3' Enter
	stands 1 "$N-others r @3>"
	assert_equal "$(<mine/fdtool/history)" $'lseek 7\nlseek 3'
	assert_equal "$(<theirs/fdtool/history)" 'lseek 7'
	# the mode is the user's own
	assert_equal "$(stat -c %a mine/fdtool/history)" 644
	terminal kill-server
}

@test "prompt: terminal: when it goes, the prompt ends, SIGHUP or not, whatever waits" {
	local command
	for command in '' read wait '!exec sleep 60' 'half a line'; do
		terminal new-session -d -x 80 -y 20 "trap '' HUP; exec $FDTOOL serve -n $N eventfd:0"
		prompted 0
		SERVED=$(terminal list-panes -F '#{pane_pid}')
		types 0 "$command"
		[[ $command == half* || -z $command ]] || types 0 Enter
		# the program inherits the ignored SIGHUP, as under nohup(1)
		[[ $command != '!'* ]] || until_true pgrep -x sleep -P "$SERVED" >child
		terminal kill-server
		until_true has_ended "$SERVED" || fail "'$command' goes on"
	done
	kill "$(<child)"
}

@test "prompt: terminal: Tab completes commands, flags and whences" {
	serve_and_grab file
	types 0 lse Tab 3 ' ho' Tab Enter
	sees 0 'SEEK_HOLE) = 12'
	types 0 'flags +app' Tab Enter
	stands 0 "$N r @12 O_APPEND>"
	# a command of serve only
	types 1 'cli' Tab
	stands 1 "$N r @12 O_APPEND> cli"
	types 1 C-c
	stands 1 "$N r @12 O_APPEND>"
	types 1 -l -- '-expect EBA'
	types 1 Tab pwr Tab '3 x'
	stands 1 "$N r @12 O_APPEND> -expect EBADF pwrite 3 x"
	types 1 C-c 'why ENX' Tab
	stands 1 "$N r @12 O_APPEND> why ENXIO"
	# no completion for a number
	types 1 C-c 'read f' Tab
	stands 1 "$N r @12 O_APPEND> read f"
	terminal kill-server
}

# widest PANE: the columns that its widest line has.
widest() {
	screen "$1" | sed 's/ *$//' | wc -L
}

# has_words PANE TEXT: waits for the words, wherever its lines break.
has_words() {
	until_true words_show "$@" || fail "pane $1 has no '$2': $(screen "$1")"
}

words_show() {
	screen "$1" | tr -s ' \n' ' ' | grep -qF -- "$2"
}

# wraps WIDTH: the prompt in a terminal that is so wide.
wraps() {
	terminal new-session -d -x "$1" -y 60 "exec $FDTOOL serve -n $N file"
	prompted 0
	types 0 'write x' Enter why Enter
	has_words 0 "own: it came with the descriptor, F_SETFL cannot change it, and no permission of yours adds to it."
	types 0 help Enter
	has_words 0 'show who shares it, and who else has the file open'
	has_words 0 'The beginning of a command is enough.'
	types 0 'help read' Enter
	has_words 0 'A read waits as read(2) does; Ctrl-C ends the wait.'
	fdtool grab "$N" -- true
	has_words 0 'user'
	[ "$(widest 0)" -le "$1" ]
	types 0 limits Enter
	has_words 0 'any holder can drop it'
	[ "$(widest 0)" -le "$1" ]
	terminal kill-server
}

@test "prompt: terminal: lines are wrapped between words, at 50 columns" {
	wraps 50
}

@test "prompt: terminal: lines are wrapped between words, at 80 columns" {
	wraps 80
}

@test "prompt: terminal: Tab after source: files; after expect and repeat: what goes on" {
	echo 'lseek 3' >lesson.fdt
	serve_and_grab file
	types 0 'help lsee' Tab Enter
	sees 0 'for example: lseek 0'
	types 0 'sou' Tab 'less' Tab Enter
	stands 0 "$N r @3>"
	types 0 'rep' Tab '2 rea' Tab '1' Enter
	stands 0 "$N r @5>"
	types 0 'lock s' Tab
	stands 0 "$N r @5> lock sh"
	types 0 C-c 'seals +fu' Tab
	stands 0 "$N r @5> seals +future_write"
	types 0 C-c 'expect fl' Tab
	stands 0 "$N r @5> expect flags"
	types 0 C-c 'expect ok lse' Tab '1 cu' Tab
	stands 0 "$N r @5> expect ok lseek 1 cur"
	terminal kill-server
}

@test "prompt: terminal: a mistake, and an expectation that does not hold" {
	serve_and_grab file
	types 0 'expect pos=4' Enter
	sees 0 'expect pos=4: it is 0'
	types 0 'wait 1ms x' Enter
	sees 0 "fdtool serve: wait: 'x' is too much"
	types 0 'l 4' Enter
	sees 0 "'l' can be lseek, limits, lock"
	printf 'read 2\nexpect pos=7\nread 1\n' >lesson
	types 0 'source lesson' Enter
	sees 0 'lesson: line 2: expect pos=7: it is 2'
	stands 0 "$N r @2>"
	types 0 'repeat 1G -lseek 0 cur' Enter C-c
	stands 0 "$N r @2>"
	terminal kill-server
}

@test "prompt: terminal: Tab after !: files, and for fdtool what is on offer" {
	serve_and_grab file
	types 0 '!cat fil' Tab Enter
	sees 0 'hello world'
	types 0 "!${FDTOOL##*/} lse" Tab "${N%?}" Tab 7
	stands 0 "$N r @0> !${FDTOOL##*/} lseek $N 7"
	terminal kill-server
}

@test "prompt: terminal: the history is both terminals', and nobody else's to read" {
	serve_and_grab file
	types 0 'lseek 3' Enter
	sees 0 'pos 0 -> 3'
	types 1 'read 2' Enter
	sees 1 'pos 3 -> 5'
	types 0 'lseek 0' Enter
	sees 0 'pos 5 -> 0'
	types 0 'lseek 0' Enter quit Enter
	sees 0 'rc=0'
	assert_equal "$(<state/fdtool/history)" 'lseek 3
read 2
lseek 0'
	assert_equal "$(stat -c %a state/fdtool/history) $(stat -c %a state/fdtool)" '600 700'
	types 1 quit Enter
	sees 1 'rc=0'
	# the next start has the lines of both
	types 0 "clear; $FDTOOL serve -n $N file" Enter
	stands 0 "$N r @0>"
	types 0 Up Up
	stands 0 "$N r @0> read 2"
	terminal kill-server
}

@test "prompt: terminal: grab -c, and a prompt after it with -i" {
	serve -n "$N" file
	two_terminals
	types 0 "$FDTOOL grab $N -c 'lseek 6'; echo rc=\$?" Enter
	sees 0 'rc=0'
	types 0 "clear; $FDTOOL grab $N -k -i -c 'write x' -c 'lseek 6'; echo rc=\$?" Enter
	stands 0 "$N r @6>"
	types 0 quit Enter
	sees 0 'rc=1'
	terminal kill-server
}

@test "prompt: terminal: several SOURCEs, --json and --quiet have no prompt" {
	touch other
	two_terminals
	types 0 "$FDTOOL serve -n $N.1 -n $N.2 file other" Enter
	sees 0 "$N.2: serving"
	types 0 'read 1' Enter C-c
	sees 0 '^C'
	refute shows 0 'read('
	types 0 "clear; $FDTOOL serve --json -n $N file" Enter
	sees 0 '"event"'
	types 0 'read 1' Enter
	fdtool grab "$N" -- true
	sees 0 '"granted"'
	refute shows 0 'read('
	types 1 "$FDTOOL grab -q $N; echo rc=\$?" Enter
	sees 1 'rc=0'
	terminal kill-server
}

# pastes PANE FILE: as a terminal that knows of bracketed paste does.
pastes() {
	terminal load-buffer "$2"
	terminal paste-buffer -p -t "0.$1"
}

@test "prompt: terminal: several lines pasted are several commands, and the last half line waits" {
	serve_and_grab file
	types 0 'lseek ' # the first line of the paste goes on with it
	printf '2\nread 3\n\n# a comment\nnosuch\nexpect pos=5\nlse' >lines
	pastes 0 lines
	stands 0 "$N r @5> lse"
	sees 0 'SEEK_SET) = 2   pos 0 -> 2'
	sees 0 '= 3 "llo"   pos 2 -> 5'
	assert_equal "$(screen 0 | grep -c 'is not a command here')" 1
	sees 0 "$N r @0> lseek 2" # it shows as if it were typed
	types 0 'ek 7' Enter
	sees 0 'pos 5 -> 7'
	assert_equal "$(<state/fdtool/history)" 'lseek 2
read 3
# a comment
nosuch
expect pos=5
lseek 7'
	printf 'lseek 1\r\0\nlseek 3\n' >lines
	pastes 0 lines
	stands 0 "$N r @3>"
	sees 0 'a line with a NUL byte is not a command'
	terminal kill-server
}

@test "prompt: terminal: 200 pasted lines, while a client comes and moves the offset" {
	serve_and_grab -m rw file
	for i in {1..200}; do echo "pwrite 0 $i"; done >lines
	pastes 0 lines
	fdtool lseek "$N" 3
	types 1 'flags +nonblock' Enter
	until_true grep -qs '^200' file
	stands 0 "$N rw @3 O_NONBLOCK>"
	assert_equal "$(grep -c pwrite state/fdtool/history)" 200
	terminal kill-server
}

@test "prompt: terminal: Ctrl-C drops the rest of a paste" {
	serve_and_grab eventfd:
	printf 'read\nstat\nstat\n' >lines
	pastes 0 lines
	sees 0 '> read'
	types 0 C-c
	sees 0 'the rest of the paste was dropped: 2 lines'
	sees 0 '= -1 EINTR'
	stands 0 "$N rw>"
	refute shows 0 'type   eventfd'
	terminal kill-server
}

@test "prompt: terminal: what is typed during a read that waits is kept" {
	serve_and_grab eventfd:
	types 0 read Enter
	until_true eval '[ "$(screen 0 | grep -c read)" = 1 ]'
	types 0 flags Enter sta
	types 1 'write \1\0\0\0\0\0\0\0' Enter
	sees 0 'F_GETFL) = O_RDWR'
	stands 0 "$N rw> sta"
	terminal kill-server
}
