# SPDX-License-Identifier: GPL-3.0-or-later
#
# Output that nobody reads: a full pipe, a terminal that Ctrl-S has stopped. No command that serves
# or watches becomes deaf to its deadline or to a signal by it, and a reader that comes late gets all.
#
# shellcheck disable=SC2154 # the helper has N and T

load helper
load terminal

# The output of `unread`: a pipe, open as 8, that is full, so that not one byte can be written.
test_setup() {
	mkfifo full
	exec 8<>full
	dd if=/dev/zero of=full oflag=nonblock bs=4096 count=4096 2>dd.err || true
	grep -q 'temporarily unavailable' dd.err
	echo text >file
}

# unread ARG...: fdtool in the background; its pid is $UNREAD.
unread() {
	start "$FDTOOL" "$@" >&8 2>err
	UNREAD=$!
}

# read_late: what fills the pipe is taken away, and what comes after it goes to the file `late`.
read_late() {
	start bash -c 'exec cat <&8' >all
	until_true test -s all
}

late() {
	tr -d '\0' <all
}

# ends_soon STATUS: without a signal.
ends_soon() {
	ends_with "$1" "$UNREAD"
}

# serves_numbers N: a pipe with the lines 1 to N, whose writer has gone.
serves_numbers() {
	exec 7< <(exec seq "$1" 3>&-)
	serve -n "$N" fd:7 8>&-
	exec 7<&-
}

# in_wait: it has its signals by the loop, and sleeps.
in_wait() {
	find "/proc/$UNREAD/fd" -lname '*\[signalfd]' | grep -q . && grep -q '^State:.S' "/proc/$UNREAD/status"
}

has_taken() {
	grep -q "granted to pid $UNREAD " serve.out
}

# --- mypoll-tail -------------------------------------------------------------------------

@test "unread: mypoll-tail keeps its deadline and says what nobody read" {
	serve -n "$N" mypoll:5ms
	unread mypoll-tail -t 300ms "$N"
	ends_soon 124
	grep -qE 'standard output: nobody read the last [0-9]+ bytes' err
}

@test "unread: SIGTERM and Ctrl-C end mypoll-tail" {
	serve -n "$N" mypoll:5ms
	unread mypoll-tail "$N"
	until_true has_taken
	until_true in_wait
	stops_with 143 "$UNREAD"
	start env --default-signal=INT "$FDTOOL" mypoll-tail "$N" >&8 2>err
	until_true grep -q "granted to pid $! " serve.out
	stops_with 130 $! INT
}

@test "unread: mypoll-tail has ended but for its output: signal and deadline still count" {
	serves_numbers 3 # they are there also when the server is not
	unread mypoll-tail -q "$N"
	until_true has_taken
	stops_with 143 "$SERVER"
	until_true in_wait
	stops_with 143 "$UNREAD"
	serve -n "$N" mypoll:5ms
	unread mypoll-tail -q -n 1 -t 300ms "$N"
	ends_soon 124
}

@test "unread: a late reader of mypoll-tail gets every line" {
	serves_numbers 50000
	unread mypoll-tail -q "$N"
	until_true has_taken
	read_late
	ends_soon 0
	until_true cmp -s <(late) <(seq 50000)
}

@test "unread: a late reader of mypoll-tail gets every line of a server that has gone" {
	serves_numbers 5000
	unread mypoll-tail -q "$N"
	until_true has_taken
	stops_with 143 "$SERVER"
	read_late
	ends_soon 0
	until_true cmp -s <(late) <(seq 5000)
}

@test "unread: a late reader of mypoll-tail gets what was read after the server had gone" {
	mkfifo feed
	exec 9<>feed 7<feed
	serve -n "$N" fd:7 8>&- 9>&-
	exec 7<&-
	unread mypoll-tail -q "$N" 9>&-
	until_true has_taken
	until_true in_wait
	kill -STOP "$UNREAD" # so that it sees the server's end first
	until_true grep -q '^State:.T' "/proc/$UNREAD/status"
	stops_with 143 "$SERVER"
	seq 3 >&9
	exec 9>&-
	kill -CONT "$UNREAD"
	until_true in_wait
	read_late
	ends_soon 0
	until_true cmp -s <(late) <(seq 3)
}

