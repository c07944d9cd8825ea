#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# inspect --grow: what was opened and not closed, its rate, and the limit.

bats_require_minimum_version 1.5.0
load ../helper
load ../terminal

# leaks CODE: a Python program that runs CODE each time a line is written to descriptor 9. $LEAK is
# its pid. Its soft limit is 64.
leaks() {
	mkfifo lines
	exec 9<>lines
	start python3 -c "import os, resource, socket
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
kept = []
server = socket.create_server(('127.0.0.1', 0))
port = server.getsockname()[1]
old = os.open('/dev/null', os.O_RDONLY)
print(port, flush=True)
for line in open('lines'):
	if line == 'end\n':
		break
	exec(line)" >port 9>&-
	LEAK=${STARTED[-1]}
	until_true test -s port
	PORT=$(<port)
}

# does CODE: lets it run.
does() {
	echo "$1" >&9
}

# grows ARG...: starts inspect --grow; it has taken its first look.
grows() {
	start "$FDTOOL" inspect --grow=50ms "$@" >grow.out 2>grow.err 9>&-
	GROW=${STARTED[-1]}
	until_true test -s grow.out
}

@test "--grow: eventfds and sockets by type and object, with the rate and the limit" {
	leaks
	grows "$LEAK"
	assert_equal "$(<grow.out)" "python3 $LEAK: nothing opened and not closed"
	does 'kept += [os.eventfd(0) for i in range(5)]'
	until_true grep -qE "^ *5 +$LEAK python3 +eventfd *$" grow.out
	does 'kept += [socket.create_connection(("127.0.0.1", port)) for i in range(3)]'
	until_true grep -qE "^ *3 +$LEAK python3 +socket +TCP ↔ 127.0.0.1:$PORT$" grow.out
	does 'kept += [server.accept()[0] for i in range(2)]'
	until_true grep -qE "^ *2 +$LEAK python3 +socket +TCP 127.0.0.1:$PORT$" grow.out
	does 'kept.append(os.pipe())'
	until_true grep -qE "^ *2 +$LEAK python3 +pipe +pipe ↔ python3 $LEAK$" grow.out
	run -0 grep "^python3 $LEAK: 12 opened and not closed" grow.out
	assert_output --regexp "12 opened and not closed, [0-9.e+]+ a minute; 64 \(its limit\) in ([0-9]+ min )?[0-9]+ s$"
	does 'os.close(old)'
	until_true grep -qE '12 opened and not closed, 1 older closed, so .* more a minute; 64 ' grow.out
	does end
	ends_with 0 "$GROW"
	assert_equal "$(grep -c 'nothing opened' grow.out)" 1
	assert_equal "$(<grow.err)" "fdtool inspect: $LEAK: it has ended"
}

@test "--grow: the number that was closed and opened as another file is new; the limit that is reached" {
	leaks
	grows "$LEAK"
	does 'os.dup2(kept.append(os.open("port", os.O_RDONLY)) or kept[0], old); os.close(kept[0])'
	until_true grep -qE "^ *1 +$LEAK python3 +regular $T/port$" grow.out
	grep -qx "python3 $LEAK: 1 opened and not closed, 1 older closed" grow.out
	does 'exec("try:\n while 1: kept.append(os.eventfd(0))\nexcept OSError: pass")'
	until_true grep -q '; 64 (its limit) is reached$' grow.out
}

keeps_more() {
	does 'len(kept) < 40 and kept.append(os.open("port", os.O_RDONLY))'
	grep -qE "^[0-9]+ $LEAK python3 regular $T/port$" grow.out
}

@test "--grow: what differs only in its number is one object" {
	leaks
	grows "$LEAK"
	does 'import tempfile, select; kept += [tempfile.TemporaryFile(dir=".") for i in range(3)]'
	until_true grep -qE "^ *3 +$LEAK python3 +regular +$T/\\* \\(deleted\\)$" grow.out
	does 'kept += [os.pidfd_open(1), os.pidfd_open(os.getpid())]'
	until_true grep -qE "^ *2 +$LEAK python3 +pidfd *$" grow.out
	does 'kept += [select.epoll() for i in range(4)]; kept[-1].register(server)'
	until_true grep -qE "^ *4 +$LEAK python3 +epoll *$" grow.out
	does '[socket.create_connection(("127.0.0.1", port)).close() for i in range(2)]'
	does 'kept += [server.accept()[0] for i in range(2)]'
	until_true grep -qE "^ *2 +$LEAK python3 +socket +TCP 127.0.0.1:$PORT CLOSE_WAIT$" grow.out
}

