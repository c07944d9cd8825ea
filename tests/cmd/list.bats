#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# list: the names on offer, without connecting. Others may have offers meanwhile, so a test
# checks its own, which begin with $N.

bats_require_minimum_version 1.5.0
load ../helper

test_setup() {
	ME=$(id -un)
	chmod 777 . # other users' processes write here
	printf 'hello world\n' >file
}

# bound SCRIPT [ARG]...: starts a process that binds sockets, by bind(TYPE, NAME), and stays.
# $BOUND is its pid.
bound() {
	rm -f there
	start "${BEHIND[@]}" python3 -c '
import signal, socket, sys
held = []
def bind(kind, name, listening=True):
    s = socket.socket(socket.AF_UNIX, kind)
    s.bind(b"\0" + name)
    if listening:
        s.listen()
    held.append(s)
N = sys.argv[1].encode()
'"$1"'
open("there", "w").close()
signal.pause()' "$N"
	BOUND=$!
	until_true test -e there
}

# Our lines of the table, with spaces squeezed.
rows() {
	fdtool list | grep -a "^$N" | tr -s ' '
}

has_granted() {
	[ "$(grep -c granted serve.out)" = "$1" ]
}

names() {
	fdtool list -q | grep -a "^$N"
}

# offered NAME FILTER: applies the filter of jq to its object of --json
offered() {
	fdtool list --json | jq -c --arg name "$1" ".[] | select(.name == \$name) | $2"
}

@test "the table: name, pid, user, mode, type and object" {
	serve -m rw -n "$N-file" -n "$N-event" file memfd:scratch
	run -0 fdtool list
	assert_equal "$(tr -s ' ' <<<"${lines[0]}")" 'NAME PID USER MODE TYPE OBJECT'
	run rows
	assert_line --index 0 "$N-event $SERVER $ME rw memfd /memfd:scratch (deleted)"
	assert_line --index 1 "$N-file $SERVER $ME rw regular $T/file"
	assert_equal "${#lines[@]}" 2
}

@test "-q: the names only, one a line" {
	serve -n "$N-b" -n "$N-a" file eventfd:
	run names
	assert_output "$N-a"$'\n'"$N-b"
}

@test "--json: one array, an object each" {
	serve -m w -n "$N" file
	run -0 fdtool list --json
	jq -es 'length == 1 and (.[0] | type == "array")' <<<"$output"
	jq -e 'all(has("name") and has("pid") and has("uid") and has("mode") and has("type") and
		has("path") and has("pos") and has("flags") and has("fd"))' <<<"$output"
	assert_equal "$(offered "$N" "[.pid, .uid, .mode, .type, .path, .pos]")" \
		"[$SERVER,$(id -u),\"w\",\"regular\",\"$T/file\",0]"
}

@test "--json: the offset is where it is now, the descriptor the server's" {
	serve -n "$N" file
	fdtool grab -f 0 "$N" -- head -c 5
	assert_equal "$(offered "$N" .pos)" 5
	assert_equal "$(readlink "/proc/$SERVER/fd/$(offered "$N" .fd)")" "$T/file"
}

@test "--json: what has no offset has null" {
	serve -n "$N" eventfd:
	assert_equal "$(offered "$N" '[.type, .pos]')" '["eventfd",null]'
}

@test "looking uses no grant up, and no server notices" {
	serve --json --once -n "$N" file
	local said
	said=$(cat serve.out)
	for _ in {1..20}; do
		fdtool list >/dev/null
		fdtool list -q >/dev/null
		fdtool list --json >/dev/null
	done
	assert_equal "$(fdtool grab -f 0 "$N" -- cat)" 'hello world'
	until_true test ! -e "/proc/$SERVER"
	assert_equal "$(head -n 1 serve.out)" "$said"
	assert_equal "$(grep -c '"granted"' serve.out)" 1
	assert_equal "$(grep -vcE '"(serving|granted|left|changed)"' serve.out)" 0
}

@test "a server that is stopped is listed all the same" {
	serve -n "$N" file
	kill -STOP "$SERVER"
	run rows
	kill -CONT "$SERVER"
	assert_output "$N $SERVER $ME r regular $T/file"
}

@test "what another user may not read is '?'" {
	needs_open_proc
	serve -n "$N" file
	run as 1 fdtool list
	assert_success
	run grep "^$N" <<<"$output"
	assert_equal "$(tr -s ' ' <<<"$output")" "$N $SERVER root ? ? ?"
	run -0 as 1 fdtool list --json
	jq -e --arg name "$N" --argjson pid "$SERVER" 'map(select(.name == $name)) |
		. == [{name: $name, pid: $pid, uid: 0, fd: .[0].fd, mode: null, flags: null,
			pos: null, type: null, path: null}]' <<<"$output"
}

@test "another user's server, as root sees it and as that user does" {
	needs_root
	as 1 serve -n "$N" eventfd:
	run rows
	assert_output "$N $SERVER daemon rw eventfd anon_inode:[eventfd]"
	run -0 as 1 fdtool list
	assert_output --regexp "$N +$SERVER +daemon +rw +eventfd +anon_inode:\\[eventfd\\]"
}

@test "a server after --user" {
	needs_root
	serve --user daemon -n "$N" file
	run rows
	assert_output --regexp "^$N $SERVER [a-z]+ r regular $T/file\$"
}

@test "a server that is not fdtool: whose it is, not what it offers" {
	needs_root
	bound 'bind(socket.SOCK_SEQPACKET, b"fdtool/" + N)'
	run rows
	assert_output "$N $BOUND root ? ? ?"
	run -0 as 1 fdtool list
	run grep "^$N" <<<"$output"
	assert_equal "$(tr -s ' ' <<<"$output")" "$N ? root ? ? ?"
}

