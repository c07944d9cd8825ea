/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which descriptors of which processes refer to the traced descriptions, as far as it is known. */
#ifndef FDTOOL_LIB_TRACE_HOLDERS_H
#define FDTOOL_LIB_TRACE_HOLDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct holder {
	pid_t pid;
	int fd;
	uint32_t of; /* which description */
};

/* Starts as {0}; free with holders_free. */
struct holders {
	struct holder *v;
	size_t n;
};

/* Adds a descriptor; if it is there already, it refers to this description from now on. */
void holders_add(struct holders *, pid_t, int fd, uint32_t of);

/* Removes those of a process from descriptor `first` to `last`. */
void holders_remove(struct holders *, pid_t, int first, int last);

/* The descriptor of that number, or NULL. Valid until the next change. */
const struct holder *holders_find(const struct holders *, pid_t, int fd);

/* The lowest descriptor of the process from `first` to `last`, or NULL. */
const struct holder *holders_lowest(const struct holders *, pid_t, int first, int last);

/* Any descriptor of the description, or NULL. */
const struct holder *holders_any(const struct holders *, uint32_t of);

/* How many descriptors the description has. */
unsigned holders_count(const struct holders *, uint32_t of);

void holders_free(struct holders *);

#endif
