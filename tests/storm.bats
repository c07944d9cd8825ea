#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Random typing, events and resizing at once; the line that is being typed stays
# whole. STORM=300 makes it five minutes each.

bats_require_minimum_version 1.5.0
load helper

STORM=${STORM:-5}

# The line that is being typed, where it is wrapped as one.
typed_line() {
	tmux -L "$N" capture-pane -p -J | grep -v '^ *$' | tail -n 1 | sed 's/ *$//'
}

shows() { # TYPED
	[[ $(typed_line) =~ ^"$N r @"[0-9]+\>\ ?"$1"$ ]]
}

random_word() {
	local letters=abcdefghijklmnopqrstuvwxyz0123456789
	local n=$((RANDOM % 12 + 1)) word=
	while ((n-- > 0)); do word+=${letters:RANDOM % ${#letters}:1}; done
	echo "$word"
}

# A signal is not in line with what is typed after it: wait for what it does.
clear_line() {
	tmux -L "$N" send-keys C-c
	typed=
	until_true shows ''
}

# What a person does to a line, with what it is afterwards in $typed.
edit_line() {
	local word
	case $((RANDOM % 6)) in
	0) clear_line ;;
	1)
		if [ -n "$typed" ]; then
			tmux -L "$N" send-keys BSpace && typed=${typed%?}
		fi
		;;
	2) # a word at the front, and back to the end
		word=$(random_word)
		tmux -L "$N" send-keys C-a
		tmux -L "$N" send-keys -l "$word"
		tmux -L "$N" send-keys C-e
		typed=$word$typed
		;;
	*)
		word=$(random_word)
		tmux -L "$N" send-keys -l "$word" && typed+=$word # -l: "f3" is no function key
		;;
	esac
}

# What else goes on: another process moves the offset, which is an event here.
move_offset() {
	((RANDOM % 3)) || fdtool lseek "$N" $((RANDOM % 5000)) >/dev/null
}

resize() {
	((RANDOM % 4)) || tmux -L "$N" resize-window -x $((RANDOM % 60 + 50)) -y $((RANDOM % 10 + 12))
}

# storm MOST [ALSO]: for $STORM seconds, with a line of MOST characters or so.
storm() {
	export XDG_STATE_HOME=$T
	head -c 5000 /dev/zero >file
	serve -n "$N" file
	tmux -L "$N" -f /dev/null new-session -d -x 70 -y 20 "exec $FDTOOL grab $N"
	STARTED+=("$(tmux -L "$N" display-message -p '#{pid}')")
	typed=
	until_true shows ''
	local end=$((SECONDS + STORM)) rounds=0
	while ((SECONDS < end)); do
		edit_line
		move_offset
		${2:-}
		((${#typed} < $1)) || clear_line
		if ! until_true shows "$typed"; then
			echo "round $rounds: typed '$typed', and the screen is"
			tmux -L "$N" capture-pane -p
			return 1
		fi
		rounds=$((rounds + 1))
	done
	((rounds > 5))
	tmux -L "$N" send-keys C-c C-d
	until_true ends
}

ends() {
	! tmux -L "$N" has-session 2>/dev/null
}

@test "storm: typing and events at once leave a line whole, also one of several rows" {
	storm 200
}

@test "storm: resizing as well, with a line of one row" {
	storm 8 resize
}
