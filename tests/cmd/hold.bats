#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# hold, the broker, with what send gives it, and drop.
#
# shellcheck disable=SC2016 # what the programs and jq are to expand

bats_require_minimum_version 1.5.0
load ../helper

# holds ARG...: starts "hold $N ARG...", and returns when it listens. $HOLDER is its pid; its output
# is in $T/hold.out and $T/hold.err.
holds() {
	local ready
	rm -f "$T/ready"
	mkfifo "$T/ready"
	exec {ready}<>"$T/ready"
	# no other process between, whose pid this would be
	start "${BEHIND[@]}" "$FDTOOL" hold --ready-fd "$ready" "$N" "$@" >"$T/hold.out" 2>"$T/hold.err"
	HOLDER=$!
	read -r -t 10 -u "$ready" || fail "not ready: $(cat "$T/hold.out" "$T/hold.err")"
	exec {ready}>&-
	until_true has_closed_ready
}

has_closed_ready() {
	[ -z "$(find "/proc/$HOLDER/fd" -lname "$T/ready")" ]
}

# has_fds N: the broker has so many descriptors
has_fds() {
	[ "$(fds_of "$HOLDER")" = "$1" ]
}

sends() {
	fdtool send -q "$@" "$N"
}

sender() {
	run timeout 20 "$TESTDIR/peers/sender.py" "$@"
}

is_gone_name() {
	! grep -q "@fdtool/$1$" /proc/net/unix
}

@test "hold: keeps what was sent when its sender has ended, until it is dropped" {
	local fds
	printf 'hello\n' >file
	holds
	fds=$(fds_of "$HOLDER")
	sends -n "$N-a" file
	sends -n "$N-b" eventfd:7
	run fdtool grab "$N-a" -- bash -c 'read -r x <&3; echo "$x"'
	assert_success
	assert_output hello
	run fdtool grab "$N-a" -- cat /dev/fd/3 # at the end of the file for all
	run fdtool grab --json "$N-b"
	json '.[0] | .same == true and .type == "eventfd"'
	run fdtool list --json
	# shellcheck disable=SC2154 # run sets it
	jq -e --arg n "$N-a" --argjson p "$HOLDER" '.. | objects | select(.name? == $n) | .pid == $p' <<<"$output" ||
		fail "$output"
	run fdtool drop --at "$N" "$N-a" "$N-b"
	assert_success
	assert_line --index 0 "$N-a: dropped"
	assert_line --index 1 "$N-b: dropped"
	run fdtool grab "$N-a"
	assert_failure 4
	is_gone_name "$N-a"
	until_true has_fds "$fds"
	stops_with 143 "$HOLDER"
	grep -q "^$N-a: kept: $T/file, regular, O_RDONLY.*, from pid " hold.out
	grep -q "^$N-a: dropped by pid " hold.out
	assert_equal "$(cat hold.err)" ''
}

@test "hold: the same description as the sender's, and as that of all who grab" {
	printf 'one\ntwo\n' >file
	exec {own}<file
	read -r -u "$own" _
	holds
	sends -n "$N-f" "fd:$own"
	run fdtool grab "$N-f" -- cat /dev/stdin
	run fdtool lseek "$N-f"
	assert_output --partial 4
	run fdtool lseek "$N-f" 0
	read -r -u "$own" line
	assert_equal "$line" one
	exec {own}<&-
}

@test "hold: a name that it has is kept; --replace puts another in its place" {
	local fds
	holds
	fds=$(fds_of "$HOLDER")
	sends -n "$N-x" eventfd:
	run fdtool send -n "$N-x" /dev/null "$N"
	assert_failure 3
	assert_line --index 0 "fdtool send: $N-x: the broker at $N has that name already: EEXIST (File exists)"
	assert_line --index 1 '  --replace puts this in its place; -n gives another name'
	start "$FDTOOL" grab "$N-x" -c 'wait'
	local client=$!
	until_true grep -q "$N-x: granted" hold.out
	run fdtool send -n "$N-x" --replace /dev/null "$N"
	assert_success
	run fdtool grab --json "$N-x"
	json '.[0] | .path == "/dev/null" and .same == true'
	# whoever has the old one is disconnected
	until_true grep -q "$N-x: pid $client left" hold.out
	until_true has_fds $((fds + 2))
	run fdtool send -n "$N-new" --replace /dev/null "$N"
	assert_success
}