@test "--grow --json, -n and --raw" {
	leaks
	grows --json "$LEAK"
	does 'kept += [os.eventfd(0) for i in range(4)]'
	until_true grep -q '"n": *4' grow.out
	run -0 tail -n 1 grow.out
	json '.[0].processes | length == 1 and (.[0] | .pid == $pid and .opened == 4 and .closed == 0
		and .per_minute > 0 and .limit == 64 and .limit_in_ns > 0
		and .new == [{n: 4, type: "eventfd", name: null}])' --argjson pid "$LEAK"
	json '.[0].since_ns > 0 and (.[0].unseen | type == "array")'
	run -0 head -n 1 grow.out
	json '.[0].processes[0] | .opened == 0 and .new == [] and .limit_in_ns == null'
	stops_with 143 "$GROW"
	start "$FDTOOL" inspect --grow=50ms -nr "$LEAK" >grow.out 9>&- # it prints nothing at its first look
	GROW=${STARTED[-1]}
	until_true keeps_more
	refute grep -vE "^$|^[0-9]+ $LEAK python3 regular $T/port$" grow.out
	stops_with 143 "$GROW"
}

@test "--grow of a file, and of all: only those that grow" {
	leaks
	echo x >file
	does 'kept.append(os.open("file", os.O_RDONLY))'
	until_true eval "find /proc/$LEAK/fd -lname $T/file | grep -q ."
	grows ./file
	assert_equal "$(<grow.out)" 'nothing opened and not closed'
	does 'kept.append(os.eventfd(0)); kept.append(os.open("file", os.O_RDONLY))'
	until_true grep -qE "^ *1 +$LEAK python3 +regular $T/file$" grow.out
	refute grep -q eventfd grow.out
	start python3 -c 'import time; kept = open("file"); time.sleep(60)' 9>&- # it opens the file under its name
	until_true grep -qE "^ *1 +${STARTED[-1]} python3 +regular $T/file$" grow.out
	stops_with 143 "$GROW"
	grows --all
	does 'kept += [os.eventfd(0) for i in range(6)]'
	until_true grep -q "^python3 $LEAK: 6 opened" grow.out
	refute grep -q "^python3 ${STARTED[-2]}:" grow.out
	stops_with 143 "$GROW"
}

@test "--grow on a terminal: the last look stays when the screen is given back" {
	leaks
	two_terminals
	types 0 "$FDTOOL inspect --grow=100ms $LEAK 9>&-; echo rc=\$?" Enter
	sees 0 'nothing opened and not closed'
	does 'kept += [os.eventfd(0) for i in range(5)]'
	sees 0 '5 opened and not closed'
	sees 0 'every 0.1 s'
	does end
	sees 0 "$LEAK: it has ended"
	sees 0 'rc=0'
	refute shows 0 'every 0.1 s'
	sees 0 '5 opened and not closed'
	sees 0 'eventfd'
	terminal kill-server
}

@test "--grow: a process that ends, and whose parent does not wait for it" {
	leaks
	start bash -c 'sleep 60 7<port & echo $! >child; exec sleep 60' 9>&-
	until_true test -s child
	local child
	child=$(<child)
	until_true grep -qx sleep "/proc/${STARTED[-1]}/comm"
	until_true [ -e "/proc/$child/fd/7" ]
	until_true grep -qx sleep "/proc/$child/comm"
	grows "$child"
	assert_equal "$(<grow.out)" "sleep $child: nothing opened and not closed"
	kill "$child"
	ends_with 0 "$GROW"
	assert_equal "$(<grow.err)" "fdtool inspect: $child: it has ended"
	grep -q '^State:.Z' "/proc/$child/status"
}

@test "--grow: what it excludes: 2; what is not there, and not allowed" {
	local words
	for words in --watch --limits --picture --dot --svg --shared --deleted --mapped --each '-o PID'; do
		# shellcheck disable=SC2086 # one word an argument
		run -2 fdtool inspect --grow $words $$
		assert_output --partial 'exclude'
	done
	run -2 fdtool inspect --grow
	run -2 fdtool inspect --grow=0 $$
	run -2 fdtool inspect --grow 1s $$
	assert_output --partial "write --grow=1s"
	run -4 fdtool inspect --grow 4194305
	run -1 bash -c '"$FDTOOL" inspect --grow $$ >/dev/full'
	needs_root
	run -1 as 12345 fdtool inspect --grow $$
}
