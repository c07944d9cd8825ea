/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What --help prints: see usage.h. */
#include "cmd/cli/usage.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN = 26 }; /* where the explanation starts */

static void print_row(const struct opt *o)
{
	char left[80];
	const char *arg = o->arg ? o->arg : "";
	/* "--wait[=TIME]", "--name NAME" */
	bool may = arg[0] == '[';
	int n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", o->letter ? '-' : ' ',
		o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		may ? "[=" : *arg ? " " : "", may ? arg + 1 : arg);

	if (n < COLUMN - 1)
		printf("%-*s%s\n", COLUMN, left, o->help);
	else
		printf("%s\n%*s%s\n", left, COLUMN, "", o->help);
}

static const struct opt common[] = {
	{'h', "help", NULL, "this", NULL, 0},
	{'V', "version", NULL, "the version, and those of the libraries", NULL, 0},
	OPT_END,
};

static void print_rows(const struct opt *rows)
{
	for (; rows && rows->name; rows++)
		print_row(rows);
}

void usage_command(const struct cmd *cmd)
{
	printf("Usage: fdtool %s [OPTION]...%s%s\n%s.\n\n", cmd->name, cmd->operands ? " " : "",
		cmd->operands ? cmd->operands : "", cmd->summary);
	print_rows(cmd->opts);
	print_rows(common);
	if (cmd->text)
		printf("\n%s", cmd->text);
}

void usage_main(void)
{
	printf("Usage: fdtool COMMAND [OPTION]... [OPERAND]...\n"
	       "Hand an open file to another shell, and see what is shared.\n\n");
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (strncmp((*c)->name, "__", 2) != 0)
			printf("  %-14s%s\n", (*c)->name, (*c)->summary);
	printf("\n"
	       "      --list            the names of the commands\n"
	       "      --list-full       the names that --install makes\n"
	       "      --install [-s] DIR\n"
	       "                        link fdtool-COMMAND in DIR to this program; -s: by symlinks\n");
	print_rows(common);
	printf("\n"
	       "In one terminal:   fdtool serve FILE\n"
	       "in another:        fdtool grab -f 0 FILE -- cat\n"
	       "\n"
	       "'fdtool COMMAND --help' says more of a command, 'fdtool help COMMAND' all of it.\n");
}
