/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text on a screen of its own (the terminal's alternate screen), which is replaced again and again.
 * Where it has more lines than the terminal, keys scroll it; its head stays.
 */
#ifndef FDTOOL_CMD_INSPECT_SCREEN_H
#define FDTOOL_CMD_INSPECT_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

enum { SCREEN_TERM_MAX = 64 };

struct screen {
	bool on;                /* stdout is a terminal, and shows the text */
	bool keys;              /* stdin is one, too */
	struct termios termios; /* of stdin, before */
	char *text;
	size_t head; /* lines */
	size_t top;  /* the first line below the head that is shown */
	char term[SCREEN_TERM_MAX]; /* what was searched for last */
	bool typing;                /* the term */
	bool not_found;
};

/* Begins, unless stdout is no terminal. */
void screen_begin(struct screen *);

/* Gives the terminal back. screen_begin may follow. */
void screen_end(struct screen *);

/* Takes the text, whose first `head` lines do not scroll, and draws it on stdout. */
void screen_show(struct screen *, char *text, size_t head);

/* Draws it again. */
void screen_draw(const struct screen *);

/* Reads keys, for the events of epoll on stdin. Returns false when they end it: q, end of file. */
bool screen_keys(struct screen *, uint32_t events);

#endif
