/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libreadline, opened at the first prompt: see readline.h. */
#define READLINE_OPENING
#include "cmd/prompt/readline.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"

#define LIBRARY "libreadline.so.8"
DL_NOTE(LIBRARY, "the prompts of serve and grab", "recommended");

struct readline readline_names;

bool readline_open(void)
{
#define ENTRY(name) {#name, (void **)&readline_names.name},
	static const struct dl_symbol names[] = {READLINE_NAMES(ENTRY)};
	static bool open;

	if (!open)
		open = dl_open(LIBRARY, names, ARRAY_SIZE(names));
	return open;
}

const char *readline_version(void)
{
	return readline_open() ? *readline_names.rl_library_version : NULL;
}
