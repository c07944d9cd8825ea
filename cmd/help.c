/* SPDX-License-Identifier: GPL-3.0-or-later */
/* help, and what --help and --version print from the tables. */
#include "cmd/cmd.h"
#include "cmd/readline.h"
#include "cmd/table.h"
#include "lib/kfiles.h"
#include "lib/table.h"
#include "lib/text.h"

#include <jansson.h>
#include <gnu/libc-version.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

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

void help_cmd(const struct cmd *cmd)
{
	printf("Usage: fdtool %s [OPTION]...%s%s\n%s.\n\n", cmd->name, cmd->operands ? " " : "",
		cmd->operands ? cmd->operands : "", cmd->summary);
	print_rows(cmd->opts);
	print_rows(common);
	if (cmd->text)
		printf("\n%s", cmd->text);
}

void help_main(void)
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

static const char *kernel(void)
{
	static struct utsname u;

	return uname(&u) == 0 ? u.release : "?";
}

/* NULL: not there; "": this program does without. */
static const char *or_not(const char *version)
{
	return !version ? "(not found)" : *version ? version : "(not built in)";
}

void help_version(void)
{

	printf("fdtool %s\n", FDTOOL_VERSION);
	printf("glibc %s, libbsd %s, jansson %s, readline %s, libsmartcols %s, libbpf %s; Linux %s\n",
		gnu_get_libc_version(), FDTOOL_LIBBSD, jansson_version_str(),
		or_not(readline_version()), or_not(table_library_version()),
		or_not(kfiles_library_version()), kernel());
}

/* --- the command ------------------------------------------------------------ */

struct help {
	const char *command;
};

static const char *take_command(const char *word, void *state)
{
	struct help *h = state;

	if (h->command)
		return "is one word too many";
	h->command = word;
	return NULL;
}

/* "man -w" says where the page is, or fails. */
static bool has_page(const char *page)
{
	posix_spawn_file_actions_t quiet;
	char man[] = "man", where[] = "-w";
	char *words[] = {man, where, (char *)page, NULL};
	pid_t pid;
	int status = -1;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	bool ran = posix_spawnp(&pid, "man", &quiet, NULL, words, environ) == 0 &&
		   waitpid(pid, &status, 0) == pid;
	posix_spawn_file_actions_destroy(&quiet);
	return ran && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static enum status run(void *state, char **program)
{
	const struct help *h = state;
	const struct cmd *cmd = h->command ? cmd_find(h->command) : NULL;

	(void)program;
	if (h->command && !cmd)
		return report_usage("'%s' is no command", text_show(h->command));
	char *page = cmd ? must_printf("fdtool-%s", cmd->name) : must_strdup("fdtool");
	if (has_page(page))
		execlp("man", "man", page, (char *)NULL);
	free(page);
	if (cmd)
		help_cmd(cmd);
	else
		help_main();
	return STATUS_OK;
}

const struct cmd cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "the manual page of a command, or what --help says",
	.state = sizeof(struct help),
	.operand = take_command,
	.kind = WORD_COMMAND,
	.run = run,
};
