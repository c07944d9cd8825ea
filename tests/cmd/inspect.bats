#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect: one description and a second open, the holders, what is unknown and how it is
# reported; failures; --watch.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

test_setup() {
	printf 'hello world\n' >file
	export TMUX_TMPDIR=$T
}

# holds REDIRECTION: starts a process with that redirection; $HOLDER is its pid.
holds() {
	eval "start sleep 60 $1"
	HOLDER=$!
	until_true grep -qs '^sleep' "/proc/$HOLDER/comm"
}

served_fd() {
	sed -n '1s/.*as descriptor //p' serve.out
}

@test "a description and a second open of the same file" {
	exec {a}<file {b}<file
	run -0 fdtool inspect -r -n -o OFD,PID,FD,MODE,NAME "$$:$a"
	assert_line "A $$ $a r $T/file"
	assert_line "B $$ $b r $T/file"
	exec {a}<&- {b}<&-
}

@test "two processes share one" {
	exec {a}<file
	holds "7<&$a"
	run -0 fdtool inspect --json "$HOLDER:7"
	json ".[0].descriptions[0] | .id == \"A\" and .shared and .asked and .type == \"regular\" and
		([.holders[].pid] | contains([$$, $HOLDER]))"
	exec {a}<&-
}

@test "NAME: no grant is used up, no client announced" {
	serve --once -n "$N" file
	cp serve.out before
	run -0 fdtool inspect --json "$N"
	json ".[0].descriptions[0] | .holders[0].pid == $SERVER and .holders[0].fds == [$(served_fd)]"
	cmp before serve.out
	kill -0 "$SERVER"
}

@test "PID: all of its own, and who else has them" {
	holds '7<file 8<&7'
	run -0 fdtool inspect --shared -r -n -o PID,FD,NAME "$HOLDER"
	assert_line "$HOLDER 7 $T/file"
	assert_line "$HOLDER 8 $T/file"
	run -0 fdtool inspect --json "$HOLDER" "$HOLDER"
	json '[.[0].descriptions[].holders[] | has("same_table")] | any | not'
}

@test "fd:N, but not one that inspect opened itself" {
	run -0 fdtool inspect -r -n -o FD,NAME fd:7 7<file
	assert_line "7 $T/file"
	run -4 fdtool inspect fd:8
	assert_output 'fdtool inspect: fd:8: no such descriptor: EBADF (Bad file descriptor)'
	for n in 3 4 5; do
		run -4 timeout 9 bash -c "exec 3>&- 4>&- 5>&-; exec \"$FDTOOL\" inspect fd:$n"
	done
}

@test "what is not there: 4" {
	run -4 fdtool inspect 4194304
	assert_output 'fdtool inspect: 4194304: no such process: ESRCH (No such process)'
	run -4 fdtool inspect $$:999
	assert_output "fdtool inspect: $$:999: no such descriptor: EBADF (Bad file descriptor)"
	run -4 fdtool inspect ./none
	assert_output 'fdtool inspect: ./none: no such file: ENOENT (No such file or directory)'
	run -4 fdtool inspect "@fdtool/$N"
	assert_output "fdtool inspect: @fdtool/$N: nobody offers it: ECONNREFUSED (Connection refused)"
	serve -n "$N-lamp" file
	run -4 fdtool inspect "$N-lmap"
	assert_line --index 0 "fdtool inspect: $N-lmap: nobody offers it: ECONNREFUSED (Connection refused)"
	assert_line --index 1 "  on offer is '$N-lamp'"
}

@test "@RAW: only its server knows whose descriptor it is" {
	serve -n "$N" file
	run -1 fdtool inspect "@fdtool/$N"
	assert_line --index 0 "fdtool inspect: @fdtool/$N: only its server knows which descriptor it offers"
	assert_line --index 1 "  take it: fdtool grab @fdtool/$N -- fdtool inspect fd:3; or who has the socket: fdtool inspect unix:@fdtool/$N"
}

