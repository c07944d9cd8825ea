#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-3.0-or-later
#
# grab --env: by what programs find their descriptors; and servers that take their listening socket
# from an offer, and are replaced without a failed request.

bats_require_minimum_version 1.5.0
load ../helper

@test "--env: systemd is the default, with the id of the program's own pidfd" {
	serve -n "$N" /dev/null
	run fdtool grab "$N" -- python3 -c '
import os
me = os.pidfd_open(os.getpid())
assert os.environ["LISTEN_PID"] == str(os.getpid())
number = str(os.fstat(me).st_ino)
print(sorted(k for k in os.environ if k.startswith(("LISTEN", "NGINX", "SERVER_S", "EINHORN"))))
print(os.environ.get("LISTEN_PIDFDID", number) == number)'
	assert_success
	assert_line --index 0 --regexp "^\['LISTEN_FDNAMES', 'LISTEN_FDS', 'LISTEN_PID'(, 'LISTEN_PIDFDID')?\]$"
	assert_line --index 1 True
}

@test "--env: LISTEN_PIDFDID is there where the kernel has pidfs, and is not inherited" {
	needs_linux 6.9
	serve -n "$N" /dev/null
	LISTEN_PIDFDID=1 run fdtool grab "$N" -- python3 -c '
import os
print(os.environ["LISTEN_PIDFDID"] == str(os.fstat(os.pidfd_open(os.getpid())).st_ino))'
	assert_output True
	LISTEN_PIDFDID=1 NGINX='9;' EINHORN_FD_7=7 SERVER_STARTER_PORT=80=9 run fdtool grab --env einhorn "$N" -- env
	refute_output --regexp 'LISTEN_|NGINX|SERVER_STARTER|EINHORN_FD_7'
}

@test "--env: each convention, and several at once" {
	serve --json -n "$N.a" -n "$N.b" tcp:127.0.0.1:0 unix:./sock
	local address
	address=$(jq -r 'select(.address).address' serve.out | head -n 1)
	run fdtool grab --env nginx "$N.a" "$N.b" -- env
	assert_line 'NGINX=3;4;'
	refute_output --partial LISTEN_
	run fdtool grab --env einhorn --env starter "$N.a" -f 7 "$N.b" -- env
	assert_line EINHORN_FD_COUNT=2
	assert_line EINHORN_FD_0=3
	assert_line EINHORN_FD_1=7
	assert_line 'EINHORN_FDS=3 7'
	assert_line "SERVER_STARTER_PORT=$address=3;./sock=7"
	refute_output --partial LISTEN_
	assert_line --regexp '^FDTOOL_FD_.*=7$'
	run fdtool grab --env systemd --env nginx "$N.a" -- env
	assert_line LISTEN_FDS=1
	assert_line 'NGINX=3;'
}

@test "--env: what is no convention, what has no program, what has no address" {
	serve -n "$N" /dev/null
	run fdtool grab --env other "$N" -- true
	assert_failure 2
	assert_output --partial "'other' must be systemd, nginx, starter or einhorn"
	run fdtool grab --env nginx "$N"
	assert_failure 2
	assert_output --partial "--env needs a PROGRAM after '--'"
	run fdtool grab --env starter "$N" -- touch reached
	assert_failure 1
	assert_output "fdtool grab: $N: --env starter: it is no socket with an address"
	[ ! -e reached ]
	serve -n "$N.path" 'unix:./a;b'
	run fdtool grab --env starter "$N.path" -- touch reached
	assert_failure 1
	assert_output "fdtool grab: $N.path: --env starter: its address has a ';' or '=', at which the variable is divided"
	[ ! -e reached ]
}

# web: offers a listening socket as $N; $PORT is its port.
web() {
	serve --json -n "$N" tcp:127.0.0.1:0
	PORT=$(jq -r 'select(.address).address' serve.out)
	PORT=${PORT##*:}
}

# under_load / no_failure: requests in the background; every one of them must have been answered.
under_load() {
	mkfifo ask
	# shellcheck disable=SC2016 # for that shell
	start bash -c 'exec "$@" <ask >answers' bash "$TESTDIR/peers/load.py" "$PORT"
	LOAD=$!
	exec {ask}>ask
}

no_failure() {
	exec {ask}>&-
	ends_with 0 "$LOAD"
	[[ $(head -n 1 answers) =~ ^[1-9][0-9]*\ answers$ ]] || fail "$(cat answers)"
	assert_equal "$(tail -n +2 answers | sort | uniq -c)" ""
}

answered() { # N: at least that many requests that a server logged
	[ -e requests ] && [ "$(wc -l <requests)" -ge "$1" ]
}

@test "a server is restarted ten times under load: no request fails" {
	cat >server.py <<-'END'
	import http.server, os, signal, socket, socketserver, sys
	assert os.environ["LISTEN_PID"] == str(os.getpid()) and os.environ["LISTEN_FDS"] == "1"
	class Handler(http.server.BaseHTTPRequestHandler):
	    def do_GET(self):
	        self.send_response(200)
	        self.send_header("Content-Length", "3")
	        self.end_headers()
	        self.wfile.write(b"ok\n")
	    def log_message(self, *_):
	        with open("requests", "a") as f: f.write("%d\n" % os.getpid())
	server = http.server.HTTPServer(("", 0), Handler, bind_and_activate=False)
	server.socket = socket.socket(fileno=3)
	server.timeout = 0.1
	going = True
	def stop(*_):
	    global going
	    going = False
	signal.signal(signal.SIGTERM, stop)
	while going:
	    server.handle_request()
	END
	web
	start "$FDTOOL" grab -w "$N" -- python3 server.py
	local pid=$! i
	under_load
	for i in {1..10}; do
		until_true answered $((i * 5))
		kill "$pid"
		ends_with 0 "$pid"
		start "$FDTOOL" grab -w "$N" -- python3 server.py
		pid=$!
		until_true grep -qx "$pid" requests
	done
	no_failure
	assert_equal "$(sort -u requests | wc -l)" 11
	stops_with 0 "$pid"
}

@test "nginx takes its socket, and is replaced by another without a failed request" {
	PATH=$PATH:/usr/sbin
	command -v nginx >/dev/null || skip 'needs nginx'
	web
	mkdir html
	echo hello >html/index.html
	cat >nginx.conf <<-END
		error_log $T/error.log notice;
		worker_processes 1;
		$([ "$(id -u)" != 0 ] || echo user root\;)
		events {}
		http {
			access_log $T/requests;
			client_body_temp_path $T/tmp; proxy_temp_path $T/tmp; fastcgi_temp_path $T/tmp;
			uwsgi_temp_path $T/tmp; scgi_temp_path $T/tmp;
			server { listen 127.0.0.1:$PORT; root $T/html; }
		}
	END
	local nginx=("$FDTOOL" grab -w "$N" --env nginx -- nginx -p "$T" -c "$T/nginx.conf" -e "$T/error.log")
	start "${nginx[@]}" -g "pid $T/1.pid;"
	local first=$!
	under_load
	until_true answered 5
	grep -q 'using inherited sockets from "3;"' error.log
	start "${nginx[@]}" -g "pid $T/2.pid;"
	local second=$! more
	until_true test -e 2.pid
	kill -QUIT "$first" # the one that has the pid file of its own
	ends_with 0 "$first"
	more=$(($(wc -l <requests) + 20))
	until_true answered "$more"
	no_failure
	kill -QUIT "$second"
	ends_with 0 "$second"
}
