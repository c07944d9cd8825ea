/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the kernel's constants: see names.h. */
#include "lib/base/names.h"
#include "lib/base/names-row.h"
#include "lib/base/uapi.h"

#include <bsd/stdlib.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>

#define STATE(s) {TCP_##s, #s}

const struct bitname names_msg[] = {
	BIT(MSG_OOB), BIT(MSG_PEEK), BIT(MSG_DONTROUTE), BIT(MSG_CTRUNC), BIT(MSG_TRUNC),
	BIT(MSG_DONTWAIT), BIT(MSG_EOR), BIT(MSG_WAITALL), BIT(MSG_CONFIRM), BIT(MSG_ERRQUEUE),
	BIT(MSG_NOSIGNAL), BIT(MSG_MORE), BIT(MSG_WAITFORONE), BIT(MSG_ZEROCOPY), BIT(MSG_FASTOPEN),
	BIT(MSG_CMSG_CLOEXEC), {0, NULL},
};

const struct bitname names_epoll[] = {
	BIT(EPOLLIN), BIT(EPOLLPRI), BIT(EPOLLOUT), BIT(EPOLLERR), BIT(EPOLLHUP),
	BIT(EPOLLRDNORM), BIT(EPOLLRDBAND), BIT(EPOLLWRNORM), BIT(EPOLLWRBAND), BIT(EPOLLMSG),
	BIT(EPOLLRDHUP), {(unsigned int)EPOLLEXCLUSIVE, "EPOLLEXCLUSIVE"},
	{(unsigned int)EPOLLWAKEUP, "EPOLLWAKEUP"}, {(unsigned int)EPOLLONESHOT, "EPOLLONESHOT"},
	{(unsigned int)EPOLLET, "EPOLLET"}, {0, NULL},
};

const struct bitname names_inotify[] = {
	BIT(IN_ACCESS), BIT(IN_MODIFY), BIT(IN_ATTRIB), BIT(IN_CLOSE_WRITE), BIT(IN_CLOSE_NOWRITE),
	BIT(IN_OPEN), BIT(IN_MOVED_FROM), BIT(IN_MOVED_TO), BIT(IN_CREATE), BIT(IN_DELETE),
	BIT(IN_DELETE_SELF), BIT(IN_MOVE_SELF), BIT(IN_UNMOUNT), BIT(IN_Q_OVERFLOW), BIT(IN_IGNORED),
	BIT(IN_ONLYDIR), BIT(IN_DONT_FOLLOW), BIT(IN_EXCL_UNLINK), BIT(IN_MASK_CREATE),
	BIT(IN_MASK_ADD), BIT(IN_ISDIR), BIT(IN_ONESHOT), {0, NULL},
};

const struct bitname names_fanotify[] = {
	BIT(FAN_ACCESS), BIT(FAN_MODIFY), BIT(FAN_ATTRIB), BIT(FAN_CLOSE_WRITE), BIT(FAN_CLOSE_NOWRITE),
	BIT(FAN_OPEN), BIT(FAN_MOVED_FROM), BIT(FAN_MOVED_TO), BIT(FAN_CREATE), BIT(FAN_DELETE),
	BIT(FAN_DELETE_SELF), BIT(FAN_MOVE_SELF), BIT(FAN_OPEN_EXEC), BIT(FAN_Q_OVERFLOW),
	BIT(FAN_FS_ERROR), BIT(FAN_OPEN_PERM), BIT(FAN_ACCESS_PERM), BIT(FAN_OPEN_EXEC_PERM),
	BIT(FAN_EVENT_ON_CHILD), BIT(FAN_RENAME), BIT(FAN_ONDIR), {0, NULL},
};

const struct bitname names_seals[] = {
	BIT(F_SEAL_SEAL), BIT(F_SEAL_SHRINK), BIT(F_SEAL_GROW), BIT(F_SEAL_WRITE),
	BIT(F_SEAL_FUTURE_WRITE), BIT(F_SEAL_EXEC), {0, NULL},
};

