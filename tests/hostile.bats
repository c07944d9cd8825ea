# SPDX-License-Identifier: GPL-3.0-or-later
#
# Foreign clients and servers, some of them hostile. Those in tests/peers implement the
# protocol from its description alone.
#
# shellcheck disable=SC2016 # the programs and jq expand it
# shellcheck disable=SC2030,SC2031 # each test is a subshell

bats_require_minimum_version 1.5.0
load helper

client() {
	timeout 60 "$TESTDIR/peers/client.py" "$@"
}

# Runs grab and mypoll-tail with a server that behaves like that; both exit with STATUS.
both_end_with() { # STATUS BEHAVIOUR
	local name=$N-$2
	peer "$name" "$2"
	run "-$1" fdtool grab -t 5 "$name" -- touch reached
	assert_said_once grab "$name"
	run "-$1" fdtool grab -t 5 --json "$name"
	assert_said_once grab "$name"
	run "-$1" fdtool mypoll-tail -t 5 "$name"
	assert_said_once mypoll-tail "$name"
	assert [ ! -e reached ]
	kill -0 "$PEER"
}

# The output is one line of error and at most one of advice, with no control characters.
assert_said_once() {
	assert_line --index 0 --regexp "^fdtool $1: $2: "
	assert [ "${#lines[@]}" -le 2 ]
	assert_equal "$(LC_ALL=C tr -d '\n -~' <<<"$output" | wc -c)" 0
}

# close_all_received FILE: in the trace, every descriptor that a message brought is closed.
close_all_received() {
	/usr/bin/python3 - "$1" <<-'END'
		import re, sys
		came, gone = [], []
		for line in open(sys.argv[1]):
		    rights = re.search(r"recvmsg\(.*SCM_RIGHTS, cmsg_data=\[([0-9, ]+)\]", line)
		    if rights:
		        came += rights[1].split(", ")
		    closed = re.search(r"close\(([0-9]+)\) += 0", line)
		    if closed and closed[1] in came:
		        gone.append(closed[1])
		print(len(came))
		sys.exit(sorted(came) != sorted(gone))
	END
}

# --- clients ------------------------------------------------------------------------

@test "hostile: a client of six lines has the descriptor, and shares the offset" {
	printf 'hello, world' >file
	serve -n "$N" file
	run client "$N" show
	assert_success
	assert_line --index 0 "FDTOOL/1 OFFER"
	assert_line "name=$N"
	assert_line "fds=1"
	assert_line "mode=r"
	assert_line "type=regular"
	assert_line "path=$(realpath file)"
	assert_line "descriptors=1"
	run client "$N" read-five
	assert_output hello
	run fdtool grab --json "$N"
	json '.[0].pos == 5'
	run client "$N" read-five
	assert_output ", wor"
}

# Counts the server's descriptors after one client has come and left.
count_fds() {
	fdtool grab -q "$N"
	until_true grep -q ' left$' serve.out
	FDS=$(fds_of "$SERVER")
}

# Afterwards the server has the same number of descriptors as before, and still works.
unmoved_by() {
	until_true has_fds "$SERVER" "$FDS" || fail "before $1 it has $(fds_of "$SERVER"), not $FDS"
	run client "$N" "$1"
	assert_success
	until_true has_fds "$SERVER" "$FDS" || fail "after $1 it has $(fds_of "$SERVER"), not $FDS"
	fdtool grab -q "$N"
	assert_equal "$(cat "$T/serve.err")" ""
}

has_fds() {
	[ "$(fds_of "$1")" = "$2" ]
}

@test "hostile: clients that behave badly leave the server as it was" {
	printf hello >file
	serve -n "$N" file
	count_fds
	local behaviour
	for behaviour in leave-at-once leave-without-reading no-room rubbish too-long empty-message \
		talk half-close; do
		unmoved_by "$behaviour"
	done
}

@test "hostile: descriptors that a client sends do not get in" {
	printf hello >file
	serve -n "$N" file
	count_fds
	unmoved_by send-descriptors
	# since Linux 6.16 the kernel refuses them; before, the server closes them and the connection
	assert_output --regexp '^(EPERM|let go)$'
}

