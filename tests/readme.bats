#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The terminals in the README are real: each block between "<!-- screen: WHICH -->" and
# "<!-- end -->" is made here, and so is its picture, man/two-terminals.svg; names, pids and user
# are replaced. `make screens` writes the blocks and the picture.

bats_require_minimum_version 1.5.0
load helper
load tracing
load terminal

README=$TESTDIR/../README.md

test_setup() {
	printf 'one\ntwo\nthree\n' >"$N"
	own_state
	export PATH=$T/bin:$PATH
	mkdir bin
	ln -s "$FDTOOL" bin/fdtool
	# so wide that `column` wraps the lines, and nothing before it
	[[ $BATS_TEST_DESCRIPTION != *'two terminals' ]] || local WIDTH=601
	two_terminals
}

# pane PANE: prints all its lines as the README has them; a wrapped line is one line.
pane() {
	terminal capture-pane -p -J -S - -t "0.$1" | sed -E "s/ +$//; /^$/d; s,$T/,/tmp/n/,g; s/inbox\.$N/inbox/g; s/$N/notes.txt/g
		s/pid $SERVED\\b/pid 7767/; s/pid $GRABBED\\b/pid 7772/; s/user $(id -un)\$/user root/"
}

# Ends a step: the lines above the last line of both panes belong to it.
step() {
	steps+=("$(pane 0 | wc -l) $(pane 1 | wc -l)")
}

# column WIDTH FROM TO: prints lines FROM+1 to TO of standard input, folded at WIDTH.
column() {
	head -n "$3" | tail -n "+$(($2 + 1))" | fold -s -w "$1" | sed 's/ *$//'
}

