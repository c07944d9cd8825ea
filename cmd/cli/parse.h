/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parses the words of a command by its option rows. */
#ifndef FDTOOL_CMD_CLI_PARSE_H
#define FDTOOL_CMD_CLI_PARSE_H

#include "cmd/cli/command.h"

enum parsed {
	PARSED_RUN,     /* run it */
	PARSED_HELP,    /* --help was given */
	PARSED_VERSION, /* --version was given */
	PARSED_WRONG    /* a mistake, which has been reported */
};

/*
 * Parses argv (argv[0] is the command's name) into state. *program is set to the words after
 * "--" if the command takes a program, and to NULL if there are none.
 */
enum parsed cmd_parse(
	const struct cmd *, int argc, char **argv, void *state, char ***program);

#endif
