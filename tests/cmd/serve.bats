#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# serve: its sources, names, permissions, output and end. Needs root: many tests are about other
# users.

bats_require_minimum_version 1.5.0
load ../helper

# Other users can run this one; the first in PATH may be closed to them.
PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || PYTHON=python3
# Not an import: other users cannot search the directories above the test's.
PEER='exec(open("peer.py").read())'

test_setup() {
	chmod 777 . # other users' processes write here
	printf 'hello world\n' >file
	cat >peer.py <<'END'
# Shared by the clients and servers of these tests.
import ctypes, errno, fcntl, json, os, select, signal, socket, subprocess, sys, time

def new_socket(kind=socket.SOCK_SEQPACKET):
    s = socket.socket(socket.AF_UNIX, kind)
    s.settimeout(10)
    return s

def connect(name):
    s = new_socket()
    s.connect('\0fdtool/' + name)
    return s

def receive(s):
    text, fds, flags, _ = socket.recv_fds(s, 4096, 8)
    assert not flags & (socket.MSG_CTRUNC | socket.MSG_TRUNC)
    return text.decode(), fds

def grab(name):
    s = connect(name)
    text, fds = receive(s)
    assert text.startswith('FDTOOL/1 OFFER\n') and len(fds) == 1, text
    return s, text, fds[0]

def grab_and_go(name):
    s, _, fd = grab(name)
    os.close(fd)
    s.close()

def value(text, key):
    return dict(l.split('=', 1) for l in text.splitlines()[1:])[key]

def same(pid1, fd1, pid2, fd2):
    kcmp = {'x86_64': 312, 'aarch64': 272}[os.uname().machine]
    return ctypes.CDLL(None).syscall(kcmp, pid1, pid2, 0, fd1, fd2) == 0

def fds_of(pid):
    return len(os.listdir('/proc/%d/fd' % pid))

def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, 'not within %d s' % seconds
        time.sleep(0.01)
END
}

py() { # SCRIPT [ARG]...
	timeout --foreground 60 "${BEHIND[@]}" "$PYTHON" -c "$PEER
$1" "${@:2}"
}

in_background() { # SCRIPT [ARG]...: returns when the script has made the file "there"
	rm -f there
	start "${BEHIND[@]}" "$PYTHON" -c "$PEER
def there(): open('there', 'w').close()
$1" "${@:2}"
	until_true test -e there
}

# hold NAME [COUNT]: starts a client that stays, with COUNT connections.
hold() {
	in_background '
held = [grab(sys.argv[1]) for _ in range(int(sys.argv[2]))]
there()
signal.pause()' "$1" "${2:-1}"
	HOLDER=$!
}

# leave PID: kills that client.
leave() {
	stops_with 137 "$1" KILL
}

# listener WORD: a server that is not fdtool. WORD is what follows the NUL.
listener() {
	in_background '
s = new_socket()
s.bind("\0" + sys.argv[1])
s.listen()
there()
signal.pause()' "$1"
}

# got NAME FILTER: the output of grab --json through jq.
got() {
	fdtool grab --json "$1" | jq -r "$2"
}

has_event() { # CONDITION of jq
	jq -es "any($1)" serve.out >/dev/null
}

event_count() { # CONDITION of jq
	jq -s "map(select($1)) | length" serve.out
}

events_are() { # N CONDITION
	[ "$(event_count "$2")" = "$1" ]
}

has_ended() {
	[ ! -e "/proc/$1" ]
}

ends_with() { # STATUS PID: by itself
	local status=0
	until_true has_ended "$2"
	wait "$2" || status=$?
	assert_equal "$status" "$1"
}

# limit_with_room PID N: the RLIMIT_NOFILE that leaves N free numbers to that process.
limit_with_room() {
	local limit=0 room=0
	for (( ; room < $2; limit++)); do
		[ -e "/proc/$1/fd/$limit" ] || room=$((room + 1))
	done
	echo $limit
}

cpu_ticks() { # PID: a comm without a space in it
	awk '{print $14 + $15}' "/proc/$1/stat"
}

# A serve that should fail; if it does not, it ends after a second.
run_serve() {
	run fdtool serve -t 1 "$@"
}

assert_usage() { # a part of its one line
	assert_failure 2
	assert_output --partial "$1"
	assert_output --partial --help
	assert_equal "${#lines[@]}" 1
}

# --- SOURCE -------------------------------------------------------------------

@test "a path is opened, for reading unless told otherwise" {
	serve -n "$N" file
	run fdtool grab -f 0 "$N" -- cat
	assert_success
	assert_output 'hello world'
	assert_equal "$(got "$N" .mode)" r
	assert_equal "$(got "$N" .path)" "$T/file"
}

@test "the description is the server's: its offset is everybody's" {
	serve -n "$N" file
	run fdtool grab -f 0 "$N" -- head -c 6
	assert_output 'hello '
	run fdtool grab -f 0 "$N" -- cat
	assert_output world
	assert_equal "$(got "$N" .same)" true
}

@test "fd:N is the description that was inherited" {
	local fd
	exec {fd}<file
	serve -n "$N" "fd:$fd"
	fdtool grab -f 0 "$N" -- head -c 5
	run -0 cat /proc/$BASHPID/fdinfo/$fd
	assert_line --regexp $'^pos:\t5$'
}

@test "PID:FD is the description that another process has" {
	local fd
	exec {fd}<file
	start sleep 60
	local pid=$!
	exec {fd}<&-
	serve -n "$N" "$pid:$fd"
	fdtool grab -f 0 "$N" -- head -c 5
	run -0 cat "/proc/$pid/fdinfo/$fd"
	assert_line --regexp $'^pos:\t5$'
}

@test "PID:FD of what may not be looked into says which permission it needs" {
	needs_root
	local fd
	exec {fd}<file
	run as 1 fdtool serve -t 1 -n "$N" "$BASHPID:$fd"
	assert_failure 1
	assert_output --partial 'EPERM'
	assert_output --partial 'CAP_SYS_PTRACE'
}

@test "eventfd:COUNT starts at that count" {
	serve -n "$N" eventfd:5
	assert_equal "$(got "$N" .type)" eventfd
	run fdtool grab -f 0 "$N" -- od -An -tu8 -N8
	assert_success
	assert_output --regexp '^ +5$'
}

@test "eventfd: without a count starts at 0" {
	serve -n "$N" eventfd:
	run -0 py 'print(json.dumps(select.select([grab(sys.argv[1])[2]], [], [], 0)[0]))' "$N"
	assert_output '[]'
}

@test "timerfd:INTERVAL expires" {
	serve -n "$N" timerfd:20ms
	assert_equal "$(got "$N" .type)" timerfd
	run fdtool grab -f 0 "$N" -- od -An -tu8 -N8
	assert_success
	assert_output --regexp '^ +[1-9][0-9]*$'
}

@test "memfd:LABEL bears its label, and is for reading and writing" {
	serve -n "$N" memfd:scratch
	run fdtool grab --json "$N"
	assert_success
	run jq -r '.type, .mode, .path' <<<"$output"
	assert_line --index 0 memfd
	assert_line --index 1 rw
	assert_line --index 2 --partial /memfd:scratch
	fdtool grab -f 1 "$N" -- printf shared
	run py 'fd = grab(sys.argv[1])[2]; print(os.pread(fd, 9, 0).decode())' "$N"
	assert_output shared
}

