/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The records of /dev/mypoll: see mypoll(4). */
#ifndef FDTOOL_LIB_LOOP_RECORD_H
#define FDTOOL_LIB_LOOP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_MAX = 96, RECORD_SOURCE_MAX = 16 };

struct record {
	uint64_t event;
	char source[RECORD_SOURCE_MAX]; /* "timer", "manual" */
	int64_t mono_ns;                /* CLOCK_MONOTONIC; -1 where the record has none */
};

/* "event=21 source=timer mono_ns=81230001122\n" into out. Returns its length. */
size_t record_format(const struct record *, char out[RECORD_MAX]);

/*
 * Parses one line, without its newline: the form above, or the older
 * "event=21, source=timer". Returns false for anything else.
 */
bool record_parse(const char *line, size_t len, struct record *);

/*
 * Parses what record_format makes, where bytes begin with one. Returns its length,
 * with the newline, or 0 for anything else, and for a record that is not whole.
 */
size_t record_take(const char *bytes, size_t len, struct record *);

#endif
