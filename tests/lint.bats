#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# tests/lint finds faults: each test puts one into a copy of the tree.

load helper

test_setup() {
	mkdir tree
	cp -r "$TESTDIR/../cmd" "$TESTDIR/../lib" tree
	mkdir tree/tests
	cp "$TESTDIR/lint" tree/tests
}

# plant FILE TEXT: appends the line to FILE
plant() {
	printf '%s\n' "$2" >>"tree/$1"
}

lint() {
	run tree/tests/lint "$@"
}

@test "lint: nothing is found in the tree as it is" {
	lint folders circles commands
	assert_success
	assert_output ''
}

# includes FILE HEADER: makes FILE include HEADER; lint reports this as the only fault
includes() {
	plant "$1" "#include \"$2\""
	lint folders
	assert_failure
	assert_output "lint: $1 includes $2
lint: 1 faults"
}

@test "lint: an include that goes up" {
	includes lib/base/fd.c lib/look/desc.h
}

@test "lint: an include that goes up in cmd" {
	includes cmd/cli/parse.c cmd/draw/scene.h
}

@test "lint: lib knows nothing of cmd" {
	includes lib/pass/client.c cmd/cli/report.h
}

@test "lint: a layer knows nothing of a command" {
	includes cmd/prompt/session.c cmd/grab/prompt.h
}

@test "lint: a command includes another that has a folder" {
	includes cmd/grab/grab.c cmd/serve/serve.h
}

@test "lint: a command includes another that is one file" {
	includes cmd/lseek.c cmd/install.h
}

@test "lint: a folder that is no layer" {
	mkdir tree/lib/attic
	plant lib/attic/old.c ''
	lint folders
	assert_failure
	assert_line 'lint: lib/attic/ is no layer that tests/lint knows'
}

@test "lint: a circle of files in one folder" {
	plant lib/base/text.h '#include "lib/base/addr.h"'
	plant lib/base/addr.h '#include "lib/base/text.h"'
	lint folders
	assert_success
	lint circles
	assert_failure
	assert_line --partial 'a circle: lib/base/addr lib/base/text'
}

@test "lint: a circle of folders" {
	plant lib/out/json.h '#include "lib/look/desc.h"'
	lint circles
	assert_failure
	assert_line --partial 'a circle: lib/look lib/out'
}

@test "lint: a command that is not in the table" {
	plant cmd/lseek.c 'const struct cmd cmd_other = {'
	lint commands
	assert_failure
	assert_line 'lint: cmd/lseek.c: cmd_other is not in cmd/cli/commands.c'
}

@test "lint: a call of exit outside main" {
	plant lib/base/fd.c 'void leave(void) { exit(1); }'
	lint commands
	assert_failure
	assert_line 'lint: lib/base/fd.c calls exit'
}

@test "lint: a wait for what was asked before" {
	plant tests/some.bats '	until_true test "$(cat file)" = done'
	plant tests/some.bats '	until_true test -s file || fail "$(cat file)"'
	lint waits
	assert_failure
	assert_line 'lint: tests/some.bats:1: asked once: until_true test "$(cat file)" = done'
	assert_line 'lint: 1 faults'
}
