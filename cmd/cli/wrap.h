/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines for a person, wrapped between words at the width of the terminal. */
#ifndef FDTOOL_CMD_CLI_WRAP_H
#define FDTOOL_CMD_CLI_WRAP_H

#include <stddef.h>

/*
 * Prints the text and a newline on stdout. The first line begins at column, and those that follow
 * behind indent blanks. A newline in the text is kept. Where stdout is no terminal, the lines are as
 * long as they are.
 */
void wrap_print(size_t column, size_t indent, const char *text);

/* The same as a string, which the caller frees, for the terminal of that descriptor. */
char *wrap_text(int fd, size_t column, size_t indent, const char *text);

#endif
