# SPDX-License-Identifier: GPL-3.0-or-later
#
# Loaded by every *.bats. Each test runs in its own directory ($T) and gives its offers
# unique names (with the prefix $N). teardown ends the processes that the test started,
# and fails a test that leaves one behind.

bats_load_library bats-support
bats_load_library bats-assert

TESTDIR=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
# shellcheck source=tests/has.bash
. "$TESTDIR/has.bash"
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
	[ -z "${DISK-}" ] || rm -rf "$DISK"
	cd / && nothing_left_behind
}

# The pids of all processes whose working directory is $T or below it.
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

# A program that execs its arguments, such as env; fdtool and serve run fdtool by it.
BEHIND=()

# fdtool ARG...: runs fdtool with a deadline.
fdtool() {
	timeout --foreground 30 "${BEHIND[@]}" "$FDTOOL" "$@"
}

# as UID COMMAND...: runs a command, or fdtool or serve, as that user, only in the group
# of the same number.
as() {
	local BEHIND=(setpriv --reuid="$1" --regid="$1" --clear-groups --)
	case $2 in
	fdtool | serve) "${@:2}" ;;
	*) "${BEHIND[@]}" "${@:2}" ;;
	esac
}

# start COMMAND...: runs it in the background; $! is its pid, which is added to $STARTED.
start() {
	"$@" 3>&- &
	STARTED+=($!)
}

# serve ARG...: starts a server and returns when its names are bound. $SERVER is
# its pid; its output is in $T/serve.out and $T/serve.err.
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

# until_true COMMAND...: repeats it until it succeeds, for at most 10 seconds.
until_true() {
	local deadline=$((SECONDS + 10))
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.02
	done
}

# fds_of PID: prints how many descriptors that process has.
fds_of() {
	find "/proc/$1/fd" -mindepth 1 | wc -l
}

# stops_with STATUS PID [SIGNAL]: sends the signal (TERM); the process must end with that
# status. Do not call it under `run`, whose subshell cannot wait for our child.
stops_with() {
	local status=0
	kill "-${3:-TERM}" "$2"
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

# ends_with STATUS PID: the process must end by itself with that status. Do not call it
# under `run` either.
ends_with() {
	local status=0
	until_true has_ended "$2" || fail "$2 did not end"
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

has_ended() {
	! kill -0 "$1" 2>/dev/null
}

# is_gone PID: it has ended, as an orphan that the init of a container may never wait for.
is_gone() {
	[ ! -e "/proc/$1" ] || grep -qs '^State:.Z' "/proc/$1/status"
}

needs_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
}

needs_device() {
	has_device "$1" || skip "needs $1"
}

needs_btf() {
	[ -e /sys/kernel/btf/vmlinux ] || skip 'the kernel does not describe itself (/sys/kernel/btf/vmlinux)'
}

needs_open_proc() {
	needs_root
	has_open_proc || skip '/proc hides the processes of others'
}

needs_namespaces() {
	needs_root
	has_namespaces || skip 'needs namespaces of its own'
}

# needs_linux VERSION
needs_linux() {
	printf '%s\n' "$1" "$(uname -r)" | sort -VC || skip "needs Linux $1"
}

# on_disk COMMAND...: makes the directory $DISK where the command succeeds: /tmp may be in memory.
on_disk() {
	local dir
	for dir in "$T" /var/tmp "$TESTDIR"; do
		DISK=$(mktemp -d "$dir/.fdtool-test.XXXXXX") || continue
		(cd "$DISK" && "$@" 2>/dev/null) && return
		rm -rf "$DISK"
	done
	skip "no file system here has it: $*"
}

# holding WHAT COMMAND...: runs fdtool or serve with a WHAT as descriptor 7; see
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

# json FILTER [ARG]...: jq's FILTER must be true for $output, one or more objects.
json() {
	# shellcheck disable=SC2154 # run sets it
	jq -es "$@" <<<"$output" >/dev/null || fail "not $1: $output"
}
