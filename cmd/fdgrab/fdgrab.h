/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the two halves of fdgrab do for each other. bash.c includes bash's headers, and fdgrab.c
 * fdtool's, which give some names to other things.
 */
#ifndef FDTOOL_CMD_FDGRAB_FDGRAB_H
#define FDTOOL_CMD_FDGRAB_FDGRAB_H

#include <stdbool.h>

/* What the shell is asked for. */
struct shell {
	bool (*is_interrupted)(void);
	bool (*is_name)(const char *word);     /* of a variable */
	bool (*is_readonly)(const char *name);
	bool (*assign)(const char *name, const char *value);
	void (*clear)(int fd); /* moves away what the shell itself reads at that number: a script */
};

/* Runs it. Returns the exit status. What it allocated is freed then. */
int fdgrab_run(int argc, char **argv, const struct shell *);

#endif
