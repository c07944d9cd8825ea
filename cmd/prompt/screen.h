/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that is being typed at a prompt, as the terminal shows it. */
#ifndef FDTOOL_CMD_PROMPT_SCREEN_H
#define FDTOOL_CMD_PROMPT_SCREEN_H

#include "cmd/prompt/session.h"

#include <stdbool.h>
#include <stddef.h>

/* There is one terminal, and one line. Others only read it, but for the session. */
extern struct screen {
	struct session *session; /* NULL: no prompt is up */
	bool typing;             /* a line is being typed: readline has the terminal */
	char text[512];          /* the prompt itself */
	size_t width;            /* its columns */
	unsigned short columns;  /* of the terminal, as readline knows it; 0: not yet */
} screen;

/* Shows the prompt and gives readline the terminal; it calls on_line with each line. Or takes it back. */
void screen_start(void (*on_line)(char *line));
void screen_stop(void);

/* Whether a search in the history has the line. */
bool screen_is_searching(void);

/* Draws all of the line again, with the present state in the prompt, below the text. */
void screen_redraw(const char *above);

/* Before anything is drawn: the width of the terminal may have changed. */
void screen_follow_resize(void);

/* After a key: draws the line again where a resize would break it. */
void screen_keep_wrapped(void);

#endif