@test "hostile: a crowd has as many places as there are, and all are told" {
	printf hello >file
	serve -n "$N" file
	count_fds
	unmoved_by crowd
	run client "$N" crowd
	assert_output $'256\n44'
}

@test "hostile: a client that is silent does not keep others waiting" {
	printf hello >file
	serve -n "$N" file
	start /usr/bin/python3 -c '
import signal, socket, sys
socks = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(50)]
for s in socks:
    s.connect("\0fdtool/" + sys.argv[1])
print("connected", flush=True)
signal.pause()' "$N" >client.out
	until_true grep -q connected client.out
	run fdtool grab -t 5 "$N" -- sh -c 'cat <&3'
	assert_success
	assert_output hello
}

@test "hostile: a client of another user is refused, whoever it says it is" {
	needs_root
	printf hello >file
	serve -n "$N" file
	run as 2 /usr/bin/python3 -c '
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect("\0fdtool/" + sys.argv[1])
try:
    s.send(b"FDTOOL/1 TAKEN\nuid=0\npid=1\n")
except OSError:  # the server may have closed the connection
    pass
try:
    text, fds, flags, _ = socket.recv_fds(s, 4096, 8)
except ConnectionResetError:  # first, since the server left without reading; then its message
    text, fds, flags, _ = socket.recv_fds(s, 4096, 8)
print(text.decode().splitlines()[0], len(fds))' "$N"
	assert_success
	assert_output "FDTOOL/1 DENY 0"
}

# --- servers that are odd, but right ---------------------------------------------------

@test "hostile: a server that is not fdtool's, and good" {
	printf hello >file
	peer "$N" good file
	run fdtool grab --json "$N"
	assert_success
	json '.[0] | .name == "peer" and .same == true and .server.pid == $pid and .path == $path' \
		--argjson pid "$PEER" --arg path "$(realpath file)"
	# the variables have the name that was typed, not the server's
	run fdtool grab "$N" -- sh -c 'cat <&3; echo " $LISTEN_FDNAMES ${FDTOOL_FD_peer-}"'
	assert_output "hello $N "
}

@test "hostile: same is what kcmp says, whatever the server says" {
	printf hello >file
	peer "$N-a" lies-about-fd file
	run fdtool grab --json "$N-a"
	json '.[0].same == false'
	peer "$N-b" no-keys file
	run fdtool grab --json "$N-b"
	json '.[0].same == null and .[0].name == $n' --arg n "$N-b"
}

@test "hostile: what it need not say, and what nobody knows" {
	printf hello >file
	local behaviour
	for behaviour in no-keys no-newline unknown-keys; do
		peer "$N-$behaviour" "$behaviour" file
		run fdtool grab --json "$N-$behaviour"
		assert_success
		json '.[0].type == "regular"'
		run fdtool grab "$N-$behaviour"
		assert_line --regexp '^  descriptor +[0-9]+ here'
		refute_line --regexp 'descriptor .*-1'
	done
}

@test "hostile: a name that is none goes neither to the terminal nor to the environment" {
	printf hello >file
	local behaviour
	for behaviour in colon-in-name escapes-in-name; do
		peer "$N-$behaviour" "$behaviour" file
		run fdtool grab "$N-$behaviour"
		assert_success
		assert_line --index 0 "$N-$behaviour"
		refute_output --partial $'\e'
		run fdtool grab "$N-$behaviour" -- env
		assert_line "LISTEN_FDNAMES=$N-$behaviour"
		assert_line --regexp "^FDTOOL_FD_.*=3$"
		refute_output --partial $'\e'
	done
}

@test "hostile: a server that never stops talking does not keep a tail from its events" {
	printf 'event=1 source=timer\nevent=2 source=timer\n' >content
	mkfifo pipe
	exec 8<>pipe
	cat content >&8
	peer "$N" flood ./pipe 8>&-
	run fdtool grab -t 5 "$N" -- true
	assert_success
	run --separate-stderr fdtool mypoll-tail -t 5 -n 2 "$N"
	exec 8>&-
	assert_success
	assert_output $'event=1 source=timer\nevent=2 source=timer'
}

