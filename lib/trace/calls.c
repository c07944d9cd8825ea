/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The system calls that reach descriptions: see calls.h. */
#include "lib/trace/calls.h"
#include "lib/base/memory.h"
#include "lib/trace/numbers.h"

#include <stdbool.h>
#include <string.h>

/*
 * The letters of arguments:
 *
 *   d a descriptor            D a directory's, or AT_FDCWD
 *   b bytes, then their length B the same, written by the call: the result is the length
 *   v struct iovec            V the same, written by the call
 *   s a string
 *   m struct msghdr, to send, and flags  M the same, to receive
 *   n an array of struct mmsghdr, to send, then how many  N the same, to receive: the result is how many
 *   c command and argument of fcntl(2)   k of ioctl(2)
 *   w whence   f flags of open(2)   L operation of flock(2)   e operation of epoll_ctl(2)
 *   g flags of send(2) and recv(2)
 *   q pointer to an offset    l offset or length, signed
 *   C flags of clone(2)       K struct clone_args
 *   i int   z unsigned   o octal   x hexadecimal   p pointer
 *
 * "=d": the result is a descriptor. "=t": the call acts on the whole table of
 * the process; "=r": on those from the first argument to the second.
 */
#define CALL(name, classes, args) {#name, SYS_##name, classes, args}

enum {
	MOVE = TRACE_MOVE,
	FLAGS = TRACE_FLAGS,
	LIFE = TRACE_LIFE,
	IO = TRACE_IO,
	LOCK = TRACE_LOCK,
	OTHER = TRACE_OTHER,
};

