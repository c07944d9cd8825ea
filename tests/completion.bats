#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Completion: the candidates of `fdtool __complete`, which connects to no server, and
# the files for bash, zsh and fish, which use them. A missing shell is a failure.

load helper
load terminal

test_setup() {
	FILES=$(realpath "$TESTDIR/../completions")
	# where the shells find it
	mkdir bin home
	ln -s "$FDTOOL" bin/fdtool
	ln -s "$FDTOOL" bin/fdtool-grab
	export PATH=$T/bin:$PATH HOME=$T/home
}

# complete WORD...: prints the candidates, without explanations, for the last word after "fdtool".
complete() {
	fdtool __complete -- "$@" | cut -f 1
}

@test "completion: the commands, each with its summary" {
	complete "" | sort >offered
	fdtool --list | sort | diff -u - offered
	run fdtool __complete -- gr
	assert_output $'grab\t'"$(fdtool grab --help | sed -n '2s/\.$//p')"
	run complete nosuch
	assert_success
	refute_output
}

@test "completion: what stands before a command" {
	run complete --l
	assert_output $'--list\n--list-full'
}

@test "completion: every option of --help is offered, and no other" {
	local command
	for command in $(fdtool --list); do
		fdtool "$command" --help | sed -nE '/^ +-/s/^[^-]*(-.,)? +(--[a-z-]+).*/\2/p' | sort >help.txt
		grep -qx -- --help help.txt
		complete "$command" -- | sort | diff -u help.txt - || fail "$command"
	done
}

@test "completion: the letters of options, too" {
	run complete grab -
	assert_line -- -f
	assert_line -- -w
	assert_line -- --fd
	refute_line -- -m
}

@test "completion: an option comes with its explanation" {
	run fdtool __complete -- grab --narr
	assert_output $'--narrow\texchange it for a fresh read-only description'
}

@test "completion: TARGETs of inspect and trace: the words, and paths behind file:" {
	mkdir sub && touch sub/app.log sub/.hidden app.txt
	local command
	for command in inspect trace; do
		run complete "$command" fi
		assert_output file:
		run complete "$command" tc
		assert_output tcp:
		run complete "$command" file:app
		assert_output file:app.txt
		run complete "$command" file:s
		assert_output file:sub/
		run complete "$command" file:sub/
		assert_output file:sub/app.log
		run complete "$command" ./
		assert_output @file
	done
}

@test "completion: the arguments of options" {
	run complete serve --mode ""
	assert_output $'r\nw\nrw'
	run complete serve -m r
	assert_output $'r\nrw'
	run complete mypoll-tail --format h
	assert_output hex
	run complete epoll-watch --events ""
	assert_output $'in\nout\npri\nrdhup'
	run complete serve --user ""
	assert_output @user
	run complete serve --allow-group ""
	assert_output @group
	# an argument that can be anything, and one that is given only after a "="
	run complete grab --timeout ""
	refute_output
	serve -n "$N" /dev/null
	run complete grab --wait "$N"
	assert_output "$N"
}

@test "completion: operands: a file or what serve makes, a command, a lesson" {
	run complete serve ""
	assert_output "@file
$(fdtool serve --help | sed -nE 's/^  ([a-z]+:).*/\1/p')"
	assert_line mypoll:
	run complete serve ev
	assert_output $'@file\neventfd:'
	run complete help li
	assert_output list
	run complete epoll-watch --events in,pr
	assert_output in,pri
	run complete inspect -o "$(fdtool inspect -H | awk 'NR == 2 { print $1 }'),w"
	assert_output PID,WHY
	run complete inspect --output +
	assert_line +FACTS
	run fdtool __complete -- inspect -o OFD,dev
	assert_output $'OFD,DEV\tdevice of the inode, major:minor'
	run complete demo num
	assert_output numbers
	run complete list ""
	refute_output
}

@test "completion: the names on offer" {
	local command
	serve -n "$N.one" -n "$N.two" /dev/null /dev/null
	run complete grab "$N"
	assert_output "$N.one
$N.two"
	for command in mypoll-tail epoll-watch lseek; do
		run complete "$command" "$N.t"
		assert_output "$N.two"
	done
	run complete epoll-watch "$N.one" "$N.t"
	assert_output "$N.two"
	run complete grab "$N.one" -q "$N.t"
	assert_output "$N.two"
	run complete grab "./"
	assert_output @file
}

@test "completion: after -- a command line" {
	run complete grab x -- ""
	assert_output @command
	run complete grab x -- cat ""
	assert_output @file
	# cat's options are not fdtool's
	run complete grab x -- cat --n
	assert_output @file
	run complete serve -- ev
	assert_output $'@file\neventfd:'
}

@test "completion: looking uses up no grant, and the server says nothing of it" {
	serve --once -n "$N" /dev/null
	cp serve.out before
	run complete grab "$N"
	assert_output "$N"
	run complete mypoll-tail ""
	assert_line "$N"
	fdtool list -q >/dev/null
	run fdtool grab --json "$N"
	json ".[0].name == \"$N\""
	wait "$SERVER"
	tail -n +2 serve.out | head -n 1 | grep -q "^$N: granted to"
	assert_equal "$(grep -c granted serve.out)" 1
	assert_equal "$(head -n 1 serve.out)" "$(<before)"
}

# Types in the shell of the terminal; there is an offer $N.name.
completes_as_typed() {
	terminal send-keys "clear; fdtool gr" Tab "--exp" Tab "mode=r $N" Tab "--"
	sees 0 "fdtool grab --expect mode=r $N.name --"
	terminal send-keys C-u "fdtool serve event" Tab "5 x"
	sees 0 "fdtool serve eventfd:5 x"
	terminal kill-server
}