@test "hold: --replace under a loop of grabs: none of them fails" {
	local fds
	holds -q
	fds=$(fds_of "$HOLDER")
	sends -n "$N-x" eventfd:
	start bash -c 'for ((i = 0; i < 150; i++)); do
		"$FDTOOL" grab --json "$0" >>got || exit 1
	done' "$N-x"
	local loop=$! i=0
	while ! has_ended "$loop"; do
		((i++ % 2)) && sends -n "$N-x" --replace /dev/null || sends -n "$N-x" --replace eventfd:
	done
	ends_with 0 "$loop"
	assert_equal "$(jq -s 'map(.type) | length' got)" 150
	jq -es 'all(.[]; .type == "eventfd" or .path == "/dev/null")' got
	until_true has_fds $((fds + 2)) # the descriptor and its socket
}

@test "hold: what expires: by send, by hold, and not what send replaced meanwhile" {
	local fds
	holds --expire 300ms --json
	fds=$(fds_of "$HOLDER")
	sends -n "$N-short" --expire 50ms /dev/null
	sends -n "$N-default" /dev/null
	sends -n "$N-long" --expire 60s /dev/null
	sends -n "$N-again" --expire 100ms /dev/null
	sends -n "$N-again" --expire 60s --replace eventfd:
	until_true is_gone_name "$N-short"
	until_true is_gone_name "$N-default"
	fdtool grab -q "$N-long"
	fdtool grab -q "$N-again"
	jq -es --arg n "$N-" 'map(select(.event == "expired").name) == [$n + "short", $n + "default"]' hold.out
	fdtool drop -q --at "$N" "$N-long" "$N-again"
	until_true has_fds "$fds"
}

@test "hold: a path that fills the message is left out, and the time is not" {
	local i name part
	printf -v part '%0200d' 0
	holds -q
	for ((i = 0; i < 19; i++)); do mkdir "$part" && cd -P "$part" || return; done
	for ((i = 1; i < 200; i += 8)); do # one of these lengths leaves room for a few bytes only
		printf -v name "%0${i}d" 0
		: >"$name"
		sends -n "$N-$i" --expire 50ms "$name"
	done
	cd "$T"
	for ((i = 1; i < 200; i += 8)); do until_true is_gone_name "$N-$i"; done
}

@test "hold: --json has every event" {
	holds --json
	sends -n "$N-j" /dev/null
	run sends -n "$N-j" /dev/null
	sends -n "$N-j" --replace /dev/zero
	fdtool grab -q "$N-j"
	fdtool drop -q --at "$N" "$N-j"
	until_true grep -q '"left"' hold.out
	jq -es 'map(select(.event != "left").event) == ["kept", "refused", "replaced", "granted", "dropped"]' hold.out ||
		fail "$(cat hold.out)"
	jq -es '.[0] | .pid > 0 and .uid == '"$(id -u)"' and .path == "/dev/null" and .mode == "r" and .type == "char"' hold.out
	jq -es '.[1] | .reason == "exists" and .errno == "EEXIST"' hold.out
}

@test "hold: --max" {
	holds --max 2
	sends -n "$N-1" /dev/null
	sends -n "$N-2" /dev/null
	run fdtool send -n "$N-3" /dev/null "$N"
	assert_failure 3
	assert_line --index 0 "fdtool send: $N: the broker keeps as many as it may"
	assert_line --index 1 "  its option --max sets the number; 'fdtool drop NAME' makes room"
	sends -n "$N-2" --replace /dev/zero
	fdtool drop -q --at "$N" "$N-1"
	sends -n "$N-3" /dev/null
}