@test "memfd: in the mode that is asked for" {
	serve -m r -n "$N" memfd:
	assert_equal "$(got "$N" .mode)" r
}

@test "mypoll:PERIOD makes records, each read gives whole ones" {
	serve -n "$N" mypoll:20ms
	run fdtool grab -f 0 "$N" -- dd bs=256 count=1 status=none
	assert_success
	assert_output --regexp '^event=[0-9]+ source=timer mono_ns=[0-9]+$'
	run fdtool grab -f 1 "$N" -- sh -c 'echo trigger'
	assert_failure
}

@test "mypoll: opened for both takes a trigger" {
	serve -m rw -n "$N" mypoll:0
	run -0 py '
_, _, fd = grab(sys.argv[1])
os.write(fd, b"trigger\n")
print(os.read(fd, 256).decode(), end="")' "$N"
	assert_output --regexp '^event=1 source=manual mono_ns=[0-9]+$'
}

@test "a word with a slash is a path, whatever it looks like" {
	local name
	for name in eventfd: fd:0 1:2; do
		echo "$name" >"$name"
		serve -n "$N" "./$name"
		assert_equal "$(fdtool grab -f 0 "$N" -- cat)" "$name"
		stops_with 143 "$SERVER"
	done
}

@test "a SOURCE that is none is a fault of the command line" {
	local word
	for word in '' fd: fd:x fd:-1 eventfd:x eventfd:-1 timerfd: timerfd:0 timerfd:soon mypoll:x \
		"memfd:$(printf '%250s' '')"; do
		run_serve -n "$N" "$word"
		assert_failure 2
		assert_output --partial --help
	done
}

@test "no SOURCE is a fault of the command line" {
	run_serve
	assert_usage SOURCE
}

@test "a descriptor or a process that is not there: 4" {
	local pid
	true &
	pid=$!
	wait "$pid"
	run_serve -n "$N" fd:999
	assert_failure 4
	assert_output --partial EBADF
	run_serve -n "$N" "$$:999999"
	assert_failure 4
	assert_output --partial EBADF
	run_serve -n "$N" "$pid:0"
	assert_failure 4
	assert_output --partial ESRCH
}

# --- the mode and the flags of open(2) -----------------------------------------

@test "-m r, w, rw and r+" {
	local mode
	for mode in r w rw; do
		serve -m "$mode" -n "$N" file
		assert_equal "$(got "$N" .mode)" "$mode"
		stops_with 143 "$SERVER"
	done
	serve -m r+ -n "$N" file
	assert_equal "$(got "$N" .mode)" rw
}

@test "a read-only description stays that for whoever has it" {
	serve -n "$N" file
	run fdtool grab -f 1 "$N" -- sh -c 'echo spoilt'
	assert_failure
	assert_equal "$(cat file)" 'hello world'
}

@test "--append and --nonblock are set on the description" {
	serve -m w --append --nonblock -n "$N" file
	run got "$N" '.flags[]'
	assert_line O_APPEND
	assert_line O_NONBLOCK
	fdtool grab -f 1 "$N" -- echo more
	assert_equal "$(cat file)" $'hello world\nmore'
}

@test "--nonblock opens a FIFO that nobody writes to" {
	mkfifo fifo
	serve --nonblock -n "$N" fifo
	assert_equal "$(got "$N" .type)" pipe
}

@test "--create makes the file, with PERM less the umask" {
	umask 027
	serve -m w --create -n "$N" new
	assert_equal "$(stat -c %a new)" 640
	stops_with 143 "$SERVER"
	serve -m w --create=0600 -n "$N" newer
	assert_equal "$(stat -c %a newer)" 600
}

@test "--trunc empties it" {
	serve -m w --trunc -n "$N" file
	assert_equal "$(stat -c %s file)" 0
}

@test "what is missing: the file, a directory on the way, what a link names" {
	run_serve -m w -n "$N" new
	assert_output $'fdtool serve: new: open: ENOENT (No such file or directory)\n  --create creates it'
	run_serve -m w -n "$N" "$T/nope/new"
	assert_line --index 1 "  there is no directory $T/nope"
	run_serve --create -m w -n "$N" "$T/nope/new"
	assert_line --index 1 "  there is no directory $T/nope"
	ln -s nowhere link
	run_serve -m w -n "$N" link
	assert_line --index 1 '  it is a symbolic link to nowhere'
	run_serve -n "$N" new/
	refute_output --partial -- --create
}

@test "--excl refuses a file that is there" {
	run_serve -m w --create --excl -n "$N" file
	assert_failure 1
	assert_output --partial EEXIST
	serve -m w --create --excl -n "$N" new
	assert_equal "$(got "$N" .mode)" w
}

@test "options that contradict each other or the SOURCE are a fault of the command line" {
	run_serve --excl -n "$N" file
	assert_usage --create
	run_serve --trunc -n "$N" file
	assert_usage --mode
	run_serve --trunc -m r -n "$N" file
	assert_usage --mode
	run_serve --once --count 2 -n "$N" file
	assert_usage --count
	run_serve --append -n "$N" eventfd:
	assert_usage --append
	run_serve --create -n "$N" memfd:
	assert_usage --create
	run_serve --nonblock -n "$N" timerfd:1
	assert_usage --nonblock
	run_serve -n "$N" -n "$N-2" file
	assert_usage names
	assert_equal "$(cat file)" 'hello world'
}

@test "values that are none are a fault of the command line" {
	run_serve -m x file
	assert_usage mode
	run_serve --create=9 file
	assert_usage permission
	run_serve --create= file
	assert_usage permission
	run_serve --count 0 file
	assert_usage count
	run_serve --max-clients many file
	assert_usage "must be 1 or more"
	run_serve --client-timeout never file
	assert_usage time
	run_serve --ready-fd -1 file
	assert_usage descriptor
	run_serve --allow-type anything file
	assert_usage directory
	run_serve --allow-user no-such-user file
	assert_usage 'is not in the user database'
	run_serve --allow-group no-such-group file
	assert_usage 'is not in the group database'
}

@test "a mode that the file refuses" {
	needs_root
	chmod 444 file
	run as 1 fdtool serve -t 1 -m w -n "$N" file
	assert_failure 1
	assert_output --partial EACCES
	run_serve -m w -n "$N" .
	assert_failure 1
	assert_output --partial EISDIR
	cp /bin/sleep sleeper
	start ./sleeper 60
	until_true test "/proc/$!/exe" -ef sleeper
	run_serve -m w -n "$N" sleeper
	assert_failure 1
	assert_output --partial ETXTBSY
}

@test "a mode that what is open already does not have" {
	local fd
	exec {fd}<file
	run_serve -m w -n "$N" "fd:$fd"
	assert_failure 1
	assert_output --partial --mode
	run_serve -m r -n "$N" eventfd:
	assert_failure 1
	assert_output --partial --mode
	serve -m r -n "$N" "fd:$fd"
}

# --- what is missing, forbidden, or not to be passed ----------------------------

