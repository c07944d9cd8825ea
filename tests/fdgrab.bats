#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fdgrab, in a real bash that loads it.
#
# shellcheck disable=SC2016 # what the shells are to expand

load helper
load terminal

test_setup() {
	BUILTIN=$(dirname "$FDTOOL")/fdgrab
	[ -e "$BUILTIN" ] || BUILTIN=fdgrab # as installed
	export BUILTIN N
	printf 'one\ntwo\nthree\n' >file
	bash -c 'enable -f "$BUILTIN" fdgrab' || skip "needs bash's headers"
}

# shell SCRIPT [ARG]...: runs the script in a bash that has fdgrab, from a file.
shell() {
	{
		echo 'enable -f "$BUILTIN" fdgrab'
		printf '%s\n' "$1"
	} >script
	run timeout 30 "${BEHIND[@]}" bash script "${@:2}"
}

@test "fdgrab: the shell has the descriptor, its number in the variable" {
	serve -n "$N" file
	shell 'fdgrab "$N" FD && echo $((FD >= 10)); read -u $FD line; echo $line; cat <&$FD; readlink /proc/$$/fd/$FD'
	assert_success
	assert_output $'1\none\ntwo\nthree\n'"$T/file"
	run fdtool grab --json "$N" # the description is the server's
	json '.[0].pos == 14'
}

@test "fdgrab: the programs that the shell starts have it, and nothing else of it" {
	serve -n "$N" file
	shell 'ls /proc/self/fd >before; fdgrab "$N" FD; ls /proc/self/fd >after; diff before after | sed -n "s/^[<>] //p"; echo $FD'
	assert_success
	assert_equal "${lines[0]}" "${lines[1]}"
	assert_equal "${#lines[@]}" 2
}

@test "fdgrab: -u chooses the number; what was there is closed" {
	serve -n "$N" file
	shell 'exec 7</dev/null; fdgrab -u 7 "$N" FD; echo $FD; readlink /proc/$$/fd/7; fdgrab -u 0 "$N" FD; read line; echo $FD $line'
	assert_success
	assert_output $'7\n'"$T/file"$'\n0 one'
}

@test "fdgrab: -u with the number of the script that the shell reads" {
	serve -n "$N" file
	shell 'for n in {3..300}; do [ ! /proc/$$/fd/$n -ef script ] || at=$n; done; fdgrab -u $at "$N" FD && echo $((FD == at)); echo goes on; readlink /proc/$$/fd/$FD'
	assert_success
	assert_output $'1\ngoes on\n'"$T/file"
}

@test "fdgrab: in a function the variable may be local" {
	serve -n "$N" file
	shell 'f() { local FD; fdgrab "$N" FD; cat <&$FD; }; f; echo "[$FD]"'
	assert_success
	assert_output $'one\ntwo\nthree\n[]'
}

@test "fdgrab: the exit codes and messages are those of grab" {
	needs_root
	chmod 755 .
	serve -n "$N-other" file
	local BEHIND=(setpriv --reuid=1 --regid=1 --clear-groups --)
	serve -n "$N-theirs" /dev/null
	BEHIND=()
	shell 'fdgrab "$N-nobody" FD; echo $?
fdgrab "$N-theirs" FD; echo $?
fdgrab --from daemon "$N-theirs" FD; echo $?
fdgrab -w50ms "$N-nobody" FD; echo $?
fdgrab -w -t 50ms "$N-nobody" FD; echo $?
fdgrab; echo $?
fdgrab a; echo $?
fdgrab a "b c"; echo $?
fdgrab a b c; echo $?
fdgrab --nothing; echo $?
readonly R=1; fdgrab "$N-other" R; echo $? $R' 2>&1
	assert_success
	assert_line --index 0 "fdgrab: $N-nobody: nobody offers it: ECONNREFUSED (Connection refused)"
	assert_line --regexp "^fdgrab: $N-theirs: the server is pid [0-9]+ of user daemon, who is not trusted$"
	assert_line '  if you do trust that user: --from daemon'
	assert_line "fdgrab: $N-nobody: nobody offers it: ETIMEDOUT (Connection timed out)"
	assert_line "fdgrab: no ADDRESS to grab from; see 'fdgrab --help'"
	assert_line "fdgrab: 'b c' is not the name of a variable; see 'fdgrab --help'"
	assert_line 'fdgrab: R: the variable is read-only'
	assert_equal "$(grep -xE '[0-9]+( 1)?' <<<"$output" | paste -sd ' ')" '4 3 0 4 124 2 2 2 2 2 1 1'
}

