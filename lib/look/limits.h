/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a descriptor can do, an operation a row, without changing the file, its data, the
 * offset, the flags or a lock.
 *
 * Where a harmless call can tell, a child process makes it, with a deadline, since the file's
 * server may sleep. What follows from the access mode and the type is derived from these, and
 * the rest is unknown.
 */
#ifndef FDTOOL_LIB_LOOK_LIMITS_H
#define FDTOOL_LIB_LOOK_LIMITS_H

#include <stddef.h>

enum limit_verdict { LIMIT_WORKS, LIMIT_FAILS, LIMIT_UNKNOWN };

struct limit {
	const char *operation; /* "write", "mmap shared, writable", … */
	enum limit_verdict verdict;
	int err;            /* LIMIT_FAILS */
	const char *reason; /* a sentence without its full stop, or "" */
};

enum { LIMITS_MAX = 24 };

/* Fills rows, at most LIMITS_MAX. Returns how many, or -1 with the errno of desc_look. */
int limits_of(int fd, struct limit rows[LIMITS_MAX]);

#endif