@test "hold: the limit of descriptors is said, and bounds it" {
	start bash -c 'ulimit -n 80; exec "$FDTOOL" hold --max 500 "$0" >hold.out 2>hold.err' "$N"
	until_true grep -q keeping hold.out
	grep -q "there is room for 16 only: 'ulimit -n' is 80" hold.err
	local i
	for ((i = 0; i < 16; i++)); do
		sends -n "$N-$i" /dev/null
	done
	run sends -n "$N-more" /dev/null
	assert_failure 3
	run fdtool grab -q "$N-15"
	assert_success
}

@test "hold: names that another has, or that are none" {
	holds
	serve -n "$N-s" /dev/zero
	run fdtool send -n "$N-s" /dev/null "$N"
	assert_failure 3
	assert_line --index 0 "fdtool send: $N-s: another server than the broker has that name: EADDRINUSE (Address already in use)"
	run fdtool send -n "$N-s" --replace /dev/null "$N"
	assert_failure 3
	run fdtool send -n "$N" /dev/null "$N"
	assert_failure 3
	run fdtool grab -q "$N-s"
	assert_success
}

@test "hold: a stranger may neither store nor drop; --store-user lets it, and it owns what it sent" {
	needs_root
	chmod 755 .
	holds
	run as 1 fdtool send --to root -n "$N-d" /dev/null "$N"
	assert_failure 3
	assert_line --index 1 '  the receiver would need: --from daemon; a broker: --store-user daemon'
	run as 1 fdtool drop --to root --at "$N" "$N-d"
	assert_failure 3
	assert_line --index 1 '  the broker would need: --store-user daemon'
	grep -q "^$N: refused to pid .*, user daemon: may not store here: --store-user, --store-group" hold.out
	stops_with 143 "$HOLDER"

	holds --store-user daemon --store-group bin
	sends -n "$N-root" /dev/null
	as 1 fdtool send -q --to root -n "$N-d" /dev/null "$N"
	run as 1 fdtool send --to root -n "$N-root" --replace /dev/zero "$N"
	assert_failure 3
	assert_line --index 0 "fdtool send: $N-root: another user gave it: only that user and root may replace it"
	run as 1 fdtool drop --to root --at "$N" "$N-root"
	assert_failure 3
	assert_output "fdtool drop: $N-root: another user gave it: only that user and root may drop it"
	run as 2 fdtool drop --to root --at "$N" "$N-d"
	assert_failure 3
	as 1 fdtool send -q --to root -n "$N-d" --replace /dev/zero "$N"
	run as 1 fdtool drop --to root --at "$N" "$N-d"
	assert_success
	as 2 fdtool send -q --to root -n "$N-b" /dev/zero "$N"
	run fdtool drop --at "$N" "$N-b"
	assert_success
}

@test "hold: another user has at most half of it" {
	needs_root
	chmod 755 .
	holds --max 4 --store-user daemon
	as 1 fdtool send -q --to root -n "$N-1" -n "$N-2" /dev/null /dev/null "$N"
	run as 1 fdtool send -q --to root -n "$N-3" /dev/null "$N"
	assert_failure 3
	sends -n "$N-3" -n "$N-4" /dev/null /dev/null
}

@test "hold: --allow-user lets it grab; nobody else" {
	needs_root
	chmod 755 .
	holds --allow-user daemon
	sends -n "$N-x" /dev/null
	run as 1 fdtool grab -q --from root "$N-x"
	assert_success
	run as 2 fdtool grab -q --from root "$N-x"
	assert_failure 3
	until_true grep -q "^$N-x: denied to .*, user bin: not allowed" hold.out
}

