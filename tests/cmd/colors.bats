#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Colours: at a prompt on a terminal, and nowhere else; tests/cmd/cli/color-test.c has which.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

test_setup() {
	printf 'hello world\n' >file
	own_state
}

# coloured: whether the terminal shows what the call moved in a colour.
coloured() {
	terminal capture-pane -e -p -t 0.0 | grep -q $'\e\[3[0-9]mpos 0 -> 5'
}

# reads_with SETTING...: reads at a prompt of serve, in an environment with these.
reads_with() {
	two_terminals
	types 0 "clear; env $* $FDTOOL serve -n $N file" Enter
	prompted 0
	types 0 'read 5' Enter
	sees 0 'pos 0 -> 5'
	stands 0 "$N r @5>"
}

@test "colors: at a prompt on a terminal" {
	reads_with -u NO_COLOR
	coloured
	terminal kill-server
}

@test "colors: none with NO_COLOR" {
	reads_with NO_COLOR=1
	refute coloured
	terminal kill-server
}

@test "colors: none on a dumb terminal" {
	reads_with TERM=dumb
	refute coloured
	terminal kill-server
}

@test "colors: none in the output of scripts, unless they are wanted" {
	run fdtool serve -n "$N" -c 'read 5' -c quit file
	assert_output --partial '   pos 0 -> 5'
	run fdtool serve --color=always -n "$N" -c 'read 5' -c quit file
	assert_output --regexp $'\e\\[[0-9]+mpos 0 -> 5\e\\[0m'
	run fdtool serve --color=never -n "$N" -c 'read 5' -c quit file
	assert_output --partial '   pos 0 -> 5'
}
