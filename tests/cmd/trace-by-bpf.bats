#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fdtool trace: who does what to a description. The way is the end of this file's name, of which
# there are two: trace-by-bpf.bats, trace-by-ptrace.bats.

bats_require_minimum_version 1.5.0

load ../helper
load ../tracing

WAY=${BATS_TEST_FILENAME##*-}
WAY=${WAY%.bats}
BATS_TEST_NAME_PREFIX="by $WAY: "

test_setup() {
	printf 'one\ntwo\nthree\n' >file
}

@test "trace: who moved the offset, and that bash reads ahead" {
	needs_way
	actor
	trace "$ACTOR:7"
	does 'read -r -n 3 -u 7 x'
	has_line "bash $ACTOR +read\\(7, \"one.ntwo.nthree.n\", [0-9]+\\) = 14 +pos 0 -> 14"
	has_line "bash $ACTOR +lseek\\(7, -11, SEEK_CUR\\) = 3 +pos 14 -> 3"
	leaves
	ends_with 0 "$TRACE"
	grep -qx 'fdtool trace: nobody holds it any longer' trace.err
}

@test "trace: an offer, by its name, without a client; two terminals share what is traced" {
	needs_way
	serve -n "$N" file
	trace "$N"
	run -0 fdtool lseek "$N" 5 set
	has_line 'fdtool [0-9]+ +recvmsg\([0-9]+, SCM_RIGHTS \[[0-9]+\].*<- fdtool '"$SERVER"' fd '
	has_line 'fdtool [0-9]+ +lseek\([0-9]+, 5, SEEK_SET\) = 5 +pos 0 -> 5'
	stops_with 143 "$SERVER"
	ends_with 0 "$TRACE"
}

@test "trace: who set O_NONBLOCK on a shared terminal or pipe" {
	needs_way
	actor
	trace -e flags "$ACTOR:7"
	does "python3 -c 'import os; os.set_blocking(7, False)'"
	has_line 'python3 [0-9]+ +(ioctl\(7, FIONBIO, \[1\]\)|fcntl\(7, F_SETFL, O_RDWR.O_NONBLOCK.*\)) = 0 +flags \+O_NONBLOCK'
	run cat trace.out
	refute_output --partial 'read('
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: to whom it was passed, who took it, and who holds it still" {
	needs_way
	actor
	trace --timestamp none "$ACTOR:7"
	does "python3 -c '
import os, socket
a, b = socket.socketpair()
socket.send_fds(a, [b\"x\"], [7])
os.close(7)
m, fds, f, s = socket.recv_fds(b, 1, 1)
os.dup2(0, fds[0])'"
	has_line '^python3 [0-9]+ +sendmsg\(3, SCM_RIGHTS \[7\]\) = 1 +now 3 holders$'
	has_line '^python3 [0-9]+ +close\(7\) = 0 +2 holders left$'
	has_line '^python3 [0-9]+ +recvmsg\([0-9]+, SCM_RIGHTS \[[0-9]+\]\) = 1 +now 2 holders  <- python3 [0-9]+ fd 7$'
	has_line '^python3 [0-9]+ +dup[23]\(0, [0-9]+.*\) = [0-9]+ +1 holder left$'
	does 'exec 7>&-'
	has_line "^bash $ACTOR +close\\([0-9]+\\) = 0 +nobody holds it\$"
	ends_with 0 "$TRACE"
	leaves
}

@test "trace: passed among many, in a second control message, and by sendmmsg" {
	needs_way
	actor
	trace --timestamp none "$ACTOR:7"
	cat >many.py <<-'END'
		import ctypes, os, socket, sys
		def rights(*fds):
		    return (socket.SOL_SOCKET, socket.SCM_RIGHTS, b"".join(f.to_bytes(4, sys.byteorder) for f in fds))
		a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		a.sendmsg([b"x"], [rights(0, 1), rights(7)])
		for fd in socket.recv_fds(b, 1, 3)[1]: os.close(fd)
		a.sendmsg([b"x"], [rights(*[0] * 19, 7)])
		for fd in socket.recv_fds(b, 1, 20)[1]: os.close(fd)
		libc = ctypes.CDLL(None)
		control = b"".join([(20).to_bytes(8, sys.byteorder), (1).to_bytes(4, sys.byteorder),
		                    (1).to_bytes(4, sys.byteorder), (7).to_bytes(4, sys.byteorder), bytes(4)])
		class Message(ctypes.Structure):
		    _fields_ = [("name", ctypes.c_void_p), ("name_len", ctypes.c_uint), ("iov", ctypes.c_void_p),
		                ("iov_len", ctypes.c_size_t), ("control", ctypes.c_void_p), ("control_len", ctypes.c_size_t),
		                ("flags", ctypes.c_int), ("n", ctypes.c_uint), ("pad", ctypes.c_uint)]
		text = ctypes.create_string_buffer(b"x")
		iov = (ctypes.c_size_t * 2)(ctypes.addressof(text), 1)
		data = ctypes.create_string_buffer(control, len(control))
		messages = (Message * 2)()
		for m in messages: m.iov, m.iov_len = ctypes.addressof(iov), 1
		messages[1].control, messages[1].control_len = ctypes.addressof(data), len(control)
		assert libc.sendmmsg(a.fileno(), messages, 2, 0) == 2
		got = (Message * 2)()
		room = ctypes.create_string_buffer(64)
		for m in got: m.iov, m.iov_len = ctypes.addressof(iov), 1
		got[1].control, got[1].control_len = ctypes.addressof(room), 64
		assert libc.recvmmsg(b.fileno(), got, 2, 0, None) == 2
	END
	does 'python3 many.py'
	has_line 'sendmsg\(3, SCM_RIGHTS \[0, 1, 7\]\) = 1 +now 3 holders$'
	has_line 'recvmsg\(4, SCM_RIGHTS \[[0-9]+, [0-9]+, [0-9]+\]\) = 1 +now 3 holders  <- python3 [0-9]+ fd 7$'
	has_line 'sendmsg\(3, SCM_RIGHTS \[(0, ){16}\.\.\.\]\) = 1 +now 3 holders$'
	has_line 'sendmmsg\(3, SCM_RIGHTS \[7\], 2, 0\) = 2 +now 3 holders$'
	has_line 'recvmmsg\(4, SCM_RIGHTS \[[0-9]+\], 2, 0, NULL\) = 2 +now 3 holders  <- python3 [0-9]+ fd 7$'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: processes that fork, run another program, end, and are killed" {
	needs_way
	actor
	trace -e life "$ACTOR:7"
	does 'sleep 0.01; sleep 60 & kill -9 $!; wait'
	has_line "bash $ACTOR +(v?fork|clone3?)\\(.*\\) = [0-9]+ +now 2 holders"
	has_line 'sleep [0-9]+ +execve\("/[^"]*".*\) = 0 +now 2 holders'
	has_line 'sleep [0-9]+ +\+\+\+ exited with 0 \+\+\+ +1 holder left'
	has_line '(sleep|bash) [0-9]+ +\+\+\+ killed by SIGKILL \+\+\+ +1 holder left'
	leaves
	has_line "bash $ACTOR +\\+\\+\\+ exited with 0 \\+\\+\\+ +nobody holds it"
	ends_with 0 "$TRACE"
}

@test "trace: the end of a process moves nothing" {
	needs_way
	actor
	does 'read -r -n 3 -u 7 x; sleep 60 & echo $! >child'
	until_true test -s child
	until_true grep -qs '^sleep' "/proc/$(<child)/comm"
	trace -e life "$ACTOR:7"
	kill "$(<child)"
	has_line 'sleep [0-9]+ +\+\+\+ killed by SIGTERM \+\+\+ +1 holder left$'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: an exec that closes it, and close_range" {
	needs_way
	actor
	trace -e life "$ACTOR:7"
	does "python3 -c '
import os
os.set_inheritable(7, False)
if not os.fork():
    os.execv(\"/bin/true\", [\"true\"])
os.wait()
os.closerange(6, 9)'"
	has_line 'true [0-9]+ +execve\("/bin/true"\) = 0 +2 holders left'
	has_line 'python3 [0-9]+ +close(_range)?\(.*\) = 0 +1 holder left'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: size and locks" {
	needs_way
	actor
	trace "$ACTOR:7"
	does "python3 -c '
import fcntl, os
fcntl.lockf(7, fcntl.LOCK_EX, 10, 2)
fcntl.flock(7, fcntl.LOCK_SH | fcntl.LOCK_NB)
os.ftruncate(7, 5)'"
	has_line 'fcntl\(7, F_SETLKW, \{l_type=F_WRLCK, l_whence=SEEK_SET, l_start=2, l_len=10\}\) = 0'
	has_line 'flock\(7, LOCK_SH.LOCK_NB\) = 0'
	has_line 'ftruncate\(7, 5\) = 0 +size 14 -> 5'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: what is not asked for is not printed; -e all prints it" {
	needs_way
	actor
	trace -e lock "$ACTOR:7"
	does 'flock -s 7; read -r -u 7 x; flock -u 7'
	has_line 'flock\(7, LOCK_UN\) = 0'
	run cat trace.out
	refute_output --partial 'read('
	refute_output --partial 'close('
	stops_with 143 "$TRACE"
	trace -e all "$ACTOR:7"
	does 'stat -L /proc/self/fd/7 >/dev/null; read -r -u 7 x; : <&7'
	has_line 'read\(7, "(one|two).n'
	has_line 'fcntl\(7, F_GETFD\) = 0'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: another open of the same file is another description" {
	needs_way
	actor
	trace -e all "$ACTOR:7"
	head -c 4 file >/dev/null
	does 'head -c 4 file >/dev/null'
	does 'head -c 4 <&7 >/dev/null'
	has_line 'head [0-9]+ +read\(0, "one.ntwo.nthree.n", [0-9]+\) = 14|head [0-9]+ +read\(0, "one.n", 4\) = 4'
	run grep -c 'read(' trace.out
	assert_output 1
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: a file is all opens of it" {
	needs_way
	actor
	does 'exec 8<file'
	until_true [ -e "/proc/$ACTOR/fd/8" ]
	trace ./file
	does 'read -r -n 1 -u 7 x; read -r -n 1 -u 8 x'
	has_line 'read\(7, "one'
	has_line 'read\(8, "one'
	run -4 fdtool trace --by "$WAY" ./commands.none
	assert_output 'fdtool trace: ./commands.none: no such file: ENOENT (No such file or directory)'
	echo >none
	run -4 fdtool trace --by "$WAY" file:none
	assert_output --partial 'fdtool trace: file:none: '
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: a port: who listens there, and its connections" {
	needs_way
	start python3 -c '
import socket
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
a, _ = s.accept()
while a.send(a.recv(100)): pass' >port
	local server=$!
	until_true test -s port
	exec {connection}<>"/dev/tcp/127.0.0.1/$(<port)"
	echo one >&"$connection"
	read -r _ <&"$connection"
	trace -e all --timestamp none "tcp:$(<port)"
	echo two >&"$connection"
	read -r _ <&"$connection"
	has_line "^python3 $server +sendto\\([0-9]+, \"two"
	exec {connection}>&-
	kill "$server"
	ends_with 0 "$TRACE"
	run -4 fdtool trace --by "$WAY" "tcp:$(<port)"
	assert_line --index 0 "fdtool trace: tcp:$(<port): nobody has it"
}

@test "trace: a PID is all that it has; each line names its target" {
	needs_way
	actor
	start sleep 60 8<file
	trace -e flags "$ACTOR" "$!:8"
	does "python3 -c 'import os; os.set_blocking(7, False); os.set_blocking(7, True)'"
	has_line "^[0-9:.]+ $ACTOR: python3 [0-9]+ +.*flags -O_NONBLOCK"
	leaves
	stops_with 143 "$TRACE"
}

@test "trace: -n, -t, -q, and a signal" {
	needs_way
	actor
	trace -n 2 "$ACTOR:7"
	does 'read -r -n 3 -u 7 x; read -r -n 3 -u 7 x'
	ends_with 0 "$TRACE"
	assert_equal "$(wc -l <trace.out)" 2
	run -124 fdtool trace -q -t 100ms "$ACTOR:7"
	assert_output ''
	leaves
}

@test "trace: --json has what the line has, as numbers" {
	needs_way
	actor
	trace --json -n 2 "$ACTOR:7"
	does 'read -r -n 3 -u 7 x'
	ends_with 0 "$TRACE"
	run cat trace.out
	json --argjson pid "$ACTOR" '.[0] | .pid == $pid and .tid == $pid and .command == "bash" and
		.call == "read" and .result == 14 and .errno == null and .fd == 7 and .pos == [0, 14] and
		.size == [14, 14] and .passed == [] and .holders == 1 and (.mono_ns > 0) and
		(.flags | map(index("O_RDWR")) == [null, null]) and (.text | startswith("read(7, \"one\\ntwo"))'
	json '.[1] | .call == "lseek" and .result == 3 and .pos == [14, 3]'
	leaves
}

@test "trace: --timestamp" {
	needs_way
	actor
	trace --timestamp iso -n 1 "$ACTOR:7"
	does 'read -r -n 3 -u 7 x'
	ends_with 0 "$TRACE"
	grep -qE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{6}[+-][0-9]{4} bash' trace.out
	trace --timestamp delta -n 2 "$ACTOR:7"
	does 'read -r -n 3 -u 7 x; read -r -n 3 -u 7 x'
	ends_with 0 "$TRACE"
	grep -qE '^  0\.000000 bash' trace.out
	leaves
}

@test "trace: text of a process is escaped" {
	needs_way
	actor
	trace -e io "$ACTOR:7"
	does "printf '\\033[2J' >&7"
	has_line 'write\(1, ".033\[2J", 4\) = 4'
	run cat trace.out
	refute_output --partial $'\033'
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: a thread that is not the first" {
	needs_way
	actor
	trace "$ACTOR:7"
	does "python3 -c '
import os, threading
t = threading.Thread(target=lambda: os.lseek(7, 9, 0))
t.start(); t.join()'"
	has_line 'python3 [0-9]+/[0-9]+ +lseek\(7, 9, SEEK_SET\) = 9 +pos 0 -> 9'
	run grep -c 'clone' trace.out
	assert_output 1
	leaves
	ends_with 0 "$TRACE"
}

@test "trace: a process whose threads all end at once is said once, and the trace ends" {
	needs_way
	actor
	trace -e life "$ACTOR:7"
	does "exec python3 -c '
import os, threading, time
for i in range(20): threading.Thread(target=time.sleep, args=(60,)).start()
os._exit(5)'"
	ends_with 0 "$TRACE"
	run grep -c "python3 $ACTOR.* +++ exited with 5 +++ *nobody holds it$" trace.out
	assert_output 1
}

@test "trace: descriptors are neither taken nor kept open" {
	needs_way
	mkfifo fifo
	start cat fifo
	local reader=$!
	actor
	does 'exec 8>fifo'
	until_true test -e "/proc/$ACTOR/fd/8"
	trace "$ACTOR:8"
	assert_equal "$(find "/proc/$TRACE/fd" -lname "$T/fifo" | wc -l)" 0
	does 'exec 8>&-'
	ends_with 0 "$reader"
	ends_with 0 "$TRACE"
	leaves
}

@test "trace: calls that come at once are all there, in order of time" {
	needs_way
	actor
	trace --json -e all "$ACTOR:7"
	does "for i in 1 2; do python3 -c '
import os
for i in range(5000): os.lseek(7, i % 7 + 1, 0)' & done; wait; exec 7>&-"
	ends_with 0 "$TRACE"
	leaves
	run jq -s 'map(select(.call == "lseek")) | length' trace.out
	local lines=$output lost
	lost=$(sed -n 's/^fdtool trace: \([0-9]*\) calls were lost.*/\1/p' trace.err | paste -sd +)
	lost=$((${lost:-0}))
	((lines <= 10000 && lines + lost >= 10000)) # what was lost need not be an lseek
	jq -es 'map(.mono_ns) | . == sort' trace.out >/dev/null
}

# holds_more PYTHON: a process with file as descriptor 8 has run the lines. $HOLDER is its pid.
holds_more() {
	PATH=/usr/bin:$PATH start python3 -c "import ctypes, mmap, os, signal, sys
$1
open('begun', 'w').write('x')
signal.pause()" 8<file >holder.out 2>&1
	HOLDER=$!
	until_true test -s begun
}

@test "trace: who has the file mapped is named when it begins" {
	needs_way
	holds_more 'memory = mmap.mmap(8, 14, prot=mmap.PROT_READ)'
	trace "$HOLDER:8"
	until_true grep -qx "fdtool trace: python3 $HOLDER: it has the file mapped, and what it does there is not seen" trace.err
	stops_with 143 "$TRACE"
	rm begun
	holds_more 'pass'
	trace "$HOLDER:8"
	stops_with 143 "$TRACE"
	run cat trace.err
	refute_output --partial mapped
}

@test "trace: who has an io_uring is named when it begins, where its requests are not seen" {
	needs_way
	holds_more 'if ctypes.CDLL(None).syscall(425, 1, ctypes.create_string_buffer(256)) < 0: open("none", "w")'
	[ ! -e none ] || skip 'this kernel has no io_uring'
	trace "$HOLDER:8"
	stops_with 143 "$TRACE"
	run grep -cx "fdtool trace: python3 $HOLDER: requests of its io_uring are not seen" trace.err
	assert_output "$([ "$WAY" = ptrace ] && echo 1 || echo 0)"
}

@test "trace: ssh takes the input of the loop that calls it" {
	needs_way
	has_sshd || skip 'needs sshd'
	ssh-keygen -q -t ed25519 -N '' -f host
	ssh-keygen -q -t ed25519 -N '' -f id
	printf '%s\n' "HostKey $T/host" "AuthorizedKeysFile $T/id.pub" 'StrictModes no' 'UsePAM no' 'PidFile none' >server
	printf '%s\n' 'StrictHostKeyChecking no' 'UserKnownHostsFile /dev/null' 'IdentitiesOnly yes' "IdentityFile $T/id" \
		"ProxyCommand /usr/sbin/sshd -i -f $T/server" >client
	printf '%s\n' a b c >hosts
	run -0 --separate-stderr fdtool trace --by "$WAY" -q --timestamp none -e move -- \
		bash -c 'while read -r host; do ssh -q -F client localhost echo "on $host"; done' <hosts
	assert_line 'on a'
	refute_line 'on b'
	assert_line --regexp 'ssh [0-9]+ +read\([0-9]+, "b.nc.n", [0-9]+\) = 4 +pos 2 -> 6$'
}

@test "trace: node makes a pipe non-blocking that it shares with others" {
	needs_way
	command -v node >/dev/null || skip 'needs node'
	run -0 --separate-stderr fdtool trace --by "$WAY" -q --timestamp none -e flags -- \
		node -e 'process.stdin.on("end", () => {}).resume()' < <(:)
	assert_line --regexp 'node [0-9/]+ +(ioctl\(0, FIONBIO, \[1\]\)|fcntl\(0, F_SETFL, .*O_NONBLOCK.*\)) = 0 +flags \+O_NONBLOCK$'
}

@test "trace: node opens a terminal anew, and does not change the one that it shares" {
	needs_way
	command -v node >/dev/null || skip 'needs node'
	run -0 script -qec "'$FDTOOL' trace --by $WAY -q --timestamp none -e flags,life -- \
		node -e 'process.stdin.on(\"end\", () => {}).resume()'" /dev/null </dev/null
	assert_line --regexp 'node [0-9/]+ +dup[23]\([0-9]+, 0.*\) = 0 +[0-9]+ holders? left'
	refute_output --partial O_NONBLOCK
}

@test "trace: a mypoll, by whoever reads it" {
	needs_way
	serve -n "$N" mypoll:20ms
	trace -e io "$N"
	fdtool mypoll-tail -n 5 "$N" >/dev/null
	has_line '^[0-9:.]+ (fdtool|read) [0-9/]+ +(read|readv|preadv2|recvfrom|recvmsg)\('
	run cat trace.out
	refute_output --partial lseek
	stops_with 143 "$SERVER"
	ends_with 0 "$TRACE"
}

@test "trace: a 32-bit program, also the calls that only such a one has" {
	needs_way
	needs_calls_32
	run -0 --separate-stderr fdtool trace --by "$WAY" -q -e all --timestamp none fd:7 -- ./calls-32 7<>file
	printf '%s\n' "${lines[@]}" | sed -E 's/^calls-32 [0-9]+ +//; s/ +/ /g; s/(now )?[0-9]+ holders?/H/
		s/0x[0-9a-f]+$/ADDRESS/; s/calls-32 [0-9]+ fd/calls-32 PID fd/; s/^((send|recv)msg\()[0-9]+/\1S/
		s/^(recvmsg.*\[|dup.* )[0-9]+/\1N/' >got
	cat >expected <<-'END'
		read(7, "one", 3) = 3 pos 0 -> 3
		_llseek(7, 5, [5], SEEK_SET) = 0 pos 3 -> 5
		pread64(7, "ne\nt", 4, 1) = 4
		pread64(7, "", 4, 4294967297) = 0
		writev(7, [{"hello"}...], 1) = 5 pos 5 -> 10
		pwritev(7, [{"hello"}...], 1, 20) = 5 size 14 -> 25
		ftruncate64(7, 9) = 0 size 25 -> 9
		fcntl64(7, F_SETFL, O_RDWR|O_NONBLOCK) = 0 flags +O_NONBLOCK
		fcntl(7, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=1, l_len=2}) = 0
		fcntl64(7, F_SETLK64, {l_type=F_RDLCK, l_whence=SEEK_SET, l_start=3, l_len=4}) = 0
		mmap(NULL, 4096, 0x1, 0x2, 7, 4096) = ADDRESS
		mmap2(NULL, 4096, 0x1, 0x2, 7, 4096) = ADDRESS
		sendmsg(S, SCM_RIGHTS [7]) = 1 H
		recvmsg(S, SCM_RIGHTS [N]) = 1 H <- calls-32 PID fd 7
		sendmsg(S, SCM_RIGHTS [7]) = 1 H
		recvmsg(S, SCM_RIGHTS [N]) = 1 H <- calls-32 PID fd 7
		dup(7) = N H
		close(7) = 0 H left
		+++ exited with 0 +++ H left
	END
	grep -v '^execve' got | diff expected -
	grep -q '^execve("./calls-32") = 0' got
}
