/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kcmp(2): whether two processes share a kernel object. The kernel also orders objects, by
 * their scrambled addresses, so that many can be sorted and searched.
 *
 * Errors, with errno: ESRCH no such process, EBADF no such descriptor, EPERM no permission
 * to inspect one of the processes (ptrace(2)), ENOSYS a kernel without kcmp; ENOENT no such
 * epoll entry.
 */
#ifndef FDTOOL_LIB_LOOK_KCMP_H
#define FDTOOL_LIB_LOOK_KCMP_H

#include <sys/types.h>

/* The first object, compared with the second: the values that kcmp(2) returns. */
enum kcmp_order {
	KCMP_ERROR = -1,
	KCMP_SAME = 0,
	KCMP_BEFORE = 1,
	KCMP_AFTER = 2,
	KCMP_UNORDERED = 3, /* they differ, and the kernel does not order them */
};

/* The open file descriptions of two descriptors. */
enum kcmp_order kcmp_descriptors(pid_t pid1, int fd1, pid_t pid2, int fd2);

/* The descriptor tables of two tasks. */
enum kcmp_order kcmp_tables(pid_t tid1, pid_t tid2);

/*
 * The description of a descriptor, and the one that an entry of an epoll instance monitors. The
 * entry is the one at position `offset` among those with the descriptor number `number`.
 */
enum kcmp_order kcmp_epoll_entry(pid_t pid, int fd, pid_t epoll_pid, int epoll, int number,
	unsigned int offset);

#endif
