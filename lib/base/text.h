/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What comes from outside, made fit for a terminal: paths, names and
 * the words of a peer are data, and data may hold escape sequences.
 */
#ifndef FDTOOL_LIB_BASE_TEXT_H
#define FDTOOL_LIB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The bytes with control characters, backslashes and newlines (spaces stay) as
 * vis(3) writes them, "\033" for ESC. What is printable in the current locale
 * stays as it is, but for what turns the direction of writing. The caller frees. Never NULL: out of memory ends the process.
 */
char *text_escape(const char *bytes, size_t len);

/* The same, whatever the locale: what is not printable ASCII is escaped. */
char *text_escape_ascii(const char *bytes, size_t len);

/* As C writes a string between quotes: "\n", "\t", "\033", "\"". */
char *text_escape_c(const char *bytes, size_t len);

/* A string escaped, cut to a size that suits one line of a message. Valid until 4 calls later. */
const char *text_show(const char *string);

/* Whether bytes are text for a terminal: no control character but newline, tab and return. */
bool text_is(const char *bytes, size_t len);

/* Whether text begins with start. */
bool text_begins(const char *text, const char *start);

/* Where the first is that is no blank or tab. */
const char *text_skip_blanks(const char *);

/*
 * How many columns of a terminal an escaped text takes up: wcwidth(3) of each
 * character. It may have colours in it.
 */
size_t text_width(const char *text);

/* How many bytes at its beginning fit into so many columns. */
size_t text_fit(const char *text, size_t columns);

/*
 * An escaped text made to fit into so many columns, by leaving out its middle:
 * both ends of a path tell something. The caller frees.
 */
char *text_cut(const char *text, size_t columns, const char *ellipsis);

/*
 * Undoes text_escape in place, by unvis(3). Returns the length, or -1 with EINVAL
 * for an escape that is none.
 */
int text_unescape(char *text);

#endif
