/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The C escapes in the TEXT that is to be written. */
#ifndef FDTOOL_CMD_PROMPT_UNESCAPE_H
#define FDTOOL_CMD_PROMPT_UNESCAPE_H

#include <stddef.h>

/*
 * The bytes of text, which may stand in double quotes: \a \b \e \f \n \r \t \v \\ \" \',
 * \x with one or two hexadecimal digits, \ with up to three octal ones. *len is their number,
 * since a byte may be 0. The caller frees. NULL for any other escape.
 */
char *unescape_text(const char *text, size_t *len);

#endif
