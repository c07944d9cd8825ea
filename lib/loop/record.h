/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing and parsing the records of /dev/mypoll: see mypoll(4). */
#ifndef FDTOOL_LIB_LOOP_RECORD_H
#define FDTOOL_LIB_LOOP_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RECORD_MAX = 96, RECORD_SOURCE_MAX = 16 }; /* bytes, with the newline or NUL */

struct record {
	uint64_t event;
	char source[RECORD_SOURCE_MAX]; /* "timer", "manual" */
	int64_t mono_ns;                /* CLOCK_MONOTONIC; -1 if the record has no time */
};

/* Writes "event=21 source=timer mono_ns=81230001122\n" into out. Returns the length. */
size_t record_format(const struct record *, char out[RECORD_MAX]);

/*
 * Parses a line without its newline: the form above, or the older "event=21,
 * source=timer". Returns false for anything else.
 */
bool record_parse(const char *line, size_t len, struct record *);

/*
 * Parses the record that the bytes begin with, in the form that record_format writes.
 * Returns its length, with the newline, or 0 if there is none or only a part of one.
 */
size_t record_take(const char *bytes, size_t len, struct record *);

#endif