const struct bitname names_settime[] = {
	BIT(TFD_TIMER_ABSTIME), BIT(TFD_TIMER_CANCEL_ON_SET), {0, NULL},
};

const struct bitname names_clock[] = {
	BIT(CLOCK_REALTIME), BIT(CLOCK_MONOTONIC), BIT(CLOCK_BOOTTIME), BIT(CLOCK_REALTIME_ALARM),
	BIT(CLOCK_BOOTTIME_ALARM), {0, NULL},
};

const struct bitname names_family[] = {
	BIT(AF_UNIX), BIT(AF_INET), BIT(AF_INET6), BIT(AF_NETLINK), BIT(AF_PACKET), BIT(AF_VSOCK),
	BIT(AF_ALG), BIT(AF_BLUETOOTH), BIT(AF_CAN), BIT(AF_TIPC), BIT(AF_KEY), BIT(AF_XDP),
	{0, NULL},
};

const struct bitname names_socket[] = {
	BIT(SOCK_STREAM), BIT(SOCK_DGRAM), BIT(SOCK_RAW), BIT(SOCK_RDM), BIT(SOCK_SEQPACKET),
	BIT(SOCK_DCCP), BIT(SOCK_PACKET), {0, NULL},
};

const struct bitname names_protocol[] = {
	BIT(IPPROTO_TCP), BIT(IPPROTO_UDP), BIT(IPPROTO_ICMP), BIT(IPPROTO_ICMPV6), BIT(IPPROTO_SCTP),
	BIT(IPPROTO_UDPLITE), BIT(IPPROTO_MPTCP), BIT(IPPROTO_RAW), {0, NULL},
};

const struct bitname names_netlink[] = {
	BIT(NETLINK_ROUTE), BIT(NETLINK_SOCK_DIAG), BIT(NETLINK_XFRM), BIT(NETLINK_SELINUX),
	BIT(NETLINK_AUDIT), BIT(NETLINK_CONNECTOR), BIT(NETLINK_NETFILTER), BIT(NETLINK_KOBJECT_UEVENT),
	BIT(NETLINK_GENERIC), BIT(NETLINK_CRYPTO), {0, NULL},
};

const struct bitname names_state[] = {
	STATE(ESTABLISHED), STATE(SYN_SENT), STATE(SYN_RECV), STATE(FIN_WAIT1), STATE(FIN_WAIT2),
	STATE(TIME_WAIT), STATE(CLOSE), STATE(CLOSE_WAIT), STATE(LAST_ACK), STATE(LISTEN),
	STATE(CLOSING), {0, NULL},
};

/* A value that the headers of Debian 11 or 12 lack is written as its number. */
const struct bitname names_bpf_map[] = {
	BIT(BPF_MAP_TYPE_UNSPEC), BIT(BPF_MAP_TYPE_HASH), BIT(BPF_MAP_TYPE_ARRAY),
	BIT(BPF_MAP_TYPE_PROG_ARRAY), BIT(BPF_MAP_TYPE_PERF_EVENT_ARRAY),
	BIT(BPF_MAP_TYPE_PERCPU_HASH), BIT(BPF_MAP_TYPE_PERCPU_ARRAY),
	BIT(BPF_MAP_TYPE_STACK_TRACE), BIT(BPF_MAP_TYPE_CGROUP_ARRAY),
	BIT(BPF_MAP_TYPE_LRU_HASH), BIT(BPF_MAP_TYPE_LRU_PERCPU_HASH),
	BIT(BPF_MAP_TYPE_LPM_TRIE), BIT(BPF_MAP_TYPE_ARRAY_OF_MAPS),
	BIT(BPF_MAP_TYPE_HASH_OF_MAPS), BIT(BPF_MAP_TYPE_DEVMAP), BIT(BPF_MAP_TYPE_SOCKMAP),
	BIT(BPF_MAP_TYPE_CPUMAP), BIT(BPF_MAP_TYPE_XSKMAP), BIT(BPF_MAP_TYPE_SOCKHASH),
	BIT(BPF_MAP_TYPE_CGROUP_STORAGE), BIT(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY),
	BIT(BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE), BIT(BPF_MAP_TYPE_QUEUE),
	BIT(BPF_MAP_TYPE_STACK), BIT(BPF_MAP_TYPE_SK_STORAGE), BIT(BPF_MAP_TYPE_DEVMAP_HASH),
	BIT(BPF_MAP_TYPE_STRUCT_OPS), BIT(BPF_MAP_TYPE_RINGBUF),
	BIT(BPF_MAP_TYPE_INODE_STORAGE), {29, "BPF_MAP_TYPE_TASK_STORAGE"},
	{30, "BPF_MAP_TYPE_BLOOM_FILTER"}, {31, "BPF_MAP_TYPE_USER_RINGBUF"},
	{32, "BPF_MAP_TYPE_CGRP_STORAGE"}, {33, "BPF_MAP_TYPE_ARENA"}, {0, NULL},
};

