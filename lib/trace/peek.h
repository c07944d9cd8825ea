/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the arguments of a call point to, read from the memory of another process. */
#ifndef FDTOOL_LIB_TRACE_PEEK_H
#define FDTOOL_LIB_TRACE_PEEK_H

#include <stddef.h>
#include <sys/types.h>

#include "lib/trace/record.h"

/*
 * Puts the bytes that the rule wants into the record, for the call of its args: as many as length
 * says at most, of memory whose length the call tells (MEMORY_BYTES, MEMORY_VECTOR). Not for
 * MEMORY_MESSAGE. What cannot be read is left out.
 */
void peek_memory(struct trace_record *, const struct trace_rule *, uint64_t length);

/* Puts n arguments into args, words of 32 bits in the process. Returns 0, or -1 where they cannot be read. */
int peek_args(pid_t, uint64_t at, uint64_t *args, size_t n);

/*
 * The descriptors that are in the control data of a struct msghdr in the process. Puts the first
 * `max` into fds, and returns how many these are.
 */
size_t peek_message(pid_t, enum trace_abi, uint64_t msghdr, int *fds, size_t max);

#endif