@test "hold: what senders do wrong, and that it takes nothing from them" {
	local behaviour answer fds
	holds
	fds=$(fds_of "$HOLDER")
	while read -r behaviour answer; do
		sender "$N" "$behaviour"
		assert_line --index 0 --partial "$answer"
	done <<-'EOT'
		none FDTOOL/1 DENY reason=protocol errno=EBADMSG
		two FDTOOL/1 DENY reason=protocol errno=E2BIG
		most FDTOOL/1 DENY reason=protocol errno=E2BIG
		announces-two FDTOOL/1 DENY reason=protocol errno=E2BIG
		version-2 FDTOOL/1 DENY reason=protocol errno=EPROTONOSUPPORT
		other-verb FDTOOL/1 DENY reason=protocol errno=EBADMSG
		rubbish FDTOOL/1 DENY reason=protocol errno=EBADMSG
		long FDTOOL/1 DENY reason=protocol errno=EMSGSIZE
		taken FDTOOL/1 DENY reason=protocol errno=EBADMSG
		bad-expire FDTOOL/1 DENY reason=protocol errno=EBADMSG
		drop-with-descriptor FDTOOL/1 DENY reason=protocol
	EOT
	sender "$N" leaves
	until_true has_fds "$fds"
}

@test "hold: what a sender that is not fdtool asks for" {
	local fds
	holds
	fds=$(fds_of "$HOLDER")
	# it stays connected, as it may, until 10 seconds of silence
	for behaviour in no-keys escapes-in-name drop; do
		start timeout 30 "$TESTDIR/peers/sender.py" "$N" "$behaviour" >"$behaviour.out"
		until_true grep -q . "$behaviour.out"
	done
	grep -q '^FDTOOL/1 DENY reason=name' no-keys.out
	grep -q '^FDTOOL/1 DENY reason=name' escapes-in-name.out
	grep -q '^FDTOOL/1 DENY reason=absent' drop.out
	kill "${STARTED[@]:1}"
	until_true has_fds "$fds"
}

@test "hold: who is silent holds up nobody, and is disconnected" {
	local i fds
	holds
	fds=$(fds_of "$HOLDER")
	for ((i = 0; i < 5; i++)); do
		start timeout 30 "$TESTDIR/peers/sender.py" "$N" silent >"silent$i"
		until_true grep -q silent "silent$i"
	done
	sends -n "$N-x" /dev/null
	fdtool grab -q "$N-x"
	fdtool drop -q --at "$N" "$N-x"
	local deadline=$((SECONDS + 20))
	until has_fds "$fds"; do
		((SECONDS < deadline)) || fail "$(fds_of "$HOLDER") descriptors, not $fds"
		sleep 0.1
	done
}

@test "hold: many at once send, grab, replace and drop; none fails, and no descriptor stays" {
	local fds
	holds -q
	fds=$(fds_of "$HOLDER")
	sends -n "$N-all" eventfd:
	start bash -c 'for ((i = 0; i < 50; i++)); do
		{
			"$FDTOOL" send -q -n "$0-$i" eventfd: "$0" &&
			"$FDTOOL" grab -q "$0-$i" && "$FDTOOL" grab -q "$0-all" &&
			"$FDTOOL" drop -q --at "$0" "$0-$i" || echo "$i"
		} &
	done 2>&1 | cat >failed' "$N"
	ends_with 0 $!
	assert_equal "$(cat failed)" ''
	fdtool drop -q --at "$N" "$N-all"
	until_true has_fds "$fds"
}

@test "hold: many names, of which the title of the process has as many as fit" {
	local -a names
	local i
	holds -q
	for ((i = 0; i < 200; i++)); do names+=(-n "$N-$i"); done
	mapfile -t sources < <(yes /dev/null | head -n 200)
	sends "${names[@]}" "${sources[@]}"
	run fdtool list --json
	jq -e --arg n "$N-" --argjson p "$HOLDER" '[.. | objects | select(.name? // "" | startswith($n))] |
		length == 200 and all(.pid == $p)' <<<"$output" || fail "$output"
	# a number that is shown is whole
	tr '\0' ' ' <"/proc/$HOLDER/cmdline" | grep -oE "$N-[0-9]+=[0-9]+" | while IFS='=' read -r _ fd; do
		[ "$(readlink "/proc/$HOLDER/fd/$fd")" = /dev/null ] || fail "$fd"
	done
}