const struct trace_call trace_calls[] = {
	/* data */
	CALL(read, IO, "dBz"),
	CALL(write, IO, "dbz"),
	CALL(readv, IO, "dVi"),
	CALL(writev, IO, "dvi"),
	CALL(pread64, IO, "dBzl"),
	CALL(pwrite64, IO, "dbzl"),
	CALL(preadv, IO, "dVil"),
	CALL(pwritev, IO, "dvil"),
	CALL(preadv2, IO, "dVillx"),
	CALL(pwritev2, IO, "dvillx"),
	CALL(sendfile, IO, "ddqz"),
	CALL(splice, IO, "dqdqzx"),
	CALL(tee, IO, "ddzx"),
	CALL(vmsplice, IO, "dvzx"),
	CALL(copy_file_range, IO, "dqdqzx"),
	CALL(sendto, IO, "dbzgpi"),
	CALL(recvfrom, IO, "dBzgpp"),
	CALL(sendmsg, IO, "dm"),
	CALL(recvmsg, IO, "dM"),
	CALL(sendmmsg, IO, "dnzg"),
	CALL(recvmmsg, IO, "dNzgp"),
	CALL(mq_timedsend, IO, "dbzzp"),
	CALL(mq_timedreceive, IO, "dBzpp"),
	CALL(getdents64, IO, "dpz"),
	CALL(getdents, IO, "dpz"),
	CALL(io_uring_enter, IO, "dzzxp"),
	CALL(readahead, IO, "dlz"),

	/* the offset, and the size */
	CALL(lseek, OTHER, "dlw"), /* if it moves the offset, it is of MOVE: as all calls are */
	CALL(ftruncate, MOVE, "dl"),
	CALL(fallocate, MOVE, "dxll"),

	/* which class an fcntl or ioctl has, depends on its command */
	CALL(fcntl, OTHER, "dc"),
	CALL(ioctl, OTHER, "dk"),
	CALL(flock, LOCK, "dL"),

	/* descriptors that come and go */
	CALL(close, LIFE, "d"),
	CALL(dup, LIFE, "d=d"),
	CALL(dup2, LIFE, "dd=d"),
	CALL(dup3, LIFE, "ddf=d"),
	CALL(pidfd_getfd, LIFE, "dix=d"),
	CALL(epoll_ctl, LIFE, "dedp"),
	CALL(mmap, LIFE, "pzxxdl"),
	CALL(accept, OTHER, "dpp"),
	CALL(accept4, OTHER, "dppx"),
	CALL(io_uring_register, OTHER, "dipz"),

	CALL(close_range, LIFE, "zzx=r"),
	CALL(fork, LIFE, "=t"),
	CALL(vfork, LIFE, "=t"),
	CALL(clone, LIFE, "C=t"),
	CALL(clone3, LIFE, "Kz=t"),
	CALL(execve, LIFE, "s=t"),

	/* sockets */
	CALL(connect, OTHER, "dpi"),
	CALL(bind, OTHER, "dpi"),
	CALL(listen, OTHER, "di"),
	CALL(shutdown, OTHER, "di"),
	CALL(getsockname, OTHER, "dpp"),
	CALL(getpeername, OTHER, "dpp"),
	CALL(setsockopt, OTHER, "diipi"),
	CALL(getsockopt, OTHER, "diipp"),

	/* the inode, and what it is on */
	CALL(fstat, OTHER, "dp"),
	CALL(fstatfs, OTHER, "dp"),
	CALL(fsync, OTHER, "d"),
	CALL(fdatasync, OTHER, "d"),
	CALL(syncfs, OTHER, "d"),
	CALL(sync_file_range, OTHER, "dllx"),
	CALL(fadvise64, OTHER, "dlli"),
	CALL(cachestat, OTHER, "dppx"),
	CALL(fchdir, OTHER, "d"),
	CALL(fchmod, OTHER, "do"),
	CALL(fchown, OTHER, "dii"),
	CALL(fsetxattr, OTHER, "dspzx"),
	CALL(fgetxattr, OTHER, "dspz"),
	CALL(flistxattr, OTHER, "dpz"),
	CALL(fremovexattr, OTHER, "ds"),
	CALL(quotactl_fd, OTHER, "dxip"),
	CALL(finit_module, OTHER, "dsx"),
	CALL(kexec_file_load, OTHER, "ddzpx"),

	/* what is a file only by name */
	CALL(epoll_wait, IO, "dpii"),
	CALL(epoll_pwait, IO, "dpiip"),
	CALL(epoll_pwait2, IO, "dpipp"),
	CALL(signalfd, OTHER, "dpz"),
	CALL(signalfd4, OTHER, "dpzx"),
	CALL(timerfd_settime, OTHER, "dxpp"),
	CALL(timerfd_gettime, OTHER, "dp"),
	CALL(inotify_add_watch, OTHER, "dsx"),
	CALL(inotify_rm_watch, OTHER, "di"),
	CALL(fanotify_mark, OTHER, "dxxDs"),
	CALL(mq_notify, OTHER, "dp"),
	CALL(mq_getsetattr, OTHER, "dpp"),
	CALL(pidfd_send_signal, OTHER, "dipx"),
	CALL(process_madvise, OTHER, "dpzix"),
	CALL(process_mrelease, OTHER, "dx"),
	CALL(setns, OTHER, "dx"),
	CALL(perf_event_open, OTHER, "piiDx"),
	CALL(landlock_add_rule, OTHER, "dipx"),
	CALL(landlock_restrict_self, OTHER, "dx"),
	CALL(fsconfig, OTHER, "dispi"),
	CALL(fsmount, OTHER, "dxx"),

	/* directories */
	CALL(openat, OTHER, "Dsfo"),
	CALL(openat2, OTHER, "Dspz"),
	CALL(newfstatat, OTHER, "Dspx"),
	CALL(statx, OTHER, "Dsxxp"),
	CALL(faccessat, OTHER, "Dso"),
	CALL(faccessat2, OTHER, "Dsox"),
	CALL(readlinkat, OTHER, "Dspz"),
	CALL(mkdirat, OTHER, "Dso"),
	CALL(mknodat, OTHER, "Dsox"),
	CALL(unlinkat, OTHER, "Dsx"),
	CALL(symlinkat, OTHER, "pDs"),
	CALL(linkat, OTHER, "DsDpx"),
	CALL(renameat, OTHER, "DsDp"),
	CALL(renameat2, OTHER, "DsDpx"),
	CALL(fchownat, OTHER, "Dsiix"),
	CALL(fchmodat, OTHER, "Dso"),
	CALL(fchmodat2, OTHER, "Dsox"),
	CALL(utimensat, OTHER, "Dspx"),
	CALL(futimesat, OTHER, "Dsp"),
	CALL(execveat, OTHER, "Dsppx"),
	CALL(name_to_handle_at, OTHER, "Dsppx"),
	CALL(open_by_handle_at, OTHER, "Dpf"),
	CALL(open_tree, OTHER, "Dsx"),
	CALL(move_mount, OTHER, "DsDpx"),
	CALL(fspick, OTHER, "Dsx"),
	CALL(mount_setattr, OTHER, "Dsxpz"),
	CALL(open_tree_attr, OTHER, "Dsxpz"),
	CALL(file_getattr, OTHER, "Dspzx"),
	CALL(file_setattr, OTHER, "Dspzx"),
	CALL(setxattrat, OTHER, "Dsxspz"),
	CALL(getxattrat, OTHER, "Dsxspz"),
	CALL(listxattrat, OTHER, "Dsxpz"),
	CALL(removexattrat, OTHER, "Dsxs"),
	{NULL, -1, 0, NULL},
};

