/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a descriptor can do: an operation a row, found out without
 * changing the file, its data, the offset, the flags or a lock.
 *
 * What the kernel answers to a harmless call is asked of it, by a child with a
 * deadline, since the file may be one whose server sleeps; what its rules say
 * of the mode and the type is told by the rules; the rest is unknown.
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