@test "hold: what may have a server is closed, too, when it is let go" {
	local fds i
	holds -q
	fds=$(fds_of "$HOLDER")
	for ((i = 0; i < 20; i++)); do sends -n "$N-p" --replace /proc/version; done
	fdtool drop -q --at "$N" "$N-p"
	sends -n "$N-p" --expire 1ms /proc/version
	until_true has_fds "$fds"
	sender "$N" two /proc/version
	assert_line --partial E2BIG
	until_true has_fds "$fds"
}

@test "hold: a file whose server sleeps: what closes it waits, and nobody else" {
	needs_root
	needs_device /dev/fuse
	local fds fuse i
	mkdir mount
	start "$TESTDIR/peers/sleepy-fuse.py" "$T/mount" later flush >fuse.out
	fuse=$!
	until_true grep -qs ready fuse.out
	holds -q
	fds=$(fds_of "$HOLDER")
	fdtool send -q -n "$N-f" "$fuse:7" "$N"
	kill -USR1 "$fuse"
	for ((i = 0; i < 12; i++)); do # more than may be closed at a time
		timeout 10 "$FDTOOL" send -q -n "$N-f" --replace "$fuse:7" "$N"
	done
	fdtool drop -q --at "$N" "$N-f"
	timeout 10 "$TESTDIR/peers/sender.py" "$N" two "/proc/$fuse/status" # uninvited
	sends -n "$N-x" /dev/null
	fdtool grab -q "$N-x"
	fdtool drop -q --at "$N" "$N-x"
	kill "$fuse" # all that waits fails
	until_true is_gone "$fuse"
	sends -n "$N-y" /proc/version # the next one has the rest closed
	fdtool drop -q --at "$N" "$N-y"
	until_true has_fds "$fds"
	stops_with 143 "$HOLDER"
}

@test "hold: a signal ends it, and its names and its path are free" {
	local signal
	for signal in TERM INT HUP; do
		start "$FDTOOL" hold ./socket >/dev/null
		local pid=$!
		until_true fdtool send -q -n "$N-x" /dev/null ./socket
		stops_with $((128 + $(kill -l $signal))) "$pid" $signal
		[ ! -e socket ]
		is_gone_name "$N-x"
	done
	run fdtool grab "$N-x"
	assert_failure 4
}

@test "hold: nobody reads its output, or it cannot be written" {
	mkfifo pipe
	exec {end}<>pipe
	start "$FDTOOL" hold "$N" >pipe
	local pid=$!
	until_true sends -n "$N-x" /dev/null
	local i
	for ((i = 0; i < 100; i++)); do sends -n "$N-x" --replace /dev/null; done
	stops_with 143 "$pid"
	exec {end}<&-
	start "$FDTOOL" hold "$N" >/dev/full 2>err
	pid=$!
	ends_with 1 "$pid"
	grep -q ENOSPC err
}

@test "drop: what is not there" {
	run fdtool drop --at "$N" x
	assert_failure 4
	assert_line --index 0 "fdtool drop: $N: no broker is there: ECONNREFUSED (Connection refused)"
	holds
	sends -n "$N-x" /dev/null
	run fdtool drop --at "$N" "$N-no" "$N-x"
	assert_failure 4
	assert_line "fdtool drop: $N-no: the broker at $N does not keep it"
	assert_line "$N-x: dropped"
	serve -n "$N-s" /dev/zero
	run fdtool drop --at "$N-s" x
	assert_failure 1
	assert_output "fdtool drop: $N-s: is no broker: a server is there, which offers something itself"
}

@test "drop: a broker that does not answer" {
	start python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("\0fdtool/" + sys.argv[1])
s.listen()
time.sleep(30)' "$N-silent"
	until_true grep -q "@fdtool/$N-silent$" /proc/net/unix
	run fdtool drop -t 100ms --at "$N-silent" x
	assert_failure 124
	assert_output "fdtool drop: $N-silent: the broker does not answer: ETIMEDOUT (Connection timed out)"
}

# takes_over ARG...: starts "hold --from $N ARG...", as holds does, when the old broker is $HOLDER,
# which then is the new one; $BEFORE is the old one.
takes_over() {
	BEFORE=$HOLDER
	holds --from "$N" "$@"
}

