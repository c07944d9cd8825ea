/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The status flags as a person writes them: see flag-words.h. */
#include "cmd/prompt/flag-words.h"

#include <fcntl.h>
#include <string.h>

/*
 * The flags that F_SETFL sets, for all holders. It ignores O_SYNC, as the access mode and O_TRUNC,
 * and returns 0: "sync" is here to show that.
 */
const struct flag_word flag_words[] = {{"append", O_APPEND}, {"nonblock", O_NONBLOCK},
	{"direct", O_DIRECT}, {"noatime", O_NOATIME}, {"async", O_ASYNC}, {"sync", O_SYNC}, {NULL, 0}};

int flag_find(const char *word, size_t len)
{
	for (const struct flag_word *w = flag_words; w->word; w++)
		if (strlen(w->word) == len && strncasecmp(w->word, word, len) == 0)
			return w->flag;
	return 0;
}

const char *flag_fault(void)
{
	return "must be append, nonblock, direct, noatime, async or sync";
}
