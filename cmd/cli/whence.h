/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of lseek(2), for the command and the prompt. */
#ifndef FDTOOL_CMD_CLI_WHENCE_H
#define FDTOOL_CMD_CLI_WHENCE_H

#include <stdbool.h>

struct whence {
	const char *word; /* "set" */
	int value;        /* SEEK_SET */
};

extern const struct whence whences[]; /* ends with a row whose word is NULL */

const struct whence *whence_find(const char *word);

/* Parses a number as C writes it, which may be negative. Returns whether it is one. */
bool whence_offset(const char *word, long long *offset);

#endif
