#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The manual, --help and the README agree with each other and with the program.

load helper

test_setup() {
	ROOT=$(realpath "$TESTDIR/..")
}

# page NAME.SECTION: prints the page as plain text, wide enough that no word of a synopsis is split.
page() {
	mandoc -T ascii -O width=110 "$ROOT/man/$1" | sed 's/.\x08//g'
}

# section NAME.SECTION TITLE: prints the section under that heading.
section() {
	page "$1" | awk -v title="$2" '/^[^ ]/ {on = $0 == title; next} on'
}

one_line() {
	tr -s ' \n' ' ' | sed 's/^ //; s/ $//'
}

# Print "-n, --name NAME", one a line, sorted: from --help, and from the tags of the page.
# Two blanks end an entry.
options_of_help() {
	fdtool "$1" --help | sed -nE '/^ +-/{s/^ +//; s/  .*//; p}' | sort
}

options_of_page() {
	section "fdtool-$1.1" OPTIONS | sed -nE 's/^     (-[^ ].*)/\1/p' | sed -E 's/  .*//' | sort
}

@test "docs: every command has its page, and fdtool(1) names it" {
	local command
	for command in $(fdtool --list); do
		[ -f "$ROOT/man/fdtool-$command.1" ] || fail "$command has no page"
		section fdtool.1 DESCRIPTION | grep -q "fdtool-$command(1)" || fail "fdtool(1) lacks $command"
	done
}

@test "docs: no page is about a command that is not there" {
	local file name
	for file in "$ROOT"/man/fdtool-*.1; do
		name=${file##*/fdtool-}
		fdtool --list | grep -qx -- "${name%.1}" || fail "$file"
	done
}

@test "docs: mandoc has nothing to say of the pages" {
	run mandoc -T lint -W warning "$ROOT"/man/*.[1-9]
	assert_success
	refute_output
}

@test "docs: the options of --help and those of the page are the same, with their arguments" {
	local command
	for command in $(fdtool --list); do
		options_of_help "$command" >help.txt
		options_of_page "$command" >page.txt
		grep -q -- '--help' help.txt
		diff -u help.txt page.txt || fail "$command"
	done
}

@test "docs: the synopsis has every option, and the operands of --help" {
	local command synopsis usage row name
	for command in $(fdtool --list); do
		synopsis=$(section "fdtool-$command.1" SYNOPSIS | one_line)
		usage=$(fdtool "$command" --help | sed -n '1s/^Usage: //p')
		assert_equal "${synopsis:0:${#command}+7}" "fdtool $command"
		# the same operands follow the options in both
		[[ $synopsis == *"${usage#"fdtool $command [OPTION]..."}" ]] ||
			fail "'$synopsis' does not end as '$usage'"
		while read -r row; do
			name=$(grep -oE -- '--[a-z-]+' <<<"$row")
			grep -qE -- "\[$name( |=|\[|\])" <<<"$synopsis" ||
				[[ $row == -?,* && $synopsis =~ \[-[a-zA-Z]*${row:1:1} ]] ||
				fail "$command: $row is not in '$synopsis'"
		done < <(options_of_help "$command")
	done
}

@test "docs: the summary is the same in --help, fdtool --help, the page and fdtool(1)" {
	local command summary
	for command in $(fdtool --list); do
		summary=$(fdtool "$command" --help | sed -n '2s/\.$//p')
		fdtool --help | grep -qF " $summary" || fail "fdtool --help: $summary"
		section "fdtool-$command.1" NAME | one_line | grep -qxF "fdtool-$command - $summary" ||
			fail "fdtool-$command.1: not '$summary'"
		section fdtool.1 DESCRIPTION | one_line | grep -qF "$command $summary: fdtool-$command(1)" ||
			fail "fdtool(1): $command: not '$summary'"
	done
}

@test "docs: every page has its sections, each once" {
	local file title
	for file in "$ROOT"/man/fdtool*.1; do
		for title in NAME SYNOPSIS DESCRIPTION OPTIONS 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
			assert_equal "$file $title $(page "${file##*/}" | grep -cx "$title")" "$file $title 1"
		done
	done
}

