/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few colours of the prompt, and when there are any. */
#ifndef FDTOOL_CMD_CLI_COLOR_H
#define FDTOOL_CMD_CLI_COLOR_H

enum color {
	COLOR_PROMPT,
	COLOR_FAULT, /* a call that failed */
	COLOR_MOVED, /* what a call moved */
	COLOR_EVENT, /* what others did */
	COLOR_OFF
};

/* For an option row: auto, always, never into an enum color_when. */
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };
const char *opt_color(const char *arg, void *into);

#define OPT_COLOR(type)                                                                            \
	{0, "color", "WHEN", "auto (default: at a prompt, unless NO_COLOR is set), always, never",  \
		opt_color, offsetof(type, color), WORD_CHOICE, "auto always never"}

/*
 * From here on color() gives the terminal's sequences, or not. prompt: whether a
 * prompt comes up on a terminal, for auto; the output of scripts stays plain.
 */
void color_start(enum color_when, int prompt);

/* The sequence that begins it, COLOR_OFF's to end it; "" where there are no colours. */
const char *color(enum color);

#endif
