/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls that can reach an open file description: one row each, in calls.c, from which
 * the BPF program knows the descriptors among the arguments, and words.h how to print them.
 */
#ifndef FDTOOL_LIB_TRACE_CALLS_H
#define FDTOOL_LIB_TRACE_CALLS_H

#include <stddef.h>

#include "lib/trace/record.h"

struct trace_call {
	const char *name;
	short number;
	unsigned char classes;
	const char *args; /* a letter for each, see calls.c */
};

extern const struct trace_call trace_calls[]; /* ends with a row whose name is NULL */

/* The call of this number, or NULL. */
const struct trace_call *trace_call_find(uint32_t number);

/* Calls that reach descriptions, and are not traced: name and reason. Ends with NULL. */
extern const struct trace_left_out {
	const char *name, *reason;
} trace_left_out[];

struct trace_rule trace_rule_of(const struct trace_call *);

/* The rule of the call of this number, or NULL. */
const struct trace_rule *trace_rule_find(uint64_t number);

#endif
