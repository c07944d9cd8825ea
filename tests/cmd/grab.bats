# SPDX-License-Identifier: GPL-3.0-or-later
#
# grab: its output, the program it becomes, and its refusals.
#
# shellcheck disable=SC2016 # what the programs and jq are to expand
# shellcheck disable=SC2154 # stderr_lines is of run --separate-stderr

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

# Lists the descriptors of the program without opening any.
open_below_30='n=0; while [ $n -lt 30 ]; do if [ -e /proc/$$/fd/$n ]; then echo $n; fi; n=$((n + 1)); done'

# fdinfo FIELD PID FD
fdinfo() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$2/fdinfo/$3"
}

fdinfo_is() {
	[ "$(fdinfo "$1" "$2" "$3")" = "$4" ]
}

# The number of the descriptor in the server, from its output.
server_fd() {
	sed -n 's/.*, as descriptor //p' "$T/serve.out" | head -n 1
}

# hold NAME: starts a process that has it as 3 until it is killed. $HOLDER is its pid.
hold() {
	start "$FDTOOL" grab "$1" -- sleep 60
	HOLDER=$!
	until_true has_become "$HOLDER" sleep
}

has_become() {
	grep -qsx "$2" "/proc/$1/comm"
}

# placed ARG...: the base names of the program's descriptors 3 to 7, a dash for each closed one
placed() {
	fdtool grab "$@" -- sh -c 'for n in 3 4 5 6 7; do readlink /proc/$$/fd/$n || echo -; done' |
		sed 's/.*\///' | tr '\n' ' '
}

# --- saying what came ---------------------------------------------------------

@test "grab: says what it got, for people" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab "$N"
	assert_success
	assert_line --index 0 "$N"
	assert_line --regexp "^  descriptor   [0-9]+ here, $(server_fd) at the server$"
	assert_line "  mode         r"
	assert_line --regexp '^  flags        O_RDONLY(\|O_LARGEFILE)?$'
	assert_line "  offset       0"
	assert_line "  type         regular"
	assert_line "  path         $(realpath file)"
	assert_line --regexp "^  server       pid $SERVER \(.*\), user $(id -un)$"
	assert_line "  description  the same open file description as the server's (kcmp)"
}

@test "grab: --json says it all, and that it is the same description" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab --json "$N"
	assert_success
	assert_equal "${#lines[@]}" 1
	json '.[0] | keys == ["fd", "flags", "mode", "name", "path", "pos", "same", "server", "type"]'
	json '.[0] | .fd >= 3 and (.flags - ["O_LARGEFILE"] == [])'
	json '.[0] | [.name, .mode, .pos, .type, .path, .same] == [$n, "r", 0, "regular", $path, true]' \
		--arg n "$N" --arg path "$(realpath file)"
	json '.[0].server == {pid: $pid, uid: $uid}' --argjson pid "$SERVER" --argjson uid "$(id -u)"
}

@test "grab: --json, one object for each address, pos null where there is none" {
	printf hello >file
	serve -n "$N-a" -n "$N-b" eventfd:7 file
	run fdtool grab --json "$N-b" "$N-a"
	assert_success
	json 'map(.name) == [$b, $a]' --arg a "$N-a" --arg b "$N-b"
	json '.[0].type == "regular" and .[0].pos == 0 and .[1].type == "eventfd" and .[1].pos == null'
	json '.[0].fd != .[1].fd and .[1].mode == "rw"'
}

@test "grab: a path with escape sequences does not reach the terminal raw" {
	local path=$'a\e[31mb\nc'
	printf hello >"$path"
	serve -n "$N" "./$path"
	run fdtool grab "$N"
	assert_success
	refute_output --partial $'\e'
	assert_line --partial 'path '
	assert_line --partial 'a\033[31mb\012c'
	run fdtool grab --json "$N"
	json '.[0].path | endswith("a\u001b[31mb\nc")'
}

@test "grab: a path that is no UTF-8 is escaped, and the JSON is valid" {
	export LC_ALL=C.UTF-8
	local path=$'a\xffb'
	printf hello >"$path"
	serve -n "$N" "./$path"
	run fdtool grab --json "$N"
	assert_success
	json '.[0].path | endswith("/a\\377b")'
	run fdtool grab "$N"
	assert_line --partial 'a\377b'
}

@test "grab: same is false for a description of its own: serve --narrow, grab --narrow" {
	printf hello >file
	serve --narrow -n "$N-a" file
	run fdtool grab --json "$N-a"
	json '.[0].same == false'
	serve -n "$N-b" file
	run fdtool grab --json --narrow "$N-b"
	json '.[0].same == false'
	run fdtool grab --narrow "$N-b"
	assert_line --partial "a description of its own (kcmp)"
}

