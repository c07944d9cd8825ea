# SPDX-License-Identifier: GPL-3.0-or-later
#
# mypoll-tail: events, gaps, the two hang-ups, and devices that are not mypoll.
#
# shellcheck disable=SC2016 # the programs and jq expand it
# shellcheck disable=SC2154 # stderr is of run --separate-stderr
# shellcheck disable=SC2030,SC2031,SC2094 # each test is a subshell; the names only look like files'
# shellcheck disable=SC2034 # the helper reads BEHIND

bats_require_minimum_version 1.5.0
load ../helper

# tail_to FILE ARG...: a tail in the background. $TAIL is its pid, FILE.err its stderr.
tail_to() {
	start "$FDTOOL" mypoll-tail "${@:2}" >"$1" 2>"$1.err" 8>&-
	TAIL=$!
}

# at_least N FILE: it has that many lines.
at_least() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

trigger() {
	fdtool grab -f 1 "$1" -- printf 'trigger\n'
}

# events FILE: the numbers in it, one a line
events() {
	sed -n 's/^event=\([0-9]*\) .*/\1/p' "$1"
}

# consecutive FILE: each event is one more than the one before
consecutive() {
	events "$1" | awk 'NR > 1 && $1 != last + 1 { exit 1 } { last = $1 }'
}

# The name mypoll is unique in a network namespace: fdtool and serve run in a new one.
own_network() {
	needs_namespaces
	start unshare -n sleep 60
	local holder=$!
	until_true in_another_network "$holder"
	BEHIND=(nsenter "--net=/proc/$holder/ns/net" --)
}

