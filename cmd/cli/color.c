/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Terminal colours: see color.h. */
#include "cmd/cli/color.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static bool on;

static bool terminal_has_colors(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return !(no && *no) && term && *term && strcmp(term, "dumb") != 0;
}

void color_start(enum color_when when, bool prompt)
{
	on = when == COLOR_ALWAYS || (when == COLOR_AUTO && prompt && terminal_has_colors());
}

const char *color(enum color c)
{
	/* those that can be read on black and on white: xterm's yellow and cyan cannot, nor its blue */
	static const char *const sequences[] = {[COLOR_PROMPT] = "\033[1m",
		[COLOR_FAULT] = "\033[91m",
		[COLOR_MOVED] = "\033[35m",
		[COLOR_EVENT] = "\033[94m",
		[COLOR_OFF] = "\033[0m"};

	return on ? sequences[c] : "";
}
