/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kcmp(2), for which the C library has no function: see kcmp.h. */
#include "lib/look/kcmp.h"

#include <linux/kcmp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kcmp_order kcmp_descriptors(pid_t pid1, int fd1, pid_t pid2, int fd2)
{
	return (enum kcmp_order)syscall(SYS_kcmp, pid1, pid2, KCMP_FILE, fd1, fd2);
}

enum kcmp_order kcmp_tables(pid_t tid1, pid_t tid2)
{
	return (enum kcmp_order)syscall(SYS_kcmp, tid1, tid2, KCMP_FILES, 0, 0);
}

enum kcmp_order kcmp_epoll_entry(pid_t pid, int fd, pid_t epoll_pid, int epoll, int number,
	unsigned int offset)
{
	struct kcmp_epoll_slot slot = {(uint32_t)epoll, (uint32_t)number, offset};

	return (enum kcmp_order)syscall(SYS_kcmp, pid, epoll_pid, KCMP_EPOLL_TFD, fd, &slot);
}