# --- bash ----------------------------------------------------------------------

# in_bash LINE: prints bash's candidates for LINE with the cursor at its end.
in_bash() {
	# shellcheck disable=SC2016 # the inner bash expands it
	timeout 20 bash --norc -c '
		source "$1/fdtool.bash"
		COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=() left=$2
		# as readline breaks words: at blanks; each run of = : @ is a word
		while [[ $left =~ ^[[:blank:]]*([=:@]+|[^=:@[:blank:]]+) ]]; do
			COMP_WORDS+=("${BASH_REMATCH[1]}")
			left=${left:${#BASH_REMATCH[0]}}
		done
		[[ -z $left ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		typed=${COMP_WORDS[COMP_CWORD]}
		[[ $typed != [=:@]* ]] || typed=
		"$(complete -p "${COMP_WORDS[0]##*/}" | sed -E "s/.*-F ([^ ]+).*/\1/")" \
			"${COMP_WORDS[0]}" "$typed" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' bash "$FILES" "$1" | sort -u
}

@test "completion: bash: commands, options, arguments" {
	run in_bash 'fdtool gr'
	assert_output grab
	run in_bash 'fdtool '
	assert_equal "$output" "$(fdtool --list | sort)"
	run in_bash 'fdtool grab --narr'
	assert_output -- --narrow
	run in_bash 'fdtool serve --mode '
	assert_output $'r\nrw\nw'
	# readline keeps the part before the "="
	run in_bash 'fdtool serve --mode=r'
	assert_output $'r\nrw'
	run in_bash 'fdtool mypoll-tail --format='
	assert_output $'auto\nevent\nhex\ntext'
	run in_bash 'fdtool serve --user roo'
	assert_output root
	run in_bash 'fdtool serve --allow-group=roo'
	assert_output root
}

@test "completion: bash: names, files, the program after --, fdtool-grab, a path to fdtool" {
	serve -n "$N.name" /dev/null
	touch "$N-file"
	run in_bash "fdtool grab $N"
	assert_output "$N.name"
	run in_bash "fdtool-grab $N"
	assert_output "$N.name"
	run in_bash "fdtool serve $N"
	assert_output "$N-file"
	run in_bash 'fdtool serve event'
	assert_output eventfd:
	run in_bash "fdtool-lseek $N"
	assert_output "$N.name"
	run in_bash 'fdtool grab x -- fdtool-gr'
	assert_output fdtool-grab
	run in_bash "fdtool grab x -- cat $N-f"
	assert_output "$N-file"
	run in_bash "$T/bin/fdtool lis"
	assert_output list
	assert_equal "$(wc -l <serve.out)" 1
}

@test "completion: bash: at the keyboard" {
	serve -n "$N.name" /dev/null
	terminal new-session -d -x 120 -y 20 "exec bash --norc -i"
	terminal send-keys "PS1='> '; source $FILES/fdtool.bash" Enter
	completes_as_typed
}

# --- zsh -----------------------------------------------------------------------

@test "completion: zsh: the file parses" {
	run timeout 20 zsh -n "$FILES/_fdtool"
	assert_success
	refute_output
}

@test "completion: zsh: at the keyboard" {
	serve -n "$N.name" /dev/null
	terminal new-session -d -x 120 -y 20 "exec zsh -f -i"
	terminal send-keys "PS1='> '; fpath=($FILES \$fpath); autoload -Uz compinit; compinit -u -D; print rea''dy" Enter
	sees 0 ready
	completes_as_typed
}

# --- fish ----------------------------------------------------------------------

in_fish() {
	# shellcheck disable=SC2016 # fish expands it
	timeout 20 fish --no-config -c 'source $argv[1]/fdtool.fish; complete -C $argv[2]' "$FILES" "$1" | cut -f 1 | sort -u
}

@test "completion: fish: the file parses" {
	run timeout 20 fish -n "$FILES/fdtool.fish"
	assert_success
	refute_output
}

@test "completion: fish: commands, options, arguments" {
	run in_fish 'fdtool gr'
	assert_output grab
	run in_fish 'fdtool grab --narr'
	assert_output -- --narrow
	run in_fish 'fdtool serve --mode '
	assert_output $'r\nrw\nw'
	run in_fish 'fdtool serve --mode=r'
	assert_output $'--mode=r\n--mode=rw'
	run in_fish 'fdtool serve --user roo'
	assert_output root
	run in_fish 'fdtool serve --allow-group=roo'
	assert_output -- --allow-group=root
}

@test "completion: fish: names, files, the program after --, fdtool-grab" {
	serve -n "$N.name" /dev/null
	touch "$N-file"
	run in_fish "fdtool grab $N"
	assert_output "$N.name"
	run in_fish "fdtool-grab $N"
	assert_output "$N.name"
	run in_fish "fdtool serve $N"
	assert_output "$N-file"
	run in_fish 'fdtool serve event'
	assert_output eventfd:
	run in_fish "fdtool-epoll-watch $N"
	assert_output "$N.name"
	run in_fish 'fdtool grab x -- fdtool-gr'
	assert_output fdtool-grab
	run in_fish "fdtool grab x -- cat $N-f"
	assert_output "$N-file"
	run in_fish "fdtool grab x -- fdtool li"
	assert_output list
	assert_equal "$(wc -l <serve.out)" 1
}

@test "completion: the three files are for every command that --install links" {
	local file name
	for file in "$FILES"/*; do
		grep -oE 'fdtool-\{[^}]*\}|fdtool-[a-z-]+' "$file" | tr -d '{}' | tr , '\n' |
			sed 's/^fdtool-//' | sort -u >words
		for name in $(fdtool --list); do
			grep -qx -- "$name" words || fail "$file: $name"
		done
	done
}
