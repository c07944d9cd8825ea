/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The list of commands, kept by hand, in the order of --help. */
#include "cmd/cli/commands.h"
#include "cmd/cli/command.h"

#include <string.h>

const struct cmd *const cmd_table[] = {
	&cmd_serve,
	&cmd_grab,
	&cmd_send,
	&cmd_hold,
	&cmd_drop,
	&cmd_inspect,
	&cmd_trace,
	&cmd_lseek,
	&cmd_epoll_watch,
	&cmd_mypoll_tail,
	&cmd_list,
	&cmd_demo,
	&cmd_help,
	&cmd_complete,
	NULL,
};

const struct cmd *cmd_find(const char *name)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

bool cmd_is_hidden(const char *name)
{
	return strncmp(name, "__", 2) == 0;
}
