/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a file of proc(5), whose size is not known before it was read, and of which
 * one read(2) may give less than there is; and the processes that it shows.
 */
#ifndef FDTOOL_LIB_BASE_PROC_H
#define FDTOOL_LIB_BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Reads what fits into out, of that size, and ends it with a NUL. Returns its
 * length, or -1 with the errno of open(2) or read(2): ESRCH from a process that
 * has ended meanwhile.
 */
ssize_t proc_read(const char *path, char *out, size_t size);

/*
 * The beginning of it: what one read(2) gives, for who needs no more. dir is as in
 * openat(2).
 */
ssize_t proc_read_once(int dir, const char *path, char *out, size_t size);

/* The same as proc_read, of any length; the caller frees. NULL with errno. */
char *proc_read_all(const char *path, size_t *len);

/*
 * Calls each for every process that /proc shows, until it returns false. Returns 0, or
 * -1 with errno, where there is no /proc.
 */
int proc_each(bool (*each)(void *data, pid_t pid), void *data);

/* The same for every thread of a process, the first one too; ENOENT: it has ended. */
int proc_each_thread(pid_t pid, bool (*each)(void *data, pid_t tid), void *data);

#endif
