/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The status flags as a person writes them. */
#ifndef FDTOOL_CMD_PROMPT_FLAG_WORDS_H
#define FDTOOL_CMD_PROMPT_FLAG_WORDS_H

#include <stddef.h>

extern const struct flag_word {
	const char *word; /* NULL: the end */
	int flag;
} flag_words[];

/* The flag of a word of len bytes; 0: none. flag_fault then tells which there are. */
int flag_find(const char *word, size_t len);
const char *flag_fault(void);

#endif