@test "hold: --from takes over names, owners, times and the address; the old one ends" {
	local fds
	exec {own}</dev/zero
	holds -q
	sends -n "$N-x" "fd:$own"
	sends -n "$N-short" --expire 2s /dev/null
	fds=$(fds_of "$HOLDER")
	takes_over
	ends_with 0 "$BEFORE"
	grep -q "^$N: all is taken over from pid $BEFORE (fdtool), user .*: 2 names" hold.out
	until_true has_fds "$fds"
	run fdtool grab --json "$N-x"
	json --argjson p "$HOLDER" '.[0] | .path == "/dev/zero" and .same == true and .server.pid == $p'
	until_true is_gone_name "$N-short"
	sends -n "$N-x" --replace /dev/null
	sends -n "$N-new" /dev/null
	run fdtool drop --at "$N" "$N-x" "$N-new"
	assert_success
	# another address, a path; and again the default of the operand
	BEFORE=$HOLDER
	start "$FDTOOL" hold --json --from "$N" ./socket >moved.out
	HOLDER=$!
	ends_with 0 "$BEFORE"
	until_true is_gone_name "$N"
	until_true fdtool send -q -n "$N-x" /dev/null ./socket
	BEFORE=$HOLDER
	start "$FDTOOL" hold -q --from ./socket
	HOLDER=$!
	ends_with 0 "$BEFORE"
	jq -es --argjson p "$HOLDER" '.[-1] | .event == "handed-over" and .pid == $p and .count == 1' moved.out ||
		fail "$(cat moved.out)"
	until_true fdtool drop -q --at ./socket "$N-x"
	stops_with 143 "$HOLDER"
	[ ! -e socket ]
}

@test "hold: 20 times --from under 10000 grabs: none of them fails" {
	local fds loops=() i
	holds -q
	sends -n "$N-x" eventfd:
	fds=$(fds_of "$HOLDER")
	for i in 1 2; do
		start bash -c 'for ((i = 0; i < 5000; i++)); do
			"$FDTOOL" grab -q "$0" || exit 1
		done' "$N-x"
		loops+=($!)
	done
	for ((i = 0; i < 20; i++)); do
		takes_over -q
		ends_with 0 "$BEFORE"
	done
	for i in "${loops[@]}"; do
		# these take longer than until_true waits
		wait "$i"
	done
	until_true has_fds "$fds"
}

@test "hold: a send that goes on while --from takes over is not lost" {
	local i loop
	holds -q
	start bash -c 'until [ -e stop ]; do
		"$FDTOOL" send -q -n "$0-1" -n "$0-2" --replace eventfd: /dev/null "$0" || exit 1
	done' "$N"
	loop=$!
	for i in {1..5}; do
		takes_over -q
		ends_with 0 "$BEFORE"
	done
	touch stop
	ends_with 0 "$loop"
	fdtool grab -q "$N-1"
	fdtool grab -q "$N-2"
}

@test "hold: --from where none is, of a server, of one that listens otherwise" {
	run fdtool hold --from "$N"
	assert_failure 4
	assert_output "fdtool hold: $N: no broker is there: ECONNREFUSED (Connection refused)"
	serve -n "$N-s" /dev/zero
	run fdtool hold --from "$N-s"
	assert_failure 1
	assert_output "fdtool hold: $N-s: is no broker: a server is there, which offers something itself"
	start "$FDTOOL" grab --listen "$N-l" -c 'wait'
	until_true grep -q "@fdtool/$N-l$" /proc/net/unix
	run fdtool hold --from "$N-l"
	assert_failure 3
	assert_output "fdtool hold: $N-l: it does not hand over: it is no broker, or one of an older version"
	run fdtool grab -q "$N-s"
	assert_success
}

