#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The selection of the command, the options of the whole tool, --install, and what every
# command has in common: usage errors, closed standard descriptors.
#
# shellcheck disable=SC2016 # an inner shell expands it
# shellcheck disable=SC2030,SC2031 # each test is a process, and FDTOOL is its own
# shellcheck disable=SC2034 # the helper reads BEHIND

bats_require_minimum_version 1.5.0
load ../helper

test_setup() {
	printf 'hello world\n' >file
}

commands() {
	fdtool --list
}

assert_usage() { # the one line
	assert_failure 2
	assert_output --partial "$1"
	assert_output --regexp "; see 'fdtool[a-z -]* --help'\$"
	assert_equal "${#lines[@]}" 1
}

# with_closed DESCRIPTORS ARG...: fdtool with these of 0, 1 and 2 closed
with_closed() {
	timeout --foreground 30 bash -c '
		for fd in $1; do exec {fd}>&-; done
		shift
		exec "$@"' - "$1" "$FDTOOL" "${@:2}"
}

# --- the tool -------------------------------------------------------------------

@test "--help, -h and no word at all: every command with its summary" {
	local command
	run -0 fdtool --help
	assert_line --index 0 --regexp '^Usage: fdtool COMMAND'
	for command in $(commands); do
		assert_line --regexp "^  $command +[a-z]"
	done
	refute_output --partial __
	local help=$output
	run -0 fdtool -h
	assert_output "$help"
	run -0 fdtool
	assert_output "$help"
}

@test "--version and -V name the version, the libraries and the kernel" {
	run -0 fdtool --version
	assert_line --index 0 --regexp '^fdtool [0-9]+\.[0-9]+\.[0-9]+$'
	assert_line --index 1 --regexp '^glibc [0-9.]+, libbsd [0-9.]+, jansson [0-9.]+, readline [0-9.]+, libsmartcols [0-9.]+, libbpf ([0-9.]+|\(not built in\)); Linux '
	assert_output --partial "Linux $(uname -r)"
	local version=$output
	run -0 fdtool -V
	assert_output "$version"
	run -0 fdtool serve --version
	assert_output "$version"
}

@test "--list has the commands, --list-full what --install makes" {
	run -0 fdtool --list
	local command
	for command in serve grab list help; do
		assert_line "$command"
	done
	refute_output --partial __
	assert_equal "$(fdtool --list-full)" "$(printf 'fdtool-%s\n' "${lines[@]}")"
}

@test "every command has --help, -h and --version, and says its options" {
	local command
	for command in $(commands); do
		run -0 fdtool "$command" --help
		assert_line --index 0 --regexp "^Usage: fdtool $command( |\$)"
		assert_line --regexp '^  -h, --help '
		assert_line --regexp '^  -V, --version '
		assert_equal "$(fdtool "$command" -h)" "$output"
		run -0 fdtool "$command" --version
		assert_line --index 0 --regexp '^fdtool [0-9.]+$'
	done
}

@test "--help of a command wins over what is wrong before the rest is looked at" {
	run -0 fdtool serve --help --bogus
	assert_line --index 0 --regexp '^Usage: fdtool serve'
}

@test "help: the tool's, a command's, and no other's" {
	PATH=/nowhere run -0 "$FDTOOL" help
	assert_output "$(fdtool --help)"
	local command
	for command in $(commands); do
		PATH=/nowhere run -0 "$FDTOOL" help "$command"
		assert_output "$(fdtool "$command" --help)"
	done
	run fdtool help nothing
	assert_usage "'nothing'"
	run fdtool help serve grab
	assert_usage "'grab'"
}

@test "help with a manual page becomes man" {
	mkdir bin
	cat >bin/man <<'END'
#!/bin/sh
[ "$1" = -w ] || echo "the page $1"
END
	chmod +x bin/man
	PATH=$T/bin:$PATH run -0 fdtool help grab
	assert_output 'the page fdtool-grab'
	PATH=$T/bin:$PATH run -0 fdtool help
	assert_output 'the page fdtool'
	PATH=$T/bin:$PATH run -0 fdtool help concepts
	assert_output 'the page fdtool-concepts'
	PATH=$T/bin:$PATH run -2 fdtool help ../bin/man
	assert_usage "'../bin/man'"
}