const struct bitname names_bpf_prog[] = {
	BIT(BPF_PROG_TYPE_UNSPEC), BIT(BPF_PROG_TYPE_SOCKET_FILTER), BIT(BPF_PROG_TYPE_KPROBE),
	BIT(BPF_PROG_TYPE_SCHED_CLS), BIT(BPF_PROG_TYPE_SCHED_ACT),
	BIT(BPF_PROG_TYPE_TRACEPOINT), BIT(BPF_PROG_TYPE_XDP), BIT(BPF_PROG_TYPE_PERF_EVENT),
	BIT(BPF_PROG_TYPE_CGROUP_SKB), BIT(BPF_PROG_TYPE_CGROUP_SOCK),
	BIT(BPF_PROG_TYPE_LWT_IN), BIT(BPF_PROG_TYPE_LWT_OUT), BIT(BPF_PROG_TYPE_LWT_XMIT),
	BIT(BPF_PROG_TYPE_SOCK_OPS), BIT(BPF_PROG_TYPE_SK_SKB),
	BIT(BPF_PROG_TYPE_CGROUP_DEVICE), BIT(BPF_PROG_TYPE_SK_MSG),
	BIT(BPF_PROG_TYPE_RAW_TRACEPOINT), BIT(BPF_PROG_TYPE_CGROUP_SOCK_ADDR),
	BIT(BPF_PROG_TYPE_LWT_SEG6LOCAL), BIT(BPF_PROG_TYPE_LIRC_MODE2),
	BIT(BPF_PROG_TYPE_SK_REUSEPORT), BIT(BPF_PROG_TYPE_FLOW_DISSECTOR),
	BIT(BPF_PROG_TYPE_CGROUP_SYSCTL), BIT(BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE),
	BIT(BPF_PROG_TYPE_CGROUP_SOCKOPT), BIT(BPF_PROG_TYPE_TRACING),
	BIT(BPF_PROG_TYPE_STRUCT_OPS), BIT(BPF_PROG_TYPE_EXT), BIT(BPF_PROG_TYPE_LSM),
	BIT(BPF_PROG_TYPE_SK_LOOKUP), {31, "BPF_PROG_TYPE_SYSCALL"},
	{32, "BPF_PROG_TYPE_NETFILTER"}, {0, NULL},
};

void names_each(const struct bitname *table, uint64_t bits,
	void (*each)(void *data, const char *name), void *data)
{
	for (; table->name; table++) {
		if ((bits & table->bit) != table->bit)
			continue;
		each(data, table->name);
		bits &= ~table->bit;
	}
	if (bits) {
		char hex[24];
		snprintf(hex, sizeof(hex), "0x%" PRIx64, bits);
		each(data, hex);
	}
}

