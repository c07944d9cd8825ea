# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# Completion for bash. fdtool itself lists the candidates, by `fdtool __complete`.

# Puts the words from the command to the cursor into $words, as the shell will see them:
# only blanks separate words. Readline also breaks them at COMP_WORDBREAKS ('=', ':', '@').
_fdtool_words() {
	local line=${COMP_LINE:0:COMP_POINT} i part

	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		part=${COMP_WORDS[i]}
		if [[ $i -eq 0 || $line == [[:blank:]]* ]]; then
			words+=("")
			line=${line#"${line%%[![:blank:]]*}"}
		fi
		[[ $line == "$part"* ]] || part=$line # the cursor is inside this word
		words[-1]+=$part
		line=${line#"$part"}
	done
}

# _fdtool_take WORD LINE: adds to COMPREPLY the candidates for WORD that LINE of the answer means.
_fdtool_take() {
	case $2 in
	@file)
		mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$1")
		# without files, since it would also put a backslash before the colon of "fd:"
		((${#COMPREPLY[@]} == 0)) || compopt -o filenames 2>/dev/null
		;;
	@command) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -c -- "$1") ;;
	@user) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -u -- "$1") ;;
	@group) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -g -- "$1") ;;
	*[:/])
		compopt -o nospace 2>/dev/null # something follows it
		COMPREPLY+=("$2")
		;;
	*) COMPREPLY+=("${2%%$'\t'*}") ;;
	esac
}

# _fdtool_ask WORD...: lists the candidates for the last word.
_fdtool_ask() {
	"$tool" __complete -- "$@" 2>/dev/null
}

# True if another command line follows a "--"; it starts at word $at.
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
	# readline replaces only the part after its last break
	replaced=${typed%"${2-$typed}"}
	COMPREPLY=("${COMPREPLY[@]#"$replaced"}")
}

complete -F _fdtool fdtool fdtool-serve fdtool-grab fdtool-send fdtool-hold fdtool-drop fdtool-inspect fdtool-trace fdtool-lseek fdtool-epoll-watch fdtool-mypoll-tail fdtool-list fdtool-demo fdtool-help
