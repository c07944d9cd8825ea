#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fdtool trace: what does not depend on the way, or is of one of them.

bats_require_minimum_version 1.5.0

load ../helper
load ../tracing

test_setup() {
	printf 'one\ntwo\nthree\n' >file
}

@test "trace: what is wrong, and what to do" {
	run -2 fdtool trace
	assert_line --partial 'fdtool trace: there is no TARGET to trace'
	run -2 fdtool trace -e foo 1:0
	assert_line --partial 'must be a list of move, flags, life, io, lock and all'
	run -2 fdtool trace --by strace 1:0
	assert_line --partial "--by: 'strace' must be bpf or ptrace"
	run -2 fdtool trace -c --json 1:0
	assert_line --partial '-c prints a table: it does not go with --json'
	run -4 fdtool trace "$N.nobody"
	run -4 fdtool trace fd:77
	for WAY in bpf ptrace; do
		[ "$WAY" = ptrace ] || [ "$(id -u)" = 0 ] || continue
		run -4 fdtool trace --by "$WAY" "$$:1234"
		assert_output --partial "$$:1234: no such descriptor: EBADF"
		run -4 fdtool trace --by "$WAY" 99999999
		assert_output --partial '99999999: no such process: ESRCH'
	done
}

@test "trace, inspect: a process that has ended, and for which nobody has waited" {
	local pid command word
	start python3 -c 'import os, signal
pid = os.fork()
if pid == 0: os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
print(pid, file=open("new", "w"), flush=True)
os.rename("new", "child")
signal.pause()'
	until_true test -s child
	pid=$(<child)
	for command in trace inspect; do
		for word in "$pid" "$pid:0"; do
			run -4 fdtool "$command" "$word"
			assert_line "fdtool $command: $word: has ended, and its parent has not waited for it"
			assert_line --regexp " its parent: python3 $!\$"
		done
	done
	run -4 fdtool serve -n "$N" "$pid:0"
	assert_line --partial 'has ended, and its parent has not waited for it'
}

@test "trace: who may not look is told so" {
	needs_root
	run -1 as 1 fdtool trace --by bpf "$$:0"
	assert_line --index 0 'fdtool trace: BPF: it takes CAP_BPF and CAP_PERFMON'
	assert_line --index 1 "  run it as root: sudo fdtool trace $$:0"
	run -1 as 1 fdtool trace "$$:0"
	assert_line --index 0 --partial "$$:0: look at the process's descriptors: EACCES"
	assert_line --index 1 --partial 'ptrace permission'
}

