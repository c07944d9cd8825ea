/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A text on a screen of its own (the terminal's alternate screen), which is replaced again and again.
 * Where it has more lines than the terminal, keys scroll it; its head stays.
 */
#ifndef FDTOOL_CMD_INSPECT_PAGER_H
#define FDTOOL_CMD_INSPECT_PAGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

enum { PAGER_TERM_MAX = 64 };

struct pager {
	bool on;                /* stdout is a terminal, and shows the text */
	bool keys;              /* stdin is one, too */
	struct termios termios; /* of stdin, before */
	char *text;
	size_t head; /* lines */
	size_t top;  /* the first line below the head that is shown */
	char term[PAGER_TERM_MAX]; /* what was searched for last */
	bool typing;                /* the term */
	bool not_found;
};

/* Begins, unless stdout is no terminal. */
void pager_begin(struct pager *);

/* Gives the terminal back. pager_begin may follow. */
void pager_end(struct pager *);

/* Takes the text, whose first `head` lines do not scroll, and draws it on stdout. */
void pager_show(struct pager *, char *text, size_t head);

/* Draws it again. */
void pager_draw(const struct pager *);

/* Reads keys, for the events of epoll on stdin. Returns false when they end it: q, end of file. */
bool pager_keys(struct pager *, uint32_t events);

#endif
