/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of lseek(2): see whence.h. */
#include "cmd/cli/whence.h"
#include "lib/base/number.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

const struct whence whences[] = {
	{"set", SEEK_SET}, {"cur", SEEK_CUR}, {"end", SEEK_END}, {"data", SEEK_DATA},
	{"hole", SEEK_HOLE}, {NULL, 0},
};

const struct whence *whence_find(const char *word)
{
	for (const struct whence *w = whences; w->word; w++)
		if (strcmp(w->word, word) == 0)
			return w;
	return NULL;
}

bool whence_offset(const char *word, long long *offset)
{
	return number_parse(word, LLONG_MIN, LLONG_MAX, offset) == 0;
}