@test "trace: a user traces his own processes, by ptrace, and -v says why not by BPF" {
	needs_root
	chmod 777 . && chmod 666 file
	run -0 --separate-stderr as 1 fdtool trace -v --timestamp none -e move fd:7 -- sh -c 'head -n 1 <&7' 7<file
	assert_line --regexp '^head [0-9]+ +read\(0, "one.ntwo.nthree.n", [0-9]+\) = 14 +pos 0 -> 14$'
	assert_line one
	[ "$stderr" = 'fdtool trace: not by BPF: it takes CAP_BPF and CAP_PERFMON
fdtool trace: by ptrace: 1 description
fdtool trace: tracing fd:7, by ptrace' ]
}

@test "trace: -- PROGRAM: its standard descriptors, and its exit status" {
	needs_way ptrace
	run -3 fdtool trace --by ptrace -q -e io -- sh -c 'echo hello; exit 3' </dev/null
	assert_line --regexp '^[0-9:.]+ (fd:1: )?sh [0-9]+ +write\(1, "hello.n", 6\) = 6'
	run -143 fdtool trace --by ptrace -q -- sh -c 'kill -TERM $$' </dev/null
	run -127 fdtool trace --by ptrace -q -- "$T/nothing" </dev/null
	assert_output --partial 'nothing: not found: ENOENT'
	run -126 fdtool trace --by ptrace -q -- "$T" </dev/null
	assert_output --partial 'cannot be run: EACCES'
	run -5 fdtool trace --by ptrace -q -e lock fd:7 -- sh -c "flock 7; exit 5" 7<file
	assert_line --regexp 'flock [0-9]+ +flock\(7, LOCK_EX\) = 0$'
}

@test "trace: -- PROGRAM, by BPF" {
	needs_way bpf
	run -3 fdtool trace --by bpf -q -e io -- sh -c 'echo hello; exit 3' </dev/null
	assert_line --regexp '^[0-9:.]+ (fd:1: )?sh [0-9]+ +write\(1, "hello.n", 6\) = 6'
	run -143 fdtool trace --by bpf -q -- sh -c 'kill -TERM $$' </dev/null
	run -127 fdtool trace --by bpf -q -- "$T/nothing" </dev/null
}

@test "trace: -c counts, by process and call" {
	needs_way ptrace
	run -0 --separate-stderr fdtool trace --by ptrace -q -c fd:7 -- sh -c 'head -n 1 >/dev/null <&7' 7<file
	assert_line --index 0 --regexp '^CALLS ERRORS +MOVED +PID COMMAND CALL$'
	assert_line --regexp '^ +1 +0 +\+14 +[0-9]+ head +read$'
	assert_line --regexp '^ +1 +0 +-10 +[0-9]+ head +lseek$'
}

@test "trace: by ptrace: a process that is killed lets go of what it traces, one that is stopped stays so" {
	needs_way ptrace
	actor
	trace -e all "$ACTOR:7"
	does 'read -r -n 3 -u 7 x'
	has_line 'read'
	kill -STOP "$ACTOR"
	until_true grep -qi '^State:.t ' "/proc/$ACTOR/status"
	pkill -KILL -P "$TRACE"
	until_true grep -qx 'TracerPid:.0' "/proc/$ACTOR/status"
	grep -q '^State:.*(stopped)' "/proc/$ACTOR/status"
	kill -CONT "$ACTOR"
	does 'echo still here >answer'
	until_true grep -qs still answer
	leaves
}

@test "trace: by ptrace: a signal is delivered, and a process that is stopped goes on with SIGCONT" {
	needs_way ptrace
	actor
	trace -e io "$ACTOR:7"
	does 'trap "echo got >got" USR1'
	does 'kill -USR1 $$'
	until_true grep -qs got got
	kill -STOP "$ACTOR"
	until_true grep -qi '^State:.t ' "/proc/$ACTOR/status"
	does 'echo hello >&7'
	kill -CONT "$ACTOR"
	has_line 'write\(1, "hello'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: by ptrace: who is traced already is named" {
	needs_way ptrace
	actor
	trace "$ACTOR:7"
	local tracer
	tracer=$(sed -n 's/^TracerPid:.//p' "/proc/$ACTOR/status")
	run -1 fdtool trace --by ptrace "$ACTOR:7"
	assert_line "fdtool trace: process $ACTOR: its calls are not seen: process $tracer traces it already"
	assert_line 'fdtool trace: ptrace: no holder may be traced: EPERM'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: by ptrace: who gets it by a way that is not seen is traced, too" {
	needs_way ptrace
	actor
	trace "$ACTOR:7"
	serve -n "$N" "$ACTOR:7"
	until_true grep -qsE 'TracerPid:.[1-9]' "/proc/$SERVER/status"
	fdtool lseek "$N" 5 set >/dev/null
	has_line "fdtool [0-9]+ +recvmsg\\(.*<- fdtool $SERVER fd "
	has_line 'fdtool [0-9]+ +lseek\([0-9]+, 5, SEEK_SET\) = 5 +pos 0 -> 5'
	stops_with 143 "$SERVER"
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: by ptrace: processes that share a table have its descriptors once" {
	needs_way ptrace
	actor
	trace -e life "$ACTOR:7"
	does "python3 -c '
import ctypes, os, signal
libc = ctypes.CDLL(None)
CLONE_FILES = 0x400
number = {\"x86_64\": 56, \"aarch64\": 220}[os.uname().machine]
child = libc.syscall(number, CLONE_FILES | signal.SIGCHLD, 0, 0, 0, 0)
if child == 0:
    os.close(7)
    os._exit(0)
os.waitpid(child, 0)'"
	has_line 'python3 [0-9]+ +clone\(CLONE_FILES.*\) = [0-9]+ +now 2 holders'
	has_line 'python3 [0-9]+ +close\(7\) = 0 +1 holder left'
	leaves
	ends_with 0 "$TRACE"
	run grep -c 'python3 .*exited' trace.out
	assert_output 0
}

# floods: a trace by BPF whose output nobody reads, the FIFO out, and an actor that makes more calls
# than it keeps, and ends.
floods() {
	needs_way bpf
	actor
	mkfifo out
	exec {out}<>out
	start timeout 60 "$FDTOOL" trace --by bpf "$ACTOR:7" >out 2>trace.err
	TRACE=$!
	until_true grep -q tracing trace.err
	does 'exec python3 -c "
import os
for i in range(300000): os.lseek(7, i % 9 + 1, 0)"'
	until_true is_gone "$ACTOR"
}

@test "trace: by BPF: the end is found where its record was lost" {
	floods
	start cat out >trace.out
	ends_with 0 "$TRACE"
	grep -q 'calls were lost' trace.err
	assert_equal "$(tail -n 1 trace.err)" 'fdtool trace: nobody holds it any longer'
}

@test "trace: by BPF: a signal ends it while nobody reads its output" {
	floods
	kill "$TRACE"
	ends_with 143 "$TRACE"
	grep -q 'nobody read the last' trace.err
}

@test "trace: --passed: each descriptor of each message, from whom, to whom, and what it is" {
	needs_way bpf
	cat >pass.py <<-'END'
		import os, socket, sys
		name = sys.argv[1]
		def rights(fds):
		    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"".join(f.to_bytes(4, sys.byteorder) for f in fds))]
		file, memfd, (pipe, _) = os.open("file", os.O_RDONLY), os.memfd_create("shared"), os.pipe()
		a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		a.sendmsg([b"x"], rights([file, memfd]))
		for fd in socket.recv_fds(b, 1, 2)[1]: os.close(fd)
		listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		listener.bind("\0" + name)
		listener.listen()
		c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		c.connect("\0" + name)
		s, _ = listener.accept()
		c.sendmsg([b"x"], rights([pipe]))
		socket.recv_fds(s, 1, 1)
		d, e = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		d.bind(os.path.abspath("dgram"))
		e.sendmsg([b"x"], rights([file]), 0, os.path.abspath("dgram"))
		socket.recv_fds(d, 1, 1)
		a.sendmsg([b"x"], rights([memfd] * 253))
		assert len(socket.recv_fds(b, 1, 253)[1]) == 253
		a.sendmsg([b"x"], rights([file]))
		b.close()
	END
	PATH=/usr/bin:$PATH run -0 --separate-stderr fdtool trace --passed -q --timestamp none -- python3 pass.py "$N"
	local from='python3 [0-9]+ fd [0-9]+ +<- python3 [0-9]+ fd [0-9]+ +'
	printf '%s\n' "${lines[@]}" | grep '^python3' >all # others may pass something meanwhile
	[ "$(wc -l <all)" = 257 ]
	sed -n 1p all | grep -qE "^$from(/.*/)?file$"
	sed -n 2p all | grep -qE "^$from/memfd:shared \\(deleted\\)$"
	sed -n 3p all | grep -qE "^${from}pipe:\\[[0-9]+\\]  over @$N$"
	sed -n 4p all | grep -qE "^$from(/.*/)?file  over $T/dgram$"
	[ "$(sed 1,4d all | grep -cE "^$from/memfd:shared \\(deleted\\)$")" = 253 ]
}

