/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What ps(1) shows of this process. */
#ifndef FDTOOL_CMD_CLI_TITLE_H
#define FDTOOL_CMD_CLI_TITLE_H

/* Called once, first, with what main was called with. */
void title_init(int argc, char **argv);

/*
 * Makes ps(1) show this instead of the command line. Once at most. It is written over
 * the words of argv: setproctitle(3bsd).
 */
void title_set(const char *title);

#endif
