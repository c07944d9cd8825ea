#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Who moves a description without announcing it: what the prompts and serve's events say of it.

bats_require_minimum_version 1.5.0

load ../helper
load ../tracing

test_setup() {
	printf 'one two\nthree\n' >file
}

# prompt COMMAND ARG...: starts `fdtool COMMAND -i` with a FIFO as its standard input, COMMAND.in, and its
# output in COMMAND.out. Returns when it traces.
prompt() {
	mkfifo "$1.in"
	"${BEHIND[@]}" "$FDTOOL" "$1" -i "${@:2}" <>"$1.in" >"$1.out" 2>"$1.err" 3>&- &
	STARTED+=($!)
	PROMPT=$!
}

loads_bpf() {
	find "/proc/$1/fd" -lname 'anon_inode:bpf*' 2>/dev/null | grep -q .
}

# Its loop has the tracer's epoll, and that one has libbpf's.
traces() {
	local n inner=0
	while read -r n; do
		! grep -qsE "^tfd: +$n " /proc/"$1"/fdinfo/* || inner=$((inner + 1))
	done < <(find "/proc/$1/fd" -lname 'anon_inode:\[eventpoll\]' -printf '%f\n')
	[ "$inner" = 2 ]
}

# prompts ARG...: of serve and of grab, which both trace; their pids are $SERVED and $GRABBED.
prompts() {
	prompt serve -n "$N" "$@"
	SERVED=$PROMPT
	until_true grep -q serving serve.out
	prompt grab "$N"
	GRABBED=$PROMPT
	until_true traces "$SERVED"
	until_true traces "$GRABBED"
}

# says COMMAND TEXT: as one line of its output.
says() {
	until_true grep -qxF "$N: $2" "$1.out" || fail "no '$2': $(cat "$1.out" "$1.err")"
}

# ends COMMAND PID: it quits, after it has polled twice.
ends() {
	echo '!sleep 0.6' >"$1.in"
	echo quit >"$1.in"
	wait "$2" || :
}

@test "movers: what bash does is said by both prompts, with its name, its pid and the calls" {
	needs_way bpf
	prompts file
	fdtool grab -f 7 "$N" -- bash -c 'read -r -n 3 -u 7 x; echo $$ >pid'
	for one in serve grab; do
		says "$one" "bash $(<pid): read: pos 0 -> 14"
		says "$one" "bash $(<pid): lseek: pos 14 -> 3"
	done
	ends grab "$GRABBED"
	ends serve "$SERVED"
	# polling finds nothing more
	run grep -h 'pos ' serve.out grab.out
	assert_equal "${#lines[@]}" 4
}

@test "movers: an announced move is said once, as such, and the prompt's own one not at all" {
	needs_way bpf
	prompts file
	fdtool lseek "$N" 5 set
	for one in serve grab; do
		until_true grep -qxE "$N: pid [0-9]+: lseek: pos 0 -> 5" "$one.out"
	done
	echo 'flags +nonblock' >grab.in
	until_true grep -qE "^$N: pid $GRABBED: fcntl: flags .*O_NONBLOCK" serve.out
	ends grab "$GRABBED"
	ends serve "$SERVED"
	run grep -cE ' (pos|flags) ' serve.out
	assert_output 2
	run grep -cE "^$N: .*(pos|flags) " grab.out
	assert_output 1
}

@test "movers: a read by a child of the prompt is its own" {
	needs_way bpf
	prompt serve -n "$N" /proc/version # has no RWF_NOWAIT
	until_true traces "$PROMPT"
	echo 'read 5' >serve.in
	until_true grep -q '"Linux"   pos 0 -> 5' serve.out
	ends serve "$PROMPT"
	run grep -c 'pos ' serve.out
	assert_output 1
}

@test "movers: --json has the process and its call" {
	needs_way bpf
	serve --json -n "$N" file
	until_true traces "$SERVER"
	fdtool grab -f 0 "$N" -- bash -c 'head -c 3; echo $$ >pid' >/dev/null
	until_true grep -q '"changed"' serve.out
	run jq -c 'select(.event == "changed") | [.name, .command, .call, .calls]' serve.out
	assert_line --index 0 "[\"$N\",\"head\",\"read\",1]"
	run jq -e 'select(.event == "changed" and .command == "head") | .pid > 1 and .pos > 0 and (.flags | index("O_LARGEFILE") != null or . == [])' serve.out
	assert_success
	stops_with 143 "$SERVER"
}

@test "movers: many calls are a few lines, and none is lost" {
	needs_way bpf
	head -c 1000 /dev/zero >file
	serve --json -n "$N" file
	until_true traces "$SERVER"
	fdtool grab -f 0 "$N" -- dd bs=1 count=500 status=none >/dev/null
	until_true grep -q '"pos":500' serve.out
	run jq -s 'map(select(.event == "changed") | .calls) | add == 500 and length < 30' serve.out
	assert_output true
	stops_with 143 "$SERVER"
}

@test "movers: where nobody watches, nothing traces" {
	needs_way bpf
	serve -n "$N" file # its output is no terminal
	fdtool grab -f 0 "$N" -- head -c 3 >/dev/null
	until_true grep -q 'by a holder who does not say' serve.out
	refute loads_bpf "$SERVER"
	# shellcheck disable=SC2016 # the program expands it
	run fdtool grab -c 'wait 200ms' -c '!ls -l /proc/$PPID/fd' "$N"
	refute_output --partial bpf
	stops_with 143 "$SERVER"
}

@test "movers: --no-trace, and another user: polling finds the move" {
	needs_way bpf
	local pid
	chmod 755 . && chmod 644 file
	prompt serve --no-trace --allow-any -n "$N" file
	SERVED=$PROMPT
	until_true grep -q serving serve.out
	BEHIND=(setpriv --reuid=65533 --clear-groups --)
	prompt grab "$N"
	BEHIND=()
	until_true grep -q granted serve.out
	fdtool grab -f 0 "$N" -- head -c 3 >/dev/null
	until_true grep -qE "^$N: pos 0 -> [0-9]+, by a holder who does not say" serve.out
	until_true grep -qE "^$N: pos 0 -> [0-9]+, by a holder who does not say" grab.out
	refute loads_bpf "$SERVED"
	refute loads_bpf "$PROMPT"
}

@test "movers: --user: polling finds the move" {
	needs_way bpf
	serve --json --user daemon --allow-any -n "$N" file
	fdtool grab -f 0 --from daemon "$N" -- head -c 3 >/dev/null
	until_true grep -q '"changed"' serve.out
	refute loads_bpf "$SERVER"
	run jq -c 'select(.event == "changed") | [.pid, .call]' serve.out
	assert_output '[null,null]'
	stops_with 143 "$SERVER"
}