@test "trace: --passed: who took a descriptor, as JSON, and -n" {
	needs_way bpf
	actor
	run -0 fdtool trace --passed -q --json -- "$FDTOOL" lseek "$ACTOR:7"
	printf '%s\n' "${lines[@]}" | grep '^{' | jq -es --argjson pid "$ACTOR" 'map(select(.how == "pidfd_getfd" and
		.from == {pid: $pid, command: "bash", fd: 7} and .to.command == "fdtool" and .socket == null and
		.type == "regular" and (.name | endswith("file")) and .mono_ns > 0)) | length == 1' >/dev/null
	serve -n "$N" file
	start timeout 30 "$FDTOOL" trace --passed --json -n 1 >passed.out 2>passed.err
	local trace=$!
	until_true grep -q tracing passed.err
	fdtool lseek "$N" >/dev/null
	ends_with 0 "$trace"
	[ "$(wc -l <passed.out)" = 1 ] # it may be another's, who passed something meanwhile
	run -0 fdtool trace --passed -q --json -- "$FDTOOL" lseek "$N"
	printf '%s\n' "${lines[@]}" | grep '^{' | jq -es --argjson pid "$SERVER" --arg socket "@fdtool/$N" 'map(select(
		.how == "SCM_RIGHTS" and .from.pid == $pid and .socket == $socket and .to.command == "fdtool")) | length == 1' >/dev/null
	leaves
}

