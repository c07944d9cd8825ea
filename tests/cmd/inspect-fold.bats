#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect with many rows that say the same: the descriptors of one process, and processes that
# are alike, are a row, in the table and in the drawings; and the drawing in a browser.

bats_require_minimum_version 1.5.0
load ../helper

test_setup() {
	printf 'hello world\n' >file
	exec {shared}<>file
}

# asleep PID: it is sleep by now, not the shell that begins it.
asleep() {
	grep -qs '^sleep' "/proc/$1/comm"
}

# sleeps N: N processes that are alike hold $shared; $FIRST is the pid of the first.
sleeps() {
	local i
	for ((i = 0; i < $1; i++)); do
		start sleep 60
		[ "$i" != 0 ] || FIRST=$!
	done
	until_true asleep "$!"
}

# rows_are OPTION WORDS: the FD cells of this process are the words.
rows_are() {
	run -0 --separate-stderr fdtool inspect -n $1 -o PID,FD "$$:$shared"
	assert_equal "$(awk -v pid=$$ '$1 == pid { print $2 }' <<<"$output" | paste -sd ' ')" "$2"
}

@test "the descriptors of a process are a row, unless each or raw is requested" {
	exec {second}<&"$shared" {third}<&"$shared"
	local first=$shared last=$third
	assert_equal "$((last - first))" 2
	rows_are '' "$first-$last"
	rows_are --each "$first $second $third"
	rows_are --raw "$first $second $third"
}

@test "descriptors that differ in close-on-exec are not one row" {
	exec {second}<&"$shared"
	start python3 -c "import os, time
os.set_inheritable($second, False)
os.set_inheritable($shared, True)
open('ready', 'w')
time.sleep(60)"
	until_true [ -e ready ]
	run -0 --separate-stderr fdtool inspect -n -o PID,FD,CLOEXEC "$!:$shared"
	assert_line --regexp "$! +$shared no"
	assert_line --regexp "$! +$second yes"
	run -0 --separate-stderr fdtool inspect -n -o PID,FD "$!:$shared"
	assert_line --regexp "$! +$shared-$second"
}

@test "forty that are alike are one row in 80 columns, and with --each forty" {
	sleeps 40
	run -0 --separate-stderr fdtool inspect "$FIRST:$shared"
	assert_line --regexp "^. +.?.? *$FIRST sleep ×40 +$shared +rw "
	refute_line --regexp '.{81}'
	LC_ALL=C run -0 --separate-stderr fdtool inspect "$FIRST:$shared"
	assert_line --partial 'sleep x40'
	run -0 --separate-stderr fdtool inspect -n --each -o COMMAND,PID "$FIRST:$shared"
	assert_equal "$(grep -c '^sleep' <<<"$output")" 40
	run -0 --separate-stderr fdtool inspect -nr -o COMMAND "$FIRST:$shared"
	assert_equal "$(grep -cx sleep <<<"$output")" 40
	run -0 --separate-stderr fdtool inspect --json "$FIRST:$shared"
	assert_equal "$(jq '[.descriptions[].holders[] | select(.command == "sleep")] | length' <<<"$output")" 40
}

@test "three are three rows, and one that differs is a row too" {
	sleeps 3
	run -0 --separate-stderr fdtool inspect -n -o COMMAND "$FIRST:$shared"
	assert_equal "$(grep -c sleep <<<"$output")" 3
	sleeps 3
	start sleep 60 9<&"$shared"
	until_true asleep "$!"
	run -0 --separate-stderr fdtool inspect -n -o COMMAND,FD "$FIRST:$shared"
	assert_line --regexp "^sleep ×6 +$shared\$"
	assert_line --regexp "^sleep +9,$shared\$"
}

@test "the drawings have one box for those that are alike" {
	sleeps 40
	run -0 --separate-stderr fdtool inspect --picture "$FIRST:$shared"
	assert_line --partial "sleep ×40 from $FIRST"
	[ "${#lines[@]}" -lt 20 ]
	run -0 --separate-stderr fdtool inspect --picture --each "$FIRST:$shared"
	assert_equal "$(grep -c 'sleep [0-9]* ' <<<"$output")" 40
	run -0 --separate-stderr fdtool inspect --dot "$FIRST:$shared"
	assert_equal "$(grep -c '<B>sleep</B>' <<<"$output")" 1
	run -0 --separate-stderr fdtool inspect --svg "$FIRST:$shared"
	assert_equal "$(grep -c ">sleep ×40 from $FIRST<" <<<"$output")" 1
	assert_line --regexp "<title>sleep $FIRST(, [0-9]+){39}</title>"
}

# is_readable FILE: a browser shows all of a drawing, in both of its schemes.
is_readable() {
	local page=$T/page.html
	{ echo '<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">' && sed 1d "$1" && echo '<script>' &&
		cat "$TESTDIR/browser/readable.js" && echo '</script>'; } >"$page"
	run -0 --separate-stderr timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-quic \
		--no-first-run --disable-background-networking --disable-component-update --disable-sync \
		--user-data-dir="$T/chromium" --virtual-time-budget=20000 --dump-dom "file://$page"
	run -0 sed -n '/<pre>/,/<\/pre>/ { s/.*<pre>//; s/<\/pre>.*//; /./p }' <<<"$output"
	assert_line --index 0 --regexp '^[1-9][0-9]* texts$'
}

@test "in a browser every holder of 3, 40 and 400 can be read, in light and in dark" {
	command -v chromium >/dev/null || skip "needs chromium"
	local n=0 more each
	for more in 3 37 360; do
		sleeps "$more"
		n=$((n + more))
		for each in '' --each; do
			fdtool inspect --svg $each "$FIRST:$shared" >"$n.svg"
			[ "$n" = 3 ] || [ -z "$each" ] || assert_equal "$(grep -c '>sleep [0-9]*<' "$n.svg")" "$n"
			is_readable "$n.svg"
		done
	done
	fdtool inspect --svg $$ >process.svg
	is_readable process.svg
}
