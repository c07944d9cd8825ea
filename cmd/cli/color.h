/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The colours of the prompt and of highlighted rows, and when there are any. */
#ifndef FDTOOL_CMD_CLI_COLOR_H
#define FDTOOL_CMD_CLI_COLOR_H

#include <stdbool.h>
#include <stddef.h>

enum color {
	COLOR_PROMPT,
	COLOR_FAULT, /* a call that failed */
	COLOR_MOVED, /* what a call moved */
	COLOR_EVENT, /* an action of another process */
	COLOR_OFF
};

/* In the order of the choices below. */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* An option row, for an `enum color_when color` in the command's state. */
#define OPT_COLOR(type)                                                                            \
	{0, "color", "WHEN", "auto (default: at a prompt, unless NO_COLOR is set), always, never",  \
		NULL, offsetof(type, color), WORD_CHOICE, "auto always never"}

/*
 * Decides whether color() returns sequences from now on. prompt, which matters to
 * COLOR_AUTO: whether there is a prompt on a terminal; the output of scripts stays plain.
 */
void color_start(enum color_when, bool prompt);

/* The terminal's sequence that begins the colour; COLOR_OFF ends it. "" without colours. */
const char *color(enum color);

#endif
