/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands, each exported by its file. */
#ifndef FDTOOL_CMD_CLI_COMMANDS_H
#define FDTOOL_CMD_CLI_COMMANDS_H

#include "cmd/cli/command.h"

extern const struct cmd cmd_serve;
extern const struct cmd cmd_grab;
extern const struct cmd cmd_send;
extern const struct cmd cmd_hold;
extern const struct cmd cmd_drop;
extern const struct cmd cmd_inspect;
extern const struct cmd cmd_trace;
extern const struct cmd cmd_lseek;
extern const struct cmd cmd_epoll_watch;
extern const struct cmd cmd_mypoll_tail;
extern const struct cmd cmd_list;
extern const struct cmd cmd_demo;
extern const struct cmd cmd_help;
extern const struct cmd cmd_complete;

#endif