@test "trace: --passed: what a Wayland client and its compositor pass, as strace sees it" {
	needs_way bpf
	command -v weston >/dev/null || skip 'needs weston'
	export XDG_RUNTIME_DIR=$T WAYLAND_DISPLAY=wayland
	cat >session <<-'END'
		weston --backend=headless-backend.so --shell=kiosk-shell.so --no-config --socket=wayland &
		until [ -S wayland ]; do sleep 0.02; done
		weston-simple-shm &
		until grep -q 'recvmsg.*SCM_RIGHTS' calls; do sleep 0.02; done
		kill %2 %1
		wait
	END
	run -0 --separate-stderr fdtool trace --passed -q --json -- \
		strace -f -qq -o calls -e trace=recvmsg,recvmmsg,pidfd_getfd timeout 20 bash session
	sed -nE 's/^([0-9]+) .*SCM_RIGHTS, cmsg_data=\[([0-9, ]+)\].*/\1 \2/p' calls |
		awk '{ for (i = 2; i <= NF; i++) print $1, $i + 0 }' | sort >received
	cut -d ' ' -f 1 calls | sort -u | jq -Rs 'split("\n")' >pids
	printf '%s\n' "${lines[@]}" | grep '^{' | jq -r --slurpfile pids pids \
		'.to | select(.pid as $pid | $pids[0] | index("\($pid)")) | "\(.pid) \(.fd)"' | sort >shown
	test -s received
	diff received shown
}

@test "trace: --passed: what does not go with it" {
	run -2 fdtool trace --passed 1:0
	assert_line --partial '--passed is about all descriptors: it takes no TARGET'
	run -2 fdtool trace --passed --by ptrace
	assert_line --partial '--passed does not go with -c, -e and --by ptrace'
	needs_root
	run -1 as 1 fdtool trace --passed
	assert_line --index 0 'fdtool trace: BPF: it takes CAP_BPF and CAP_PERFMON'
	assert_line --index 1 '  run it as root: sudo fdtool trace --passed'
}

# calls_of HEADER [OPTION]: each call with its number.
calls_of() {
	printf '#include <%s>\n' "$1" | ${CC:-cc} ${2:+"$2"} -E -dM - |
		sed -n 's/^#define __NR_\([a-z0-9_]*\) (*\(__NR_SYSCALL_BASE *+ *\)*\([0-9]*\))*$/\1 \3/p' |
		grep -v '^arch_specific\|^syscalls ' | LC_ALL=C sort -u
}

# Of architectures whose headers are not there: nothing.
calls_of_32_bits() {
	calls_of asm/unistd_32.h >i386 2>/dev/null
	calls_of asm/unistd-eabi.h -I/usr/arm-linux-gnueabihf/include >arm 2>/dev/null
}

@test "trace: the kernel's calls are all traced, left out with a reason, or reach no description" {
	local unknown
	printf '#include <sys/syscall.h>\n' | ${CC:-cc} -E -dM - | sed -n 's/^#define __NR_\([a-z0-9_]*\) .*/\1/p' |
		grep -v '^arch_specific\|^syscalls$' >kernel
	[ "$(wc -l <kernel)" -gt 200 ]
	calls_of_32_bits
	cut -d ' ' -f 1 i386 arm >>kernel
	{
		sed -n 's/^CALL[_32]*(\([a-z0-9_]*\),.*/\1/p' "$TESTDIR/../lib/trace/call-rows.def"
		sed -n 's/^\t{"\([a-z0-9_]*\)", ".*/\1/p' "$TESTDIR/../lib/trace/calls.c"
		grep -v '^#' "$TESTDIR/lib/trace/reach-nothing"
	} >sorted
	unknown=$(LC_ALL=C sort -u sorted | LC_ALL=C comm -23 <(LC_ALL=C sort -u kernel) -)
	[ -z "$unknown" ] || fail "where do these belong? $unknown"
	[ -z "$(LC_ALL=C sort sorted | uniq -d)" ]
}