@test "fdgrab: a failure ends a shell with set -e, and leaves nothing open" {
	peer "$N" two
	shell 'ls /proc/$$/fd >before; fdgrab "$N" FD; echo "[$FD]"; ls /proc/$$/fd >after; cmp before after && echo same; set -e; fdgrab "$N" FD; echo not reached'
	assert_failure 1
	assert_line '[]'
	assert_line same
	refute_line 'not reached'
}

@test "fdgrab: no free descriptor" {
	serve -n "$N" file
	shell 'ulimit -n 30; for n in {0..99}; do fdgrab "$N" FD || { echo $? $((n > 5)); break; }; done; fdgrab -u 99 "$N" FD; echo $?'
	assert_success
	assert_line "fdgrab: $N: no room in the descriptor table: EMFILE (Too many open files)"
	assert_line '1 1'
	assert_line --partial "fdgrab: $N: make it descriptor 99: EINVAL"
	assert_line --index -1 1
}

@test "fdgrab: a hundred in turn, each closed, and the shell is as before" {
	serve -n "$N" file
	shell 'ls /proc/$$/fd >before; for i in {1..100}; do fdgrab "$N" FD && exec {FD}<&-; done; ls /proc/$$/fd >after; cmp before after && echo $FD'
	assert_success
	assert_output --regexp '^[0-9]+$'
}

# Whether the shell of the terminal has a socket.
is_connected() {
	find "/proc/$(terminal list-panes -F '#{pane_pid}')/fd" -lname 'socket:*' | grep -q .
}

@test "fdgrab: Ctrl-C ends it, and not the shell" {
	peer "$N" silent
	terminal new-session -d -x 100 -y 20 "exec env PS1='$ ' bash --norc --noprofile"
	sees 0 '$'
	types 0 "enable -f $BUILTIN fdgrab; echo loaded" Enter
	sees 0 loaded
	local address
	for address in "$N" "-w $N-nobody"; do # accepted and not answered; waits for a server
		types 0 "clear; echo st''art; fdgrab $address FD" Enter
		sees 0 start
		[ "$address" != "$N" ] || until_true is_connected
		types 0 C-c
		types 0 "echo rc=\$? fd=[\$FD]" Enter
		sees 0 'rc=130 fd=[]'
	done
	terminal kill-server
}

@test "fdgrab: help, --help, and what enable -d leaves" {
	shell 'help fdgrab; fdgrab --help; fdgrab -V; enable -d fdgrab; type fdgrab'
	assert_failure
	assert_line --partial 'fdgrab: fdgrab [-u FD] [--from USER] [-w[TIME]] [-t TIME] ADDRESS VAR'
	assert_line --index -1 --partial 'not found'
	local option
	for option in --fd --from --wait --timeout; do
		assert_output --partial "$option"
		mandoc -T ascii "$TESTDIR/../man/fdgrab.1" | sed 's/.\x08//g' | grep -q -- "$option"
	done
}

@test "fdgrab: the examples of its page, for bash, zsh and fish" {
	serve -n "$N" -n "$N-2" file file
	mandoc -T ascii -O width=110 "$TESTDIR/../man/fdgrab.1" | sed 's/.\x08//g' | sed -n '/^EXAMPLES/,/^SEE/p' >examples
	sed -n 's/^ *\(fdgrab .*\)/\1/p' examples | sed "s/notes.txt/$N/" >lines
	grep -q . lines
	printf '%s\n' "$(grep '^ *\(fdgrab\|read\|exec\) ' examples | sed "s/notes\.txt/$N/; s/^ *//")" >lines
	shell "$(cat lines)"$'\necho "$line"'
	assert_success
	assert_output one
	if command -v zsh >/dev/null; then
		grep 'zsh -c\|fish -c' examples | sed "s/notes\.txt/$N-2/; s/^ *//; s|fdtool|$FDTOOL|" >lines
		[ "$(wc -l <lines)" = 2 ]
		run bash lines
		assert_success
		assert_output $'one\ntwo'
	fi
}