struct joined {
	char *out;
	size_t size;
};

static void join(void *data, const char *name)
{
	struct joined *j = data;
	size_t used = strlen(j->out);

	snprintf(j->out + used, j->size - used, "%s%s", used ? "|" : "", name);
}

char *names_bits(const struct bitname *table, uint64_t bits, char *out, size_t size)
{
	struct joined j = {out, size};

	out[0] = '\0';
	names_each(table, bits, join, &j);
	return out;
}

const char *names_find(const struct bitname *table, uint64_t value)
{
	for (; table->name; table++)
		if (table->bit == value)
			return table->name;
	return NULL;
}

char *names_value(const struct bitname *table, uint64_t value, char *out, size_t size)
{
	const char *name = names_find(table, value);

	if (name)
		snprintf(out, size, "%s", name);
	else
		snprintf(out, size, "%" PRIu64, value);
	return out;
}

char *names_signal(int number, char *out, size_t size)
{
	const char *name = names_find(names_signals, (uint64_t)number);

	if (name)
		snprintf(out, size, "SIG%s", name);
	else if (number >= SIGRTMIN && number <= SIGRTMAX)
		snprintf(out, size, "SIGRTMIN+%d", number - SIGRTMIN);
	else /* the first real-time signals of the kernel, which libc uses itself */
		snprintf(out, size, "SIG%d", number);
	return out;
}

static const char *access_mode(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return "O_RDONLY";
	case O_WRONLY:
		return "O_WRONLY";
	case O_RDWR:
		return "O_RDWR";
	default:
		return "O_ACCMODE"; /* 3: for ioctl(2) only, see open(2) */
	}
}

char *names_flags(int flags, char *out, size_t size)
{
	struct joined j = {out, size};

	snprintf(out, size, "%s", access_mode(flags));
	names_each(names_open, (unsigned int)flags & ~(unsigned int)O_ACCMODE, join, &j);
	return out;
}

void names_each_status(int flags, void (*each)(void *data, const char *name), void *data)
{
	const unsigned int hidden = O_ACCMODE | names_o_largefile;

	names_each(names_open, (unsigned int)flags & ~hidden, each, data);
}

const char *names_mode(int flags)
{
	if (flags & O_PATH)
		return "path";
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return "r";
	case O_WRONLY:
		return "w";
	case O_RDWR:
		return "rw";
	default:
		return "none";
	}
}

bool names_number(
	const struct bitname *table, const char *prefix, const char *name, size_t len, uint64_t *number)
{
	size_t skip = strlen(prefix);

	for (; table->name; table++) {
		const char *rest = strncmp(table->name, prefix, skip) == 0 ? table->name + skip : table->name;
		bool whole = strlen(table->name) == len && strncasecmp(table->name, name, len) == 0;
		if (whole || (strlen(rest) == len && strncasecmp(rest, name, len) == 0)) {
			*number = table->bit;
			return true;
		}
	}
	return false;
}

int names_errno_number(const char *name)
{
	uint64_t number;

	return names_number(names_errnos, "", name, strlen(name), &number) ? (int)number : 0;
}

int names_signal_number(const char *name)
{
	const char *fault;
	uint64_t known;

	if (strncasecmp(name, "SIG", 3) == 0)
		name += 3;
	if (names_number(names_signals, "", name, strlen(name), &known))
		return (int)known;
	bool from_min = strncmp(name, "RTMIN+", 6) == 0;
	int most = from_min ? SIGRTMAX - SIGRTMIN : SIGRTMAX;
	int number = (int)strtonum(from_min ? name + 6 : name, from_min ? 0 : 1, most, &fault);
	return fault ? 0 : from_min ? SIGRTMIN + number : number;
}

const char *names_errno(int err)
{
	static char number[24];
	const char *name = names_find(names_errnos, (uint64_t)err);

	if (name)
		return name;
	snprintf(number, sizeof(number), "errno %d", err);
	return number;
}