@test "grab: same is null where kcmp may not look: the server is another user's" {
	needs_root
	printf hello >file
	serve --allow-user 2 -n "$N" file
	run as 2 fdtool grab --json "$N"
	assert_success
	json '.[0].same == null and .[0].server.uid == 0'
	run as 2 fdtool grab "$N"
	assert_line --partial "description  unknown (kcmp is not allowed, or the server has gone)"
}

@test "grab: same is null where the server gave up privileges, and so is not dumpable" {
	needs_root
	printf hello >file
	serve --user bin -n "$N" file
	run as 2 fdtool grab --json "$N"
	assert_success
	json '.[0].same == null and .[0].server.uid == 2'
}

@test "grab: -q says nothing and still fails where it should" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab -q "$N"
	assert_success
	assert_output ""
	run fdtool grab -q "$N-not"
	assert_failure 4
}

# --- becoming the program -----------------------------------------------------

@test "grab: the program replaces it, in the same process" {
	printf hello >file
	serve -n "$N" file
	start "$FDTOOL" grab "$N" -- sh -c 'echo $$ $LISTEN_PID >pids; cat <&3 >content'
	local pid=$!
	ends_with 0 "$pid"
	assert_equal "$(cat pids)" "$pid $pid"
	assert_equal "$(cat content)" hello
}

@test "grab: the program's status and arguments are its own" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab "$N" -- sh -c 'printf "<%s>" "$@"; exit 37' name -n '' 'a b' -- --help
	assert_failure 37
	assert_output '<-n><><a b><--><--help>'
}

@test "grab: several stand at 3, 4, 5, in order" {
	printf a >a
	printf b >b
	printf c >c
	serve -n "$N-a" -n "$N-b" -n "$N-c" a b c
	run fdtool grab "$N-c" "$N-a" "$N-b" -- sh -c 'cat <&3; cat <&4; cat <&5'
	assert_success
	assert_output cab
	run fdtool grab "$N-a" "$N-a" -- sh -c 'readlink /proc/$$/fd/3 /proc/$$/fd/4'
	assert_line --index 0 "$(realpath a)"
	assert_line --index 1 "$(realpath a)"
}

@test "grab: all others are close-on-exec, also what it inherited itself" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab "$N" -- sh -c "$open_below_30" 7<file 9</dev/null 23<file
	assert_success
	assert_output $'0\n1\n2\n3'
	run fdtool grab -f 9 "$N" "$N" -- sh -c "$open_below_30" 4<file 9</dev/null
	assert_output $'0\n1\n2\n3\n9'
}

@test "grab: a program whose standard descriptors were closed does not get others there" {
	printf hello >file
	serve -n "$N" file
	"$FDTOOL" grab "$N" -- sh -c "exec >list; $open_below_30" <&- 2>&-
	assert_equal "$(cat list)" $'1\n3'
}

@test "grab: the program has the signal mask and the dispositions that were there" {
	printf hello >file
	serve -n "$N" file
	local before
	before=$(grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status)
	run "$FDTOOL" grab "$N" -- grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status
	assert_output "$before"
}

@test "grab: -f 0, 1 and 2 put it where the program reads and writes" {
	printf hello >in
	serve -n "$N-in" in
	run fdtool grab -f 0 "$N-in" -- cat
	assert_success
	assert_output hello
	serve -m w --create -n "$N-out" out
	run fdtool grab -f 1 "$N-out" -- echo said
	assert_success
	assert_output ""
	run fdtool grab -f 2 "$N-out" -- sh -c 'echo complained >&2'
	assert_success
	assert_equal "$(cat out)" $'said\ncomplained'
}

@test "grab: with -f 2 a message of grab still goes to its own stderr" {
	serve -m w --create -n "$N" out
	run -3 "$FDTOOL" grab -f 2 "$N" --expect mode=r -- touch reached
	assert_output --partial "mode is 'w'"
	run -4 "$FDTOOL" grab -f 2 "$N" "$N-absent" -- touch reached
	assert_line --partial "$N-absent: nobody offers it"
	run -127 "$FDTOOL" grab -f 2 "$N" -- nosuch
	assert_line --partial 'nosuch: not found'
	assert [ ! -s out ]
	assert [ ! -e reached ]
}

@test "grab: -f 9, and every number that its own socket and descriptor may have had" {
	printf hello >file
	serve -n "$N" file
	local n
	for n in 9 3 4 5 6 7 29; do
		run fdtool grab -f "$n" "$N" -- sh -c "$open_below_30"
		assert_output $'0\n1\n2\n'"$n"
	done
}

@test "grab: -f swaps without either losing its place" {
	printf a >a
	printf b >b
	printf c >c
	serve -n "$N-a" -n "$N-b" -n "$N-c" a b c
	run placed -f 4 "$N-a" -f 3 "$N-b"
	assert_output "b a - - - "
	run placed -f 7 "$N-a" -f 6 "$N-b" -f 5 "$N-c"
	assert_output "- - c b a "
	run placed -f 5 "$N-a" -f 3 "$N-b" -f 4 "$N-c"
	assert_output "b c a - - "
}

