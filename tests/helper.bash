# SPDX-License-Identifier: GPL-3.0-or-later
#
# What every *.bats loads. Each test has its own directory ($T), names of offers
# that nobody else has ($N is a prefix), ends what it started, and leaves no
# process behind: teardown fails a test that does.

bats_load_library bats-support
bats_load_library bats-assert

TESTDIR=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
: "${FDTOOL:=$TESTDIR/../fdtool}"
FDTOOL=$(realpath "$FDTOOL")
export FDTOOL

setup() {
	T=$BATS_TEST_TMPDIR
	# shellcheck disable=SC2034 # the tests use it
	N=t$$-$BATS_TEST_NUMBER-$RANDOM
	STARTED=()
	cd "$T" || return
	if declare -F test_setup >/dev/null; then test_setup; fi
}

teardown() {
	local pid
	for pid in "${STARTED[@]}"; do
		kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
	done
	cd / && nothing_left_behind
}

# The processes of a test have its directory, or one below, as theirs.
processes_of_test() {
	find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$T" -o -lname "$T/*" \) 2>/dev/null |
		tr -dc '0-9\n' | paste -sd ' '
}

nothing_left_behind() {
	local deadline=$((SECONDS + 5)) left
	while :; do
		left=$(processes_of_test)
		[ -z "$left" ] && return 0
		((SECONDS < deadline)) || break
		sleep 0.02
	done
	echo "left behind: $left"
	ps -o pid,args -p "${left// /,}"
	# shellcheck disable=SC2086 # one word a pid
	kill $left
	return 1
}

# What fdtool and serve run behind: a program that execs its arguments, such as env.
BEHIND=()

# fdtool as a test runs it: with a deadline.
fdtool() {
	timeout --foreground 30 "${BEHIND[@]}" "$FDTOOL" "$@"
}

# as UID COMMAND...: a command, or fdtool or serve, as that user, in no other group
# than that of the same number.
as() {
	local BEHIND=(setpriv --reuid="$1" --regid="$1" --clear-groups --)
	case $2 in
	fdtool | serve) "${@:2}" ;;
	*) "${BEHIND[@]}" "${@:2}" ;;
	esac
}

# start COMMAND...: in the background; $! and $STARTED have it.
start() {
	"$@" 3>&- &
	STARTED+=($!)
}

# serve ARG...: starts a server and returns when its names are bound. $SERVER is
# its pid; what it says is in $T/serve.out and $T/serve.err.
serve() {
	local ready
	rm -f "$T/ready"
	mkfifo "$T/ready"
	exec {ready}<>"$T/ready"
	"${BEHIND[@]}" "$FDTOOL" serve --ready-fd "$ready" "$@" >"$T/serve.out" 2>"$T/serve.err" 3>&- &
	SERVER=$!
	STARTED+=("$SERVER")
	if ! read -r -t 10 -u "$ready"; then
		echo "the server did not get ready:"
		cat "$T/serve.out" "$T/serve.err"
		return 1
	fi
	exec {ready}>&-
}

# until_true COMMAND...: tries again until it is true, for 10 seconds at most.
until_true() {
	local deadline=$((SECONDS + 10))
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.02
	done
}

# How many descriptors a process has.
fds_of() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

# stops_with STATUS PID [SIGNAL]: sends it, and the process ends with that
# status. Not under `run`, whose subshell cannot wait for our child.
stops_with() {
	local status=0
	kill "-${3:-TERM}" "$2"
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

# ends_with STATUS PID: the process ends by itself, with that status. Not under
# `run` either.
ends_with() {
	local status=0
	until_true has_ended "$2" || fail "$2 did not end"
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

has_ended() {
	! kill -0 "$1" 2>/dev/null
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

# holding WHAT COMMAND...: fdtool or serve, with a WHAT as descriptor 7: see
# tests/peers/exec.py.
holding() {
	local BEHIND=("$TESTDIR/peers/exec.py" "$1")
	"${@:2}"
}

# peer ADDRESS BEHAVIOUR [FILE]: starts tests/peers/server.py. $PEER is its pid.
peer() {
	rm -f "$T/peer.out"
	start "$TESTDIR/peers/server.py" "$@" >"$T/peer.out" 2>"$T/peer.err"
	# shellcheck disable=SC2034 # the tests use it
	PEER=$!
	until_true grep -qs ready "$T/peer.out"
}

# json FILTER [ARG]...: $output is what jq says is true, one object or more.
json() {
	# shellcheck disable=SC2154 # run sets it
	jq -es "$@" <<<"$output" >/dev/null || fail "not $1: $output"
}
