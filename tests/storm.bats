#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random typing, events and resizing at the same time: the line that is being typed stays
# intact. STORM=300 makes each test take five minutes.

bats_require_minimum_version 1.5.0
load helper
load terminal

STORM=${STORM:-5}

# Prints the screen; a wrapped line is one line.
lines_shown() {
	terminal capture-pane -p -J | sed 's/ *$//' | grep .
}

# The last line is the prompt with the typed text.
prompt_has() { # OFFSET TYPED
	[[ $(lines_shown | tail -n 1) =~ ^"$N r @"$1\>\ ?"$2"$ ]]
}

# Above it are only whole lines: events, or lines that were cleared. The beginning of the
# topmost line may be above the edge of the screen.
all_whole() {
	! lines_shown | sed '1d;$d' | grep -vxE "$N: (pid|fdtool) [0-9]+: lseek: pos [0-9]+ -> [0-9]+|$N r @[0-9]+>( [a-z0-9]*)?\^C|\^C"
}

random_word() {
	local letters=abcdefghijklmnopqrstuvwxyz0123456789
	local n=$((RANDOM % 12 + 1)) word=
	while ((n-- > 0)); do word+=${letters:RANDOM % ${#letters}:1}; done
	echo "$word"
}

# A signal can overtake what is typed after it, so wait for its effect.
clear_line() {
	terminal send-keys C-c
	typed=
	at=0
	until_true prompt_has '[0-9]+' ''
}

press() { # N KEY
	local keys=()
	while ((${#keys[@]} < $1)); do keys+=("$2"); done
	((${#keys[@]} == 0)) || terminal send-keys "${keys[@]}"
}

# Edits the line as a person does; sets $typed to the new text and $at to the cursor's place.
edit_line() {
	local word to
	case $((RANDOM % 8)) in
	0) clear_line ;;
	1)
		if ((at > 0)); then
			press 1 BSpace
			typed=${typed:0:at-1}${typed:at}
			at=$((at - 1))
		fi
		;;
	2)
		press 1 C-a
		at=0
		;;
	3)
		press 1 C-e
		at=${#typed}
		;;
	4)
		to=$((RANDOM % (${#typed} + 1)))
		if ((to < at)); then press $((at - to)) Left; else press $((to - at)) Right; fi
		at=$to
		;;
	*)
		word=$(random_word)
		terminal send-keys -l "$word" # -l: do not take "f3" as a function key
		typed=${typed:0:at}$word${typed:at}
		((at += ${#word}))
		;;
	esac
	true
}

# Meanwhile another process moves the offset, which is an event here.
move_offset() {
	((RANDOM % 3)) && return
	offset=$((RANDOM % 5000))
	fdtool lseek "$N" "$offset" >/dev/null 3>&- &
}

terminal_is() { # ROWS COLUMNS
	[ "$(stty -F "$(terminal display-message -p '#{pane_tty}')" size)" = "$1 $2" ]
}

# tmux wraps the lines again at once, and tells the program a quarter of a second later. The
# program must write nothing in between: it would write for the old size.
resize() {
	((RANDOM % 4)) && return
	local columns=$((RANDOM % 60 + 50)) rows=$((RANDOM % 10 + 12))
	terminal resize-window -x "$columns" -y "$rows"
	until_true terminal_is "$rows" "$columns"
}

# storm MAX [ALSO]: lasts $STORM seconds, with a line of about MAX characters at most.
storm() {
	export XDG_STATE_HOME=$T
	head -c 5000 /dev/zero >file
	serve -n "$N" file
	terminal new-session -d -x 70 -y 20 "exec $FDTOOL grab $N"
	STARTED+=("$(terminal display-message -p '#{pid}')")
	typed='' at=0 offset=0
	until_true prompt_has 0 ''
	local end=$((SECONDS + STORM)) rounds=0
	while ((SECONDS < end)); do
		move_offset
		edit_line
		((${#typed} < $1)) || clear_line
		if ! until_true prompt_has "$offset" "$typed" || ! all_whole; then
			echo "round $rounds: typed '$typed', and the screen is"
			terminal capture-pane -p
			return 1
		fi
		${2:-}
		rounds=$((rounds + 1))
	done
	echo "# $rounds rounds" >&3
	((rounds > 5))
	terminal send-keys C-c C-d
	until_true ends
}

ends() {
	! terminal has-session 2>/dev/null
}

@test "storm: typing and events at once leave a line whole, also one of several rows" {
	storm 200
}

@test "storm: resizing as well, with a line of one row" {
	storm 8 resize
}

@test "storm: resizing as well, with a line of several rows" {
	storm 200 resize
}