@test "a file that is missing: one line, and a hint" {
	run_serve -n "$N" missing
	assert_failure 1
	assert_line --index 0 --regexp '^fdtool serve: missing: .*ENOENT \('
	assert_line --index 1 --partial --create
}

@test "a file that is forbidden" {
	needs_root
	chmod 600 file
	run as 1 fdtool serve -t 1 -n "$N" file
	assert_failure 1
	assert_output --regexp '^fdtool serve: file: .*EACCES \('
}

@test "control characters in a path do not reach the terminal" {
	run_serve -n "$N" $'mis\033[31msing'
	assert_failure 1
	refute_output --partial $'\033'
}

@test "a directory is refused, unless that is meant" {
	run_serve -n "$N" .
	assert_failure 3
	assert_output --partial '--allow-type directory'
	serve --allow-type directory -n "$N" .
	assert_equal "$(got "$N" .type)" directory
}

# behind_nine FD: fdtool inherits the descriptor FD, an expression in Python, as 9.
behind_nine() {
	BEHIND=("$PYTHON" -c "$PEER"'
os.dup2('"$1"', 9)
os.execv(sys.argv[1], sys.argv[1:])')
}

# only_if_meant TYPE FD: only --allow-type TYPE offers this descriptor.
only_if_meant() {
	behind_nine "$2"
	run_serve -n "$N" fd:9
	assert_failure 3
	assert_output --partial "--allow-type $1"
	serve --allow-type "$1" -n "$N" fd:9
	BEHIND=()
}

@test "an O_PATH descriptor is refused, unless that is meant" {
	only_if_meant o_path 'os.open("file", os.O_PATH)'
	assert_equal "$(got "$N" .mode)" path
}

@test "an AF_UNIX socket is refused, unless that is meant" {
	only_if_meant unix 'socket.socketpair()[0].detach()'
	assert_equal "$(got "$N" .type)" socket
}

@test "another socket is not refused" {
	behind_nine 'socket.socket(socket.AF_INET).detach()'
	serve -n "$N" fd:9
}

@test "what the kernel does not pass is refused before anything is promised" {
	BEHIND=("$PYTHON" -c "$PEER"'
libc = ctypes.CDLL(None, use_errno=True)
ring = libc.syscall(425, 4, ctypes.create_string_buffer(120))
if ring < 0:
    sys.exit(77)
os.dup2(ring, 9)
os.execv(sys.argv[1], sys.argv[1:])')
	run_serve -n "$N" fd:9
	if [ "$status" = 77 ]; then skip 'this kernel has no io_uring'; fi
	assert_failure 1
	assert_output --partial EINVAL
	assert_output --partial 'does not pass'
}

# --- names ----------------------------------------------------------------------

@test "several SOURCEs, each under its name, in order" {
	echo two >file2
	serve -n "$N-1" -n "$N-2" -n "$N-3" file file2 eventfd:3
	assert_equal "$(fdtool grab -f 0 "$N-1" -- cat)" 'hello world'
	assert_equal "$(fdtool grab -f 0 "$N-2" -- cat)" two
	assert_equal "$(got "$N-3" .type)" eventfd
}

@test "with fewer names than SOURCEs the rest have their default names" {
	echo two >"$N-two"
	serve -n "$N-1" file "./$N-two"
	assert_equal "$(fdtool grab -f 0 "$N-1" -- cat)" 'hello world'
	assert_equal "$(fdtool grab -f 0 "$N-two" -- cat)" two
}

@test "default names: the last part of a path, the word before the colon" {
	needs_namespaces
	local fd pid
	exec {fd}<file
	start sleep 60
	pid=$!
	BEHIND=(unshare -n) # outside, others may have these names
	serve "$T/file" fd:$fd "$pid:$fd" eventfd:1 timerfd:1 memfd:label mypoll:
	BEHIND=(nsenter --net --target "$SERVER")
	run fdtool list -q
	assert_success
	assert_output "$(printf '%s\n' file fd "$pid" eventfd timerfd memfd mypoll | LC_ALL=C sort)"
}

@test "all or none: with one SOURCE that cannot be had no name is bound" {
	run_serve -n "$N-1" -n "$N-2" file missing
	assert_failure 1
	run fdtool grab "$N-1"
	assert_failure 4
}

@test "the same name twice in one server" {
	run_serve -n "$N" -n "$N" file eventfd:
	assert_failure 1
	assert_output --partial 'in use'
}

@test "a name has 1 to 99 bytes of A-Z a-z 0-9 . _ + -" {
	local name long
	long=$N-aZ09._+-$(printf '%0100d' 0)
	for name in '' 'a b' $'a\001b' $'a\033[31mb' $'a\nb' 'naïve' a:b 'a*' @ "${long:0:100}"; do
		run_serve -n "$name" file
		assert_usage 'the name'
		refute_output --partial $'\033'
	done
	serve -n "${long:0:99}" file
	assert_equal "$(got "${long:0:99}" .name)" "${long:0:99}"
}

@test "a path whose last part is no name needs -n, and is told so" {
	mkdir dir
	echo >'with space'
	local path
	for path in 'with space' dir/ /; do
		run_serve "$path"
		assert_usage -n
	done
	serve -n "$N" 'with space'
}

@test "a name in use: by which process of which user" {
	needs_open_proc
	serve -n "$N" file
	run_serve -n "$N" eventfd:
	assert_failure 1
	assert_output --partial EADDRINUSE
	assert_output --partial "pid $SERVER of user $(id -un)"
	run as 1 fdtool serve -t 1 -n "$N" eventfd:
	assert_failure 1
	assert_output --partial "pid $SERVER of user $(id -un)"
	run fdtool grab "$N"
	assert_success
}

@test "a name in use by another user's server" {
	needs_open_proc
	as 1 serve -n "$N" eventfd:
	run_serve -n "$N" file
	assert_failure 1
	assert_output --partial "pid $SERVER of user daemon"
	run as 2 fdtool serve -t 1 -n "$N" eventfd:
	assert_failure 1
	assert_output --partial "pid $SERVER of user daemon"
}

@test "a name in use by a server that is not fdtool" {
	needs_root
	listener "fdtool/$N"
	local pid=$!
	run_serve -n "$N" file
	assert_failure 1
	assert_output --partial "pid $pid of user $(id -un)"
	run as 1 fdtool serve -t 1 -n "$N" eventfd:
	assert_failure 1
	assert_output --partial "user root"
}

@test "@RAW is an abstract socket of that name" {
	serve -n "@$N/raw" file
	run -0 grep -c " @$N/raw\$" /proc/net/unix
	assert_output 1
	assert_equal "$(fdtool grab -f 0 "@$N/raw" -- cat)" 'hello world'
	run_serve -n "@$N/raw" file
	assert_failure 1
	assert_output --partial 'in use'
}

@test "@RAW has 1 to 107 bytes" {
	local long
	long=$N$(printf '%0107d' 0)
	run_serve -n "@${long:0:108}" file
	assert_usage 107
	serve -n "@${long:0:107}" file
	assert_equal "$(fdtool grab -f 0 "@${long:0:107}" -- cat)" 'hello world'
}

# --- sockets in the file system ---------------------------------------------------

@test "a word with a slash is a socket in the file system, gone at the end" {
	serve -n ./sock file
	test -S sock
	assert_equal "$(fdtool grab -f 0 ./sock -- cat)" 'hello world'
	stops_with 143 "$SERVER"
	test ! -e sock
}

@test "a socket that a dead server left behind is taken over" {
	py 's = new_socket(); s.bind("sock"); s.listen()'
	test -S sock
	serve -n ./sock file
	assert_equal "$(fdtool grab -f 0 ./sock -- cat)" 'hello world'
}

@test "a live server's socket is not, and the server is not disturbed" {
	serve --json --once -n ./sock file
	run_serve -n ./sock eventfd:
	assert_failure 1
	assert_output --partial EADDRINUSE
	assert_equal "$(fdtool grab -f 0 ./sock -- cat)" 'hello world'
	ends_with 0 "$SERVER"
	assert_equal "$(event_count '.event == "granted"')" 1
}

@test "a live server of another kind is not disturbed either" {
	in_background '
s = new_socket(socket.SOCK_STREAM)
s.bind("sock")
s.listen()
there()
s.settimeout(30)
s.accept()
open("came", "w").close()
signal.pause()'
	run_serve -n ./sock file
	assert_failure 1
	test -S sock
	test ! -e came
}

@test "a file that is no socket is left as it is" {
	run_serve -n ./file eventfd:
	assert_failure 1
	assert_equal "$(cat file)" 'hello world'
}

@test "what took the socket's place is not removed" {
	serve -n ./sock file
	rm sock
	echo mine >sock
	stops_with 143 "$SERVER"
	assert_equal "$(cat sock)" mine
}

@test "a socket's path that cannot be: too long, no directory" {
	run_serve -n "./$(printf '%0107d' 0)" file
	assert_usage 107
	run_serve -n ./no/sock file
	assert_failure 1
	assert_output --partial ENOENT
}

@test "the socket's permissions say who may connect" {
	needs_root
	umask 077
	serve --allow-any -n ./sock file
	run as 1 fdtool grab ./sock
	assert_failure 1
	assert_output --partial EACCES
	chmod 666 sock
	run as 1 fdtool grab ./sock
	assert_success
}

# --- until when ----------------------------------------------------------------

@test "--once: one grant; the name is free at once; the end is when that client left" {
	serve --once -n "$N" file
	hold "$N"
	local first=$SERVER
	run fdtool grab "$N"
	assert_failure 4
	mv serve.out first.out
	mv serve.err first.err
	serve -n "$N" eventfd:
	test -e "/proc/$first"
	leave "$HOLDER"
	ends_with 0 "$first"
	assert_equal "$(got "$N" .type)" eventfd
}

@test "--count N: as many grants, whoever is refused does not count" {
	needs_root
	serve --json --count 3 -n "$N" file
	run as 1 fdtool grab "$N"
	assert_failure 3
	hold "$N" 3
	run fdtool grab "$N"
	assert_failure 4
	leave "$HOLDER"
	ends_with 0 "$SERVER"
	assert_equal "$(event_count '.event == "granted"')" 3
	assert_equal "$(event_count '.event == "denied"')" 1
}

@test "--count is for all names together, and no more are granted however many wait" {
	serve --count 3 -n "$N-1" -n "$N-2" file eventfd:
	kill -STOP "$SERVER"
	in_background '
waiting = [connect(sys.argv[1 + i % 2]) for i in range(20)]
there()
granted = 0
for s in waiting:
    try:
        granted += len(receive(s)[1])
    except ConnectionResetError:
        pass
print(granted)' "$N-1" "$N-2" >granted
	local client=$!
	kill -CONT "$SERVER"
	ends_with 0 "$client"
	ends_with 0 "$SERVER"
	assert_equal "$(cat granted)" 3
}

@test "--timeout ends it, with 124, and frees the name" {
	run fdtool serve -t 50ms -n "$N" file
	assert_failure 124
	run fdtool grab "$N"
	assert_failure 4
}

@test "--ready-fd: one newline when all names are bound, and no more" {
	run -0 py '
out, ready = os.pipe()
server = subprocess.Popen([os.environ["FDTOOL"], "serve", "-q", "--ready-fd", str(ready),
    "-n", sys.argv[1] + "-1", "-n", sys.argv[1] + "-2", "file", "eventfd:"], pass_fds=[ready])
os.close(ready)
said = os.read(out, 64)
grab(sys.argv[1] + "-1"), grab(sys.argv[1] + "-2")
print(said, os.read(out, 64)) # the server has closed it
server.terminate()
server.wait()' "$N"
	assert_output "b'\\n' b''"
}

@test "--ready-fd that is not open" {
	run_serve --ready-fd 999 -n "$N" file
	assert_usage 999
}

@test "NOTIFY_SOCKET gets READY=1 when all names are bound" {
	local address
	for address in "$T/notify" "@$N-notify"; do
		run -0 py '
where = sys.argv[2]
s = new_socket(socket.SOCK_DGRAM)
s.bind("\0" + where[1:] if where[0] == "@" else where)
os.environ["NOTIFY_SOCKET"] = where
server = subprocess.Popen([os.environ["FDTOOL"], "serve", "-q", "-n", sys.argv[1], "file"])
said = s.recv(4096).decode().split()
grab(sys.argv[1])
print(said)
server.terminate()
server.wait()' "$N" "$address"
		assert_output "['READY=1']"
	done
}

@test "a NOTIFY_SOCKET where nobody listens is said, and does not end it" {
	BEHIND=(env NOTIFY_SOCKET="$T/nobody")
	serve -n "$N" file
	BEHIND=()
	assert_equal "$(fdtool grab -f 0 "$N" -- cat)" 'hello world'
	grep NOTIFY_SOCKET serve.err
}

@test "a signal ends it by that signal, at once, and frees the names" {
	local signal
	for signal in TERM:143 INT:130 HUP:129; do
		serve -n "$N" -n ./sock file eventfd:
		hold "$N"
		stops_with "${signal#*:}" "$SERVER" "${signal%:*}"
		run fdtool grab "$N"
		assert_failure 4
		test ! -e sock
		leave "$HOLDER"
	done
}

@test "a signal ends it by that signal also where it was blocked, or has no default" {
	BEHIND=(python3 -c 'import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
os.execv(sys.argv[1], sys.argv[1:])')
	serve -n "$N" memfd:
	BEHIND=()
	stops_with 143 "$SERVER"
	needs_namespaces
	# the first process of a pid namespace; unshare ends as it does
	start unshare --pid --fork --mount-proc "$FDTOOL" serve -n "$N-first" memfd: >first.out
	local outer=$!
	until_true grep -qs serving first.out
	kill "$(pgrep -P "$outer")"
	ends_with 143 "$outer"
}

@test "under nohup(1) a SIGHUP does not end it" {
	BEHIND=(nohup)
	serve -n "$N" file
	BEHIND=()
	kill -HUP "$SERVER"
	assert_equal "$(fdtool grab -f 0 "$N" -- cat)" 'hello world'
	stops_with 143 "$SERVER"
}

@test "a description outlives its server" {
	serve -n "$N" file
	mkfifo go
	start "$FDTOOL" grab -f 0 "$N" -- sh -c 'read -r line <go; exec cat' >late
	local client=$! go
	exec {go}<>go # so that neither end waits for the other to open it
	until_true grep -q granted serve.out
	stops_with 143 "$SERVER"
	echo >&"$go"
	ends_with 0 "$client"
	assert_equal "$(cat late)" 'hello world'
}

# --- what it says ----------------------------------------------------------------

@test "it says who came, who left, and what moved" {
	serve -n "$N" file
	fdtool grab -f 0 "$N" -- head -c 5
	until_true grep -q 'left' serve.out
	until_true grep -q 'pos 0 -> 5' serve.out
	run cat serve.out
	assert_line --index 0 --regexp "^$N: serving $T/file, regular, O_RDONLY.*, as descriptor [0-9]+\$"
	assert_line --regexp "^$N: granted to pid [0-9]+ \\(.*\\), user $(id -un)\$"
	assert_line --regexp "^$N: pid [0-9]+ left\$"
	assert_equal "$(cat serve.err)" ''
}

@test "it says who was denied" {
	needs_root
	serve -n "$N" file
	run -3 as 1 fdtool grab "$N"
	until_true grep -q "^$N: denied to pid [0-9]* (.*), user daemon: not allowed" serve.out
}

@test "a client's name for itself does not reach the terminal raw" {
	serve -n "$N" file
	py '
ctypes.CDLL(None).prctl(15, b"\033[31mred", 0, 0, 0)
grab(sys.argv[1])' "$N"
	until_true grep -q granted serve.out
	run cat serve.out
	assert_line --partial '(\033[31mred)'
	refute_output --partial $'\033'
}

@test "-q says nothing" {
	serve -q -n "$N" file
	fdtool grab -f 0 "$N" -- head -c 5 >/dev/null
	[ "$EUID" != 0 ] || run -3 as 1 fdtool grab "$N"
	stops_with 143 "$SERVER"
	assert_equal "$(cat serve.out serve.err)" ''
}

@test "--json: every line is an object with event and name" {
	needs_root
	serve --json -n "$N" file
	py '
s, text, fd = grab(sys.argv[1])
os.lseek(fd, 7, os.SEEK_SET)
there = time.monotonic() + 10
while "changed" not in open("serve.out").read():
    assert time.monotonic() < there
    time.sleep(0.01)' "$N"
	run -3 as 1 fdtool grab "$N"
	until_true has_event '.event == "denied"'
	until_true has_event '.event == "left"'
	stops_with 143 "$SERVER"
	py '
for line in open("serve.out"):
    event = json.loads(line)
    assert event["name"] == sys.argv[1] and event["event"], line' "$N"
	assert_equal "$(jq -r .event serve.out | sort -u | tr '\n' ' ')" 'changed denied granted left serving '
}

@test "--json: serving says what, granted, denied and left say who" {
	needs_root
	serve --json -n "$N" file
	has_event ".event == \"serving\" and .pid == $SERVER and .mode == \"r\" and .pos == 0 and
		.type == \"regular\" and .path == \"$T/file\" and (.flags | type) == \"array\""
	hold "$N"
	has_event ".event == \"granted\" and .pid == $HOLDER and .uid == 0"
	leave "$HOLDER"
	until_true has_event ".event == \"left\" and .pid == $HOLDER and .uid == 0"
	run -3 as 1 fdtool grab "$N"
	until_true has_event '.event == "denied" and .pid > 0 and .uid == 1'
}

@test "--json: changed has where the offset is now, and the flags" {
	serve --json -n "$N" file
	py '
s, text, fd = grab(sys.argv[1])
os.lseek(fd, 7, os.SEEK_SET)' "$N"
	until_true has_event '.event == "changed" and .pos == 7'
	py '
s, text, fd = grab(sys.argv[1])
fcntl.fcntl(fd, fcntl.F_SETFL, os.O_APPEND)' "$N"
	until_true has_event '.event == "changed" and (.flags | index("O_APPEND"))'
}

@test "--json: changed has who, where the client says what it does" {
	serve --json -n "$N" file
	py '
s, text, fd = grab(sys.argv[1])
os.lseek(fd, 3, os.SEEK_SET)
s.send(b"FDTOOL/1 NOTE\npos=3\nop=lseek\n")' "$N"
	py '
s, text, fd = grab(sys.argv[1])
os.lseek(fd, 4, os.SEEK_SET)
s.send(b"FDTOOL/1 NOTE\nop=\\033[31m\n")' "$N"
	until_true has_event '.event == "changed" and .op == "lseek" and .pid > 0 and .uid == '$(id -u)
	until_true has_event '.event == "changed" and .op == "\u001b[31m"'
	run cat serve.out
	refute_output --partial $'\033'
}

@test "what a client says is not believed: without a move there is no event" {
	serve --json -n "$N" file
	py '
s, text, fd = grab(sys.argv[1])
for _ in range(40): # of 50 that are passed on in a second
    s.send(b"FDTOOL/1 NOTE\npos=3\nop=lseek\n")
os.lseek(fd, 5, os.SEEK_SET)
s.send(b"FDTOOL/1 NOTE\npos=7\nop=lseek\n")' "$N"
	until_true has_event '.event == "left"'
	assert_equal "$(event_count '.event == "changed"')" 1
	has_event '.event == "changed" and .pos == 5'
}

@test "--json: a path that is no UTF-8 is still JSON" {
	printf x >$'latin\351'
	serve --json -n "$N" $'latin\351'
	has_event '.event == "serving" and (.path | endswith("latin\\351"))'
}

@test "-v: every message taken apart, on stderr" {
	serve -v -n "$N" file
	run -0 fdtool grab -q "$N"
	until_true grep -q msg_iovlen serve.err
	run cat serve.err
	assert_line --regexp '^sendmsg\([0-9]+\) = [0-9]+ +peer by SO_PEERCRED: pid=[0-9]+ uid='$(id -u)' gid='$(id -g)'$'
	assert_line --regexp '^ +msg_iovlen=1$'
	assert_line --regexp '^ +iov\[0\] iov_len=[0-9]+, [0-9]+ used "FDTOOL/1 OFFER'
	assert_line --regexp '^ +cmsg cmsg_len=20 cmsg_level=SOL_SOCKET cmsg_type=SCM_RIGHTS$'
	assert_line --regexp 'CMSG_LEN\(1 \* sizeof\(int\)\)=20 CMSG_SPACE=24 descriptors=\[[0-9]+\]$'
}

@test "words that reach nobody end it: standard output closed or full" {
	run bash -c 'exec timeout 10 "$FDTOOL" serve -t 1 -n "$1" file >&-' - "$N"
	assert_failure 1
	assert_output --regexp 'standard output: write: EBADF \('
	assert_equal "${#lines[@]}" 1
	run bash -c 'exec timeout 10 "$FDTOOL" serve -t 1 -n "$1" file >/dev/full' - "$N"
	assert_failure 1
	assert_output --regexp 'standard output: write: ENOSPC \('
	assert_equal "${#lines[@]}" 1
}

@test "a reader that left its output ends it, by SIGPIPE" {
	local both out
	mkfifo pipe
	exec {both}<>pipe # so that the next does not wait for a reader
	exec {out}>pipe
	exec {both}>&-
	run bash -c 'exec timeout 10 "$FDTOOL" serve -t 5 -n "$1" file >&"$2"' - "$N" "$out"
	assert_failure 141
}

@test "with -q standard output may be closed" {
	run bash -c 'exec timeout 10 "$FDTOOL" serve -q -t 50ms -n "$1" file >&-' - "$N"
	assert_failure 124
	assert_output ''
}

# --- who gets it -------------------------------------------------------------------

@test "nobody else gets it, unless told otherwise" {
	needs_root
	serve -n "$N" file
	run as 1 fdtool grab "$N"
	assert_failure 3
	assert_output --partial 'user root does not grant it to user daemon'
	assert_output --partial '--allow-user daemon'
	as 0 fdtool grab -q "$N"
}

@test "a client that is refused has no descriptor" {
	needs_root
	serve -n "$N" file
	BEHIND=(setpriv --reuid=1 --regid=1 --clear-groups)
	run -0 py '
text, fds = receive(connect(sys.argv[1]))
print(text.splitlines()[0], value(text, "reason"), fds)' "$N"
	assert_output 'FDTOOL/1 DENY policy []'
}

@test "the server's own user and root get it from an unprivileged server" {
	needs_root
	as 1 serve -n "$N" file
	run as 1 fdtool grab -q "$N"
	assert_success
	run fdtool grab -q --from 1 "$N"
	assert_success
	run as 2 fdtool grab -q --from 1 "$N"
	assert_failure 3
}

@test "--allow-user, by name and by number, and no one else" {
	needs_root
	serve --allow-user daemon --allow-user 2 -n "$N" file
	run as 1 fdtool grab -q "$N"
	assert_success
	run as 2 fdtool grab -q "$N"
	assert_success
	run as 3 fdtool grab -q "$N"
	assert_failure 3
}

@test "--allow-group: the group of the process, or one of its others" {
	needs_root
	serve --allow-group 31337 --allow-group games -n "$N" file
	run as 2 fdtool grab "$N"
	assert_failure 3
	BEHIND=(setpriv --reuid=2 --regid=31337 --clear-groups)
	run fdtool grab -q "$N"
	assert_success
	BEHIND=(setpriv --reuid=2 --regid=2 --groups='7,31337')
	run fdtool grab -q "$N"
	assert_success
	BEHIND=(setpriv --reuid=2 --regid=2 --groups=60)
	run fdtool grab -q "$N"
	assert_success
}

@test "--allow-group: also one of more groups than most have" {
	needs_root
	serve --allow-group 31337 -n "$N" file
	BEHIND=(setpriv --reuid=2 --regid=2 --groups="$(seq -s, 40000 40299),31337")
	run fdtool grab -q "$N"
	assert_success
	BEHIND=(setpriv --reuid=2 --regid=2 --groups="$(seq -s, 40000 40299)")
	run fdtool grab -q "$N"
	assert_failure 3
}

@test "--allow-any: everyone" {
	needs_root
	serve --allow-any -n "$N" file
	run as 1 fdtool grab -q "$N"
	assert_success
	run as 65534 fdtool grab -q "$N"
	assert_success
}

@test "uid 65534 is nobody's identity: not by number, not by name" {
	run_serve --allow-user 65534 -n "$N" file
	assert_usage nobody
	run_serve --allow-user nobody -n "$N" file
	assert_usage nobody
	run_serve --allow-group 65534 -n "$N" file
	assert_usage nobody
	run_serve --allow-group nogroup -n "$N" file
	assert_usage nobody
}

@test "uid 65534 that is refused is told what would let it in" {
	needs_root
	serve --allow-user 1 -n "$N" file
	run -3 as 65534 fdtool grab -q "$N"
	assert_line --index 1 --partial 'only --allow-any or --allow-group would let it in'
	run -3 as 2 fdtool grab -q "$N"
	assert_line --index 1 --regexp '  the server would need: --allow-user '
}

@test "uid 65534 does not even get it from itself: it may be anyone" {
	needs_root
	BEHIND=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	serve --allow-user 1 -n "$N" file
	run -0 py '
text, fds = receive(connect(sys.argv[1]))
print(text.splitlines()[0], fds)' "$N"
	assert_output 'FDTOOL/1 DENY []'
}

@test "--max-clients: of one user at a time" {
	needs_root
	serve --max-clients 2 --allow-any -n "$N" file
	hold "$N" 2
	run fdtool grab "$N"
	assert_failure 3
	assert_output --partial --max-clients
	run as 1 fdtool grab -q "$N"
	assert_success
	leave "$HOLDER"
	until_true fdtool grab -q "$N"
}

@test "--max-clients: all names of a server together" {
	serve --max-clients 1 -n "$N-1" -n "$N-2" file eventfd:
	hold "$N-1"
	run fdtool grab "$N-2"
	assert_failure 3
}

@test "--client-timeout: who is silent so long goes, who speaks may stay" {
	serve --json --client-timeout 1s -n "$N" file
	run -0 py '
silent, talker = grab(sys.argv[1])[0], grab(sys.argv[1])[0]
talker.send(b"FDTOOL/1 TAKEN\nfd=3\n")
print(silent.recv(64))
talker.settimeout(0.5) # its own second would be over by then
try:
    print(talker.recv(64))
except TimeoutError:
    print("stays")' "$N"
	assert_output $'b\'\'\nstays'
	assert_equal "$(event_count '.event == "granted"')" 2
}

@test "--narrow: each grant is a description of its own, for reading" {
	serve --narrow -m rw -n "$N" file
	assert_equal "$(got "$N" .mode)" r
	assert_equal "$(fdtool grab -f 0 "$N" -- head -c 6)" 'hello '
	assert_equal "$(fdtool grab -f 0 "$N" -- cat)" 'hello world'
	run -0 py '
a, b = grab(sys.argv[1]), grab(sys.argv[1])
me, server = os.getpid(), int(sys.argv[2])
print(same(me, a[2], me, b[2]), same(me, a[2], server, int(value(a[1], "fd"))))' "$N" "$SERVER"
	assert_output 'False False'
}

@test "--narrow: a file that hangs while it is opened again stops no other offer" {
	needs_root
	needs_device /dev/fuse
	echo text >file
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" later >fuse.out
	local fuse=$!
	until_true grep -qs ready fuse.out
	serve --narrow -n "$N-fuse" -n "$N" "$T/mount/file" file
	kill -USR1 "$fuse"
	start "$FDTOOL" grab -q -t 1s "$N-fuse" 2>late
	local late=$!
	fdtool grab -q -t 1s "$N"
	ends_with 124 "$late"
	fdtool grab -q -t 1s "$N"
	until_true grep -q "$N-fuse: could not be granted to .*: ETIMEDOUT" serve.out
	run fdtool grab -q -t 1s "$N-fuse" # no second child for what hangs
	assert_failure 3
	stops_with 143 "$SERVER"
	kill "$fuse" # until then the kernel cannot close the file
	wait "$fuse" || true
}

@test "--narrow: a file that hangs while it is closed stops nobody, and is granted once" {
	needs_root
	needs_device /dev/fuse
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" later flush opens >fuse.out
	local fuse=$!
	until_true grep -qs ready fuse.out
	serve --narrow -n "$N" "$T/mount/file"
	kill -USR1 "$fuse"
	run -0 timeout 5 "$FDTOOL" grab -t 3s --json "$N"
	json '.[0].mode == "r"'
	run -3 timeout 5 "$FDTOOL" grab -q -t 3s "$N" # no second child for what hangs
	until_true grep -q "$N: could not be granted to .*: EBUSY" serve.out
	stops_with 143 "$SERVER"
	kill "$fuse" # until then the kernel cannot close the file
	wait "$fuse" || true
}

@test "--narrow --count: a grant that is being made is not given away a second time" {
	needs_root
	needs_device /dev/fuse
	echo text >file
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" later >fuse.out
	local fuse=$!
	until_true grep -qs ready fuse.out
	serve --narrow --count 1 -n "$N-fuse" -n "$N" "$T/mount/file" file
	kill -USR1 "$fuse"
	start "$FDTOOL" grab -q "$N-fuse" 2>late
	local late=$!
	until_true pgrep -r D -P "$SERVER"
	start "$FDTOOL" grab -q "$N" # waits for its turn, until the first one is denied
	ends_with 3 "$late"
	ends_with 0 $!
	ends_with 0 "$SERVER"
	assert_equal "$(grep -c ': granted to' serve.out)" 1
	kill "$fuse"
	wait "$fuse" || true
}

@test "--narrow -v shows the grant that a child sends" {
	serve -v --narrow -n "$N" file
	fdtool grab -q "$N"
	grep -q SCM_RIGHTS serve.err
	grep -q 'FDTOOL/1 OFFER' serve.err
	assert_equal "$(grep -c 'CMSG_LEN' serve.err)" 2 # the other one is the trial at the start
}

@test "--narrow of what cannot be opened again, or not for reading" {
	run_serve --narrow -m w -n "$N" file
	assert_failure 1
	assert_output --partial --narrow
	run_serve --narrow -n "$N" eventfd:
	assert_failure 1
	# the inode of an eventfd is root's
	if [ "$(id -u)" = 0 ]; then
		assert_output --partial ENXIO
	else
		assert_output --partial EACCES
	fi
}

# --- --user ------------------------------------------------------------------------

status_of() { # PID FIELD
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

@test "--user: nothing of the old identity is left" {
	needs_root
	chmod 600 file
	serve --user daemon -n "$N" file
	assert_equal "$(status_of "$SERVER" Uid)" $'1\t1\t1\t1'
	assert_equal "$(status_of "$SERVER" Gid)" $'1\t1\t1\t1'
	assert_equal "$(status_of "$SERVER" Groups | xargs)" "$(id -G daemon)"
	local set
	for set in CapInh CapPrm CapEff CapAmb CapBnd; do
		assert_equal "$(status_of "$SERVER" $set)" 0000000000000000
	done
	assert_equal "$(status_of "$SERVER" NoNewPrivs)" 1
	run as 1 fdtool grab -f 0 "$N" -- cat
	assert_success
	assert_output 'hello world'
}

@test "--user: clients see the new identity" {
	needs_root
	serve --user daemon -n "$N" file
	run -0 py '
import struct
s = grab(sys.argv[1])[0]
print(struct.unpack("3i", s.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)))' "$N"
	assert_output "($SERVER, 1, 1)"
	assert_equal "$(fdtool grab --from daemon --json "$N" | jq .server.uid)" 1
}

@test "--user: the default policy is the new user's" {
	needs_root
	serve --user daemon -n "$N" file
	run as 2 fdtool grab --from daemon "$N"
	assert_failure 3
	assert_output --partial 'user daemon does not grant'
}

@test "--user keeps no privilege even with the securebits that would" {
	needs_root
	BEHIND=(setpriv --securebits=+no_setuid_fixup --inh-caps=+chown)
	serve --user daemon -n "$N" file
	local set
	for set in CapInh CapPrm CapEff CapAmb CapBnd; do
		assert_equal "$(status_of "$SERVER" $set)" 0000000000000000
	done
}

@test "--user: the socket in the file system is removed where that is still allowed" {
	needs_root
	serve --user daemon -n ./sock file
	stops_with 143 "$SERVER"
	test ! -e sock # the directory is everybody's
}

@test "--user who is not there, or whom we may not become" {
	needs_root
	run_serve --user no-such-user -n "$N" file
	assert_failure 2
	assert_output --partial 'is not in the user database'
	run as 1 fdtool serve -t 1 --user root -n "$N" file
	assert_failure 1
	assert_output --partial EPERM
}

# --- clients that misbehave ----------------------------------------------------------

@test "clients that misbehave keep nobody else waiting, and leave nothing behind" {
	serve -q --max-clients 2000 -n "$N" file
	py '
name, server = sys.argv[1], int(sys.argv[2])
before = fds_of(server)
mute = [connect(name) for _ in range(50)] # they never read
grab_and_go(name)

for rubbish in b"", b"\0", b"\xff" * 64, b"FDTOOL/1", b"FDTOOL/2 NOTE\n", b"FDTOOL/1 NOTE\nx" * 9, b"x" * 60000:
    s = grab(name)[0]
    s.send(rubbish)
    grab_and_go(name)

talker = grab(name)[0]
for _ in range(1000):
    talker.send(b"FDTOOL/1 NOTE\npos=1\nop=lseek\n")
grab_and_go(name)

def in_child(then):
    pid = os.fork()
    if pid == 0:
        s = connect(name)
        os.kill(os.getpid(), then)
    os.waitpid(pid, os.WUNTRACED)
    return pid

stopped = [in_child(signal.SIGSTOP) for _ in range(20)]
grab_and_go(name)
for _ in range(100):
    in_child(signal.SIGKILL)
grab_and_go(name)
for pid in stopped:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

s.close()
talker.close()
for m in mute:
    m.close()
until(lambda: fds_of(server) == before)' "$N" "$SERVER"
	stops_with 143 "$SERVER"
	assert_equal "$(cat serve.err)" ''
}

@test "descriptors that clients send do not stay in the server" {
	serve -q --max-clients 2000 -n "$N" file
	py '
name, server = sys.argv[1], int(sys.argv[2])
null = os.open("/dev/null", os.O_RDONLY)
before = fds_of(server)
clients = []
for n in 1, 2, 253:
    for text in b"FDTOOL/1 NOTE\npos=1\nop=lseek\n", b"rubbish":
        s = grab(name)[0]
        try:
            socket.send_fds(s, [text], [null] * n)
        except PermissionError: # SO_PASSRIGHTS: the kernel lets none in, from Linux 6.16 on
            s.send(text)
        clients.append(s)
grab_and_go(name)
until(lambda: fds_of(server) <= before + len(clients))
for s in clients:
    s.close()
until(lambda: fds_of(server) <= before) # less the one of --ready-fd, which may still have been there' "$N" "$SERVER"
}

@test "no room in the server's table: a clear refusal, and it serves again when there is" {
	serve --json --no-trace -n "$N" file
	prlimit --pid "$SERVER" --nofile="$(limit_with_room "$SERVER" 2)"
	hold "$N" 2
	local before
	before=$(cpu_ticks "$SERVER")
	for _ in {1..10}; do
		run fdtool grab "$N"
		assert_failure 3
		assert_output --partial 'could not grant'
	done
	until_true has_event '.event == "denied" and .errno == "EMFILE" and .uid == '$(id -u)
	sleep 0.5 # long enough to see a busy loop
	assert [ $(($(cpu_ticks "$SERVER") - before)) -lt 10 ]
	leave "$HOLDER"
	until_true fdtool grab -q "$N"
}

@test "started with hardly any room: it serves, or says that it cannot" {
	local n
	for n in {4..16}; do
		BEHIND=("$PYTHON" -c "$PEER"'
import resource
os.closerange(3, 256)
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[1]), int(sys.argv[1])))
os.execv(sys.argv[2], sys.argv[2:])' "$n")
		run fdtool serve -q -t 50ms -n "$N" file
		if [ "$status" = 124 ]; then break; fi
		assert_failure 1
		assert_output --partial EMFILE
	done
	assert_equal "$status" 124
	assert_output ''
	assert [ "$n" -gt 4 ]
}

# Where even the spare descriptor is missing (ENFILE, or a lowered limit) accept fails,
# and epoll reports the listener again at once.
@test "no room at all: the client waits, the server does not spin" {
	serve -q -n "$N" file
	prlimit --pid "$SERVER" --nofile=3:
	in_background '
s = connect(sys.argv[1])
there()
print(receive(s)[0].split()[1])' "$N" >client.out
	local client=$! before
	before=$(cpu_ticks "$SERVER")
	sleep 0.5 # long enough to see a busy loop
	assert [ $(($(cpu_ticks "$SERVER") - before)) -lt 10 ]
	prlimit --pid "$SERVER" --nofile=1024:
	ends_with 0 "$client"
	assert_equal "$(cat client.out)" OFFER
}

# --- many --------------------------------------------------------------------------

@test "10,000 grabs leave the server's descriptors and memory as they were" {
	export ASAN_OPTIONS=$ASAN_OPTIONS:quarantine_size_mb=0:thread_local_quarantine_size_kb=0
	serve --json --no-trace -n "$N" file
	py '
name, server = sys.argv[1], int(sys.argv[2])
def rss():
    for line in open("/proc/%d/status" % server):
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
idle = fds_of(server)
for _ in range(1000):
    grab_and_go(name)
until(lambda: fds_of(server) == idle)
before = rss()
for _ in range(10000):
    grab_and_go(name)
until(lambda: fds_of(server) == idle)
assert rss() - before <= 128, (before, rss())' "$N" "$SERVER"
	until_true events_are 11000 '.event == "granted"'
}

@test "200 grabs at once all have the same description" {
	serve -q -n "$N" file
	py '
clients = [connect(sys.argv[1]) for _ in range(200)]
taken = [receive(s) for s in clients]
me, server = os.getpid(), int(sys.argv[2])
os.lseek(taken[0][1][0], 3, os.SEEK_SET)
for text, fds in taken:
    assert same(me, fds[0], server, int(value(text, "fd")))
    assert os.lseek(fds[0], 0, os.SEEK_CUR) == 3' "$N" "$SERVER"
}

@test "200 processes read on from where the other left off" {
	seq -w 1000 1199 >numbers # five bytes a line
	serve -q -n "$N" numbers
	py '
go, start = os.pipe()
children = []
for i in range(200):
    pid = os.fork()
    if pid == 0:
        os.close(start)
        os.read(go, 1) # returns when the parent closes its end
        line = os.read(grab(sys.argv[1])[2], 5)
        open("read.%d" % i, "wb").write(line)
        os._exit(0)
    children.append(pid)
os.close(start)
assert all(os.waitpid(pid, 0)[1] == 0 for pid in children)' "$N"
	assert_equal "$(cat read.* | sort)" "$(cat numbers)"
}

# --- nobody reads its output ---------------------------------------------------------------

# unread_server ARG...: its standard output is a small pipe, open as 8, that nobody reads.
unread_server() {
	mkfifo unread ready
	exec 8<>unread {ready}<>ready
	/usr/bin/python3 -c 'import fcntl; fcntl.fcntl(8, fcntl.F_SETPIPE_SZ, 4096)'
	"$FDTOOL" serve --ready-fd "$ready" "$@" >&8 2>serve.err 3>&- &
	SERVER=$!
	STARTED+=("$SERVER")
	read -r -t 10 -u "$ready"
	exec {ready}>&-
}

# More events than the pipe and the server keep.
many_grants() {
	py '
for _ in range(1500):
    s, _, fd = grab(sys.argv[1])
    os.close(fd)
    s.close()' "$N"
}

@test "serve: output that nobody reads stops no grant; what was lost is counted when somebody reads" {
	echo text >file
	unread_server -n "$N" file
	many_grants
	start bash -c 'exec cat <&8' >seen
	until_true grep -qxE '[0-9]+ events were not shown' seen
	grep -q "^$N: serving" seen
	fdtool grab -q "$N"
	until_true grep -q "left$" <(tail -n 1 seen)
	stops_with 143 "$SERVER"
	exec 8>&-
}

@test "serve: -q keeps the events of --json, also that the offset moved" {
	serve -q --json -n "$N" file
	fdtool lseek "$N" 3
	until_true grep -q '"changed".*"pos":3' serve.out
}

@test "serve: a signal ends it while it opens a FIFO that nobody writes" {
	mkfifo pipe
	start env --default-signal=INT "$FDTOOL" serve -q -n "$N" ./pipe
	until_true grep -q wait_for_partner "/proc/${STARTED[-1]}/wchan"
	stops_with 130 "${STARTED[-1]}" INT
	start "$FDTOOL" serve -q -n "$N" ./pipe
	until_true grep -q wait_for_partner "/proc/${STARTED[-1]}/wchan"
	stops_with 143 "${STARTED[-1]}" TERM
}

@test "serve: -t also ends it while it opens a FIFO that nobody writes, and counts that time" {
	mkfifo pipe
	run -124 --separate-stderr timeout 20 "$FDTOOL" serve -t 300ms -n "$N" ./pipe
	assert_equal "$stderr" 'fdtool serve: ./pipe: the time is up, and open still waits'
	start timeout 20 "$FDTOOL" serve -t 3s -n "$N" ./pipe >serve.out
	local server=$!
	exec {writer}>pipe
	until_true grep -q serving serve.out
	assert_equal "$(got "$N" .type)" pipe
	ends_with 124 "$server"
	exec {writer}>&-
}

@test "serve: output that may not grow is a failure, not a signal" {
	local i
	BEHIND=(bash -c 'ulimit -f 1; exec "$@"' bash)
	serve --json -n "$N" file
	for ((i = 0; i < 40; i++)); do
		fdtool grab -q "$N" || break
	done
	ends_with 1 "$SERVER"
	grep -q 'standard output: write: EFBIG' serve.err
}

@test "serve: SIGTERM ends a server whose output nobody reads" {
	echo text >file
	unread_server --json -n "$N" file
	many_grants
	stops_with 143 "$SERVER"
	exec 8>&-
}