# --- servers that are wrong --------------------------------------------------------------

@test "hostile: no descriptor, or more than one, or not as announced" {
	local behaviour
	for behaviour in no-descriptor two three most announces-two announces-three-and-sends-two; do
		both_end_with 1 "$behaviour"
	done
}

@test "hostile: a message that is empty, too long, in pieces, or no message at all" {
	local behaviour
	for behaviour in empty long very-long byte-by-byte in-two rubbish nul no-equals bad-escape; do
		both_end_with 1 "$behaviour"
		case $behaviour in
		byte-by-byte | in-two) ;; # its client may have left
		*) assert_equal "$(cat peer.err)" "" ;; # it could send everything
		esac
	done
}

@test "hostile: other versions and verbs" {
	local behaviour
	for behaviour in version-2 version-10 no-version other-verb no-verb; do
		both_end_with 1 "$behaviour"
	done
	peer "$N" version-2
	run fdtool grab "$N"
	assert_output --partial "another version of the protocol: EPROTONOSUPPORT"
}

@test "hostile: refusals are 3, but not one that brings a descriptor" {
	export LC_ALL=C.UTF-8
	both_end_with 3 deny
	both_end_with 3 deny-no-keys
	both_end_with 3 deny-escapes
	both_end_with 1 deny-with-descriptor
}

@test "hostile: a server that closes at once has not offered anything: 4" {
	both_end_with 4 closes
}

@test "hostile: a server that says nothing costs the timeout: 124" {
	local how
	for how in silent deaf full; do
		peer "$N-$how" "$how"
		run -124 fdtool grab -t 100ms "$N-$how"
		assert_said_once grab "$N-$how"
		run -124 fdtool mypoll-tail -t 100ms "$N-$how"
		assert_said_once mypoll-tail "$N-$how"
	done
}

@test "hostile: a socket of another type" {
	peer "$N" stream
	run -4 fdtool grab "$N"
	run -4 fdtool mypoll-tail "$N"
	peer ./sock stream
	run -1 fdtool grab ./sock
	assert_line --index 0 --regexp '^fdtool grab: ./sock: .*: EPROTOTYPE '
	assert_line --index 1 --partial SOCK_SEQPACKET
	run -1 fdtool mypoll-tail ./sock
}

# --- nothing is kept -------------------------------------------------------------------------

@test "hostile: every descriptor that a wrong message brought is closed again" {
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	local behaviour expected
	while read -r behaviour expected; do
		peer "$N-$behaviour" "$behaviour"
		run -1 timeout 20 strace -v -e abbrev=none -e trace=recvmsg,close -e signal=none -o trace \
			"$FDTOOL" grab -t 5 "$N-$behaviour"
		run close_all_received trace
		assert_success
		assert_output "$expected"
	done <<-'END'
		two 2
		three 3
		most 253
		announces-three-and-sends-two 2
		empty 1
		long 1
		very-long 1
		version-2 1
		rubbish 1
		nul 1
		deny-with-descriptor 1
	END
}

@test "hostile: a message whose descriptors do not fit into the table is refused, all closed" {
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	peer "$N" most
	run -1 timeout 20 strace -v -e abbrev=none -e trace=recvmsg,close -e signal=none -o trace \
		prlimit --nofile=32:32 -- "$FDTOOL" grab -t 5 "$N"
	assert_output --partial EMFILE
	run close_all_received trace
	assert_success
	assert [ "$output" -ge 10 ]
	assert [ "$output" -le 32 ]
}

# As the kernel does where a security module refuses the descriptor.
module_source='
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t recvmsg(int sock, struct msghdr *h, int flags)
{
	ssize_t (*real)(int, struct msghdr *, int) = dlsym(RTLD_NEXT, "recvmsg");
	ssize_t n = real(sock, h, flags);
	struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(h) : NULL;
	int fd;

	if (!c || c->cmsg_type != SCM_RIGHTS)
		return n;
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	close(fd);
	h->msg_controllen = 0;
	h->msg_flags |= MSG_CTRUNC;
	return n;
}'

