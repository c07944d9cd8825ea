#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect ./FILE and file:PATH: whoever has that inode open.

bats_require_minimum_version 1.5.0
load ../helper

test_setup() {
	printf 'hello world\n' >app.log
}

# A shell that has app.log as 7, and passes it on to two programs. $HOLDER is its pid.
writers() {
	# shellcheck disable=SC2016 # that shell expands it
	start bash -c 'exec 7>>app.log; sleep 60 & sleep 60 & trap "kill $(jobs -p | paste -sd " ")" EXIT
		trap exit TERM; wait'
	HOLDER=$!
	until_true eval '[ "$(pgrep -c -P "$HOLDER" -x sleep)" = 2 ]'
}

# reads PATH: a process that opened it on its own, as 8. $READER is its pid.
reads() {
	start sleep 60 8<"$1"
	READER=$!
	until_true grep -qs '^sleep' "/proc/$READER/comm"
}

@test "a file: who shares a description, and who opened it alone" {
	writers
	reads app.log
	run -0 --separate-stderr fdtool inspect ./app.log
	assert_line --regexp "^A +$HOLDER bash +7 w .*O_APPEND regular $T/app.log$"
	assert_equal "$(grep -c 'A *[0-9]* sleep *7' <<<"$output")" 2
	assert_line --regexp "^B +$READER sleep +8 r "
	assert_line "./app.log: 4 processes have it open: 3 share one description (A), inherited from bash $HOLDER, 1 opened it on its own"
	run -0 --separate-stderr fdtool inspect -nr -o PID "file:app.log" --shared
	refute_line "$READER"
	run -0 --separate-stderr fdtool inspect --json "$T/../${T##*/}/app.log"
	json '.[0].descriptions | length == 2 and all(.asked)'
	run -0 --separate-stderr fdtool inspect --picture ./app.log
	assert_output --partial 'second open of the same'
}

@test "a file: by BPF for root, by proc for others" {
	needs_root
	needs_btf
	writers
	run -0 --separate-stderr fdtool inspect -v -nr -o OFD,FD,MODE,FLAGS,NAME ./app.log
	assert_equal "$stderr" 'fdtool inspect: method: the BPF iterator'
	assert_equal "$output" "$(printf 'A 7 w O_APPEND %s\n' "$T"/app.log{,,})"
	chmod 755 . && chmod 666 app.log
	start setpriv --reuid=65533 --regid=65533 --clear-groups -- sleep 60 8<app.log
	READER=$!
	until_true grep -qs '^sleep' "/proc/$READER/comm"
	run -0 --separate-stderr as 65533 fdtool inspect -v ./app.log
	assert_line --regexp "^A +$READER sleep +8 r "
	assert_line './app.log: 1 process has it open'
	assert_regex "$stderr" 'method: procfs and kcmp; BPF not used: it takes CAP_BPF'
	assert_regex "$stderr" 'could not be inspected: there may be more holders'
}

@test "a file on overlayfs, whose inode numbers only statx knows" {
	needs_namespaces
	needs_btf
	run -0 unshare -m bash -c 'mkdir mnt && mount -t tmpfs none mnt && cd mnt && mkdir low up work on &&
		echo text >low/file && mount -t overlay none -o lowerdir=low,upperdir=up,workdir=work on &&
		exec 7<on/file && "$FDTOOL" inspect -qv -nr -o FD,NAME on/file; true'
	assert_line 'fdtool inspect: method: the BPF iterator'
	assert_line --regexp '^7 .*/on/file$'
}

@test "a hard link is the same file, a symbolic link leads to it, another file is another" {
	reads app.log
	ln app.log hard && ln -s app.log soft && cp app.log copy
	for name in hard soft; do
		run -0 --separate-stderr fdtool inspect -nr -o PID "./$name"
		assert_output "$READER"
	done
	run -4 fdtool inspect -q ./copy
	assert_output 'fdtool inspect: ./copy: nobody has it open'
}

