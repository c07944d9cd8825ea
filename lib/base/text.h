/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text on a terminal: escaping what comes from outside, since paths, names and the words
 * of a peer may contain escape sequences; and how many columns a text takes.
 */
#ifndef FDTOOL_LIB_BASE_TEXT_H
#define FDTOOL_LIB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Escapes control characters, backslashes, newlines and bidi controls as vis(3) does,
 * "\033" for ESC. Spaces and what the locale can print stay. Returns a string that the
 * caller frees.
 */
char *text_escape(const char *bytes, size_t len);

/* The same in every locale: escapes all that is not printable ASCII. */
char *text_escape_ascii(const char *bytes, size_t len);

/* Escapes as C does between quotes: "\n", "\t", "\033", "\"". Otherwise as text_escape. */
char *text_escape_c(const char *bytes, size_t len);

/* text_escape, cut to 1023 bytes for a line of a message. Valid for the next 3 calls. */
const char *text_show(const char *string);

/* The same for what the user typed, where a backslash stays as it is. */
const char *text_typed(const char *string);

/* Whether the bytes have no control characters other than newline, tab and return. */
bool text_is(const char *bytes, size_t len);

/* Whether text begins with start. */
bool text_begins(const char *text, const char *start);

/* The first character that is not a space or tab. */
const char *text_skip_blanks(const char *);

/*
 * The number of terminal columns that an escaped text takes, by wcwidth(3). Colour
 * sequences in it count as none.
 */
size_t text_width(const char *text);

/* The number of lines, of which the last one may lack its newline. */
size_t text_lines(const char *text);

/* The number of bytes at the beginning of the text that fit into the columns. */
size_t text_fit(const char *text, size_t columns);

/*
 * Fits an escaped text into the columns by replacing its middle with the ellipsis: both
 * ends of a path tell something, and its last component most, which stays whole if it fits.
 * Returns a string that the caller frees.
 */
char *text_cut(const char *text, size_t columns, const char *ellipsis);

/*
 * Breaks an escaped text at blanks, and at newlines. Returns its first line, which has at most that
 * many columns (0: without limit) unless a word is longer, with *len set to its length in bytes and
 * *text moved behind it. NULL at the end.
 */
const char *text_line(const char **text, size_t columns, size_t *len);

/*
 * Undoes text_escape in place, by unvis(3). Returns the length, or -1 with EINVAL for an
 * invalid escape.
 */
int text_unescape(char *text);

#endif
