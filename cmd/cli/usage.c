/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints --help: see usage.h. */
#include "cmd/cli/usage.h"
#include "cmd/cli/wrap.h"
#include "lib/pass/source.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 26 }; /* where the explanation begins */

static void print_line(const char *left, const char *help)
{
	if (strlen(left) < HELP_COLUMN - 1)
		printf("%-*s", HELP_COLUMN, left);
	else
		printf("%s\n%*s", left, HELP_COLUMN, "");
	wrap_print(HELP_COLUMN, HELP_COLUMN, help);
}

/* "  -w, --wait[=TIME]", "      --name NAME", and the explanation */
static void print_row(const struct opt *o)
{
	char left[80];
	const char *arg = o->arg ? o->arg : "";
	bool optional = arg[0] == '[';
	snprintf(left, sizeof(left), "  %c%c%s --%s%s%s", o->letter ? '-' : ' ',
		o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
		optional ? "[=" : *arg ? " " : "", optional ? arg + 1 : arg);
	print_line(left, o->help);
}

static const struct opt common[] = {
	{'h', "help", NULL, "print this", NULL, 0},
	{'V', "version", NULL, "print the versions of fdtool and its libraries", NULL, 0},
	OPT_END,
};

static void print_rows(const struct opt *rows)
{
	for (; rows && rows->name; rows++)
		print_row(rows);
}

static void print_sources(void)
{
	char left[80];

	puts("\nSOURCE is a path, or");
	print_line("  PID:FD", "a descriptor of another process");
	for (const struct source_form *f = source_forms; f->word; f++) {
		snprintf(left, sizeof(left), "  %s%s", f->word, f->operand);
		print_line(left, f->help);
	}
}

void usage_command(const struct cmd *cmd)
{
	printf("Usage: %s%s [OPTION]...%s%s\n%s.\n\n", cmd->alone ? "" : "fdtool ", cmd->name, cmd->operands ? " " : "",
		cmd->operands ? cmd->operands : "", cmd->summary);
	print_rows(cmd->opts);
	print_rows(common);
	if (cmd->kind == WORD_SOURCE)
		print_sources();
	if (cmd->text)
		printf("\n%s", cmd->text);
}

void usage_main(void)
{
	printf("Usage: fdtool COMMAND [OPTION]... [OPERAND]...\n"
	       "Hand an open file to another shell, and see what is shared.\n\n");
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (!cmd_is_hidden((*c)->name)) {
			printf("  %-14s", (*c)->name);
			wrap_print(16, 16, (*c)->summary);
		}
	putchar('\n');
	print_line("      --list", "print the names of the commands");
	print_line("      --list-full", "print the names of the links of --install");
	print_line("      --install [-s] DIR", "link DIR/fdtool-COMMAND to this program; -s: by symlinks");
	print_rows(common);
	printf("\n"
	       "In one terminal:   fdtool serve notes.txt\n"
	       "in another:        fdtool grab notes.txt             a prompt on the same description\n"
	       "or:                fdtool grab -f 0 notes.txt -- cat\n"
	       "To see all of it:  fdtool demo\n"
	       "\n"
	       "'fdtool COMMAND --help' lists the options of a command, and 'fdtool help COMMAND'\n"
	       "shows its manual page.\n");
}
