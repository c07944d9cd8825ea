/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/table.h"
static enum status run(void *state, char **program)
{
	(void)state;
	(void)program;
	return STATUS_FAIL;
}
const struct cmd cmd_demo = {.name = "demo", .operands = "[LESSON]...", .summary = "lessons with two real processes", .run = run};
