/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A call of a record in the words of strace(1), and what it moved. */
#ifndef FDTOOL_LIB_TRACE_WORDS_H
#define FDTOOL_LIB_TRACE_WORDS_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/trace/record.h"

/* The class of the call, TRACE_MOVE or another. */
unsigned trace_class(const struct trace_record *);

/* Whether the call has brought a description that another one sent. */
bool trace_is_receipt(const struct trace_record *);

/* The name of the call; "exit" of a process that ended. */
const char *trace_name(const struct trace_record *);

/* read(7, "one two"..., 4096) = 28 */
void trace_print_call(const struct trace_record *, FILE *);

/*
 * What it moved, each part after "  ": "pos 0 -> 28", "size 5 -> 3", "flags +O_NONBLOCK", "2 holders left";
 * for an offset that the call alone does not explain, also "(another moved it too)". Nothing where
 * nothing moved.
 */
void trace_print_moves(const struct trace_record *, FILE *);

#endif
