/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is pasted at a prompt. A terminal encloses it in ESC[200~ and ESC[201~ ("bracketed paste"),
 * and readline would make one line of it, newlines and all. Here its lines are several commands.
 */
#ifndef FDTOOL_CMD_PROMPT_PASTE_H
#define FDTOOL_CMD_PROMPT_PASTE_H

#include <stdbool.h>
#include <stddef.h>

/* From now on the beginning of a paste makes paste_is_coming true. After readline_open. */
void paste_watch(void);

/* Whether the bytes of standard input belong to a paste: paste_read takes them, not readline. */
bool paste_is_coming(void);

/* Reads one byte, so that none behind the end of the paste is taken from readline. */
void paste_read(void);

/*
 * The next line of a paste that has come as a whole, without its newline; *len is its length, and
 * *enter tells whether it had one: only the last may have none. The caller frees. NULL: no more.
 */
char *paste_next(size_t *len, bool *enter);

/* Forgets what is left of it. Returns how many lines that were. */
size_t paste_drop(void);

#endif