@test "what makes no sense: 2" {
	local words
	for words in '' "--all $$" '--json --dot fd:0' '--svg --picture fd:0' '--watch --dot fd:0' \
		"--limits $$" "--limits fd:0 $$" '-o FOO fd:0' '-o , fd:0' '--watch=0 fd:0' 'a:b'; do
		# shellcheck disable=SC2086 # words
		run -2 fdtool inspect $words
		assert_equal "${#lines[@]}" 1
	done
}

@test "another user's process: 1, and what to do; --all has gaps and never 'not shared'" {
	needs_open_proc
	run -1 as 1 fdtool inspect $$
	assert_line --index 0 --partial 'EACCES (Permission denied)'
	assert_line --index 1 --partial 'ptrace permission'
	run -1 as 1 fdtool inspect $$:0
	run -0 --separate-stderr as 1 fdtool inspect --json fd:7 7</etc/passwd
	json '.[0] | (.unseen | length > 0) and (.descriptions | all(.complete == false and .shared != false))'
	run -0 as 1 fdtool inspect fd:7 7</etc/passwd
	assert_line --partial 'could not be inspected: there may be more holders'
}

@test "in a pid namespace: whoever is outside is a gap" {
	needs_namespaces
	run -0 --separate-stderr timeout 20 unshare -pf --mount-proc "$FDTOOL" inspect --json fd:7 7<file
	json '.[0] | .unseen == [] and (.descriptions[0] | .complete == false and .shared == null)'
	run -0 --separate-stderr timeout 20 unshare -pf --mount-proc "$FDTOOL" inspect fd:7 7<file
	# shellcheck disable=SC2154 # run sets it
	[[ $stderr == *'processes outside this pid namespace are not seen'* ]]
}

# without_kcmp ARG...: by proc(5), since the BPF iterator has the addresses of descriptions.
without_kcmp() {
	setpriv --reuid=1 --regid=1 --clear-groups -- "$TESTDIR/peers/no-kcmp.py" "$FDTOOL" "$@" 7</etc/passwd 8<&7
}

@test "kcmp forbidden: doubt, which is said" {
	needs_root
	run -0 --separate-stderr without_kcmp inspect --json fd:7
	json '.[0].descriptions | length > 1 and all(.shared == null and .complete == false)'
	run -0 --separate-stderr without_kcmp inspect -r -n -o OFD fd:7
	assert_line 'A?'
	[[ $stderr == *'kcmp is forbidden here'* ]]
}

@test "hidepid: hidden holders are a gap" {
	needs_namespaces
	run -0 --separate-stderr unshare -m sh -c "mount -t proc -o hidepid=2 proc /proc &&
		exec setpriv --reuid=1 --regid=1 --clear-groups -- '$FDTOOL' inspect --json fd:7" 7</etc/passwd
	json '.[0].descriptions[0] | .complete == false and .shared != false'
}

@test "a file whose FUSE server sleeps" {
	needs_root
	needs_device /dev/fuse
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" >fuse.out
	local pid=$!
	until_true grep -qs ready fuse.out
	run -0 timeout 5 "$FDTOOL" inspect -r -n -o FD,NAME "$pid:7"
	assert_line "7 $T/mount/file"
	run -0 timeout 5 "$FDTOOL" inspect --json "$pid"
	run -0 timeout 5 "$FDTOOL" inspect --all
	kill "$pid" && wait "$pid"
}

@test "a name of any bytes" {
	local name=$'a\nb\e[31m\xff'
	printf x >"$name"
	run -0 --separate-stderr fdtool inspect --json fd:7 7<"$name"
	json '.[0].descriptions[0].name | test("a.*b.*\\\\377$")'
	run -0 --separate-stderr fdtool inspect -n fd:7 7<"$name"
	[[ $output != *$'\e'* ]]
}

@test "columns" {
	run -0 fdtool inspect --list-columns
	local column all
	all=$(awk '{ print $1 }' <<<"$output" | paste -sd ,)
	run -0 --separate-stderr fdtool inspect -o "$all" fd:7 7<file
	for column in OFD PID WHY FACTS; do [[ ${lines[0]} == *"$column"* ]]; done
	run -0 --separate-stderr fdtool inspect -o +inode fd:7 7<file
	[[ ${lines[0]} == OFD*NAME*INODE* ]]
}