@test "trace: the numbers of 32-bit processes are those of the kernel's headers" {
	calls_of_32_bits
	[ "$(uname -m)" != x86_64 ] || [ "$(wc -l <i386)" -gt 400 ]
	sed -n 's/^CALL[_32]*(\([a-z0-9_]*\), \([0-9]*\), \([0-9]*\),.*/\1 \2 \3/p' "$TESTDIR/../lib/trace/call-rows.def" >rows
	[ "$(wc -l <rows)" -gt 120 ]
	awk 'FILENAME == "rows" { row[$1] = FILENAME; number["i386", $1] = $2; number["arm", $1] = $3; next }
		$1 in row && number[FILENAME, $1] != $2 { print FILENAME, $1, number[FILENAME, $1], "is", $2 }' rows i386 arm >wrong
	[ ! -s wrong ] || fail "$(<wrong)"
}

@test "trace: --passed: of 32-bit processes, also by socketcall" {
	needs_way bpf
	needs_calls_32
	run -0 --separate-stderr fdtool trace --passed -q --timestamp none -- ./calls-32 7<>file
	printf '%s\n' "${lines[@]}" | grep '^calls-32' >all # others may pass something meanwhile
	[ "$(grep -cE '^calls-32 [0-9]+ fd [0-9]+ +<- calls-32 [0-9]+ fd 7 +(/.*/)?file$' all)" = 2 ]
	[ "$(wc -l <all)" = 2 ]
}

# traces_uring [sqpoll]: the lines without who, in the file got.
traces_uring() {
	run -0 --separate-stderr fdtool trace --by bpf -q -e all --timestamp none fd:7 -- ./uring ${1:+"$1"} 7<>file
	printf '%s\n' "${lines[@]}" | sed -nE 's/^('"$2"' [0-9/]+) +io_uring: /\1 /; s/ +/ /g; s/[0-9]+ holders? left/H/
		/ READ| WRITE| FSYNC| FALLOCATE| CLOSE/p' >got
}

@test "trace: by BPF, requests to io_uring, also of registered files, and by a thread of the kernel" {
	needs_way bpf
	"${CC:-cc}" -Wall -Wextra -Werror -I"$TESTDIR/.." -o uring "$TESTDIR/peers/uring.c"
	./uring 7<>file || skip 'this kernel has no io_uring'
	cat >expected <<-'END'
		READ(7, "one\nt", 5, -1) = 5 pos 0 -> 5
		WRITE(7, "hello", 5, 20) = 5 size 14 -> 25
		READ(fixed 0, "wo\n", 3, -1) = 3 pos 5 -> 8
		FSYNC(7) = ?
		FALLOCATE(7) = 0 size 25 -> 30
		READ(7, 0x1, 5, 0) = -1 EFAULT
		CLOSE(7) = 0 H
	END
	printf 'one\ntwo\nthree\n' >file
	traces_uring '' uring
	sed -E 's/^uring [0-9]+ //' got | diff expected -
	printf 'one\ntwo\nthree\n' >file
	traces_uring sqpoll 'iou-sqp-[0-9]+'
	sed -E 's|^iou-sqp-[0-9]+ [0-9]+/[0-9]+ ||' got | diff expected -
	printf 'one\ntwo\nthree\n' >file
	run -0 --separate-stderr fdtool trace --by bpf -q --json fd:7 -- ./uring 7<>file
	printf '%s\n' "${lines[@]}" | jq -es 'map(select(.call == "io_uring: READ" and .result == 5 and .pos == [0, 5])) | length == 1' >/dev/null
	run -0 --separate-stderr fdtool trace --by bpf -q -e all --json fd:7 -- ./uring 7<>file
	printf '%s\n' "${lines[@]}" | jq -es 'map(select(.call == "io_uring: FSYNC" and .result == null and .errno == null)) | length == 1' >/dev/null
}
