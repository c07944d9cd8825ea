# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Completion for bash. Thin: fdtool itself knows what may come next.

# The words from the command to the cursor, into $words. Readline also breaks
# words at COMP_WORDBREAKS ('=', ':', '@'); here they are as the shell will see
# them: what no blank separates is one word.
_fdtool_words() {
	local line=${COMP_LINE:0:COMP_POINT} i part

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		if [[ $i -eq 0 || $line == [[:blank:]]* ]]; then
			words+=("")
			line=${line#"${line%%[![:blank:]]*}"}
		fi
		[[ $line == "$part"* ]] || part=$line # the cursor is inside of it
		words[-1]+=$part
		line=${line#"$part"}
	done
}

# What a line of the answer stands for, into COMPREPLY. $1: the word being completed.
_fdtool_take() {
	case $2 in
	@file)
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$1")
		# it would also put a backslash before the colon of "fd:"
		((${#COMPREPLY[@]} == 0)) || compopt -o filenames 2>/dev/null
		;;
	@command) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$1") ;;
	@user) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -u -- "$1") ;;
	@group) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -g -- "$1") ;;
	*:)
		compopt -o nospace 2>/dev/null # something follows it
		COMPREPLY+=("$2")
		;;
	*) COMPREPLY+=("${2%%$'\t'*}") ;;
	esac
}

# What may follow the words given.
_fdtool_ask() {
	"$tool" __complete -- "$@" 2>/dev/null
}

# True after a "--" that a command line of its own follows; $at is where it stands.
_fdtool_program() {
	for ((at = 1; at < COMP_CWORD; at++)); do
		[[ ${COMP_WORDS[at]} == -- ]] && break
	done
	((at++ < COMP_CWORD)) &&
		[[ $(_fdtool_ask ${command:+"$command"} "${COMP_WORDS[@]:1:at-1}" "") == @command ]]
}

_fdtool() {
	local words at line typed tool=$1 command="" replaced

	COMPREPLY=()
	case ${tool##*/} in
	fdtool-*) command=${tool##*fdtool-} tool=fdtool ;;
	esac
	if _fdtool_program && declare -F _command_offset >/dev/null; then
		_command_offset "$at"
		return
	fi
	_fdtool_words
	words=(${command:+"$command"} "${words[@]:1}")
	if [[ ${words[-1]} == --*=* ]]; then # --mode=r is --mode r
		typed=${words[-1]}
		words[-1]=${typed%%=*}
		words+=("${typed#*=}")
	fi
	typed=${words[-1]}
	while IFS= read -r line; do
		_fdtool_take "$typed" "$line"
	done < <(_fdtool_ask "${words[@]}")
	# readline replaces only what follows the last of its breaks
	replaced=${typed%"${2-$typed}"}
	COMPREPLY=("${COMPREPLY[@]#"$replaced"}")
}

complete -F _fdtool fdtool fdtool-serve fdtool-grab fdtool-inspect fdtool-lseek fdtool-epoll-watch fdtool-mypoll-tail fdtool-list fdtool-demo fdtool-help
