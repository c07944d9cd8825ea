/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a descriptor can do, an operation a row; for inspect, and for the verb at the prompt. */
#ifndef FDTOOL_CMD_VIEW_LIMITS_H
#define FDTOOL_CMD_VIEW_LIMITS_H

#include "cmd/cli/command.h"

/* Prints them; name is for what fails. */
enum status limits_print(int fd, const char *name);

/* [{"operation", "works": true, false or null, "errno", "reason"}], on a line. */
enum status limits_print_json(int fd, const char *name);

#endif