@test "docs: every page of ours that another one names is there" {
	local name number
	cat "$ROOT"/man/fdtool*.[1-9] | sed -nE 's/^\.Xr ((fdtool|fdgrab|mypoll)[^ ]*) ([1-9]).*/\1 \3/p' | sort -u >names
	grep -q . names
	while read -r name number; do
		[ -f "$ROOT/man/$name.$number" ] || fail "$name($number)"
	done <names
}

@test "docs: the sources of serve are those of its page" {
	fdtool serve --help | sed -nE 's/^  ([a-z]+:).*/\1/p' | sort >help
	grep -qx tcp: help
	sed -nE 's/^\.It Li ([a-z]+:).*/\1/p' "$ROOT/man/fdtool-serve.1" | sort -u >page
	diff -u help page
}

@test "docs: the lessons of demo are those of its page" {
	fdtool demo --list | sed 's/ .*//' | sort >lessons
	sed -n '/^\.Ss Lessons/,/^\.El/s/^\.It Li //p' "$ROOT/man/fdtool-demo.1" | sort >page
	diff -u lessons page
}

@test "docs: the README begins with two commands, and make knows both" {
	run sed -n 's/^    \(make [a-z]*\) .*/\1/p;/^## /q' "$ROOT/README.md"
	assert_output $'make demo\nmake check'
	make -C "$ROOT" -n demo >/dev/null
	make -C "$ROOT" -n check >/dev/null
}

@test "docs: the README names no command and no page that is not there" {
	local word
	sed -nE 's/.*(^    |`|\$ )fdtool ([a-z][a-z-]*).*/\2/p' "$ROOT/README.md" | sort -u >commands
	grep -qx serve commands
	while read -r word; do
		fdtool --list | grep -qx -- "$word" || fail "$word"
	done <commands
	while read -r word; do
		word=${word%)}
		[ -f "$ROOT/man/${word/(/.}" ] || fail "$word"
	done < <(grep -oE '\bfdtool-[a-z-]+\([1-9]\)' "$ROOT/README.md")
}

@test "docs: CONTRIBUTING.md names every folder of the source, and no other" {
	local word
	# shellcheck disable=SC2016 # the backquotes are Markdown's
	sed -n '/^```/,/^```/s/^\( *\)\(\([a-z-]*\/ *\)*\).*/\1\2/p' "$ROOT/CONTRIBUTING.md" |
		awk '/^[a-z]/ {top = $1; for (i = 1; i <= NF; i++) print $i; next}
			{for (i = 1; i <= NF; i++) print top $i}' | sort >named
	(cd "$ROOT" && ls -d lib/*/ cmd/*/) >there
	diff -u there <(grep -E '^(lib|cmd)/.' named)
	while read -r word; do
		[ -d "$ROOT/$word" ] || fail "$word"
	done <named
}

@test "docs: NEWS.md speaks of the version that --version says" {
	local version
	version=$(fdtool --version | sed -n '1s/fdtool //p')
	grep -qx "## $version" "$ROOT/NEWS.md"
}

# example REGEXP: prints the lines from one that matches to the end of its indented block,
# without the indentation.
example() {
	section fdtool-protocol.7 EXAMPLES | awk -v begin="$1" '
		!on && $0 ~ begin {match($0, /^ */); n = RLENGTH; on = 1}
		on && NF {match($0, /^ */); if (RLENGTH < n) exit}
		on {print substr($0, n + 1)}'
}

# constant NAME FILE: the number that the source gives to an enumerator.
constant() {
	grep -oP "\b$1 = \K[0-9]+" "$ROOT/$2"
}