const struct trace_left_out trace_left_out[] = {
	{"poll", "waits, and changes nothing"},
	{"ppoll", "waits, and changes nothing"},
	{"select", "waits, and changes nothing"},
	{"pselect6", "waits, and changes nothing"},
	{"io_submit", "has its descriptors in memory, and the kernel works on them later"},
	{"io_getevents", "has no descriptor"},
	{"bpf", "has its descriptors in memory"},
	{"waitid", "has a pidfd only with P_PIDFD, and a number that is none otherwise"},
	{"prctl", "sets the executable of a process, and acts on no description"},
	{"unshare", "copies the table of a thread, and acts on no description"},
	{NULL, NULL},
};

const struct trace_call *trace_call_find(uint32_t number)
{
	static const struct trace_call *by_number[TRACE_NUMBERS];

	if (!by_number[SYS_read])
		for (const struct trace_call *c = trace_calls; c->name; c++)
			if (c->number >= 0)
				by_number[c->number] = c;
	return number < TRACE_NUMBERS ? by_number[number] : NULL;
}

static const struct {
	char letter;
	enum trace_memory memory;
	bool late;
} pointers[] = {
	{'b', MEMORY_BYTES, false},   {'B', MEMORY_BYTES, true},
	{'v', MEMORY_VECTOR, false},  {'V', MEMORY_VECTOR, true},
	{'s', MEMORY_STRING, false},  {'q', MEMORY_OFFSET, false},
	{'m', MEMORY_MESSAGE, false}, {'M', MEMORY_MESSAGE, true},
	{'n', MEMORY_MESSAGE, false}, {'N', MEMORY_MESSAGE, true},
	{'c', MEMORY_FCNTL, true},    {'k', MEMORY_IOCTL, true},
	{'C', MEMORY_FLAGS, false},   {'K', MEMORY_CLONE, false},
};

/* The first argument that points somewhere is the one whose memory is recorded. */
static void add_memory(struct trace_rule *rule, char letter, uint8_t arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(pointers) && !rule->memory; i++)
		if (pointers[i].letter == letter) {
			rule->memory = pointers[i].memory;
			rule->late = pointers[i].late;
			/* of a command and its argument, the second */
			rule->pointer = arg + (letter == 'c' || letter == 'k');
		}
}

struct trace_rule trace_rule_of(const struct trace_call *c)
{
	struct trace_rule rule = {.classes = c->classes};
	uint8_t arg = 0;

	for (const char *at = c->args; *at && *at != '='; at++, arg++) {
		if (*at == 'd' || *at == 'D')
			rule.fds |= (uint8_t)(1 << arg);
		add_memory(&rule, *at, arg);
	}
	rule.many = strpbrk(c->args, "nN") != NULL;
	rule.gives = strstr(c->args, "=d") != NULL;
	rule.table = strstr(c->args, "=t") ? TABLE_WHOLE : strstr(c->args, "=r") ? TABLE_RANGE : TABLE_NONE;
	return rule;
}

const struct trace_rule *trace_rule_find(uint64_t number)
{
	static struct trace_rule rules[TRACE_NUMBERS]; /* without classes: none */

	if (!rules[SYS_read].classes)
		for (const struct trace_call *c = trace_calls; c->name; c++)
			if (c->number >= 0)
				rules[c->number] = trace_rule_of(c);
	return number < TRACE_NUMBERS && rules[number].classes ? &rules[number] : NULL;
}
