#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The stand-in does what mypoll(4) says. The same program tests the driver in the
# virtual machine: see vm/run.

load helper

setup_file() {
	make -s -C "$TESTDIR/conformance" OUT="$BATS_FILE_TMPDIR" "$BATS_FILE_TMPDIR/conformance"
}

@test "the stand-in keeps what mypoll(4) says, but for what a pipe cannot" {
	run timeout 120 "$BATS_FILE_TMPDIR/conformance" stand-in "$FDTOOL"
	assert_success
	assert_line '1..28'
	refute_line --partial 'not ok'
	assert_line --partial 'ok 1 - '
	# few tests are skipped, each with its reason
	assert [ "$(grep -c '# SKIP ' <<<"$output")" -le 5 ]
}
