# shellcheck shell=bash disable=SC2034 # the tests use what is set here
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tracing an actor, by $WAY: bpf or ptrace.

# needs_way [WAY]
needs_way() {
	WAY=${1:-$WAY}
	case $WAY in
	bpf)
		needs_root
		needs_btf
		;;
	ptrace)
		has_ptrace || skip 'Yama forbids it'
		export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work in what is traced
		;;
	esac
}

# The program ./calls-32: tests/peers/calls-32.c.
needs_calls_32() {
	has_i386 || skip 'needs a compiler and a kernel for i386'
	"${CC:-cc}" -m32 -Wall -Wextra -Werror -O1 -fno-pie -no-pie -fno-stack-protector -nostdlib -static \
		-o calls-32 "$TESTDIR/peers/calls-32.c"
}

OWN_ASAN_OPTIONS=${ASAN_OPTIONS-}

# trace ARG...: traces in the background, and returns when it has begun. $TRACE is its pid; its
# lines are in trace.out.
trace() {
	ASAN_OPTIONS=$OWN_ASAN_OPTIONS start timeout 30 "$FDTOOL" trace --by "$WAY" "$@" >trace.out 2>trace.err
	TRACE=$!
	until_true grep -qE 'tracing|BPF' trace.err
	grep -q tracing trace.err || fail "$(<trace.err)"
}

# A process that waits for commands of bash, with file as descriptor 7. $ACTOR is its pid. It shares
# no descriptor with other tests: by ptrace these would be traced, too.
actor() {
	mkfifo commands
	# shellcheck disable=SC2016 # the actor expands it
	PATH=/usr/bin:/bin:$PATH start timeout 60 bash -c '
		for fd in /proc/$$/fd/*; do [ "${fd##*/}" -lt 3 ] || eval "exec ${fd##*/}>&-"; done
		exec 7<>file <commands; read -r pid _ </proc/self/stat; echo "$pid" >started
		while IFS= read -r -d "" line; do eval "$line"; done' sh >actor.out 2>&1 </dev/null
	exec {COMMANDS}<>commands
	until_true test -s started
	ACTOR=$(<started)
}

# does COMMAND: in the actor.
does() {
	printf '%s\0' "$1" >&"$COMMANDS"
}

# has_line REGEX
has_line() {
	until_true grep -qE "$1" trace.out || fail "no line '$1' in: $(cat trace.out trace.err)"
}

leaves() {
	does exit
	until_true is_gone "$ACTOR"
}
