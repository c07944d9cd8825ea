#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The lesson of fdtool-concepts(7): its commands and what they print are taken out of the page,
# so that a shell which types them prints that very text again.

load helper

test_setup() {
	PATH=$(dirname "$FDTOOL"):$PATH
}

# lesson: prints the examples of the page: after "$ ", or "# " for root, a command, which goes on
# in the next line after a backslash; then what it prints.
lesson() {
	mandoc -T ascii -O width=110 "$TESTDIR/../man/fdtool-concepts.7" | sed 's/.\x08//g' |
		awk '/^[^ ]/ {on = $0 == "EXAMPLES"; next} /#!/ {on = 0} !on {next}
			/^ *[$#] / {match($0, /^ */); n = RLENGTH; literal = 1}
			!NF {literal = 0} literal {print substr($0, n + 1)}' |
		sed -E "s/\b(notes\.txt|secret\.txt|counter|clock|button|talk|ending)\b/$N.\1/g"
}

# commands: prints the commands of a lesson, one a line; for a user without those of root.
commands() {
	sed -E ':a; /\\$/{N; s/\\\n */ /; ta}' | sed -nE "s/^[$PROMPTS] //p"
}

# without_differences: of two runs of a lesson, and the indentation.
without_differences() {
	sed -E 's/^ +//; s/[0-9]+ at the server/N at the server/; s/^fdtool [0-9]+$/fdtool N/
		s/^event=[0-9]+/event=N/; s/mono_ns=[0-9]+/mono_ns=N/; s/[0-9]+ events?,/N events,/'
}

# output_of: what the lesson says that its commands print.
output_of() {
	sed -E ':a; /\\$/{N; s/\\\n *//; ta}' |
		awk -v of="[$PROMPTS] " '/^[$#] / {on = $0 ~ "^" of; next} on'
}

# as_user COMMAND...: runs it as another user, if this one is root.
as_user() {
	[ "$(id -u)" != 0 ] || set -- setpriv --reuid=65533 --regid=65533 --clear-groups -- "$@"
	"$@"
}

# types_the_lesson [as_user]: into a shell in this directory.
types_the_lesson() {
	lesson >page
	{
		echo 'exec 3>&- 4>&-' # those of bats
		commands <page
		echo wait
	} >commands
	run "$@" timeout 60 bash commands
	output_of <page | without_differences >expected
	without_differences <<<"$output" >printed
}

@test "lesson: fdtool-concepts(7) has sixteen claims, each with a command that prints something" {
	local claims
	claims=$(mandoc -T ascii "$TESTDIR/../man/fdtool-concepts.7" | sed 's/.\x08//g' |
		awk '/^EXAMPLES/ {on = 1} on' | grep -cE '^     [0-9]+\.  ')
	assert_equal "$claims" 16
	PROMPTS='$#'
	lesson >page
	[ "$(output_of <page | grep -c .)" -ge 20 ]
}

@test "lesson: fdtool-concepts(7), typed as root" {
	needs_root
	PROMPTS='$#'
	types_the_lesson
	assert_success
	diff -u expected printed
}

@test "lesson: fdtool-concepts(7), typed as a user" {
	PROMPTS='$'
	mkdir user && cd user
	[ "$(id -u)" != 0 ] || chown 65533:65533 .
	types_the_lesson as_user
	# the inode of an eventfd is root's
	assert_success
	sed -i 's/: No such device or address/: Permission denied/' expected
	diff -u expected printed
}

# graded: the script of the page, as an executable file in the directory.
graded() {
	mandoc -T ascii -O width=110 "$TESTDIR/../man/fdtool-concepts.7" | sed 's/.\x08//g' | awk '
		!on && /#!/ {match($0, /^ */); n = RLENGTH; on = 1}
		on && !NF {exit}
		on {print substr($0, n + 1)}' | sed "s/lesson/$N/g" >graded
	chmod +x graded
	printf 'hello world\n' >notes.txt
}

@test "lesson: the script of fdtool-concepts(7) is graded, as root and as a user" {
	graded
	[ "$(grep -vc '^#' graded)" -eq 15 ]
	run timeout 60 ./graded
	assert_success
	assert_line '14 of 14 held'
	mkdir user && cp graded notes.txt user && cd user
	[ "$(id -u)" != 0 ] || chown -R 65533:65533 .
	run as_user timeout 60 ./graded
	assert_success
	assert_line '14 of 14 held'
}

@test "lesson: the script of fdtool-concepts(7) names what does not hold" {
	graded
	sed -i '1s/ notes.txt/ -m rw notes.txt/; s/^lseek 6/lseek 5/' graded
	run timeout 60 ./graded
	assert_failure 1
	assert_line --regexp '^fdtool serve: ./graded: line [0-9]+: expect ok !fdtool .*data=wor'
	assert_line --regexp '^fdtool serve: ./graded: line [0-9]+: expect pos=9: it is 8$'
	assert_line --regexp '^fdtool serve: ./graded: line [0-9]+: expect ok !fdtool .*EBADF write x'
	assert_line '11 of 14 held'
}