@test "grab: those without -f take the numbers from 3 on that are left" {
	printf a >a
	printf b >b
	printf c >c
	serve -n "$N-a" -n "$N-b" -n "$N-c" a b c
	run placed "$N-a" -f 3 "$N-b" "$N-c"
	assert_output "b a c - - "
	run placed "$N-a" -f 4 "$N-b" "$N-c"
	assert_output "a b c - - "
	run placed "$N-a" "$N-b" -f 6 "$N-c"
	assert_output "a b - c - "
	run fdtool grab "$N-a" -f 0 "$N-c" "$N-b" -- sh -c 'cat; cat <&3; cat <&4'
	assert_output cab
}

@test "grab: -f that cannot be meant is a usage error" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab -f 4 "$N" -f 4 "$N" -- touch reached
	assert_failure 2
	assert_output --partial "-f 4 is given twice"
	run fdtool grab "$N" -f 4 -- touch reached
	assert_failure 2
	assert_output --partial "-f 4 has no ADDRESS after it"
	run fdtool grab -f 4 "$N"
	assert_failure 2
	local bad
	for bad in -1 x '' 3x 2147483648; do
		run fdtool grab -f "$bad" "$N" -- touch reached
		assert_failure 2
	done
	assert [ ! -e reached ]
	assert_equal "$(grep -c granted serve.out)" 0
}

@test "grab: -f above the limit of descriptors fails, and says that it is that" {
	printf hello >file
	serve -n "$N" file
	ulimit -n 100
	run fdtool grab -f 99 "$N" -- sh -c 'readlink /proc/$$/fd/99'
	assert_success
	local n
	for n in 100 2147483646; do
		run fdtool grab -f "$n" "$N" -- touch reached
		assert_failure 1
		assert_line --index 0 --regexp "^fdtool grab: $N: .*: E(BADF|MFILE|INVAL) "
		assert_line --index 1 --partial "ulimit -n"
		run fdtool grab "$N" -f "$n" "$N" -- touch reached
		assert_failure 1
		assert_line --index 0 --regexp "^fdtool grab: $N: .*: E(BADF|MFILE|INVAL) "
		assert_line --index 1 --partial "ulimit -n"
	done
	assert [ ! -e reached ]
}

# --- the environment -----------------------------------------------------------

@test "grab: LISTEN_FDS, LISTEN_FDNAMES and FDTOOL_FD_NAME say what stands where" {
	printf a >a
	printf b >b
	serve -n "$N.a" -n "$N-b" a b
	LISTEN_PID=1 LISTEN_FDS=77 LISTEN_FDNAMES=old run fdtool grab "$N.a" "$N-b" -- env
	assert_success
	assert_line LISTEN_FDS=2
	assert_line "LISTEN_FDNAMES=$N.a:$N-b"
	assert_line "FDTOOL_FD_$(tr -c 'a-zA-Z0-9\n' _ <<<"$N.a")=3"
	assert_line "FDTOOL_FD_$(tr -c 'a-zA-Z0-9\n' _ <<<"$N-b")=4"
	assert_equal "$(grep '^LISTEN_' <<<"$output" | grep -vc '^LISTEN_PIDFDID=')" 3
}