# Prints the rows of both panes side by side: step, left, right, separated by tabs. Each step
# begins in the same row of both.
rows() {
	local left=0 right=0 l r i n
	local -a one two
	for i in "${!steps[@]}"; do
		read -r l r <<<"${steps[i]}"
		# except in the last step, the last line is the one that is being typed
		((i == ${#steps[@]} - 1)) || { l=$((l - 1)) && r=$((r - 1)); }
		mapfile -t one < <(pane 0 | column 40 "$left" "$l")
		mapfile -t two < <(pane 1 | column 45 "$right" "$r")
		left=$l right=$r
		n=$((${#one[@]} > ${#two[@]} ? ${#one[@]} : ${#two[@]}))
		for ((l = 0; l < n; l++)); do
			printf '%s\t%s\t%s\n' "$i" "${one[l]-}" "${two[l]-}"
		done
	done
}

# side_by_side FILE: prints the rows of a file as text.
side_by_side() {
	local row one two
	while IFS= read -r row; do
		IFS=$'\x1f' read -r _ one two <<<"${row//$'\t'/$'\x1f'}"
		printf '%-40s │ %s\n' "$one" "$two" | sed 's/ *$//'
	done <"$1"
}

# is_the_picture FILE: man/ has this file of the same name; with WRITE_README, writes it there.
is_the_picture() {
	[ -z "${WRITE_README-}" ] || cp "$1" "$TESTDIR/../man/$1"
	cmp "$1" "$TESTDIR/../man/$1" || fail "it shows another screen: 'make screens' writes this one"
}

# is_in_readme WHICH FILE: the README has the block; with WRITE_README, writes it there.
is_in_readme() {
	sed 's/^./    &/' "$2" >block
	if [ -n "${WRITE_README-}" ]; then
		sed -i -e "/^<!-- screen: $1 -->\$/,/^<!-- end -->\$/{//!d}" \
			-e "/^<!-- screen: $1 -->\$/r block" "$README"
	fi
	diff -u <(sed -n "/^<!-- screen: $1 -->\$/,/^<!-- end -->\$/{//!p}" "$README") block ||
		fail "the README shows another screen: 'make screens' writes this one"
}

# likeness FILE: prints it without numbers, without what depends on their length, and without
# the processes that this machine hides.
likeness() {
	local hidden='9 process(es)? could not be inspected'
	hidden+='|processes outside this pid namespace are not seen'
	hidden+='|\/proc does not show the processes of others'
	sed -E 's/[0-9]+/9/g; s/─+/─/g; s,/tmp/n[^/]*/,/tmp/n/,g' "$1" | tr '\n' ' ' |
		sed -E "s/ +/ /g; s/ (fdtool inspect: )?($hidden): there may be more holders\.?//g; s/ \$//"
}

# is_like_readme WHICH FILE: the README has the same drawing; the pids may differ.
is_like_readme() {
	if [ -n "${WRITE_README-}" ]; then
		is_in_readme "$1" "$2"
		return
	fi
	sed -n "/^<!-- screen: $1 -->\$/,/^<!-- end -->\$/{//!p}" "$README" | sed 's/^    //' >shown
	diff -u <(likeness shown) <(likeness "$2") || {
		cat "$2"
		fail "the README shows another picture: 'make screens' writes this one"
	}
}

# has_prompts N: the shell of pane 1 has printed N prompts.
has_prompts() {
	[ "$(pane 1 | grep -c '^\$')" = "$1" ]
}

@test "README: two terminals" {
	steps=()
	types 0 "fdtool serve $N" Enter
	stands 0 "$N r @0>"
	SERVED=$(pgrep -P "$(terminal display-message -p -t 0.0 '#{pane_pid}')")
	GRABBED=none
	step
	types 1 "fdtool grab $N" Enter
	stands 1 "$N r @0>"
	sees 0 granted
	stands 0 "$N r @0>"
	GRABBED=$(pgrep -P "$(terminal display-message -p -t 0.1 '#{pane_pid}')")
	step
	types 1 'read 4' Enter
	stands 1 "$N r @4>"
	stands 0 "$N r @4>"
	step
	types 0 'lseek 8' Enter
	stands 1 "$N r @8>"
	stands 0 "$N r @8>"
	step
	types 1 'write more' Enter
	sees 1 EBADF
	stands 1 "$N r @8>"
	step
	types 1 why Enter
	sees 1 'adds to it.'
	stands 1 "$N r @8>"
	step
	rows >rows
	side_by_side rows >screens
	is_in_readme 'two terminals' screens
	"$TESTDIR/terminals-svg" rows >two-terminals.svg
	is_the_picture two-terminals.svg
	terminal kill-server
}

# in_a_shell COMMAND...: types each at the shell of pane 1, when the one before has ended.
in_a_shell() {
	local command prompts=1
	for command; do
		types 1 "$command" Enter
		prompts=$((prompts + 1))
		until_true has_prompts "$prompts"
	done
	pane 1 | sed '$d'
}

# serves_notes: pane 0 serves notes.txt; nobody has grabbed it.
serves_notes() {
	types 0 "fdtool serve $N" Enter
	stands 0 "$N r @0>"
	SERVED=$(pgrep -P "$(terminal display-message -p -t 0.0 '#{pane_pid}')")
	GRABBED=none
}

@test "README: programs" {
	serves_notes
	in_a_shell "fdtool grab -f 0 $N -- head -c 4" "fdtool grab -f 0 $N -- cat" \
		"fdtool grab $N -- bash -c 'echo more >&3'" "fdtool grab $N | cat" >screen
	is_in_readme programs screen
	terminal kill-server
}

@test "README: in scripts" {
	serves_notes
	in_a_shell "fdtool grab --json $N | jq -c '{mode, pos, type}'" \
		"fdtool grab --expect mode=rw -f 0 $N -- cat || echo \$?" \
		"fdtool grab -w300ms -f 0 nobody.$$ -- cat || echo \$?" \
		"fdtool grab -c 'read 4' -c 'expect pos=5' $N || echo \$?" |
		sed "s/nobody\.$$/nobody/g" >screen
	is_in_readme scripts screen
	terminal kill-server
}

# A program that starts another one, which inherits its listening socket, and ends.
leaky_program() {
	cat >app.py <<-EOF
		import socket, subprocess
		s = socket.create_server(("127.0.0.1", 0))
		s.set_inheritable(True)
		open("port", "w").write(str(s.getsockname()[1]))
		p = subprocess.Popen(["sleep", "60"], close_fds=False)
		open("pid", "w").write(str(p.pid))
	EOF
}

@test "README: who has the port, who has the file" {
	leaky_program
	start sh -c 'exec >>app.log.1; exec 4>&-; sleep 60 & sleep 60 & wait'
	SERVED=none GRABBED=none
	in_a_shell 'python3 app.py' 'fdtool inspect tcp:$(<port)' 'fdtool inspect ./app.log.1' >shown
	kill "$(<pid)"
	pkill -P "${STARTED[-1]}"
	terminal kill-server
	sed "s/\$(<port)/8080/; s/:$(<port)/:8080/" shown >screen
	is_like_readme debug screen
}

@test "README: hand over" {
	steps=()
	SERVED=none GRABBED=none
	types 0 "fdtool grab --listen -f 0 inbox.$N -- cat" Enter
	until_true has_socket "inbox.$N"
	GRABBED=$(pgrep -P "$(terminal display-message -p -t 0.0 '#{pane_pid}')")
	step
	types 1 "fdtool send $N inbox.$N" Enter
	until_true has_prompts 2
	stands 0 '$'
	step
	rows >rows
	side_by_side rows >screens
	is_in_readme 'hand over' screens
	terminal kill-server
}

# has_socket NAME: somebody listens there.
has_socket() {
	grep -q "@fdtool/$1\$" /proc/net/unix
}

@test "README: the picture" {
	local there
	if [ -n "${WRITE_README-}" ]; then mkdir /tmp/n && there=/tmp/n; else there=$(mktemp -d /tmp/nXXX); fi
	printf 'one\ntwo\nthree\n' >"$there/notes.txt"
	types 0 "fdtool serve -n $N $there/notes.txt" Enter
	stands 0 "$N r @0>"
	types 1 "fdtool grab $N" Enter
	stands 1 "$N r @0>"
	types 1 'read 4' Enter
	stands 1 "$N r @4>"
	start tail -f "$there/notes.txt"
	until_true has_read_all "$!"
	"$FDTOOL" inspect --picture "$N" | sed "s/$N/notes.txt/g" >picture
	rm -r "$there"
	is_like_readme picture picture
	terminal kill-server
}

# has_read_all PID: the offset of its descriptor 3 is at the end of the 14 bytes.
has_read_all() {
	grep -qs '^pos:[[:space:]]*14$' "/proc/$1/fdinfo/3"
}

# shows_the_trace WAY
shows_the_trace() {
	terminal kill-server # it needs none
	needs_way "$1"
	printf 'one\ntwo\nthree\n' >notes.txt
	serve -n "$N" notes.txt
	start timeout 30 "$FDTOOL" trace --by "$WAY" --timestamp none "$N" >lines 2>notes
	until_true grep -q tracing notes
	fdtool grab -f 7 "$N" -- bash -c 'read -r -n 4 -u 7 word'
	until_true grep -q exited lines
	is_like_readme trace lines
}

@test "README: the trace" {
	shows_the_trace bpf
}

@test "README: the trace, by ptrace" {
	shows_the_trace ptrace
}