@test "docs: the limits of fdtool-serve(1) are those of the program" {
	local said
	said=$(section fdtool-serve.1 SECURITY | one_line)
	assert_regex "$said" "One user has at most $(constant MAX_CLIENTS cmd/serve/serve.c) connections"
	assert_regex "$said" "allows, less $(constant RESERVE cmd/serve/serve.c)\\."
	assert_regex "$said" "at most $(constant PROTOCOL_MAX lib/pass/protocol.h) bytes and no descriptor"
	assert_regex "$said" " $(constant NOTES_MAX lib/pass/server-clients.c) a second are passed on"
	assert_regex "$said" "denials, $(constant DENIALS_MAX cmd/client/offer-event.c) a second are printed"
}

@test "docs: the Python client of fdtool-protocol(7) works, pasted" {
	example '#!/usr/bin/env python3' >client.py
	printf 'hello\n' >'a b\c'$'\n''d'
	serve -n "$N" 'a b\c'$'\n''d'
	run timeout 20 python3 client.py "$N"
	assert_success
	assert_output "$N r regular $T/a b\\c
d
b'hello\\n'"
	# the description is the server's, so its offset has moved
	run fdtool grab --json "$N"
	json '.[0].pos == 6'
}

@test "docs: the Python client of fdtool-protocol(7) says why it was refused" {
	example '#!/usr/bin/env python3' >client.py
	serve -n "$N" --max-clients 1 /dev/null
	start timeout 20 python3 -c 'import runpy, signal
kept = runpy.run_path("client.py")
print("holds", flush=True)
signal.pause()' "$N" >holder
	until_true grep -q holds holder
	run timeout 20 python3 client.py "$N"
	assert_failure
	assert_output 'refused: busy'
}

@test "docs: the C client of fdtool-protocol(7) works, pasted" {
	example '#include <err.h>' >client.c
	run "${CC:-cc}" -D_GNU_SOURCE -Wall -Wextra -Werror -o client client.c
	assert_success
	refute_output
	printf 'hello\n' >file
	serve -n "$N" file
	run timeout 20 ./client "$N"
	assert_success
	assert_output hello
	run timeout 20 ./client "$N.nobody"
	assert_failure 1
	assert_output 'client: '"$N.nobody"': Connection refused'
}

@test "docs: the shortest client of fdtool-protocol(7) works, pasted" {
	example 'import socket$' >client.py
	printf 'hello\n' >file
	sed -i "s/notes\.txt/$N/" client.py # somebody may have an offer of that name
	grep -q "$N" client.py
	serve -n "$N" file
	echo 'import os; print(os.read(fds[0], 9))' >>client.py
	run timeout 20 python3 client.py
	assert_success
	assert_output "b'hello\\n'"
}

@test "docs: the commands of the prompt are those of fdtool-grab(1)" {
	serve -n "$N" --group /dev/null eventfd: # some are of a group's prompt only
	{
		fdtool serve -n "$N.one" -c help -c quit /dev/null
		fdtool grab -q "$N" -c help
	} | sed -nE 's/^  ([a-z]+|!)( .*|[A-Z].*|)$/\1/p' | sort -u >help.txt
	grep -qx lseek help.txt
	sed -n '/^\.Ss Commands/,/^\.El/s/^\.It Li \([a-z]*\|!\)\(\\&\)\?\( .*\)\?$/\1/p' "$ROOT/man/fdtool-grab.1" |
		sort -u >page.txt
	diff -u help.txt page.txt
}

# concept WORDS: runs the lines of the examples of fdtool-concepts(7) that contain WORDS, one
# after the other, on the offers of this test.
concept() {
	section fdtool-concepts.7 DESCRIPTION | sed -n 's/^ *\(fdtool\|flock\) /\1 /p' | grep -F -- "$1" \
		>line || fail "no example has '$1'"
	sed -i "s/notes\\.txt/$N/g; s/\\bcount\\b/$N.count/g" line
	run timeout 20 env PATH="$T/bin:$PATH" sh line
}