@test "grab: LISTEN_FDS counts up to the first gap; FDTOOL_FD_NAME knows them all" {
	printf a >a
	printf b >b
	serve -n "${N//-/_}a" -n "${N//-/_}b" a b
	local a=${N//-/_}a b=${N//-/_}b
	run fdtool grab -f 3 "$a" -f 5 "$b" -- env
	assert_line LISTEN_FDS=1
	assert_line "LISTEN_FDNAMES=$a"
	assert_line "FDTOOL_FD_$a=3"
	assert_line "FDTOOL_FD_$b=5"
	run fdtool grab -f 0 "$a" -f 4 "$b" -- env
	assert_line LISTEN_FDS=0
	assert_line LISTEN_FDNAMES=
	assert_line "FDTOOL_FD_$a=0"
	assert_line "FDTOOL_FD_$b=4"
	run fdtool grab -f 4 "$a" -f 3 "$b" -- env
	assert_line LISTEN_FDS=2
	assert_line "LISTEN_FDNAMES=$b:$a"
}

@test "grab: from @RAW and from a path" {
	printf hello >file
	serve -n "@$N" -n ./sock file file
	run fdtool grab "@$N" ./sock -- sh -c 'cat <&3; cat <&4; echo " $LISTEN_FDS $LISTEN_FDNAMES"'
	assert_success
	assert_output "hellohello 2 unknown:unknown"
	run fdtool grab --json ./sock
	json '.[0].name == "./sock"'
}

@test "grab: a socket in the file system that one may not write to" {
	needs_root
	printf hello >file
	serve --allow-any -n ./sock file
	chmod 600 sock
	run as 2 fdtool grab ./sock
	assert_failure 1
	assert_line --index 0 --regexp '^fdtool grab: ./sock: .*: EACCES \('
	assert_line --index 1 --partial "write permission"
}

# --- what is shared -------------------------------------------------------------

@test "grab: the offset is shared by two grabs and the server" {
	printf abcdefgh >file
	serve -n "$N" file
	hold "$N"
	run fdtool grab -f 0 "$N" -- dd bs=3 count=1 status=none
	assert_output abc
	run fdtool grab -f 0 "$N" -- dd bs=3 count=1 status=none
	assert_output def
	assert_equal "$(fdinfo pos "$HOLDER" 3)" 6
	assert_equal "$(fdinfo pos "$SERVER" "$(server_fd)")" 6
	run fdtool grab --json "$N"
	json '.[0].pos == 6'
}

@test "grab: a write through one moves where another reads" {
	printf abcdefgh >file
	serve -m rw -n "$N" file
	run fdtool grab -f 1 "$N" -- printf XYZ
	assert_success
	run fdtool grab -f 0 "$N" -- cat
	assert_output defgh
	assert_equal "$(cat file)" XYZdefgh
}

@test "grab: the status flags are shared; close-on-exec is not" {
	printf hello >file
	serve -n "$N" file
	hold "$N"
	local before=$((8#$(fdinfo flags "$HOLDER" 3)))
	run fdtool grab "$N" -- /usr/bin/python3 -c '
import fcntl, os
fcntl.fcntl(3, fcntl.F_SETFL, os.O_NONBLOCK)
fcntl.fcntl(3, fcntl.F_SETFD, fcntl.FD_CLOEXEC)'
	assert_success
	assert_equal "$((8#$(fdinfo flags "$HOLDER" 3)))" $((before | 8#4000))
	run fdtool grab --json "$N"
	json '.[0].flags | index("O_NONBLOCK")'
}

@test "grab: O_APPEND shows, and appends whatever the offset is" {
	printf 123 >file
	serve -m w --append -n "$N" file
	run fdtool grab --json "$N"
	json '.[0].mode == "w" and (.[0].flags | index("O_APPEND"))'
	run fdtool grab -f 1 "$N" -- printf 45
	run fdtool grab -f 1 "$N" -- printf 6
	assert_equal "$(cat file)" 123456
}

@test "grab: a read-only one answers a write with EBADF, a write-only one a read" {
	printf hello >file
	serve -n "$N-r" file
	run fdtool grab -f 1 "$N-r" -- env LC_ALL=C /bin/echo changed
	assert_failure
	assert_output --partial "Bad file descriptor"
	assert_equal "$(cat file)" hello
	serve -m w -n "$N-w" file
	run fdtool grab -f 0 "$N-w" -- env LC_ALL=C cat
	assert_failure 1
	assert_output --partial "Bad file descriptor"
}

@test "grab: the descriptor outlives its server" {
	printf hello >file
	serve -n "$N" file
	mkfifo go
	start "$FDTOOL" grab "$N" -- sh -c 'read -r go <go; cat <&3 >content'
	local pid=$!
	until_true has_become "$pid" sh
	rm file
	stops_with 143 "$SERVER"
	timeout 10 sh -c 'echo >go'
	ends_with 0 "$pid"
	assert_equal "$(cat content)" hello
}

# --- programs that cannot be run ---------------------------------------------------

@test "grab: a program that is not found 127, not executable 126" {
	printf hello >file
	serve -n "$N" file
	run -127 fdtool grab "$N" -- no-such-program-here
	assert_output --regexp '^fdtool grab: no-such-program-here: .*: ENOENT \('
	run -127 fdtool grab "$N" -- ./nothing
	run fdtool grab "$N" -- ./file
	assert_failure 126
	assert_output --regexp '^fdtool grab: ./file: .*: EACCES \('
	run fdtool grab "$N" -- "$T"
	assert_failure 126
}

@test "grab: nothing after -- is a usage error, and so is no address, and --json with a program" {
	run fdtool grab "$N" --
	assert_failure 2
	run fdtool grab
	assert_failure 2
	run fdtool grab -- true
	assert_failure 2
	run fdtool grab --json "$N" -- true
	assert_failure 2
	assert_equal "${#lines[@]}" 1
	assert_output --partial "--help"
}

# --- waiting -----------------------------------------------------------------------

waits_in_fdtool() {
	[ "$(cut -d ' ' -f 2,3 "/proc/$1/stat")" = "(fdtool) S" ]
}

@test "grab: --wait finds a server that comes later" {
	printf hello >file
	start "$FDTOOL" grab --wait "$N" -- sh -c 'cat <&3' >content
	local pid=$!
	until_true waits_in_fdtool "$pid"
	serve -n "$N" file
	ends_with 0 "$pid"
	assert_equal "$(cat content)" hello
}

@test "grab: --wait and a path whose socket is not there yet" {
	printf hello >file
	start "$FDTOOL" grab -w ./sock -- sh -c 'cat <&3' >content
	local pid=$!
	until_true waits_in_fdtool "$pid"
	serve -n ./sock file
	ends_with 0 "$pid"
	assert_equal "$(cat content)" hello
}

@test "grab: --wait=TIME runs out with 4, --timeout with 124" {
	local before=$EPOCHREALTIME
	run fdtool grab --wait=200ms "$N"
	assert_failure 4
	assert [ $((${EPOCHREALTIME/./} - ${before/./})) -ge 200000 ]
	run fdtool grab -w100ms "$N"
	assert_failure 4
	run fdtool grab --wait -t 200ms "$N"
	assert_failure 124
	run fdtool grab --wait=100ms -t 5 "$N"
	assert_failure 4
	run fdtool grab --wait=5 -t 100ms "$N"
	assert_failure 124
}

@test "grab: Ctrl-C ends the waiting" {
	start env --default-signal=INT "$FDTOOL" grab --wait "$N"
	local pid=$!
	until_true waits_in_fdtool "$pid"
	stops_with 130 "$pid" INT
}

@test "grab: a silent server costs --timeout: 124" {
	local how
	for how in silent deaf full; do
		peer "$N-$how" "$how"
		run fdtool grab -t 200ms "$N-$how" -- touch reached
		assert_failure 124
		assert_output --partial "the server does not answer: ETIMEDOUT"
	done
	assert [ ! -e reached ]
}

@test "grab: bad times are usage errors" {
	local bad
	for bad in x -1 0 '' 1y; do
		run fdtool grab -t "$bad" "$N"
		assert_failure 2
		run fdtool grab --wait="$bad" "$N"
		assert_failure 2
	done
}

# --- who may have it, who may give it ---------------------------------------------------

@test "grab: a server of another user is refused before anything is received" {
	needs_root
	printf hello >file
	as 1 serve --allow-any -n "$N" file
	export ASAN_OPTIONS=detect_leaks=0 # LeakSanitizer does not work under strace
	: >trace
	chmod 666 trace
	cp "$FDTOOL" program # that user may not be able to search the build directory
	run as 2 timeout 20 strace -f -o trace -e trace=network ./program grab "$N" -- touch reached
	assert_failure 3
	assert_line --index 0 --regexp "^fdtool grab: $N: .*pid $SERVER.*user daemon"
	assert_line --index 1 --partial -- "--from daemon"
	assert grep -q '^[0-9]* *connect(.* = 0' trace
	refute grep -E '^[0-9]* *recv' trace
	assert [ ! -e reached ]
}

@test "grab: root, too, does not take what anybody else offers" {
	needs_root
	printf hello >file
	as 1 serve -n "$N" file
	run fdtool grab "$N"
	assert_failure 3
	assert_output --partial -- "--from daemon"
	run fdtool grab --from 1 --json "$N"
	assert_success
	json '.[0].server.uid == 1'
}

@test "grab: --from accepts that user, by name or number, and no other" {
	needs_root
	printf hello >file
	as 1 serve --allow-any -n "$N" file
	run as 2 fdtool grab --from daemon --json "$N"
	assert_success
	json '.[0].server.uid == 1'
	run as 2 fdtool grab --from 5 --from 1 "$N"
	assert_success
	run as 2 fdtool grab --from 5 "$N"
	assert_failure 3
	run fdtool grab --from no-such-user "$N"
	assert_failure 2
	run fdtool grab --from 65534 "$N"
	assert_failure 2
}

# other_socket TYPE ADDRESS: somebody has it, and does not serve there; "-": without listen(2).
other_socket() {
	start /usr/bin/python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, getattr(socket, sys.argv[1].strip("-")))
s.bind(sys.argv[2].replace("@", "\0"))
if sys.argv[1] == "SOCK_STREAM":
    s.listen()
print("ready", flush=True)
time.sleep(60)' "$@" >other.out
	until_true grep -qs ready other.out
}

@test "an address that somebody else has: by what" {
	other_socket SOCK_STREAM "@$N-stream"
	run -4 fdtool grab "@$N-stream"
	assert_line --index 0 --partial 'nobody offers it: ECONNREFUSED'
	assert_line --index 1 '  a socket with that address is SOCK_STREAM: fdtool serves SOCK_SEQPACKET only'
	run -4 fdtool inspect "@$N-stream"
	assert_line --index 1 --partial 'SOCK_STREAM'
	rm other.out
	other_socket SOCK_DGRAM "@fdtool/$N"
	run -4 fdtool lseek "$N"
	assert_line --index 1 --partial 'SOCK_DGRAM'
	rm other.out
	other_socket SOCK_SEQPACKET- "@fdtool/$N-bound"
	run -4 fdtool grab "$N-bound"
	assert_line --index 1 '  a socket with that address does not listen'
	rm other.out
	other_socket SOCK_STREAM "$T/stream"
	run -1 fdtool grab ./stream
	assert_line --index 0 'fdtool grab: ./stream: connect: EPROTOTYPE (Protocol wrong type for socket)'
}

@test "the server could not grant it: by its word, why" {
	peer "$N" deny-system
	run -3 fdtool grab "$N"
	assert_line --index 0 "fdtool grab: $N: the server could not grant it: ETOOMANYREFS (Too many references: cannot splice)"
	assert_line --index 1 --partial 'on their way'
}

@test "grab: root's server is accepted by others, whom --allow-user lets in" {
	needs_root
	printf hello >file
	chmod 600 file
	serve --allow-user 2 -n "$N" file
	run as 2 fdtool grab "$N" -- sh -c 'cat <&3; cat file'
	assert_failure
	assert_line --index 0 --partial hello
	assert_line --partial "Permission denied"
}

@test "grab: being refused is 3, and says what the server would need" {
	needs_root
	printf hello >file
	serve -n "$N" file
	run as 2 fdtool grab "$N" -- touch reached
	assert_failure 3
	assert_line --index 0 --regexp "^fdtool grab: $N: pid $SERVER of user root does not grant it to user bin$"
	assert_line --index 1 --partial -- "--allow-user bin"
	assert [ ! -e reached ]
}

# --- --expect ------------------------------------------------------------------------

@test "grab: --expect that matches" {
	printf hello >file
	serve -n "$N" file
	local flags
	flags=$(fdtool grab "$N" | sed -n 's/^  flags *//p')
	run fdtool grab --expect mode=r --expect type=regular --expect "path=$(realpath file)" \
		--expect "flags=$flags" --expect "name=$N" "$N" -- sh -c 'cat <&3'
	assert_success
	assert_output hello
}

@test "grab: --expect that does not match is a refusal, of each key" {
	printf hello >file
	serve -n "$N" file
	local wrong
	for wrong in mode=rw mode=w type= type=pipe path=/etc/passwd "path=$T" flags=O_RDWR \
		flags=O_RDONLY\|O_APPEND "name=${N}x"; do
		run fdtool grab --expect "$wrong" "$N" -- touch reached
		assert_failure 3
		assert_output --regexp "^fdtool grab: $N: ${wrong%%=*} is '.*', not '"
		run fdtool grab --expect type=regular --expect "$wrong" "$N"
		assert_failure 3
	done
	assert [ ! -e reached ]
}

@test "grab: --expect holds for every address" {
	printf hello >file
	serve -n "$N-a" -n "$N-b" file eventfd:
	run fdtool grab --expect type=regular "$N-a" "$N-b" -- touch reached
	assert_failure 3
	assert_output --partial "fdtool grab: $N-b: type is 'eventfd'"
	assert [ ! -e reached ]
}

@test "grab: --expect that says nothing is a usage error" {
	local bad
	for bad in mode '' =r m=r modes=r size=3; do
		run fdtool grab --expect "$bad" "$N"
		assert_failure 2
	done
}

# --- --narrow ------------------------------------------------------------------------

@test "grab: --narrow has an offset of its own and can only read" {
	printf abcdefgh >file
	serve -m rw -n "$N" file
	run fdtool grab -f 0 "$N" -- dd bs=3 count=1 status=none
	assert_output abc
	run fdtool grab --narrow -f 0 "$N" -- dd bs=2 count=1 status=none
	assert_output ab
	run fdtool grab --json "$N"
	json '.[0].pos == 3'
	run fdtool grab --narrow --json "$N"
	json '.[0].pos == 0 and .[0].mode == "r" and .[0].same == false'
	run fdtool grab --narrow -f 1 "$N" -- env LC_ALL=C /bin/echo changed
	assert_failure
	assert_output --partial "Bad file descriptor"
	assert_equal "$(cat file)" abcdefgh
}

@test "grab: --narrow of a deleted file works, and leaves no second descriptor" {
	printf hello >file
	serve -n "$N" file
	rm file
	run fdtool grab --narrow "$N" -- sh -c "cat <&3; echo; $open_below_30"
	assert_output $'hello\n0\n1\n2\n3'
}

@test "grab: --narrow never gives more than was there" {
	printf hello >file
	serve -m w -n "$N" file
	run fdtool grab --narrow "$N" -- touch reached
	assert_failure 1
	assert_line --index 0 --regexp "^fdtool grab: $N: .*: EBADF \("
	assert [ ! -e reached ]
}

@test "grab: --narrow asks the inode's permissions" {
	needs_root
	printf hello >file
	chmod 600 file
	serve --allow-user 2 -n "$N" file
	run as 2 fdtool grab --narrow "$N" -- touch reached
	assert_failure 1
	assert_line --index 0 --regexp "^fdtool grab: $N: .*: EACCES \("
	assert_line --index 1 --partial "permissions"
	chmod 604 file
	run as 2 fdtool grab --narrow "$N" -- sh -c 'cat <&3'
	assert_success
	assert_output hello
	assert [ ! -e reached ]
}

@test "grab: --narrow of a socket is ENXIO" {
	holding listener serve -n "$N" fd:7
	run fdtool grab --narrow "$N"
	assert_failure 1
	assert_line --index 0 --regexp "^fdtool grab: $N: .*: ENXIO \("
}

# --- names ------------------------------------------------------------------------------

@test "grab: a name that nobody offers is 4, with the nearest on offer" {
	printf hello >file
	serve -n "$N-notes" file
	run fdtool grab "$N-ntoes"
	assert_failure 4
	assert_line --index 0 --regexp "^fdtool grab: $N-ntoes: nobody offers it: ECONNREFUSED \("
	assert_line --index 1 --partial "'$N-notes'"
	run fdtool grab ./nothing
	assert_failure 4
	run fdtool grab "@$N"
	assert_failure 4
}

@test "grab: where nothing is on offer it says so" {
	needs_namespaces
	run unshare -n timeout 20 "$FDTOOL" grab something
	assert_failure 4
	assert_line --index 1 --partial "nothing is on offer"
}

@test "grab: of several, one that is missing is enough" {
	printf hello >file
	serve -n "$N" file
	run fdtool grab "$N" "$N-not" -- touch reached
	assert_failure 4
	assert_output --partial "fdtool grab: $N-not: "
	assert [ ! -e reached ]
}

@test "grab: bad names are usage errors" {
	local bad
	for bad in '' 'a b' a:b $'a\nb' 'ä' '@' "$(printf %0100d 1)" "@$(printf %0108d 1)" "./$(printf %0108d 1)"; do
		run fdtool grab "$bad"
		assert_failure 2
		assert_equal "${#lines[@]}" 1
	done
	run fdtool grab "$(printf %099d 1)"
	assert_failure 4
}

# --- what is full or closed ---------------------------------------------------------------

@test "grab: standard output that takes nothing is a failure" {
	printf hello >file
	serve -n "$N" file
	run sh -c 'timeout 20 "$FDTOOL" grab "$1" >/dev/full' sh "$N"
	assert_failure 1
	assert_output --partial "ENOSPC"
	run sh -c 'timeout 20 "$FDTOOL" grab --json "$1" >/dev/full' sh "$N"
	assert_failure 1
	run sh -c 'timeout 20 "$FDTOOL" grab "$1" >&-' sh "$N"
	assert_failure 1
	assert_output --partial "EBADF"
}

# with_limit N ARG...: grab with room for N descriptors
with_limit() {
	prlimit --nofile="$1:$1" -- timeout --foreground 30 "$FDTOOL" grab "${@:2}" 3>&-
}

@test "grab: at the edge of its descriptor table it fails clearly, or works" {
	printf hello >file
	serve -n "$N" file
	local n worked=0
	for n in 4 5 6 7 8 9; do
		run --separate-stderr with_limit "$n" --json "$N"
		if [ "$status" = 0 ]; then
			json '.[0].name == $n and .[0].path == $path' --arg n "$N" --arg path "$(realpath file)"
			worked=$((worked + 1))
		else
			assert_failure 1
			assert_regex "${stderr_lines[0]}" '^fdtool grab: .*EMFILE'
		fi
	done
	assert [ "$worked" -ge 2 ]
}

@test "grab: at the edge of its descriptor table, several and a program" {
	printf hello >file
	serve -n "$N" file
	local n worked=0
	for n in 4 5 6 7 8 9 12 16; do
		run --separate-stderr with_limit "$n" "$N" -f 0 "$N" -- cat
		if [ "$status" = 0 ]; then
			# all share the offset: only the first one that works reads anything
			assert_output "$([ "$worked" != 0 ] || echo hello)"
			worked=$((worked + 1))
		else
			assert_failure 1
			assert_regex "${stderr_lines[0]}" '^fdtool grab: .*(EMFILE|EINVAL|EBADF)'
		fi
	done
	assert [ "$worked" -ge 2 ]
}

# --- a program that knows nothing of fdtool -------------------------------------------------

http_get() {
	timeout 10 bash -c 'exec 9<>"/dev/tcp/127.0.0.1/$1" && printf "GET /%s HTTP/1.0\r\n\r\n" "$2" >&9 && cat <&9' bash "$1" "$2"
}

# From the output of Python's server, once it listens.
http_port() {
	sed -n 's/^Serving HTTP on .* port \([0-9]*\) .*/\1/p' http.out | grep .
}

@test "grab: systemd-socket-proxyd takes a listening TCP socket, unchanged" {
	local proxy=/lib/systemd/systemd-socket-proxyd
	assert [ -x "$proxy" ]
	holding listener serve -n "$N" fd:7
	printf 'by way of the proxy' >page
	start /usr/bin/python3 -u -m http.server --bind 127.0.0.1 0 >http.out 2>&1
	until_true http_port
	start "$FDTOOL" grab --expect type=socket "$N" -- "$proxy" "127.0.0.1:$(http_port)"
	run http_get "$(cat port)" page
	assert_success
	assert_line --partial "200 OK"
	assert_line --partial "by way of the proxy"
}

@test "grab: --narrow leaves nothing of the wider one, on any file system" {
	echo text >"/dev/shm/$N"
	serve -m rw -n "$N" "/dev/shm/$N"
	rm "/dev/shm/$N"
	run -0 fdtool grab --narrow -c stat "$N"
	assert_line --partial O_RDONLY
	# grab opens its fdinfo now and then, which may be gone before ls comes to it
	run -0 fdtool grab --narrow -c '!ls -l /proc/$PPID/fd 2>/dev/null || :' "$N"
	assert_equal "$(grep -c "/$N" <<<"$output")" 1
}

@test "grab: --expect: flags without O_LARGEFILE, or with it; a mode that is none is a mistake" {
	printf 'hello\n' >file
	serve -n "$N" --append -m rw file
	local flags
	for flags in 'O_RDWR|O_APPEND' 'O_RDWR|O_APPEND|O_LARGEFILE'; do
		run fdtool grab --expect flags="$flags" "$N" -- true
		assert_success
	done
	run fdtool grab --expect flags=O_RDWR "$N" -- true
	assert_failure 3
	assert_output --partial "flags is 'O_RDWR|O_APPEND', not 'O_RDWR' as expected"
	run fdtool grab --expect mode=x "$N" -- true
	assert_failure 2
	assert_output --partial "'mode=x' must be r, w, rw, path or none"
	run fdtool grab --expect mod=r "$N" -- true
	assert_failure 2
}

@test "grab: a TIME that stands apart from -w is no ADDRESS" {
	local word
	for word in 300ms 1s 5 0.5; do
		run fdtool grab -w "$word" "$N" -- true
		assert_failure 2
		assert_output "fdtool grab: '$word' stands apart from -w: write -w$word; see 'fdtool grab --help'"
	done
	run fdtool inspect --watch 1s $$
	assert_failure 2
	assert_output --partial "'1s' stands apart from --watch: write --watch=1s"
	run -4 fdtool inspect --watch 4194305 # a number is a PID there
	run fdtool mypoll-tail -w 1s
	assert_failure 2
	# after it, anything else is an ADDRESS
	serve -n "$N" /dev/null
	run fdtool grab -w "$N" -- true
	assert_success
}

@test "grab: terminal: waiting is said, and that the descriptor is 3" {
	export TMUX_TMPDIR=$T
	printf 'hello\n' >file
	two_terminals
	types 0 "$FDTOOL grab -w $N; echo rc=\$?" Enter
	sees 0 "fdtool grab: waiting for $N"
	serve -n "$N" file
	prompted 0
	types 1 "$FDTOOL grab $N -- cat" Enter
	sees 1 'fdtool grab: cat gets it as descriptor 3'
	sees 1 "as its standard input: fdtool grab -f 0 $N -- cat"
	types 1 C-d "clear; $FDTOOL grab -f 0 $N -- cat" Enter
	sees 1 hello
	refute shows 1 'descriptor 3'
	terminal kill-server
}

# says PANE TEXT: it shows the text, on however many lines, but with every word whole.
says() {
	screen "$1" | tr -s ' \n' ' ' | grep -qF -- "$2"
}

@test "grab: terminal: messages are wrapped between words, and -q does not say that it waits" {
	export TMUX_TMPDIR=$T
	WIDTH=101 two_terminals
	types 0 "clear; $FDTOOL grab -q -w300ms $N; echo rc=\$?" Enter
	sees 0 rc=4
	says 0 "fdtool grab: $N: nobody offers it: ECONNREFUSED (Connection refused)"
	refute says 0 waiting
	types 1 "clear; $FDTOOL grab -w300ms $N; echo rc=\$?" Enter
	sees 1 rc=4
	says 1 "waiting for $N"
	types 1 "clear; $FDTOOL grab --wiat 1 $N; echo rc=\$?" Enter
	sees 1 rc=2
	says 1 "see 'fdtool grab --help'"
	terminal kill-server
}