# --- epoll-watch ----------------------------------------------------------------------------

@test "unread: epoll-watch keeps its deadline, and SIGTERM ends it" {
	serve -n "$N" timerfd:5ms
	unread epoll-watch -t 300ms "$N"
	ends_soon 124
	unread epoll-watch "$N"
	until_true has_taken
	stops_with 143 "$UNREAD"
	unread epoll-watch -n 1 -t 300ms "$N"
	ends_soon 124
}

@test "unread: a late reader of epoll-watch gets every event" {
	serves_numbers 100000
	unread epoll-watch --json "$N"
	until_true has_taken
	read_late
	ends_soon 0
	until_true cmp -s <(late | jq -rj '.text // empty') <(seq 100000 | tr -d '\n')
}

# --- inspect --watch ------------------------------------------------------------------------

@test "unread: SIGTERM ends inspect --watch" {
	exec 7<file
	unread inspect --watch=10ms "$$:7"
	until_true in_wait
	stops_with 143 "$UNREAD"
	exec 7<&-
}

@test "unread: a late reader of inspect --watch gets the last look" {
	start sleep 60 7<file
	local holder=$!
	until_true [ -e "/proc/$holder/fd/7" ]
	unread inspect --watch=10ms --json "$holder:7"
	until_true in_wait
	stops_with 143 "$holder"
	read_late
	ends_soon 0
	late | jq -es 'length > 0'
}

# --- prompts ----------------------------------------------------------------------------------

@test "unread: a server whose script nobody reads goes on serving, and ends when told" {
	mkfifo ready
	exec {ready}<>ready
	unread serve --ready-fd "$ready" -n "$N" -c 'pread 0 4' file
	read -r -t 10 -u "$ready"
	exec {ready}>&-
	fdtool grab -q "$N" -- true
	fdtool grab -q "$N" -- true
	stops_with 143 "$UNREAD"
}

@test "unread: a late reader of a script gets every answer" {
	serve -n "$N" file
	for ((i = 0; i < 2000; i++)); do echo 'pread 0 4'; done >script
	"$FDTOOL" grab -i "$N" <script >&8 2>err 3>&- &
	STARTED+=($!)
	UNREAD=$!
	until_true has_taken
	read_late
	ends_soon 0
	until_true eval '[ "$(late | grep -c text)" = 2000 ]'
}

@test "unread: SIGTERM ends grab in a script, and before the program of '!'" {
	serve -n "$N" file
	unread grab -c 'pread 0 4' -c '!touch never' "$N"
	until_true has_taken
	until_true in_wait
	stops_with 143 "$UNREAD"
	assert [ ! -e never ]
}

@test "unread: Ctrl-S in the server's terminal stops no grant; Ctrl-Q shows what was missed" {
	two_terminals
	types 0 "$FDTOOL serve -n $N file" Enter
	prompted 0
	types 0 C-s
	for ((i = 0; i < 1500; i++)); do fdtool grab -q "$N" -- true; done
	types 0 C-q
	sees 0 'events were not shown'
	prompted 0
	types 0 'pread 0 4' Enter
	sees 0 '= 4 "text"'
	terminal kill-server
}

@test "unread: inspect --watch on a terminal that Ctrl-S has stopped: 'q' gives the screen back" {
	exec 7<file
	two_terminals
	types 0 "$FDTOOL inspect --watch=50ms $$:7; echo rc=\$?" Enter
	sees 0 'fdtool inspect'
	types 0 C-s
	types 0 q
	sees 0 'rc=0'
	terminal kill-server
	exec 7<&-
}
