/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The system calls that can reach an open file description: one row each, in call-rows.def, from which
 * the BPF program knows the descriptors among the arguments, and words.h how to print them.
 */
#ifndef FDTOOL_LIB_TRACE_CALLS_H
#define FDTOOL_LIB_TRACE_CALLS_H

#include <stddef.h>

#include "lib/trace/record.h"

struct trace_call {
	const char *name;
	short number, i386, arm, request; /* -1, 0, 0, 0: none */
	unsigned char classes;
	const char *args; /* a letter for each, see call-rows.def */
};

extern const struct trace_call trace_calls[TRACE_CALLS];

/* The call of a record, or NULL where it is none. */
const struct trace_call *trace_call_of(const struct trace_record *);

/* Calls that reach descriptions, and are not traced: name and reason. Ends with NULL. */
extern const struct trace_left_out {
	const char *name, *reason;
} trace_left_out[];

/*
 * The value of the argument that a letter stands for, which begins in register *next, or in the one
 * after; *next becomes the one behind it.
 */
uint64_t trace_arg_value(char letter, enum trace_abi, const uint64_t args[TRACE_ARGS], unsigned *next);

/* What the letters of a call say. */
struct trace_rule trace_rule_of(const struct trace_call *, enum trace_abi);

/* The rule of the call of this key, or NULL. */
const struct trace_rule *trace_rule_find(uint32_t key);

#endif