@test "without POS, FLAGS and NAME neither fdinfo nor link is read" {
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	run -0 strace -f -o trace -e trace=openat,readlinkat "$FDTOOL" inspect -o OFD,PID,FD fd:7 7<file
	! grep -q fdinfo trace || false
	! grep -q 'readlinkat.*"fd/' trace || false
	run -0 strace -f -o trace -e trace=openat "$FDTOOL" inspect fd:7 7<file
	grep -q fdinfo trace
}

@test "--limits" {
	run -0 fdtool inspect --limits fd:7 7<file
	assert_line --regexp '^write +EBADF '
	run -0 fdtool inspect --limits --json fd:7 7<file
	json '.[0] | any(.operation == "write" and .errno == "EBADF")'
}

@test "who set O_NONBLOCK on a terminal: all that share it have the flag, another open has not" {
	holding pty serve -n "$N" fd:7
	exec {open}<>"$(cat slave)"
	holds "7<&$open"
	python3 -c 'import os, sys; os.set_blocking(int(sys.argv[1]), False)' "$open"
	run -0 --separate-stderr fdtool inspect -r -n -o OFD,PID,FLAGS "$HOLDER:7"
	grep -q "^A $$ .*O_NONBLOCK" <<<"$output"
	grep -q "^A $HOLDER .*O_NONBLOCK" <<<"$output"
	grep -q "^[B-Z] $SERVER " <<<"$output"
	! grep -q "^[B-Z] $SERVER .*O_NONBLOCK" <<<"$output" || false
	exec {open}>&-
}

@test "a pipeline" {
	mkfifo go
	start bash -c 'sleep 60 | cat'
	local pid=$!
	until_true pgrep -P "$pid" cat
	run -0 fdtool inspect -r -n -o PID,FD,TYPE "$(pgrep -P "$pid" cat):0"
	assert_line "$(pgrep -P "$pid" cat) 0 pipe"
	assert_line "$(pgrep -P "$pid" sleep) 1 pipe"
	kill $(pgrep -P "$pid")
}

@test "what cannot be written: 1" {
	run -1 bash -c '"$FDTOOL" inspect --all >/dev/full'
	run -1 bash -c '"$FDTOOL" inspect --all --json >/dev/full'
	run -1 bash -c '"$FDTOOL" inspect --all >&-'
}

has_looks() {
	[ "$(grep -c OFD watch.out)" -ge "$1" ]
}

@test "--watch, not on a terminal: a look when it differs; ends when nobody holds it" {
	holds '7<file'
	start "$FDTOOL" inspect --watch=50ms "$HOLDER:7" >watch.out 2>watch.err
	local watch=$!
	until_true grep -q "$HOLDER" watch.out
	assert_equal "$(grep -c OFD watch.out)" 1
	start sleep 60 7<"/proc/$HOLDER/fd/7"
	until_true has_looks 2
	kill "$HOLDER" "${STARTED[-1]}"
	ends_with 0 "$watch"
	grep -q 'nobody holds it any longer' watch.err
}

# only_has PID: the last look shows only that process.
only_has() {
	[ "$(sed -n '/PID/h; //!H; ${ x; p; }' watch.out)" = $'PID\n'"$1" ]
}

@test "--watch follows the description to who still holds it" {
	serve -n "$N" file
	start "$FDTOOL" grab "$N" -- sleep 60
	local grab=$!
	until_true [ -e "/proc/$grab/fd/3" ]
	start "$FDTOOL" inspect --watch=50ms -r -o PID "$N" >watch.out 2>watch.err
	local watch=$!
	until_true grep -qx "$grab" watch.out
	stops_with 143 "$SERVER"
	until_true only_has "$grab"
	kill "$grab"
	ends_with 0 "$watch"
}

