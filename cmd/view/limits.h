/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations that a descriptor allows; for inspect, and for the verb at the prompt. */
#ifndef FDTOOL_CMD_VIEW_LIMITS_H
#define FDTOOL_CMD_VIEW_LIMITS_H

#include "cmd/cli/command.h"

/* Prints a row for each operation. name: what the report of a failure calls the descriptor. */
enum status limits_print(int fd, const char *name);

/* Prints [{"operation", "works": true, false or null, "errno", "reason"}] on one line. */
enum status limits_print_json(int fd, const char *name);

#endif
