/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tier 0. The text of a file of proc(5). Its size is not known before it was
 * read, and one read(2) may give less than there is.
 */
#ifndef FDTOOL_LIB_BASE_PROC_H
#define FDTOOL_LIB_BASE_PROC_H

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

#endif