@test "hold: --from with a smaller --max, or with an address in use: the old one goes on" {
	local fds
	holds
	sends -n "$N-1" -n "$N-2" /dev/null /dev/null
	fds=$(fds_of "$HOLDER")
	run fdtool hold --from "$N" --max 1
	assert_failure 3
	assert_line --index 0 "fdtool hold: $N: it keeps more descriptors than may be kept here"
	assert_line --index 1 "  it keeps 2: --max 2, and a higher 'ulimit -n' if that says so"
	until_true grep -q "$N: refused to .*: it left before it had taken all over" hold.out
	serve -n "$N-s" /dev/zero
	run fdtool hold --from "$N" "$N-s"
	assert_failure 1
	sends -n "$N-3" /dev/null
	fdtool grab -q "$N-1"
	fdtool drop -q --at "$N" "$N-3"
	until_true has_fds "$fds"
}

@test "hold: --from of another user" {
	needs_root
	chmod 755 .
	holds --store-user daemon --allow-any
	sends -n "$N-x" /dev/null
	run as 1 fdtool hold --from "$N"
	assert_failure 3
	assert_line --index 0 --partial "fdtool hold: $N: the broker hands over to its own user and root only"
	grep -q "refused to pid .*, user daemon" hold.out
	fdtool grab -q "$N-x"
	stops_with 143 "$HOLDER"
	start setpriv --reuid=1 --regid=1 --clear-groups -- "$FDTOOL" hold "$N" >/dev/null
	until_true grep -q "@fdtool/$N$" /proc/net/unix
	run fdtool hold --from "$N"
	assert_failure 3
	assert_line --index 0 --partial 'of user daemon, who is not trusted'
}

# half_way N: starts one that asks the broker to hand over, answers N times, and then stays silent.
half_way() {
	start "$TESTDIR/peers/heir.py" "$N" "$@" >heir.out
	HEIR=$!
	until_true grep -q ready heir.out
}

@test "hold: one that takes over and leaves in the middle, or says nothing: all goes on" {
	local fds behaviour
	holds
	sends -n "$N-1" -n "$N-2" --expire 100ms /dev/null /dev/null
	sends -n "$N-3" /dev/null
	for behaviour in 0 1 2; do
		half_way "$behaviour"
		fdtool grab -q "$N-3"
		kill -KILL "$HEIR"
		sends -n "$N-new" --replace /dev/null
		fdtool grab -q "$N-3"
	done
	until_true is_gone_name "$N-1"
	fdtool drop -q --at "$N" "$N-new"
	fds=$(fds_of "$HOLDER")
	half_way 1
	fdtool grab -q "$N-3"
	sends -n "$N-new" /dev/null # waits until the old one has given up
	grep -q "refused to pid $HEIR .*: it does not answer" hold.out
	kill "$HEIR"
	fdtool drop -q --at "$N" "$N-new"
	until_true has_fds "$fds"
}

@test "hold: an old broker that dies while it hands over: what has come is kept" {
	start "$TESTDIR/peers/testator.py" "$N" "$N-1" >testator.out
	until_true grep -q ready testator.out
	holds --from "$N"
	grep -q 'ended before it had handed all over: what came are 1 names' hold.err
	run fdtool grab --json "$N-1"
	json --argjson p "$HOLDER" '.[0] | .path == "/dev/null" and .server.pid == $p'
	sends -n "$N-2" /dev/null
	fdtool drop -q --at "$N" "$N-1" "$N-2"
}

@test "hold, drop: mistakes on the command line" {
	local arguments said
	while IFS='|' read -r arguments said; do
		# shellcheck disable=SC2086 # words
		run fdtool $arguments
		assert_failure 2
		assert_line --index 0 --partial "$said"
	done <<-'EOT'
		hold a b|is one too many
		hold a!b|has a character
		hold --max 0|must be 1 or more
		hold --ready-fd 77|descriptor 77 is not open
		hold --from a!b|has a character
		drop|no NAME to drop
		drop ./path|has a '/' in it
		drop --at a!b x|has a character
		send --as raw --expire 1s /dev/null x|are for a broker
		send --as systemd --replace /dev/null|are for a broker
	EOT
	holds
	run fdtool hold "$N"
	assert_failure 1
	assert_line --index 0 "fdtool hold: $N: the name is in use: EADDRINUSE (Address already in use)"
}