@test "an unknown command: 127, and the nearest" {
	run -127 fdtool srve
	assert_line --index 0 --regexp '^fdtool: srve: no such command$'
	assert_line --index 1 --partial "'serve'"
	run -127 fdtool gerb
	assert_line --index 1 --partial "'grab'"
	run -127 fdtool completely-different
	assert_line --index 1 --partial 'fdtool --help'
	run -127 fdtool ''
	assert_equal "${#lines[@]}" 2
}

@test "an unknown command does not reach the terminal raw, and none of ours is suggested" {
	run -127 fdtool $'\033[31m'
	refute_output --partial $'\033'
	run -127 fdtool __complet
	refute_output --partial "'__"
}

@test "an unknown option of the tool: 2, one line" {
	run fdtool --bogus
	assert_usage "'--bogus'"
	run fdtool -x
	assert_usage "'-x'"
}

@test "an unknown option of a command: 2, one line that names the command" {
	local command
	for command in $(commands); do
		run fdtool "$command" --bogus
		assert_usage "'--bogus'"
		assert_output --regexp "^fdtool $command: .*'fdtool $command --help'\$"
		run fdtool "$command" -Z
		assert_usage -Z
	done
	run fdtool serve -qZ file
	assert_usage -Z
}

@test "an option that does not reach the terminal raw" {
	run fdtool serve $'--\033[31m' file
	assert_failure 2
	refute_output --partial $'\033'
}

@test "a missing argument, one that does not belong there, an ambiguous beginning" {
	run fdtool serve -n
	assert_usage "'-n'"
	run fdtool serve file --name
	assert_usage "'--name'"
	run fdtool serve --once=1 file
	assert_usage --once
	run fdtool serve --allow file
	assert_usage "'--allow'"
}

@test "an unambiguous beginning of a long option is that option" {
	run fdtool serve --vers
	assert_success
	assert_output --partial 'fdtool '
	run fdtool serve -n "$N" --time=50ms -q file
	assert_failure 124
}

@test "options stand before or after the operands" {
	serve file -n "$N"
	run -0 fdtool grab "$N" --json
	jq -e .fd <<<"$output"
}

@test "after -- a word that begins with a dash is an operand" {
	printf dashes >--once
	serve -n "$N" -- --once
	assert_equal "$(fdtool grab -f 0 "$N" -- cat)" dashes
}

@test "after -- of grab stands the program, its options are its own" {
	serve -n "$N" file
	run -0 fdtool grab -f 0 "$N" -- head -c 5
	assert_output hello
	run fdtool grab "$N" --
	assert_usage program
}

@test "-- that is an option's argument does not end the options" {
	run fdtool serve -n -- file -t 50ms
	assert_failure 124
	assert_output --partial "--: serving"
}

@test "one word too many" {
	run fdtool list more
	assert_usage "'more'"
}

@test "standard output full: 1, and one line" {
	local words
	for words in --help --version --list --list-full '' help 'serve --help' 'grab --version'; do
		# shellcheck disable=SC2086 # a word each
		MANPATH=/nowhere PATH=/nowhere:$PATH run bash -c 'exec timeout 20 "$FDTOOL" "$@" >/dev/full' - $words
		assert_failure 1
		assert_output --regexp 'standard output: write: ENOSPC \('
		assert_equal "${#lines[@]}" 1
	done
}

# --- argv[0] -----------------------------------------------------------------------

@test "argv[0] fdtool-COMMAND or COMMAND is that command, any other the tool" {
	serve -n "$N" file
	ln -s "$FDTOOL" fdtool-grab
	ln -s "$FDTOOL" grab
	ln -s "$FDTOOL" other
	assert_equal "$(./fdtool-grab -f 0 "$N" -- head -c 6)" 'hello '
	assert_equal "$(./grab -f 0 "$N" -- cat)" world
	run -0 ./other --list
	assert_output "$(commands)"
	run ./grab
	assert_failure 2
	assert_output --regexp '^fdtool grab: '
}

