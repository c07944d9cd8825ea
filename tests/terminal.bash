# SPDX-License-Identifier: GPL-3.0-or-later
#
# Terminals in tmux, with a private server for each test, and their screens as a person
# sees them. Each test ends with `terminal kill-server`.

# shellcheck disable=SC2154 # helper.bash has N

# own_state: prompts keep their history, and tmux its sockets, in the directory of the test.
own_state() {
	export XDG_STATE_HOME=$T/state TMUX_TMPDIR=$T
}

terminal() {
	tmux -L "$N" -f /dev/null "$@"
}

# Two terminals side by side, 0 and 1, with a shell in each; 100 columns wide, or with WIDTH=N
# that of both.
two_terminals() {
	terminal new-session -d -x "${WIDTH-201}" -y 30 "exec env PS1='$ ' bash --norc --noprofile"
	terminal split-window -h "exec env PS1='$ ' bash --norc --noprofile"
	sees 0 '$' && sees 1 '$'
}

# screen PANE: prints what the pane shows.
screen() {
	terminal capture-pane -p -t "0.$1"
}

shows() {
	screen "$1" | grep -qF -- "$2"
}

# ends_in PANE LINE: the last line that is not empty, where the cursor is, equals LINE.
ends_in() {
	[ "$(screen "$1" | grep . | tail -n 1 | sed 's/ *$//')" = "$2" ]
}

# What a person does: sees PANE TEXT waits for the text; types PANE KEYS... types;
# stands PANE LINE waits until the cursor's line is LINE.
sees() {
	until_true shows "$@" || fail "pane $1 does not show '$2': $(screen "$1")"
}

types() {
	terminal send-keys -t "0.$1" "${@:2}"
}

stands() {
	until_true ends_in "$@" || fail "pane $1 does not end in '$2': $(screen "$1")"
}

# prompted PANE: waits for fdtool's prompt.
prompted() {
	until_true eval "screen $1 | grep -qE '^$N .*> ?\$'" || fail "pane $1 has no prompt: $(screen "$1")"
}

# serve_waits: whether a verb of serve's prompt waits: it has put the descriptor into its epoll, or
# left the call to a child.
serve_waits() {
	local fd
	fd=$(ps -o args= -p "$SERVED" | sed -nE "s/.* $N=([0-9]+).*/\1/p")
	grep -qsE "^tfd: +$fd " "/proc/$SERVED"/fdinfo/* || pgrep -P "$SERVED" >/dev/null
}

# serve_and_grab ARG...: starts prompts of serve and grab on one offer; their pids are
# $SERVED and $GRABBED.
# shellcheck disable=SC2034 # the tests use them
serve_and_grab() {
	two_terminals
	types 0 "$FDTOOL serve -n $N $*; echo rc=\$?" Enter
	prompted 0
	types 1 "$FDTOOL grab $N; echo rc=\$?" Enter
	prompted 1
	sees 0 "$N: granted to pid"
	GRABBED=$(screen 0 | sed -nE "s/.*granted to pid ([0-9]+) .*/\1/p")
	SERVED=$(terminal list-panes -F '#{pane_pid}' -t 0.0 | head -n 1)
	SERVED=$(pgrep -P "$SERVED")
}