@test "hostile: a descriptor that a security module keeps back is not blamed on the table" {
	"${CC:-cc}" -shared -fPIC -o module.so -xc - <<<"$module_source" -ldl
	serve -n "$N" /dev/null
	export LD_PRELOAD=$PWD/module.so ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
	run -1 "$FDTOOL" grab -t 5 "$N" -- true
	unset LD_PRELOAD
	assert_line --index 0 "fdtool grab: $N: recvmsg: EACCES (Permission denied)"
	assert_line --index 1 --partial 'a security module'
}

@test "hostile: a tail that follows does not follow a wrong server" {
	serve -n "$N" mypoll:20ms
	start "$FDTOOL" mypoll-tail -F "$N" >out 2>err
	local tail=$!
	until_true grep -q event= out
	stops_with 143 "$SERVER"
	until_true grep -q waiting err
	peer "$N" most
	ends_with 1 "$tail"
	assert_regex "$(tail -n 2 err | head -n 1)" "^fdtool mypoll-tail: $N: .*more than one descriptor"
}

@test "hostile: a tail that follows waits while a stranger has the name, and says so" {
	needs_root
	as 1 serve --allow-any -n "$N" eventfd:
	local squatter=$SERVER
	start "$FDTOOL" mypoll-tail -F -n 1 "$N" >out 2>err
	local tail=$!
	until_true grep -q "$N: the server is pid [0-9]* of user .*, who is not trusted; waiting for another" err
	stops_with 143 "$squatter"
	serve -n "$N" mypoll:20ms
	ends_with 0 "$tail"
	grep -q event= out
	assert_equal "$(grep -c 'not trusted' err)" 1
}

# --- a file whose server sleeps --------------------------------------------------------

@test "hostile: a file whose server sleeps: every command ends in time, and its output too" {
	needs_root
	needs_device /dev/fuse
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" later flush >fuse.out
	local fuse=$!
	until_true grep -qs ready fuse.out
	serve -n "$N" "$T/mount/file"
	kill -USR1 "$fuse"
	local n
	run -0 timeout 10 "$FDTOOL" grab --json "$N" # its close is the one that not even SIGKILL ends
	json '.[0].type == "regular"'
	run -0 timeout 10 "$FDTOOL" grab "$N"
	assert_output --partial description
	run -0 timeout 10 "$FDTOOL" grab -c stat -c 'lseek 2' "$N"
	assert_line --partial 'pos 0 -> 2'
	run -0 --separate-stderr timeout 10 "$FDTOOL" lseek "$N" 3
	assert_output '2 -> 3'
	run -124 timeout 10 "$FDTOOL" lseek -t 1s "$N" 0 end
	assert_output "fdtool lseek: $N: the file does not answer: ETIMEDOUT (Connection timed out)"
	start "$FDTOOL" grab "$N" -f 9 "$N" -f 0 "$N" -f 1 "$N" -f 3 "$N" -- sleep 100
	local program=$!
	until_true grep -q sleep "/proc/$program/comm"
	for n in 0 1 3 4 9; do
		assert_equal "$(readlink "/proc/$program/fd/$n")" "$T/mount/file"
	done
	kill "$program" # which ends when its descriptors are closed
	run -127 timeout 10 "$FDTOOL" grab -f 9 "$N" -- nosuch
	assert_line --partial 'nosuch: not found'
	run -124 timeout 10 "$FDTOOL" mypoll-tail -t 1s "$N"
	assert_output --partial 'the time is up: 0 events'
	run -124 timeout 10 "$FDTOOL" epoll-watch -t 1s "$N"
	stops_with 143 "$SERVER"
	kill "$fuse" # until then the kernel cannot close the file
	wait "$fuse" || true
	wait "$program" || true
}
