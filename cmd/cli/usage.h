/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints --help, from the option rows. */
#ifndef FDTOOL_CMD_CLI_USAGE_H
#define FDTOOL_CMD_CLI_USAGE_H

#include "cmd/cli/command.h"

/* Prints "fdtool --help": the commands. */
void usage_main(void);

/* Prints "fdtool COMMAND --help": its options. */
void usage_command(const struct cmd *);

#endif
