# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a machine may lack: asked by the tests that need it, and by tests/run, which excuses their
# skipping only where it is so.

# Opening a device that is missing would make a regular file.
has_device() {
	[ -c "$1" ] && (: <>"$1") 2>/dev/null
}

# Whether a user sees the processes of others in /proc; asked by root.
has_open_proc() {
	setpriv --reuid=1 --regid=1 --clear-groups -- test -e /proc/1
}

# A container may forbid them, and after chroot(2) there is no mount at the root.
has_namespaces() {
	unshare -m -n -p -f true 2>/dev/null
}

# A server of ssh that can be run for one connection.
has_sshd() {
	[ -x /usr/sbin/sshd ] && { [ "$(id -u)" != 0 ] || [ -d /run/sshd ]; }
}

# Whether processes that are no children may be traced: Yama.
has_ptrace() {
	local scope=/proc/sys/kernel/yama/ptrace_scope
	[ ! -e "$scope" ] || [ "$(<"$scope")" = 0 ] || { [ "$(<"$scope")" -lt 3 ] && [ "$(id -u)" = 0 ]; }
}

# Whether a port needs a privilege: not where a container has set the sysctl to 0.
has_low_ports() {
	[ "$(</proc/sys/net/ipv4/ip_unprivileged_port_start)" -gt 1 ]
}

# Whether programs of i386 can be made and run.
has_i386() {
	local program
	program=$(mktemp)
	# shellcheck disable=SC2016 # an assembler's $
	${CC:-cc} -m32 -nostdlib -static -o "$program" -xc - 2>/dev/null \
		<<<'void _start(void) { for (;;) __asm__ volatile("int $0x80" : : "a"(1), "b"(0)); }' &&
		"$program"
	set -- $?
	rm -f "$program"
	return "$1"
}