@test "a title that lies does not make a process the server" {
	needs_root
	serve -n "$N" file
	local liar="exec -a 'fdtool: serve $N=0' sleep 60"
	start bash -c "$liar"
	until_true grep -q "^fdtool: serve" "/proc/$!/cmdline"
	start setpriv --reuid=1 --regid=1 --clear-groups bash -c "$liar"
	until_true grep -q "^fdtool: serve" "/proc/$!/cmdline"
	run rows
	assert_output "$N $SERVER root r regular $T/file"
}

@test "what is no offer is not listed: other types, other names, not listening" {
	bound '
bind(socket.SOCK_STREAM, b"fdtool/" + N + b"-stream")
bind(socket.SOCK_DGRAM, b"fdtool/" + N + b"-dgram", False)
bind(socket.SOCK_SEQPACKET, b"fdtool/" + N + b"-deaf", False)
bind(socket.SOCK_SEQPACKET, N + b"-raw")
bind(socket.SOCK_SEQPACKET, b"FDTOOL/" + N + b"-upper")
bind(socket.SOCK_SEQPACKET, b"fdtool/" + N)'
	run names
	assert_output "$N"
}

@test "clients of an offer are not listed" {
	serve -n "$N" file
	start "$FDTOOL" grab "$N" -- sleep 60
	start "$FDTOOL" grab "$N" -- sleep 60
	until_true has_granted 2
	run names
	assert_output "$N"
}

@test "names of odd bytes, which anybody may bind, neither appear nor break the table" {
	bound '
for odd in b" sp", b"\033[31m", b"\n", b"\t", b"/x", b"\xff", b"-\0nul", b"\0", b"=1", b"*", b" ":
    bind(socket.SOCK_SEQPACKET, b"fdtool/" + N + odd)
bind(socket.SOCK_SEQPACKET, b"fdtool/" + N + b"x" * (100 - len(N)))
bind(socket.SOCK_SEQPACKET, b"fdtool/")'
	serve -n "$N-mine" file
	run names
	assert_output "$N-mine"
	run fdtool list
	refute_output --partial $'\033'
	run rows
	assert_output "$N-mine $SERVER $ME r regular $T/file"
	fdtool list --json | jq -e .
}

# It begins a line of /proc/net/unix.
@test "a name with a newline in it does not forge the offers of others" {
	needs_root
	bound '
line = b"\n0: 2 0 10000 5 1 %d @fdtool/" + N + b"-forged"
bind(socket.SOCK_SEQPACKET, b"fdtool/" + N + line % 1)
bind(socket.SOCK_SEQPACKET, N + line % 2)
bind(socket.SOCK_STREAM, line % 3)'
	run names
	assert_output ''
	run as 1 fdtool grab "$N-forgd"
	assert_failure 4
	refute_output --partial forged
}

@test "a path with control characters does not reach the terminal raw" {
	printf x >$'es\033c'
	serve -n "$N" $'es\033c'
	run rows
	assert_output "$N $SERVER $ME r regular $T/es\\033c"
	assert_equal "$(offered "$N" .path)" "\"$T/es\\u001bc\""
}

@test "a long path is not cut" {
	local long
	long=$(printf '%0200d' 0)
	printf x >"$long"
	serve -n "$N" "$long"
	run rows
	assert_output "$N $SERVER $ME r regular $T/$long"
}

@test "many names, in order, with upper case before lower case" {
	local name names=()
	for name in $(seq 1 60) A Z a z; do names+=(-n "$N-$name"); done
	# shellcheck disable=SC2046 # one word a source
	serve "${names[@]}" $(printf 'eventfd: %.0s' {1..64})
	names >listed
	LC_ALL=C sort -c listed
	assert_equal "$(wc -l <listed)" 64
	assert_equal "$(rows | wc -l)" 64
}

@test "many servers" {
	bound '
for i in range(500):
    bind(socket.SOCK_SEQPACKET, b"fdtool/%s-%03d" % (N, i))'
	assert_equal "$(rows | grep -c " $BOUND $ME ? ? ?\$")" 500
}

@test "nothing on offer: no line, an empty array" {
	needs_namespaces
	BEHIND=(unshare -n) # where nobody else can have offers
	run -0 fdtool list
	assert_output ''
	run -0 fdtool list -q
	assert_output ''
	run -0 fdtool list --json
	assert_output '[]'
}

@test "offers of another network namespace are not listed" {
	needs_namespaces
	serve -n "$N" file
	BEHIND=(unshare -n)
	run -0 fdtool list
	refute_output --partial "$N"
}

@test "a server that has gone is not listed" {
	serve -n "$N" file
	stops_with 143 "$SERVER"
	run names
	assert_output ''
}

@test "standard output full or closed: 1, and one line" {
	serve -n "$N" file
	local how
	for how in '' -q --json; do
		# shellcheck disable=SC2016,SC2086 # the inner shell's; no word where there is none
		run bash -c 'exec timeout 20 "$FDTOOL" list "$@" >/dev/full' - $how
		assert_failure 1
		assert_output --regexp '^fdtool list: standard output: write: ENOSPC \('
		assert_equal "${#lines[@]}" 1
		# shellcheck disable=SC2016,SC2086
		run bash -c 'exec timeout 20 "$FDTOOL" list "$@" >&-' - $how
		assert_failure 1
		assert_output --regexp '^fdtool list: standard output: write: EBADF \('
		assert_equal "${#lines[@]}" 1
	done
}

@test "list takes no operand and no unknown option" {
	run fdtool list "$N"
	assert_failure 2
	assert_output --partial --help
	run fdtool list --bogus
	assert_failure 2
	assert_output --partial --help
}