@test "processes that come and go, and a hundred at once" {
	start bash -c 'while :; do /bin/true; done'
	local i pids=()
	for ((i = 0; i < 10; i++)); do # not by run: the output may be long
		fdtool inspect --all --json 2>/dev/null | jq -e '.descriptions | length > 0' >/dev/null
	done
	for ((i = 0; i < 100; i++)); do
		"$FDTOOL" inspect -q $$ >/dev/null 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
}

# The pane's shell is back, and the screen is restored.
is_back() {
	shows 0 before && ! shows 0 OFD && ends_in 0 "$1"
}

@test "--watch on a terminal: the screen is its own, and given back" {
	holds '7<>file'
	two_terminals
	types 0 'echo before' Enter
	types 0 "$FDTOOL inspect -q --watch=100ms $HOLDER:7; echo rc=\$?" Enter
	sees 0 OFD
	refute shows 0 before
	"$FDTOOL" lseek "$HOLDER:7" 5
	until_true eval "screen 0 | grep -qE '^A .* 5 '"
	types 0 q
	until_true is_back '$'
	sees 0 'rc=0'

	types 0 "clear; $FDTOOL inspect -q --picture --watch=100ms $HOLDER:7; echo rc=\$?" Enter
	sees 0 'mode rw'
	terminal resize-pane -t 0.0 -x 60
	until_true eval "screen 0 | grep -q 'pos 5' && ! screen 0 | grep -qE '.{61}'"
	types 0 C-z
	sees 0 Stopped
	types 0 fg Enter
	sees 0 'mode rw'
	types 0 C-c
	until_true ends_in 0 '$'
	types 0 'echo rc=$?' Enter
	sees 0 'rc=130'
	refute shows 0 'mode rw'
	terminal kill-server
}

at_top() {
	screen 0 | grep -q '^1-[0-9]* of'
}

@test "--watch on a terminal: more lines than the screen are scrolled and searched; the head stays" {
	local n
	for n in {1..60}; do touch "file-$n"; done
	start bash -c 'for n in {1..60}; do exec {fd}<"file-$n"; done; : >opened; exec sleep 60'
	until_true [ -e opened ]
	two_terminals
	types 0 "$FDTOOL inspect -q --each --watch=100ms -o FD,NAME ${STARTED[-1]}" Enter
	sees 0 '/ searches'
	until_true at_top
	types 0 End
	until_true eval '! at_top'
	shows 0 NAME && shows 0 'fdtool inspect'
	types 0 Home
	until_true at_top
	types 0 NPage
	until_true eval '! at_top'
	types 0 PPage
	until_true at_top
	types 0 Down j Up
	until_true eval "screen 0 | grep -q '^2-[0-9]* of'"
	types 0 k
	until_true at_top
	types 0 F2 M-q F5 # keys of several bytes, none of which is a key here
	types 0 / FILE-5 F2 M-q 9x BSpace
	sees 0 '/FILE-59'
	types 0 Enter
	sees 0 file-59
	types 0 / nowhere Enter
	sees 0 'not found: nowhere'
	types 0 g
	sees 0 '/ searches'
	types 0 / file-30
	sees 0 '/file-30'
	types 0 Escape
	sees 0 '/ searches'
	terminal resize-pane -t 0.0 -x 30
	sees 0 'fdtool inspect'
	until_true eval "screen 0 | grep -q 's, by' && ! screen 0 | grep -qE '.{31}'"
	types 0 q
	# where the shell's lines are now, the terminal decides, which is narrower than it was
	until_true eval '! pgrep -P "$(terminal list-panes -F "#{pane_pid}" -t 0.0 | head -n 1)" >/dev/null'
	terminal kill-server
}

@test "the leaked listening socket, by its port" {
	start python3 -c '
import os, socket, time
s = socket.create_server(("127.0.0.1", 0))
s.set_inheritable(True)
print(s.getsockname()[1], flush=True)
os.fork()
time.sleep(60)' >port
	until_true test -s port
	until_true pgrep -P "${STARTED[-1]}"
	local child
	child=$(pgrep -P "${STARTED[-1]}")
	run -0 fdtool inspect -q -nr -o OFD,PID,FACTS "tcp:$(cat port)"
	assert_equal "$(wc -l <<<"$output")" 2
	assert_line --regexp "^[A-Z]+ ${STARTED[-1]} .*LISTEN"
	assert_line --regexp "^[A-Z]+ $child .*LISTEN"
	assert_equal "$(cut -d ' ' -f 1 <<<"$output" | uniq | wc -l)" 1
	kill "$child"
}