in_another_network() {
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# serve_pipe WORDS...: serves, as fd:7, the pipe that write.py WORDS writes to; then that ends.
serve_pipe() {
	exec 7< <(exec "$TESTDIR/peers/write.py" "$@" 3>&-)
	serve -n "$N" fd:7
	exec 7<&-
}

# serve_fifo: serves a pipe as fd:7, whose only writer is descriptor 8 of the test.
serve_fifo() {
	mkfifo pipe
	exec 8<>pipe
	exec 7<pipe
	serve -n "$N" fd:7 8>&-
	exec 7<&-
}

# --- events ----------------------------------------------------------------------

@test "mypoll-tail: timer events, as many as asked for" {
	serve -n "$N" mypoll:20ms
	run fdtool mypoll-tail -n 3 "$N"
	assert_success
	assert_equal "${#lines[@]}" 3
	local i
	for i in 0 1 2; do
		assert_line --index $i --regexp '^event=[0-9]+ source=timer mono_ns=[0-9]+$'
	done
	consecutive <(echo "$output")
	awk -F mono_ns= '$2 <= last { exit 1 } { last = $2 }' <<<"$output"
}

@test "mypoll-tail: a trigger through a descriptor that is open for writing is a manual event" {
	serve -m rw -n "$N" mypoll:0
	trigger "$N"
	run fdtool mypoll-tail -n 1 "$N"
	assert_success
	assert_output --regexp '^event=1 source=manual mono_ns=[0-9]+$'
}

@test "mypoll-tail: a trigger through a read-only one is EBADF, and no event" {
	serve -n "$N" mypoll:0
	run env LC_ALL=C timeout 20 "$FDTOOL" grab -f 1 "$N" -- /bin/echo trigger
	assert_failure
	assert_output --partial "Bad file descriptor"
	run fdtool mypoll-tail -t 100ms "$N"
	assert_failure 124
	refute_output --partial event=
}

@test "mypoll-tail: -n takes no more than it prints" {
	serve -m rw -n "$N" mypoll:0
	local i
	for i in 1 2 3 4 5; do trigger "$N"; done
	run fdtool mypoll-tail -n 2 "$N"
	assert_equal "$(events <(echo "$output"))" $'1\n2'
	run fdtool mypoll-tail -n 3 "$N"
	assert_equal "$(events <(echo "$output"))" $'3\n4\n5'
}

@test "mypoll-tail: -t ends it with 124, and says the counts" {
	serve -n "$N" mypoll:0
	run fdtool mypoll-tail -t 200ms "$N"
	assert_failure 124
	assert_output --regexp "^fdtool mypoll-tail: $N: .*: 0 events, 0 missed$"
	run fdtool mypoll-tail -q -t 200ms "$N"
	assert_failure 124
	assert_output ""
}

@test "mypoll-tail: the name is mypoll where none is given" {
	own_network
	serve mypoll:20ms
	run fdtool mypoll-tail -n 1
	assert_success
	assert_output --regexp '^event=[0-9]+ source=timer '
}

@test "mypoll-tail: nobody offers mypoll: 4, and how to" {
	own_network
	run fdtool mypoll-tail
	assert_failure 4
	assert_line --index 0 --regexp '^fdtool mypoll-tail: mypoll: .*: ECONNREFUSED '
	assert_line --index 1 --partial "fdtool serve mypoll:"
}

@test "mypoll-tail: --json is one object a line" {
	serve -n "$N" mypoll:20ms
	run fdtool mypoll-tail --json -n 3 "$N"
	assert_success
	assert_equal "${#lines[@]}" 3
	json 'all(.[]; keys == ["event", "missed", "mono_ns", "source"])'
	json 'all(.[]; .source == "timer" and .missed == 0 and (.mono_ns | type) == "number")'
	json '.[1].event == .[0].event + 1 and .[2].event == .[1].event + 1'
}

@test "mypoll-tail: what it has is flushed when it is idle" {
	serve -m rw -n "$N" mypoll:0
	mkfifo out
	exec 8<>out
	tail_to out "$N"
	local i line
	for i in 1 2 3; do
		trigger "$N"
		read -r -t 10 -u 8 line
		assert_regex "$line" "^event=$i source=manual "
		kill -0 "$TAIL"
	done
	exec 8<&-
}

@test "mypoll-tail: a burst that is read slowly comes in order, nothing missed" {
	serve -m rw -n "$N" mypoll:0
	fdtool grab "$N" -- sh -c 'i=0; while [ $i -lt 50 ]; do printf "trigger\n" >&3; i=$((i + 1)); done'
	run fdtool mypoll-tail --json -n 50 "$N"
	assert_success
	json 'map(.event) == [range(1; 51)] and all(.[]; .missed == 0)'
}

# --- gaps --------------------------------------------------------------------------

@test "mypoll-tail: what a full queue dropped is counted; what it kept follows on" {
	serve -n "$N-a" -n "$N-b" mypoll:3ms mypoll:3ms
	tail_to out --json "$N-a"
	until_true at_least 3 out
	kill -STOP "$TAIL"
	fdtool mypoll-tail -n 300 "$N-b" >/dev/null # more events than both queues hold
	kill -CONT "$TAIL"
	until_true grep -q '"missed":[1-9][0-9]' out
	until_true at_least 100 out
	stops_with 143 "$SERVER"
	ends_with 0 "$TAIL"
	output=$(cat out)
	# a slow machine may miss some before, too: the queue holds 200 ms
	json '[.[] | select(.missed >= 80)] | length == 1'
	json '. as $e | [range(1; length)] | all(.[]; $e[.].event == $e[. - 1].event + 1 + $e[.].missed)'
	json '(map(.missed) | add) == .[-1].event - .[0].event + 1 - length'
	local missed
	missed=$(jq -s 'map(.missed) | add' out)
	assert_equal "$(cat out.err)" "fdtool mypoll-tail: $N-a: the server hung up: $(wc -l <out) events, $missed missed"
}

@test "mypoll-tail: a gap shows for people, too" {
	serve_pipe 'event=1 source=timer\nevent=5 source=timer mono_ns=7\nevent=6 source=timer\n'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_line --index 0 "event=1 source=timer"
	assert_line --index 1 "event=5 source=timer mono_ns=7 missed=3"
	assert_line --index 2 "event=6 source=timer"
	assert_regex "$stderr" "3 events, 3 missed$"
}

# --- the two hang-ups -----------------------------------------------------------------

@test "mypoll-tail: the server goes: exit 0, said on stderr with the counts" {
	serve -n "$N" mypoll:20ms
	tail_to out "$N"
	until_true at_least 2 out
	stops_with 143 "$SERVER"
	ends_with 0 "$TAIL"
	consecutive out
	assert_equal "$(cat out.err)" \
		"fdtool mypoll-tail: $N: the server hung up: $(wc -l <out) events, 0 missed"
}

@test "mypoll-tail: a server that is killed with -9 is gone like any other" {
	serve -n "$N" mypoll:20ms
	tail_to out "$N"
	until_true at_least 2 out
	stops_with 137 "$SERVER" KILL
	ends_with 0 "$TAIL"
	assert_regex "$(cat out.err)" "^fdtool mypoll-tail: $N: the server hung up: [0-9]+ events, 0 missed$"
}

@test "mypoll-tail: what was queued when the server went is printed still" {
	serve -m rw -n "$N" mypoll:0
	tail_to out "$N"
	trigger "$N"
	until_true at_least 1 out
	kill -STOP "$TAIL"
	local i
	for i in 2 3 4 5; do trigger "$N"; done
	until_true ends_with_5_grants
	stops_with 143 "$SERVER"
	kill -CONT "$TAIL"
	ends_with 0 "$TAIL"
	assert_equal "$(events out)" $'1\n2\n3\n4\n5'
	assert_regex "$(cat out.err)" "the server hung up: 5 events, 0 missed$"
}

# Five triggers and the tail have come; five have gone, so their messages are handled.
ends_with_5_grants() {
	[ "$(grep -c ' left$' serve.out)" = 5 ]
}

@test "mypoll-tail: the device hangs up while its server lives: told apart" {
	serve_fifo
	tail_to out "$N"
	echo 'event=1 source=timer' >&8
	until_true at_least 1 out
	exec 8>&-
	ends_with 0 "$TAIL"
	assert_equal "$(cat out.err)" "fdtool mypoll-tail: $N: the device hung up: 1 event, 0 missed"
	kill -0 "$SERVER"
}

@test "mypoll-tail: the server goes, the pipe that it served lives on: the server it is" {
	serve_fifo
	tail_to out "$N"
	echo 'event=1 source=timer' >&8
	until_true at_least 1 out
	stops_with 143 "$SERVER"
	ends_with 0 "$TAIL"
	assert_equal "$(cat out.err)" "fdtool mypoll-tail: $N: the server hung up: 1 event, 0 missed"
}

@test "mypoll-tail: --follow goes on with the server's successor" {
	serve -n "$N" mypoll:20ms
	tail_to out --follow "$N"
	until_true at_least 2 out
	stops_with 143 "$SERVER"
	until_true grep -q "hung up; waiting for it to come back" out.err
	local before
	before=$(wc -l <out)
	serve -n "$N" mypoll:20ms
	until_true at_least $((before + 3)) out
	stops_with 143 "$TAIL"
	# another device begins anew, which is not a gap
	assert_equal "$(events out | grep -cx 1)" 2
	assert_equal "$(grep -c missed= out)" 0
}

@test "mypoll-tail: -F waits for a server at the start, too; -w as well" {
	tail_to out -F "$N"
	local follower=$TAIL
	tail_to once -w -n 1 "$N-b"
	until_true waits_in_fdtool "$follower"
	until_true waits_in_fdtool "$TAIL"
	serve -n "$N" -n "$N-b" mypoll:20ms mypoll:20ms
	until_true at_least 2 out
	ends_with 0 "$TAIL"
	assert_equal "$(wc -l <once)" 1
	stops_with 143 "$follower"
}

waits_in_fdtool() {
	[ "$(cut -d ' ' -f 2,3 "/proc/$1/stat")" = "(fdtool) S" ]
}

@test "mypoll-tail: while it waits for a server, a signal and -t end it" {
	tail_to out -F "$N"
	until_true waits_in_fdtool "$TAIL"
	stops_with 143 "$TAIL"
	run fdtool mypoll-tail -F -t 200ms "$N"
	assert_failure 124
	run fdtool mypoll-tail -w200ms "$N"
	assert_failure 4
	run fdtool mypoll-tail "$N"
	assert_failure 4
}

# --- who shares what ----------------------------------------------------------------------

@test "mypoll-tail: two tails of one offer share its events, each goes to one of them" {
	serve -n "$N" mypoll:10ms
	tail_to a "$N"
	local first=$TAIL
	tail_to b "$N"
	until_true at_least 5 a
	until_true at_least 5 b
	stops_with 143 "$SERVER"
	ends_with 0 "$first"
	ends_with 0 "$TAIL"
	cat a b | sed 's/ missed=.*//' | sort -V >both
	assert_equal "$(uniq -d both)" ""
	consecutive both
	assert_equal "$(events both | head -n 1)" 1
}

@test "mypoll-tail: two offers of one device have all events each" {
	serve -m rw -n "$N-a" -n "$N-b" -n "$N-c" mypoll:0 mypoll:0 mypoll:0
	tail_to a -n 5 "$N-a"
	local first=$TAIL i
	for i in 1 2 3 4 5; do trigger "$N-c"; done
	fdtool mypoll-tail -n 5 "$N-b" >b
	ends_with 0 "$first"
	assert_equal "$(events a)" $'1\n2\n3\n4\n5'
	assert_equal "$(cat b)" "$(cat a)"
}

# --- under load ------------------------------------------------------------------------------

# strace_writes FILE: the number of writes to the standard output of the tail
strace_writes() {
	grep -c '^write(1, ' "$1"
}

@test "mypoll-tail: 100,000 records are all there, in few writes" {
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	serve_pipe --storm 100000
	strace -o trace -e trace=write -e signal=none "$FDTOOL" mypoll-tail "$N" >out 2>err
	assert_equal "$(wc -l <out)" 100000
	consecutive out
	assert_equal "$(head -n 1 out)" "event=1 source=timer mono_ns=1"
	assert_regex "$(cat err)" "the device hung up: 100000 events, 0 missed$"
	assert [ "$(strace_writes trace)" -lt 200 ]
}

@test "mypoll-tail: 20,000 records, each of them one read, are few writes still" {
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	serve_pipe --packets --storm 20000
	strace -o trace -e trace=write -e signal=none "$FDTOOL" mypoll-tail "$N" >out 2>err
	assert_equal "$(wc -l <out)" 20000
	consecutive out
	assert_regex "$(cat err)" "20000 events, 0 missed$"
	assert [ "$(strace_writes trace)" -lt 5000 ]
}

@test "mypoll-tail: a storm does not keep it from its signals and its timeout" {
	exec 7< <(exec yes 'event=1 source=timer' 3>&-)
	serve -n "$N" fd:7
	exec 7<&-
	ln -s /dev/null nowhere
	tail_to nowhere "$N"
	until_true reads_much "$TAIL"
	stops_with 143 "$TAIL"
	run --separate-stderr sh -c 'timeout 20 "$FDTOOL" mypoll-tail -t 200ms "$1" >/dev/null' sh "$N"
	assert_failure 124
}

# It has been on a processor for a while (user time, in ticks).
reads_much() {
	[ "$(cut -d ' ' -f 14 "/proc/$1/stat")" -ge 5 ]
}

# --- records and lines of other devices --------------------------------------------------------

@test "mypoll-tail: records of the older shape are events as well" {
	serve_pipe 'event=21, source=timer\nevent=22, source=manual\n'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_output $'event=21 source=timer\nevent=22 source=manual'
	serve -n "$N-b" "fd:9" 9< <(printf 'event=21, source=timer\n')
	run --separate-stderr fdtool mypoll-tail --json "$N-b"
	json '. == [{event: 21, source: "timer", mono_ns: null, missed: 0}]'
}

@test "mypoll-tail: other lines come as they are, also the last without its end" {
	serve_pipe 'hello\n\nevent=x source=y\nevent=1 source=timer more\nwithout end'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_equal "$output" $'hello\n\nevent=x source=y\nevent=1 source=timer more\nwithout end'
	assert_regex "$stderr" "5 events, 0 missed$"
}

@test "mypoll-tail: a tab steers nothing, and stays one" {
	serve_pipe 'a\tb\n'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_output $'a\tb'
}

@test "mypoll-tail: lines that reads have split are joined" {
	serve_pipe --packets 'hel' 'lo\nwor' 'ld' '\nevent=1 sou' 'rce=timer\n'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_output $'hello\nworld\nevent=1 source=timer'
	assert_regex "$stderr" "3 events, 0 missed$"
}

@test "mypoll-tail: a line without end, longer than its buffer, is printed in parts" {
	exec 7< <(head -c 200000 /dev/zero | tr '\0' x)
	serve -n "$N" fd:7
	exec 7<&-
	fdtool mypoll-tail "$N" >out 2>err
	assert_equal "$(tr -d '\n' <out | wc -c)" 200000
	assert_equal "$(tr -d 'x\n' <out | wc -c)" 0
}

@test "mypoll-tail: a read that is longer than the buffer for a line overflows nothing" {
	holding pipe=300000 serve -n "$N" fd:7
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_equal "$(tr -d '\n' <<<"$output")" "$(head -c 300000 /dev/zero | tr '\0' x)"
	# 4 full buffers of 65536, and the rest
	assert_equal "$(wc -l <<<"$output")" 5
	assert_regex "$stderr" ": 5 events, 0 missed$"
}

@test "mypoll-tail: records, a gap, text and half a record in one read" {
	local t='source=timer mono_ns=5'
	serve_pipe --packets "event=1 $t\nevent=2 $t\nevent=5 $t\nevent=6 $t\nhello\nevent=7 $t\neve" \
		"nt=8 $t\nevent=9 $t\n"
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_equal "$output" "event=1 $t
event=2 $t
event=5 $t missed=2
event=6 $t
hello
event=7 $t
event=8 $t
event=9 $t"
	assert_regex "$stderr" "8 events, 2 missed$"
}

@test "mypoll-tail: -n is kept to when one read gives more" {
	local t='source=timer mono_ns=5'
	serve_pipe "event=1 $t\nevent=2 $t\nevent=3 $t\n"
	run --separate-stderr fdtool mypoll-tail -n 2 "$N"
	assert_success
	assert_equal "$output" "event=1 $t
event=2 $t"
}

@test "mypoll-tail: what is no text is hex, a line a read" {
	serve_pipe --packets 'a\0\xff' '\x01\x02'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_success
	assert_output $'61 00 ff\n01 02'
	serve -n "$N-b" fd:9 9< <("$TESTDIR/peers/write.py" 'a\0\xff')
	run --separate-stderr fdtool mypoll-tail --json "$N-b"
	json '. == [{hex: "6100ff"}]'
}

@test "mypoll-tail: --format says what is shown" {
	local words=('event=1 source=timer\nhello\n')
	local format expected
	while read -r format expected; do
		serve -n "$N-$format" fd:9 9< <("$TESTDIR/peers/write.py" "${words[@]}")
		run --separate-stderr fdtool mypoll-tail --format "$format" "$N-$format"
		assert_success
		assert_output "$(printf '%b' "$expected")"
	done <<-'END'
		auto event=1 source=timer\nhello
		event event=1 source=timer
		text event=1 source=timer\nhello
		hex 65 76 65 6e 74 3d 31 20 73 6f 75 72 63 65 3d 74 69 6d 65 72 0a 68 65 6c 6c 6f 0a
	END
	serve -n "$N-j" fd:9 9< <(printf 'event=1 source=timer\nhello\n')
	run --separate-stderr fdtool mypoll-tail --format text --json "$N-j"
	json '. == [{text: "event=1 source=timer"}, {text: "hello"}]'
}

@test "mypoll-tail: --timestamp none, iso and delta" {
	serve -n "$N" mypoll:20ms
	run fdtool mypoll-tail --timestamp none -n 1 "$N"
	assert_output --regexp '^event='
	run fdtool mypoll-tail --timestamp iso -n 2 "$N"
	assert_line --index 0 --regexp '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}[+-][0-9]{4} event='
	local shown
	shown=$(date -d "${lines[0]%% event*}" +%s)
	assert [ $((EPOCHSECONDS - shown)) -ge -1 ]
	assert [ $((EPOCHSECONDS - shown)) -le 10 ]
	run fdtool mypoll-tail --timestamp delta -n 3 "$N"
	assert_line --index 0 --regexp '^\+0\.000000 event='
	assert_line --index 1 --regexp '^\+0\.0[0-9]{5} event='
	assert_line --index 2 --regexp '^\+0\.0[0-9]{5} event='
}

@test "mypoll-tail: --timestamp delta goes by the device's clock" {
	serve_pipe 'event=1 source=timer mono_ns=1000000000\nevent=2 source=timer mono_ns=3500000000\n'
	run --separate-stderr fdtool mypoll-tail --timestamp delta "$N"
	assert_line --index 0 "+0.000000 event=1 source=timer mono_ns=1000000000"
	assert_line --index 1 "+2.500000 event=2 source=timer mono_ns=3500000000"
}

@test "mypoll-tail: numbers of 64 bits keep their value, and a time past every calendar is '?'" {
	local record='event=18446744073709551615 source=timer mono_ns=9223372036854775807\n'
	serve_pipe "$record"
	run --separate-stderr fdtool mypoll-tail --timestamp iso "$N"
	assert_output "? event=18446744073709551615 source=timer mono_ns=9223372036854775807"
	stops_with 143 "$SERVER"
	serve_pipe "$record"
	run --separate-stderr fdtool mypoll-tail --json "$N"
	json '.[0].event == "18446744073709551615" and .[0].missed == 0'
}

@test "mypoll-tail: nothing that could steer a terminal gets out" {
	export LC_ALL=C.UTF-8
	local hostile='a\x1b[31mred\x07\x9b31m\xc2\x9bb\x7f\n\rcarriage\x1b]0;title\x07\n' format
	for format in auto text event hex; do
		serve -n "$N-$format" fd:9 9< <("$TESTDIR/peers/write.py" "$hostile")
		fdtool mypoll-tail --format "$format" "$N-$format" >"$format" 2>&1
		assert_equal "$(LC_ALL=C tr -d '\n -~' <"$format" | wc -c)" 0
	done
	assert_equal "$(head -n 1 text)" 'a\033[31mred\007\23331m\302\233b\177'
	serve -n "$N-j" fd:9 9< <("$TESTDIR/peers/write.py" "$hostile")
	fdtool mypoll-tail --json "$N-j" >json 2>&1
	assert_equal "$(LC_ALL=C tr -d '\n -~' <json | wc -c)" 0
}

@test "mypoll-tail: text of other scripts stays readable" {
	export LC_ALL=C.UTF-8
	serve_pipe 'gr\xc3\xbc\xc3\x9fe\n'
	run --separate-stderr fdtool mypoll-tail "$N"
	assert_output 'grüße'
}

@test "mypoll-tail: text with bytes that are no UTF-8 is valid JSON" {
	export LC_ALL=C.UTF-8
	serve_pipe 'a\xffb\n'
	run --separate-stderr fdtool mypoll-tail --json --format text "$N"
	assert_success
	json '.[0].text == "a\\377b"'
}

# --- devices opened here ------------------------------------------------------------------------

@test "mypoll-tail: a fifo by its path" {
	mkfifo dev
	tail_to out ./dev
	timeout 10 sh -c 'echo "event=1 source=timer" >dev'
	ends_with 0 "$TAIL"
	assert_equal "$(cat out)" "event=1 source=timer"
	assert_equal "$(cat out.err)" "fdtool mypoll-tail: ./dev: the device hung up: 1 event, 0 missed"
}

@test "mypoll-tail: a device that is not there, or that may not be opened" {
	run fdtool mypoll-tail ./nothing
	assert_failure 1
	assert_output --regexp '^fdtool mypoll-tail: ./nothing: open: ENOENT '
	needs_root
	mkfifo -m 600 dev
	run as 2 fdtool mypoll-tail ./dev
	assert_failure 1
	assert_line --index 0 --regexp '^fdtool mypoll-tail: ./dev: open: EACCES '
	assert_line --index 1 --partial "fdtool serve ./dev --allow-user"
}

@test "mypoll-tail: a socket in the file system is a server, not a device" {
	serve -n ./sock mypoll:20ms
	run fdtool mypoll-tail -n 1 ./sock
	assert_success
	assert_output --regexp '^event='
}

@test "mypoll-tail: a regular file cannot be waited for: EPERM, exit 1" {
	printf hello >file
	serve -n "$N" file
	local where
	for where in "$N" ./file; do
		run fdtool mypoll-tail "$where"
		assert_failure 1
		assert_line --index 0 --regexp "^fdtool mypoll-tail: $where: epoll_ctl: EPERM "
		assert_line --index 1 --partial "always ready"
	done
}

# --- descriptions that cannot be read without waiting ----------------------------------------------

# The children of a process.
children_of() {
	cat "/proc/$1/task/$1/children"
}

@test "mypoll-tail: a terminal, which cannot be read without waiting, by a child" {
	holding pty serve -n "$N" fd:7
	tail_to out "$(cat slave)"
	until_true waits_in_fdtool "$TAIL"
	/usr/bin/python3 - "$SERVER" <<-'END'
		import ctypes, os, sys
		libc = ctypes.CDLL(None, use_errno=True)
		pidfd = os.pidfd_open(int(sys.argv[1]))
		master = libc.syscall(438, pidfd, 8, 0)  # pidfd_getfd
		os.write(master, b"hello\nevent=1 source=timer\n")
	END
	until_true at_least 2 out
	assert_equal "$(cat out)" $'hello\nevent=1 source=timer'
	local child
	child=$(children_of "$TAIL")
	assert [ -n "$child" ]
	stops_with 143 "$TAIL"
	assert [ ! -e "/proc/${child% }" ]
}

@test "mypoll-tail: two tails on one inotify neither hang nor leave a child behind" {
	mkdir watched
	holding inotify=watched serve -n "$N" fd:7
	tail_to a "$N"
	local first=$TAIL
	tail_to b "$N"
	until_true grep -q "granted to pid $first " serve.out
	until_true grep -q "granted to pid $TAIL " serve.out
	local i
	for i in 1 2 3 4 5 6; do
		touch "watched/$i"
		until_true has_all "$i" a b
	done
	local child children
	children="$(children_of "$first") $(children_of "$TAIL")"
	assert [ -n "${children// /}" ]
	stops_with 143 "$first"
	stops_with 143 "$TAIL"
	for child in $children; do
		assert [ ! -e "/proc/$child" ]
	done
}

# has_all N FILE...: the files have that many lines together
has_all() {
	[ "$(cat "${@:2}" | wc -l)" = "$1" ]
}

@test "mypoll-tail: the reading child does not outlive a tail that is killed with -9" {
	mkdir watched
	holding inotify=watched serve -n "$N" fd:7
	tail_to a "$N"
	until_true grep -q "granted to pid $TAIL " serve.out
	touch watched/1
	until_true at_least 1 a
	local child
	child=$(children_of "$TAIL")
	assert [ -n "$child" ]
	stops_with 137 "$TAIL" KILL
	until_true is_gone "${child% }"
}

@test "mypoll-tail: a reading child that is killed is a failure, not the device's end" {
	mkdir watched
	holding inotify=watched serve -n "$N" fd:7
	tail_to a "$N"
	until_true grep -q "granted to pid $TAIL " serve.out
	touch watched/1
	until_true at_least 1 a
	kill -KILL "$(children_of "$TAIL" | tr -d ' ')"
	ends_with 1 "$TAIL"
	assert_equal "$(cat a.err)" "fdtool mypoll-tail: $N: the child process that reads it was killed"
}

@test "mypoll-tail: the server goes while a child is reading" {
	mkdir watched
	holding inotify=watched serve -n "$N" fd:7
	tail_to a "$N"
	until_true grep -q "granted to pid $TAIL " serve.out
	touch watched/1
	until_true at_least 1 a
	stops_with 143 "$SERVER"
	ends_with 0 "$TAIL"
	assert_regex "$(cat a.err)" "the server hung up: 1 event, 0 missed$"
}

# --- how it ends -----------------------------------------------------------------------------------

@test "mypoll-tail: the rest of a long line is no event, and no character is cut" {
	mkfifo pipe
	exec 7<>pipe
	serve -n "$N" fd:7
	tail_to out --format event -n 1 "$N"
	head -c 65536 /dev/zero | tr '\0' x >&7
	printf 'event=7 source=timer\nevent=8 source=timer\n' >&7
	ends_with 0 "$TAIL"
	assert_equal "$(<out)" 'event=8 source=timer'
	tail_to out --format text -n 2 "$N"
	(head -c 65535 /dev/zero | tr '\0' x; printf 'éyy\n') >&7
	ends_with 0 "$TAIL"
	exec 7>&-
	assert_equal "$(wc -l <out)" 2
	assert_equal "$(tail -n 1 out)" 'éyy'
}

@test "mypoll-tail: events are missed after event 0, too, and no count wraps" {
	local max=18446744073709551615
	mkfifo pipe
	exec 7<>pipe
	serve -n "$N" fd:7
	tail_to out -n 5 "$N"
	printf 'event=%s source=timer\n' 0 5 1 "$max" >&7
	until_true at_least 4 out
	printf 'event=%s source=timer\n' 1 >&7
	ends_with 0 "$TAIL"
	exec 7>&-
	assert_equal "$(sed -n 2p out)" 'event=5 source=timer missed=4'
}

@test "mypoll-tail: -F -n: enough is enough, also if the server has gone" {
	local record=$'event=1 source=manual mono_ns=1\n'
	mkfifo pipe
	exec 7<>pipe
	serve -n "$N" fd:7
	tail_to out -F -n 2 "$N"
	printf %s "$record" >&7
	until_true at_least 1 out
	kill -STOP "$TAIL"
	stops_with 143 "$SERVER"
	printf %s "${record/event=1/event=2}" >&7
	kill -CONT "$TAIL"
	exec 7>&-
	ends_with 0 "$TAIL"
	assert_equal "$(wc -l <out)" 2
}

@test "mypoll-tail: SIGINT and SIGTERM end it by that signal, all printed" {
	serve -n "$N" mypoll:20ms
	tail_to a "$N"
	until_true at_least 2 a
	stops_with 130 "$TAIL" INT
	consecutive a
	tail_to b "$N"
	until_true at_least 2 b
	stops_with 143 "$TAIL" TERM
	consecutive b
}

@test "mypoll-tail: standard output that takes nothing is a failure" {
	serve -n "$N" mypoll:20ms
	run sh -c 'timeout 20 "$FDTOOL" mypoll-tail "$1" >/dev/full' sh "$N"
	assert_failure 1
	assert_output --partial "standard output: write: ENOSPC"
	assert_equal "${#lines[@]}" 1
	run sh -c 'timeout 20 "$FDTOOL" mypoll-tail "$1" >&-' sh "$N"
	assert_failure 1
	assert_output --partial "standard output: write: EBADF"
	assert_equal "${#lines[@]}" 1
}

@test "mypoll-tail: a reader of its output that goes ends it, as cat would" {
	serve -n "$N" mypoll:20ms
	run bash -c 'timeout 20 "$FDTOOL" mypoll-tail "$1" | head -n 1; exit "${PIPESTATUS[0]}"' bash "$N"
	assert_failure 141
	assert_output --regexp '^event='
}

@test "mypoll-tail: usage errors" {
	local words
	for words in "a b" "--format nonsense x" "--timestamp never x" "-n 0 x" "-n x x" "-t 0 x" \
		"-F /dev/null" "--nonsense x" "a:b"; do
		# shellcheck disable=SC2086 # the words
		run fdtool mypoll-tail $words
		assert_failure 2
		assert_equal "${#lines[@]}" 1
	done
}

@test "mypoll-tail: a wrong choice is answered with the choices" {
	run -2 fdtool mypoll-tail --format=octal
	assert_output "fdtool mypoll-tail: --format: 'octal' must be auto, event, text or hex; see 'fdtool mypoll-tail --help'"
	run -2 fdtool mypoll-tail --timestamp=
	assert_output "fdtool mypoll-tail: --timestamp: '' must be none, iso or delta; see 'fdtool mypoll-tail --help'"
}