@test "a login shell's argv[0], an empty one, and none" {
	run -0 bash -c 'exec -a -fdtool "$FDTOOL" --list'
	assert_output "$(commands)"
	run -0 bash -c 'exec -a "" "$FDTOOL" --list'
	assert_output "$(commands)"
	# since Linux 5.18 the kernel makes it an empty word
	run timeout 20 python3 -c '
import ctypes, os
libc = ctypes.CDLL(None)
libc.execve(os.environb[b"FDTOOL"], (ctypes.c_char_p * 1)(), (ctypes.c_char_p * 1)())'
	if [ "$status" = 2 ]; then
		assert_output ''
	else
		assert_success
		assert_output "$(fdtool --help)"
	fi
}

@test "argv[0] is not a way to what is for completion only" {
	ln -s "$FDTOOL" fdtool-__complete
	run -0 ./fdtool-__complete --list
	assert_output "$(commands)"
}

# --- --install -----------------------------------------------------------------------

@test "--install: a link a command, each of which works" {
	cp "$FDTOOL" "$T/fdtool" # the directory may be on another file system than the build
	mkdir bin
	FDTOOL=$T/fdtool
	run -0 fdtool --install bin
	assert_output ''
	assert_equal "$(cd bin && printf '%s\n' * | sort)" "$(fdtool --list-full | sort)"
	local link
	for link in bin/*; do
		assert [ "$link" -ef fdtool ]
		assert [ ! -L "$link" ]
		run -0 "$link" --help
		assert_line --index 0 --regexp "^Usage: fdtool ${link#bin/fdtool-}( |\$)"
	done
}

@test "--install -s: symlinks, from wherever it is called" {
	mkdir bin
	run -0 fdtool --install -s bin
	assert_equal "$(cd bin && printf '%s\n' * | sort)" "$(fdtool --list-full | sort)"
	local link
	for link in bin/*; do
		assert_equal "$(readlink "$link")" "$(readlink -f "$FDTOOL")"
		run -0 "$link" --help
	done
}

@test "--install: again, and from one kind of link to the other" {
	cp "$FDTOOL" fdtool
	mkdir bin
	FDTOOL=$T/fdtool
	fdtool --install bin
	run -0 fdtool --install bin
	run -0 fdtool --install -s bin
	assert [ -L bin/fdtool-grab ]
	run -0 fdtool --install -s bin
	run -0 fdtool --install bin
	assert [ ! -L bin/fdtool-grab ]
	run -0 bin/fdtool-grab --help
}

@test "--install: by one of the links that it made" {
	cp "$FDTOOL" fdtool
	mkdir bin
	./fdtool --install bin
	mkdir more
	ln bin/fdtool-grab tool
	run -0 ./tool --install more
	assert [ more/fdtool-grab -ef fdtool ]
}

@test "--install leaves a file alone that is not its own" {
	cp "$FDTOOL" fdtool
	mkdir bin
	echo mine >bin/fdtool-grab
	local how
	for how in '' -s; do
		# shellcheck disable=SC2086 # no word where there is none
		run ./fdtool --install $how bin
		assert_failure 1
		assert_output --regexp 'fdtool-grab: .*EEXIST \('
		assert_equal "$(cat bin/fdtool-grab)" mine
	done
	ln -sf elsewhere bin/fdtool-grab
	run ./fdtool --install bin
	assert_failure 1
	assert_equal "$(readlink bin/fdtool-grab)" elsewhere
}

@test "--install: wrong words, no directory, no permission" {
	run fdtool --install
	assert_usage --install
	run fdtool --install -s
	assert_usage --install
	run fdtool --install a b
	assert_usage --install
	run fdtool --install missing
	assert_failure 1
	assert_output --partial ENOENT
	run fdtool --install file
	assert_failure 1
	assert_output --partial ENOTDIR
}

@test "--install where one may not write" {
	needs_root
	mkdir bin
	run as 1 fdtool --install -s bin
	assert_failure 1
	assert_output --partial EACCES
}

# --- standard descriptors that are closed -----------------------------------------------

@test "0, 1 and 2 closed: the received descriptor is none of them, and they stay closed" {
	serve -n "$N" file
	local closed
	for closed in 0 1 2 '0 1' '0 2' '1 2' '0 1 2'; do
		# built-in tests only: anything else that a shell opens may get these numbers
		run -0 with_closed "$closed" grab "$N" -- sh -c '
			for fd in 0 1 2 3 4 5 6 7 8 9; do
				[ ! -e /proc/$$/fd/$fd ] || open="$open $fd"
				[ ! /proc/$$/fd/$fd -ef file ] || received="$received $fd"
			done
			echo "$open:$received" >seen'
		assert_equal "$(cat seen)" "$(printf ' %s\n' 0 1 2 3 | grep -v "[${closed// /}]" | tr -d '\n'): 3"
	done
}

@test "0, 1 and 2 closed: grab -f 1 still is what was asked for" {
	serve -m w -n "$N" memfd:
	run -0 with_closed '0 1 2' grab -f 1 "$N" -- echo words
	serve -n "$N-2" "$SERVER:$(sed -n 's/.*as descriptor //p' serve.out)"
	run -0 fdtool list --json
	jq -e --arg name "$N" '.[] | select(.name == $name) | .pos == 6' <<<"$output"
}

@test "0, 1 and 2 closed: what a server opens is none of them" {
	BEHIND=(bash -c 'exec "$@" <&- >&- 2>&-' -)
	serve -q -n "$N" file
	BEHIND=()
	run -0 fdtool grab --json "$N"
	jq -e '.same == true' <<<"$output"
	local fd
	for fd in 0 1 2; do
		run -0 readlink "/proc/$SERVER/fd/$fd"
		assert_output /dev/null
	done
}

@test "standard output closed: what would say something fails, what would not does not" {
	serve -n "$N" file
	run with_closed 1 grab "$N"
	assert_failure 1
	assert_output --regexp 'standard output: write: EBADF \('
	assert_equal "${#lines[@]}" 1
	run with_closed 1 --help
	assert_failure 1
	run with_closed 1 grab -q "$N"
	assert_success
	assert_output ''
}

@test "standard error closed: the status says it, and nothing lands in a file" {
	serve -m rw -n "$N" file
	run with_closed 2 grab "$N-not"
	assert_failure 4
	run with_closed '1 2' grab "$N"
	assert_failure 1
	run -127 with_closed 2 grab "$N" -- ./missing
	assert_equal "$(cat file)" 'hello world'
}

@test "standard input closed: no matter" {
	serve -n "$N" file
	run -0 with_closed 0 grab "$N"
	assert_output --partial "$T/file"
}

@test "errors are one line of the form COMMAND: OBJECT: what: ERRNAME (text)" {
	local form='^fdtool [a-z-]+: [^:]+: .*E[A-Z]+ \(.+\)$'
	run fdtool grab "$N"
	assert_line --index 0 --regexp "$form"
	run fdtool serve -t 1 -n "$N" missing
	assert_line --index 0 --regexp "$form"
	run fdtool serve -t 1 -n "$N" fd:999
	assert_line --index 0 --regexp '^fdtool serve: fd:999: .*EBADF \(.+\)$'
}

@test "main: an option that does not exist: the nearest is named" {
	run fdtool grab --wiat x
	assert_failure 2
	assert_output "fdtool grab: option '--wiat' is unknown; did you mean '--wait'? see 'fdtool grab --help'"
	run fdtool serve --mdoe=r x
	assert_failure 2
	assert_output --partial "option '--mdoe' is unknown; did you mean '--mode'?"
	run fdtool grab --zzzzzzzz x
	assert_failure 2
	assert_output --partial "option '--zzzzzzzz' is unknown; see"
}