@test "an epoll entry is of a description, not of a number; a socket's other end" {
	start python3 -c '
import os, select, socket, time
e = select.epoll()
a, b = socket.socketpair()
e.register(a, select.EPOLLIN)
copy = os.dup(a.fileno())
print(e.fileno(), a.fileno(), copy, b.fileno(), flush=True)
a.close()
time.sleep(60)' >numbers
	until_true test -s numbers
	local pid=${STARTED[-1]} epoll closed copy other
	read -r epoll closed copy other <numbers
	run -0 fdtool inspect -q --json "$pid:$epoll"
	json ".[0].descriptions[0].facts.entries == [.[0].descriptions[0].facts.entries[0]] and
		(.[0].descriptions[0].facts.entries[0] | .fd == $closed and .means == [$copy] and (.events | index(\"EPOLLIN\")))"
	run -0 fdtool inspect -q --json "$pid:$copy"
	json ".[0].descriptions[0].facts.peers == [\"$pid:$other\"]"
}

@test "a tmux session: its shells have terminals of their own, its server their other ends" {
	two_terminals
	local one two
	read -r one two <<<"$(terminal list-panes -F '#{pane_pid}' | paste -sd ' ')"
	run -0 fdtool inspect -q --shared -nr -o OFD,PID,FD,TYPE "$one" "$two"
	assert_line --regexp "^A $one 0 char\$"
	assert_line --regexp "^A $one 2 char\$"
	assert_line --regexp "^B $two 0 char\$"
	refute_line --regexp "^A $two "
	terminal kill-server
}

@test "the picture says in a sentence what is shared and what is a second open" {
	serve -n "$N" file
	start "$FDTOOL" grab "$N" -- sleep 60
	local grab=${STARTED[-1]}
	until_true grep -qs '^sleep' "/proc/$grab/comm"
	run -0 --separate-stderr fdtool inspect --picture "$N"
	[[ $(paste -sd ' ' <<<"$output") == *"fd $(served_fd) and sleep ($grab) fd 3 share one open file description (A): one offset"* ]]
	holds '7<file'
	run -0 --separate-stderr fdtool inspect --picture "$N"
	[[ $(paste -sd ' ' <<<"$output") == *"sleep ($HOLDER) fd 7 is a second open of the same file (B): its offset is its own"* ]]
	run -0 --separate-stderr fdtool inspect --svg "$N"
	python3 -c 'import sys, xml.etree.ElementTree as e; e.parse(sys.stdin)' <<<"$output"
	run -0 --separate-stderr fdtool inspect --dot "$N"
	dot -Tsvg -o dot.svg <<<"$output"
}

@test "-v says by which way" {
	local what
	needs_root
	needs_btf
	for what in --all fd:7; do
		run -0 --separate-stderr fdtool inspect -qv -o PID "$what" 7<file
		assert_equal "$stderr" 'fdtool inspect: method: the BPF iterator'
	done
	as 65533 fdtool inspect -qv --all -o PID 2>&1 >/dev/null | grep 'method: procfs and kcmp; BPF not used: it takes CAP_BPF'
}

@test "a kernel that does not describe itself: -v says so, and the other way answers" {
	needs_namespaces
	needs_btf
	run -0 --separate-stderr unshare -m sh -c 'mount -t tmpfs none /sys/kernel/btf && exec "$@"' sh \
		"$FDTOOL" inspect -v --all --json
	assert_regex "$stderr" 'method: procfs and kcmp; BPF not used: the kernel does not describe itself'
	jq -es 'length > 0' <<<"$output"
}

@test "a server's title is data" {
	start bash -c 'exec -a "fdtool: serve $(printf "a\e[31mb")=7" python3 -c "import time; time.sleep(60)" 7<file 8<&7'
	local pid=${STARTED[-1]}
	until_true [ -e "/proc/$pid/fd/8" ]
	run -0 --separate-stderr fdtool inspect -o WHY "$pid:7"
	[[ $output != *$'\e'* ]]
}

# in_pipeline OPTION...: as in `… | tee out | cat` of a script, where a sleep that was started before has
# the same process group. fdtool begins when the others are at their places.
in_pipeline() {
	mkfifo go
	echo x >file
	# shellcheck disable=SC2016
	run -0 --separate-stderr bash -c 'exec 7<file; sleep 60 & exec 3<>go
{ read -r -u 3; read -r -u 3; "$FDTOOL" inspect "$@" $$:7; } | { echo >&3; exec tee out; } |
{ echo >&3; exec cat; }; kill %1' bash "$@"
	rm go
}

@test "what is there only because of the look is marked: its pipeline, and not the shell's other job" {
	in_pipeline
	assert_line --regexp '^A +[0-9]+ bash +7 '
	assert_line --regexp '─A +[0-9]+ sleep +7 '
	[ "$(grep -c '(this pipe) ' out)" = 2 ]
	in_pipeline --json
	json '.[0].descriptions[0].holders |
		([.[] | select(.own == "this pipe") | .fds] == [[7], [7]]) and
		any(.command == "sleep" and .own == null) and any(.command == "bash" and .own == null)'
	local how
	for how in --picture --dot --svg; do
		in_pipeline "$how"
		[ "$(grep -o '(this pipe)' out | wc -l)" -ge 2 ]
		! grep -q 'sleep [0-9]* (this' out || false
	done
	in_pipeline --raw
	refute_output --partial pipeline
}

@test "what is there only because of the look is marked: itself, and not the shell that reads the output" {
	run -0 --separate-stderr fdtool inspect --json fd:7 7<"$FDTOOL"
	json '.[0].descriptions[0].holders | any(.command == "fdtool" and .own == "itself") and
		all(.own == null or .own == "itself")'
	run -0 --separate-stderr fdtool inspect fd:7 7<"$FDTOOL"
	assert_line --regexp '^A +[0-9]+ fdtool \(itself\) +7 '
}

@test "a gap: -v names it, the note says who would see it, and --json lists it" {
	needs_open_proc
	start sleep 60 3>&-
	local pid=$!
	until_true grep -qx sleep "/proc/$pid/comm"
	run -0 --separate-stderr as 1 fdtool inspect -v fd:7 7</etc/passwd
	assert_regex "$stderr" "fdtool inspect: pid $pid \(sleep\): EACCES"
	assert_regex "$stderr" 'could not be inspected: there may be more holders, which root \(sudo\) sees'
	run -0 --separate-stderr as 1 fdtool inspect --json fd:7 7</etc/passwd
	json --argjson pid "$pid" '.[0].unseen | any(. == {"pid": $pid, "command": "sleep", "error": "EACCES"})'
	local how
	for how in --picture --dot --svg; do
		run -0 --separate-stderr as 1 fdtool inspect "$how" fd:7 7</etc/passwd
		[[ $(tr -s '\n ' '  ' <<<"$output") == *'may be more holders, which root (sudo) sees'* ]]
	done
}

@test "root looks at a target by the BPF iterator, as at everything, and there is no gap" {
	needs_btf
	fdtool --version | grep -q 'libbpf [0-9]' || skip 'no libbpf'
	holds '7<file'
	run -0 --separate-stderr fdtool inspect -v "$HOLDER:7"
	assert_equal "$stderr" 'fdtool inspect: method: the BPF iterator'
	run -0 --separate-stderr fdtool inspect --json "$HOLDER:7"
	json --argjson pid "$HOLDER" '.[0] | .unseen == [] and
		(.descriptions[0].holders | map(select(.pid == $pid) | .fds) == [[7]])'
	run -4 fdtool inspect "$HOLDER:8"
	assert_line --index 0 --partial 'no such descriptor: EBADF'
}
