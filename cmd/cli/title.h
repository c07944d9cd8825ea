/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The title of this process in ps(1). */
#ifndef FDTOOL_CMD_CLI_TITLE_H
#define FDTOOL_CMD_CLI_TITLE_H

#include <stddef.h>

/* Call it once, at the start, with the arguments of main. */
void title_init(int argc, char **argv);

/*
 * Makes ps(1) show the title instead of the command line. Overwrites the words of argv:
 * setproctitle(3bsd).
 */
void title_set(const char *title);

/* The length of the longest title; more is cut off. */
size_t title_room(void);

#endif
