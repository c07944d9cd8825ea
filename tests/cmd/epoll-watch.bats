#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# epoll-watch: the events of a TARGET, how a read is decoded, when it ends and with which
# status; and that it does not spin.

bats_require_minimum_version 1.5.0
load ../helper

# The number of the server's descriptor of its one source.
served_fd() {
	sed -n '1s/.*as descriptor //p' "$T/serve.out"
}

# watch ARG...: epoll-watch in the background; its stdout is in out, its stderr in err.
watch() {
	"$FDTOOL" epoll-watch "$@" <&0 >out 2>err 3>&- &
	WATCH=$!
	STARTED+=("$WATCH")
}

# The same, not in the background.
watch_here() {
	exec "$FDTOOL" epoll-watch "$@" >out 2>err 3>&-
}

# printed N: out has that many lines.
printed() {
	[ "$(wc -l <out)" -ge "$1" ]
}

# with_seven CODE COMMAND...: fdtool or serve, with a descriptor 7 that CODE in Python makes.
with_seven() {
	# shellcheck disable=SC2034 # fdtool and serve use it
	local BEHIND=(python3 -c "import ctypes, os, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
$1
os.set_inheritable(7, True)
os.execvp(sys.argv[1], sys.argv[1:])")
	"${@:2}"
}

# Descriptor 7 is a signalfd for SIGUSR1, which is blocked and pending.
with_signalfd() {
	with_seven "
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
mask = (ctypes.c_uint64 * 16)(1 << (signal.SIGUSR1 - 1))
os.dup2(libc.signalfd(-1, mask, 0), 7)
os.kill(os.getpid(), signal.SIGUSR1)" "$@"
}

# --- decoding -------------------------------------------------------------

@test "epoll-watch: an eventfd: its count, which is 0 afterwards" {
	serve -n "$N" eventfd:3
	run fdtool epoll-watch -n 1 "$N"
	assert_success
	assert_output "$N: EPOLLIN eventfd count=3"
	run fdtool epoll-watch -t 100ms "$N"
	assert_failure 124
	refute_output
}

@test "epoll-watch: a timerfd: its expirations" {
	serve -n "$N" timerfd:20ms
	run fdtool epoll-watch -n 3 "$N"
	assert_success
	assert_equal "${#lines[@]}" 3
	assert_line --index 0 --regexp "^$N: EPOLLIN timerfd expirations=[1-9][0-9]*$"
	refute_line --regexp 'expirations=0'
}

@test "epoll-watch: inotify: the mask by name, and the file" {
	mkdir dir
	holding inotify=dir serve -n "$N" fd:7
	watch -n 2 "$N"
	until_true grep -q granted serve.out
	touch dir/one
	until_true printed 1
	mkdir "dir/two words"
	ends_with 0 "$WATCH"
	run cat out
	assert_line --index 0 "$N: EPOLLIN inotify wd=1 mask=IN_CREATE file=one"
	assert_line --index 1 "$N: EPOLLIN inotify wd=1 mask=IN_CREATE|IN_ISDIR file=\"two words\""
}

@test "epoll-watch: inotify: a file's name forges no field" {
	mkdir watched
	holding inotify=watched serve -n "$N" fd:7
	touch 'watched/a mask=IN_DELETE' 'watched/b"c'
	run --separate-stderr fdtool epoll-watch -n 2 "$N"
	assert_line --index 0 "$N: EPOLLIN inotify wd=1 mask=IN_CREATE file=\"a mask=IN_DELETE\""
	assert_line --index 1 "$N: EPOLLIN inotify wd=1 mask=IN_CREATE file=\"b\\\"c\""
}

@test "epoll-watch: an eventfd keeps a count past 2^63" {
	serve -n "$N" -m rw eventfd:0
	fdtool grab -f 1 "$N" -- python3 -c 'import os, struct; os.write(1, struct.pack("Q", 2**63 + 5))'
	run --separate-stderr fdtool epoll-watch --no-read -n 1 "$N"
	assert_success
	run --separate-stderr fdtool epoll-watch -n 1 "$N"
	assert_output "$N: EPOLLIN eventfd count=9223372036854775813"
}

@test "epoll-watch: inotify: several events of one read are lines of their own" {
	mkdir dir
	holding inotify=dir serve -n "$N" fd:7
	touch dir/one dir/two dir/three
	run fdtool epoll-watch --json -n 3 "$N"
	assert_success
	json '[.[].file] == ["one","two","three"] and all(.[]; .mask == ["IN_CREATE"])'
	# -n 2 of three: no third
	rm dir/*
	touch dir/one dir/two dir/three
	run fdtool epoll-watch -n 2 "$N"
	assert_equal "${#lines[@]}" 2
}

@test "epoll-watch: a signalfd gives the watcher's own signals" {
	run with_signalfd fdtool epoll-watch -n 1 fd:7
	assert_success
	assert_output --regexp '^fd:7: EPOLLIN signalfd signo=10 pid=[0-9]+ uid=[0-9]+ signal=USR1$'
}

@test "epoll-watch: a signalfd of another process gives nothing of that process" {
	with_signalfd serve -n "$N" fd:7
	# SIGUSR1 is pending there
	grep -q '^ShdPnd:.*200$' "/proc/$SERVER/status"
	run fdtool epoll-watch -t 200ms "$N"
	assert_failure 124
	refute_output
}

@test "epoll-watch: text, a line each" {
	run fdtool epoll-watch fd:0 < <(printf 'one\ttwo\nthree')
	assert_success
	assert_line --index 0 --regexp '^fd:0: EPOLLIN(\|EPOLLHUP)? pipe text=one\\ttwo$'
	assert_line --index 1 --regexp '^fd:0: EPOLLIN(\|EPOLLHUP)? pipe text=three$'
}

@test "epoll-watch: other bytes, in hexadecimal" {
	run fdtool epoll-watch -n 1 fd:0 < <(printf 'a\0\377')
	assert_success
	assert_output --regexp '^fd:0: EPOLLIN(\|EPOLLHUP)? pipe hex=6100ff$'
}

@test "epoll-watch: what a terminal would obey is no text" {
	run fdtool epoll-watch -n 1 fd:0 < <(printf '\033[31mred\n')
	assert_success
	assert_output --regexp 'pipe hex=1b5b33316d7265640a$'
}

@test "epoll-watch: --json: name, events, type, mono_ns, and the fields" {
	serve -n "$N" eventfd:3
	run fdtool epoll-watch --json -n 1 "$N"
	json ".[0] | .name == \"$N\" and .events == [\"EPOLLIN\"] and .type == \"eventfd\" and .count == 3
		and (keys == [\"count\",\"events\",\"mono_ns\",\"name\",\"type\"])"
	local now
	now=$(python3 -c 'import time; print(time.monotonic_ns())')
	# shellcheck disable=SC2016 # jq expands it
	json --argjson now "$now" '.[0].mono_ns | . < $now and . > $now - 60000000000'
	run with_signalfd fdtool epoll-watch --json -n 1 fd:7
	json '.[0] | .type == "signalfd" and .signo == 10 and .signal == "USR1" and .pid > 0 and .uid >= 0'
	run --separate-stderr fdtool epoll-watch --json fd:0 < <(printf 'a\n\0')
	json '.[0].hex == "610a00" and (.[-1].events | index("EPOLLHUP"))'
}

# --- which events ------------------------------------------------------------------

@test "epoll-watch: -e out: it can be written; nothing is read" {
	serve -n "$N" eventfd:3
	run fdtool epoll-watch -e out -n 1 "$N"
	assert_output "$N: EPOLLOUT eventfd"
	run fdtool epoll-watch -e in,out --no-read -n 1 "$N"
	assert_output "$N: EPOLLIN|EPOLLOUT eventfd"
	run fdtool epoll-watch -n 1 "$N"
	assert_output "$N: EPOLLIN eventfd count=3"
}

@test "epoll-watch: -e pri,rdhup: urgent data of TCP, and the half that was closed" {
	run with_seven '
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
conn, _ = server.accept()
client.send(b"!", socket.MSG_OOB)
client.shutdown(socket.SHUT_WR)
client.set_inheritable(True)
os.dup2(conn.detach(), 7)' fdtool epoll-watch -e pri,rdhup --no-read -n 1 fd:7
	assert_success
	assert_output 'fd:7: EPOLLPRI|EPOLLRDHUP socket'
}

@test "epoll-watch: --no-read takes nothing out, and looks again after a second, not at once" {
	serve -n "$N" eventfd:3
	watch --no-read -t 1500ms "$N"
	ends_with 124 "$WATCH"
	assert_equal "$(sort -u out)" "$N: EPOLLIN eventfd"
	assert_equal "$(wc -l <out)" 2
	run fdtool epoll-watch -n 1 "$N"
	assert_output "$N: EPOLLIN eventfd count=3"
}

@test "epoll-watch: --no-read, -e out and an error that stays use no processor time" {
	serve -n "$N" eventfd:1
	watch --no-read -e in,out "$N"
	until_true printed 2
	local user system
	# after the command's name
	read -r user system < <(sed 's/.*) //' "/proc/$WATCH/stat" | cut -d ' ' -f 12,13)
	((user + system < 20)) || fail "$user + $system ticks"
	stops_with 143 "$WATCH"
}

@test "epoll-watch: --edge: silent until something new comes, though it is ready" {
	serve -n "$N" -m rw eventfd:1
	watch --edge --no-read -n 2 "$N"
	until_true printed 1
	# longer than the second after which it would report it again without --edge
	run fdtool epoll-watch --edge --no-read -t 1200ms "$N"
	assert_failure 124
	assert_output "$N: EPOLLIN eventfd"
	assert_equal "$(wc -l <out)" 1
	fdtool grab -f 1 "$N" -- printf '\1\0\0\0\0\0\0\0'
	ends_with 0 "$WATCH"
	assert_equal "$(<out)" "$N: EPOLLIN eventfd
$N: EPOLLIN eventfd"
}

@test "epoll-watch: --oneshot: one event of each target, then the end" {
	serve -n "$N.fast" -n "$N.slow" timerfd:10ms timerfd:150ms
	run --separate-stderr fdtool epoll-watch --oneshot "$N.fast" "$N.slow"
	assert_success
	assert_equal "$(wc -l <<<"$output")" 2
	assert_line --regexp "^$N.fast: EPOLLIN timerfd"
	assert_line --regexp "^$N.slow: EPOLLIN timerfd"
}

@test "epoll-watch: -n counts the events of all targets" {
	serve -n "$N.a" -n "$N.b" timerfd:10ms timerfd:15ms
	run fdtool epoll-watch -n 5 "$N.a" "$N.b"
	assert_success
	assert_equal "${#lines[@]}" 5
}

@test "epoll-watch: of two watchers of one description, each event reaches one" {
	serve -n "$N" eventfd:0
	local left
	"$FDTOOL" epoll-watch --json "$N" >one 3>&- &
	STARTED+=($!)
	"$FDTOOL" epoll-watch --json "$N" >two 3>&- &
	STARTED+=($!)
	until_true granted 2
	for ((left = 5; left > 0; left--)); do
		fdtool grab -f 1 "$N" -- printf '\1\0\0\0\0\0\0\0'
	done
	until_true sum_is 5
}

# That many clients had it from the last server.
granted() {
	[ "$(grep -c granted serve.out)" = "$1" ]
}

sum_is() {
	[ "$(cat one two | jq -s 'map(.count // 0) | add')" = "$1" ]
}

# --- targets, and the end ---------------------------------------------------------

@test "epoll-watch: the server hangs up: 0, and it is said" {
	serve -n "$N" eventfd:0
	watch "$N"
	until_true grep -q granted serve.out
	stops_with 143 "$SERVER"
	ends_with 0 "$WATCH"
	assert_equal "$(<err)" "fdtool epoll-watch: $N: the server hung up"
	assert_equal "$(<out)" ''
}

@test "epoll-watch: of two servers, the one that is left is still watched" {
	serve -n "$N.a" eventfd:0
	local first=$SERVER
	serve -n "$N.b" eventfd:0
	watch "$N.a" "$N.b"
	until_true grep -q granted serve.out
	stops_with 143 "$first"
	until_true grep -qx "fdtool epoll-watch: $N.a: the server hung up" err
	fdtool grab -f 1 "$N.b" -- printf '\1\0\0\0\0\0\0\0'
	until_true grep -qx "$N.b: EPOLLIN eventfd count=1" out
	stops_with 143 "$SERVER"
	ends_with 0 "$WATCH"
}

@test "epoll-watch: the descriptor hangs up: a line, and 0" {
	mkfifo gate
	exec {gate}<>gate
	# a pipe of pipe(2): what a shell opens by name for "< <(...)" counts as a FIFO
	{ echo text && read -r -u "$gate"; } | watch_here fd:0 &
	WATCH=$!
	STARTED+=("$WATCH")
	until_true grep -qx 'fd:0: EPOLLIN pipe text=text' out
	echo >&"$gate"
	exec {gate}>&-
	ends_with 0 "$WATCH"
	assert_equal "$(tail -n 1 out)" 'fd:0: EPOLLHUP pipe'
	assert_equal "$(<err)" 'fdtool epoll-watch: fd:0: the other end hung up'
}

@test "epoll-watch: a FIFO, which is read by a child, hangs up" {
	mkfifo fifo
	exec {writer}<>fifo
	watch fd:0 <fifo {writer}>&-
	echo text >&"$writer"
	until_true grep -qx 'fd:0: EPOLLIN pipe text=text' out
	echo more >&"$writer"
	until_true printed 2
	exec {writer}>&-
	ends_with 0 "$WATCH"
	assert_equal "$(<out)" 'fd:0: EPOLLIN pipe text=text
fd:0: EPOLLIN pipe text=more
fd:0: EPOLLHUP pipe'
	assert_equal "$(<err)" 'fdtool epoll-watch: fd:0: the other end hung up'
}

@test "epoll-watch: where a child reads, the events are still those of the target" {
	mkfifo fifo
	exec {both}<>fifo
	echo text >&"$both"
	# a FIFO that is open both ways can be written, too
	run fdtool epoll-watch -e in,out -n 1 "fd:$both"
	assert_output "fd:$both: EPOLLIN|EPOLLOUT pipe text=text"
	echo text >&"$both"
	run --separate-stderr fdtool epoll-watch --oneshot "fd:$both"
	assert_success
	assert_output "fd:$both: EPOLLIN pipe text=text"
	watch --edge "fd:$both"
	local i
	for i in 1 2 3; do
		echo "$i" >&"$both"
		until_true printed "$i"
	done
	stops_with 143 "$WATCH"
	assert_equal "$(<out)" "fd:$both: EPOLLIN pipe text=1
fd:$both: EPOLLIN pipe text=2
fd:$both: EPOLLIN pipe text=3"
	# nothing is there: no child waits for it, and no processor time is used
	watch "fd:$both"
	echo 4 >&"$both"
	until_true printed 1
	refute pgrep -P "$WATCH"
	stops_with 143 "$WATCH"
	exec {both}>&-
}

@test "epoll-watch: PID:FD, which makes nobody a client" {
	serve -n "$N" eventfd:2
	run fdtool epoll-watch -n 1 "$SERVER:$(served_fd)"
	assert_success
	assert_output "$SERVER:$(served_fd): EPOLLIN eventfd count=2"
	refute grep -q granted serve.out
}

@test "epoll-watch: PID:FD needs ptrace permission" {
	needs_root
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
	serve -n "$N" eventfd:2
	run as 1 fdtool epoll-watch -n 1 "$SERVER:$(served_fd)"
	assert_failure 1
	assert_line --index 0 "fdtool epoll-watch: $SERVER:$(served_fd): pidfd_getfd: EPERM (Operation not permitted)"
	assert_line --index 1 --partial 'needs ptrace permission'
	run as 1 fdtool epoll-watch -n 1 "$N"
	assert_failure 3
}

@test "epoll-watch: what epoll does not take: EPERM, and why" {
	echo text >file
	local what
	for what in file /dev/null; do
		run fdtool epoll-watch fd:0 <"$what"
		assert_failure 1
		assert_line --index 0 'fdtool epoll-watch: fd:0: epoll_ctl: EPERM (Operation not permitted)'
		assert_line --index 1 --partial 'cannot be waited for'
		assert_equal "${#lines[@]}" 2
	done
	serve -n "$N" file
	run fdtool epoll-watch "$N"
	assert_failure 1
	assert_line --index 1 --partial '(here: regular)'
	# also beside a target that could be
	serve -n "$N.timer" timerfd:10ms
	run fdtool epoll-watch "$N.timer" "$N"
	assert_failure 1
	refute_output --partial EPOLLIN
}

@test "epoll-watch: a device that can only be read by waiting is read by a child" {
	holding pty serve -n "$N" fd:8 --allow-type unix
	watch -n 1 "$N"
	until_true grep -q granted serve.out
	echo typed >"$(<slave)"
	ends_with 0 "$WATCH"
	assert_equal "$(<out)" "$N: EPOLLIN char text=typed\\r"
}

@test "epoll-watch: O_NONBLOCK stays as it was" {
	mkfifo fifo
	exec {both}<>fifo
	serve -n "$N" "fd:$both"
	echo x >&"$both"
	fdtool epoll-watch -n 1 "$N"
	run fdtool grab -c flags "$N"
	refute_output --partial O_NONBLOCK
	exec {both}>&-
}

@test "epoll-watch: signals end it by that signal" {
	serve -n "$N" eventfd:0
	local signal clients=0
	for signal in TERM INT; do
		env --default-signal=INT "$FDTOOL" epoll-watch "$N" >out 2>err 3>&- &
		WATCH=$!
		STARTED+=("$WATCH")
		until_true granted $((++clients))
		stops_with $((128 + $(kill -l "$signal"))) "$WATCH" "$signal"
		assert_equal "$(<err)" ''
	done
}

@test "epoll-watch: a standard output that is gone ends it with 1" {
	serve -n "$N" timerfd:10ms
	"$FDTOOL" epoll-watch "$N" >/dev/full 2>err 3>&- &
	STARTED+=($!)
	ends_with 1 $!
	assert_equal "$(<err)" 'fdtool epoll-watch: standard output: write: ENOSPC (No space left on device)'
}

@test "epoll-watch: nobody there: 4; --wait" {
	run fdtool epoll-watch "$N"
	assert_failure 4
	run fdtool epoll-watch fd:77
	assert_failure 4
	run fdtool epoll-watch --wait=50ms "$N"
	assert_failure 4
	watch --wait -n 1 "$N"
	serve -n "$N" eventfd:1
	ends_with 0 "$WATCH"
	assert_equal "$(<out)" "$N: EPOLLIN eventfd count=1"
}

@test "epoll-watch: --from: a server of another user" {
	needs_root
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR"/test "$T"
	serve -n "$N" --user daemon --allow-any eventfd:1
	run as 2 fdtool epoll-watch -n 1 "$N"
	assert_failure 3
	run as 2 fdtool epoll-watch --from daemon -n 1 "$N"
	assert_success
	assert_output "$N: EPOLLIN eventfd count=1"
}

@test "epoll-watch: -v takes the messages apart" {
	serve -n "$N" eventfd:1
	run --separate-stderr fdtool epoll-watch -v -n 1 "$N"
	assert_output "$N: EPOLLIN eventfd count=1"
	# shellcheck disable=SC2154 # run sets it
	grep -q SCM_RIGHTS <<<"$stderr"
	grep -q 'FDTOOL/1 TAKEN' <<<"$stderr"
}

@test "epoll-watch: it closes what it had: no descriptor is left when it waits again" {
	serve -n "$N" timerfd:10ms
	watch "$N"
	until_true printed 2
	local before
	before=$(fds_of "$WATCH")
	until_true printed 10
	assert_equal "$(fds_of "$WATCH")" "$before"
	stops_with 143 "$WATCH"
}

@test "epoll-watch: the command line" {
	local words
	for words in '' '-e nothing x' '-e in,,out x' '-n 0 x' '-t soon x' 'fd:x'; do
		# shellcheck disable=SC2086 # words
		run fdtool epoll-watch $words
		assert_failure 2
		assert_equal "${#lines[@]}" 1
		assert_output --partial "see 'fdtool epoll-watch --help'"
	done
}