@test "docs: the commands of fdtool-concepts(7) show what it claims" {
	mkdir bin
	ln -s "$FDTOOL" bin/fdtool
	printf 'hello world\n' >"$N"
	serve -m rw "$N"
	concept 'grab notes.txt | cat'
	assert_line --partial 'the same open file description'
	concept 'lseek notes.txt 3'
	assert_output '0 -> 3'
	concept 'read 2'
	assert_line --index 0 --partial '"lo"   pos 3 -> 5'
	assert_line --index 1 --regexp '= 2 "he"$'
	concept 'flags +append'
	assert_output --partial 'O_APPEND'
	concept 'flags -append'
	assert_line --index 0 --partial O_APPEND
	assert_line --index 1 --partial '-> O_RDWR|O_LARGEFILE'
	concept 'flags +sync'
	assert_output --partial 'nothing changed'
	concept '-- flock -n 9'
	assert_success
	concept 'flock -n notes.txt true'
	assert_output locked
	concept 'flock -u 9'
	assert_success
	concept 'flock -n notes.txt true'
	refute_output
	concept readlink
	assert_output "$T/$N"
	concept 'grep flags'
	assert_output --regexp $'^flags:\t0[14]00002$' # O_LARGEFILE is not the same everywhere
	concept '--narrow'
	assert_output --partial 'pos 0 -> 5'
	concept 'grab -v'
	assert_output --partial SCM_RIGHTS
	concept 'epoll-watch notes.txt'
	assert_failure 1
}

@test "docs: the commands of fdtool-concepts(7) about EBADF show what it claims" {
	mkdir bin
	ln -s "$FDTOOL" bin/fdtool
	printf 'hello world\n' >"$N"
	serve "$N"
	concept 'expect EBADF'
	assert_success
	assert_output --partial 'opened O_RDONLY'
	concept 'echo x >&3'
	assert_failure
	assert_equal "$(<"$N")" 'hello world'
	concept '-c limits'
	assert_success
	concept 'echo x >>/proc'
	assert_success
	assert_equal "$(<"$N")" $'hello world\nx'
	concept 'chmod 600'
	assert_equal "$(stat -c %a "$N")" 600
	serve -n "$N.count" eventfd:3
	concept 'cat /proc/self/fd/3'
	assert_failure
	if [ "$(id -u)" = 0 ]; then
		assert_output --partial 'No such device or address'
	else
		assert_output --partial 'Permission denied'
	fi
	concept 'epoll-watch -w -n 1'
	assert_output --partial 'count=3'
	concept 'epoll-watch -t'
	assert_failure 124
	refute_output
}

# The script of fdtool-grab(1), as an executable file that finds the fdtool of this test.
lesson() {
	mkdir -p bin
	ln -sf "$FDTOOL" bin/fdtool
	section fdtool-grab.1 PROMPT | awk '
		!on && /#!/ {match($0, /^ */); n = RLENGTH; on = 1}
		on && NF {match($0, /^ */); if (RLENGTH < n) exit}
		on {print substr($0, n + 1)}' | sed "s/lesson/$N/g" >lesson
	chmod +x lesson
}

@test "docs: the lesson of fdtool-grab(1) is a program, and so is its grade" {
	lesson
	PATH=$T/bin:$PATH run timeout 20 ./lesson
	assert_success
	assert_line '8 of 8 held'
	PATH=$T/bin:$PATH run timeout 20 fdtool serve -q -k -n "$N" -i memfd: <lesson
	assert_success
	assert_line '8 of 8 held'
	# who breaks it is told where
	sed -i 's/^lseek 0$/lseek 1/; s/^write !/write ?/; s/^expect pos=4/expect pos=3/' lesson
	PATH=$T/bin:$PATH run timeout 20 ./lesson
	assert_failure 1
	assert_line --regexp "^fdtool serve: ./lesson: line [0-9]+: expect pos=3: it is 4$"
	assert_line --regexp "^fdtool serve: ./lesson: line [0-9]+: expect data=one two three!: it is .*[?]\"$"
	assert_line '6 of 8 held'
}
