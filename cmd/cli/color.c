/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few colours of the prompt: see color.h. */
#include "cmd/cli/color.h"
#include "lib/base/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool on;

const char *opt_color(const char *arg, void *into)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto", [COLOR_ALWAYS] = "always", [COLOR_NEVER] = "never"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i], arg) == 0) {
			*(enum color_when *)into = (enum color_when)i;
			return NULL;
		}
	return "is none of auto, always, never";
}

static bool terminal_has_colors(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

void color_start(enum color_when when, int prompt)
{
	on = when == COLOR_ALWAYS || (when == COLOR_AUTO && prompt && terminal_has_colors());
}

const char *color(enum color c)
{
	static const char *const sequences[] = {[COLOR_PROMPT] = "\033[1m",
		[COLOR_FAULT] = "\033[31m",
		[COLOR_MOVED] = "\033[33m",
		[COLOR_EVENT] = "\033[36m",
		[COLOR_OFF] = "\033[0m"};

	return on ? sequences[c] : "";
}