@test "a FIFO: who reads it, and who writes to it" {
	mkfifo fifo
	reads app.log
	start bash -c 'exec 5<>fifo; exec sleep 60'
	until_true eval "grep -qs '^sleep' '/proc/${STARTED[-1]}/comm'"
	start bash -c 'exec 6>fifo; exec sleep 60'
	until_true eval "grep -qs '^sleep' '/proc/${STARTED[-1]}/comm'"
	run -0 --separate-stderr fdtool inspect ./fifo
	assert_line './fifo: 2 processes have it open: each opened it on its own; 1 can read it, 2 can write to it'
}

@test "a directory, a device" {
	start sleep 60 8<.
	local pid=$!
	until_true grep -qs '^sleep' "/proc/$pid/comm"
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD,TYPE ./
	assert_line "$pid 8 directory"
	run -0 --separate-stderr fdtool inspect -nr -o PID,FD,TYPE /dev/null </dev/null
	assert_line "$pid 0 char"
}

@test "what is no file that can be looked up: each has its line" {
	run -4 fdtool inspect -q ./app.log
	assert_output 'fdtool inspect: ./app.log: nobody has it open'
	run -4 fdtool inspect file:none
	assert_output 'fdtool inspect: file:none: no such file: ENOENT (No such file or directory)'
	run -4 fdtool inspect ./app.log/x
	assert_output 'fdtool inspect: ./app.log/x: no such file: ENOTDIR (Not a directory)'
	run -2 fdtool inspect file:
	assert_output "fdtool inspect: 'file:' needs a path after the colon; see 'fdtool inspect --help'"
	run -4 fdtool inspect app.log
	assert_line --index 0 'fdtool inspect: app.log: nobody offers it: ECONNREFUSED (Connection refused)'
	assert_line --index 1 '  there is a file of that name: fdtool inspect ./app.log'
	run -1 python3 -c 'import os, subprocess
fd = os.eventfd(0)
exit(subprocess.run([os.environ["FDTOOL"], "inspect", "/proc/%d/fd/%d" % (os.getpid(), fd)]).returncode)'
	assert_line --index 0 --regexp '/proc/[0-9]*/fd/[0-9]*: has no inode of its own$'
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("sock")'
	run -1 fdtool inspect ./sock
	assert_line --index 0 'fdtool inspect: ./sock: only its server knows which descriptor it offers'
}

@test "a file in a directory that may not be searched" {
	needs_root
	mkdir -m 700 closed && echo x >closed/file && chmod 755 .
	run -1 as 1 fdtool inspect ./closed/file
	assert_line --index 0 'fdtool inspect: ./closed/file: look it up: EACCES (Permission denied)'
	assert_line --index 1 '  this needs search permission on each directory of its path'
}

@test "of several files, those that nobody has open are named at the end" {
	reads app.log
	echo >none
	run -4 fdtool inspect -q ./none ./app.log
	assert_line --regexp "^A +$READER sleep +8 r "
	assert_line --index -1 'fdtool inspect: ./none: nobody has it open'
}

@test "a thread is no process" {
	start python3 -c 'import threading, time
t = threading.Thread(target=time.sleep, args=(60,))
t.start()
print(t.native_id, flush=True)
t.join()' >tid
	until_true test -s tid
	run -4 fdtool inspect "$(<tid)"
	assert_line --index 0 "fdtool inspect: $(<tid): is a thread, not a process"
	assert_line --index 1 "  its process: fdtool inspect ${STARTED[-1]}"
}

@test "--watch: a file, until nobody has it open" {
	run -4 fdtool inspect --watch=50ms ./app.log
	assert_line --partial './app.log: nobody has it open'
	reads app.log
	start "$FDTOOL" inspect --watch=50ms ./app.log >watch.out 2>watch.err
	local watch=$!
	until_true grep -q "$READER" watch.out
	kill "$READER"
	ends_with 0 "$watch"
	grep -q 'nobody holds it any longer' watch.err
}

@test "--limits of a file: of each description" {
	reads app.log
	run -0 fdtool inspect --limits ./app.log
	assert_line --regexp '^write +EBADF '
}
