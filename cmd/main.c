/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fdtool: hand an open file to another shell, and see what is shared.
 *
 * One program for all commands: argv[0] or the first word selects the command. The only
 * caller of exit.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/parse.h"
#include "cmd/cli/title.h"
#include "cmd/cli/usage.h"
#include "cmd/install.h"
#include "cmd/version.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"
#include "lib/base/program.h"
#include "lib/base/release.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Commands get copies, since title_set overwrites the words of argv. */
static char **copy_words(int argc, char **argv)
{
	char **words = must_calloc((size_t)argc + 1, sizeof(char *));

	for (int i = 0; i < argc; i++)
		words[i] = must_strdup(argv[i]);
	return words;
}

static const char *nearest_command(const char *word)
{
	struct nearest n = nearest_to(word);

	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (!cmd_is_hidden((*c)->name))
			nearest_try(&n, (*c)->name);
	return n.word;
}

static enum status unknown_command(const char *word)
{
	const char *near = nearest_command(word);

	report(STATUS_NOT_FOUND, word, "no such command", 0);
	if (near)
		report_hint("did you mean '%s'?", near);
	else
		report_hint("'fdtool --help' lists them");
	return STATUS_NOT_FOUND;
}

static enum status parse_and_run(const struct cmd *cmd, int argc, char **argv, void *state)
{
	char **program;

	switch (cmd_parse(cmd, argc, argv, state, &program)) {
	case PARSED_WRONG:
		return STATUS_USAGE;
	case PARSED_HELP:
		usage_command(cmd);
		return STATUS_OK;
	case PARSED_VERSION:
		version();
		return STATUS_OK;
	case PARSED_RUN:
		break;
	}
	return cmd->run(state, program);
}

static enum status run_command(const struct cmd *cmd, int argc, char **argv)
{
	void *state = must_calloc(1, cmd->state + 1);

	report_as(cmd->name);
	enum status st = parse_and_run(cmd, argc, argv, state);
	if (st == STATUS_OK) /* --help prints too */
		st = report_flush();
	if (cmd->release) /* last, since closing a descriptor may hang */
		cmd->release(state);
	report_as(NULL);
	free(state);
	return st;
}

static enum status list_commands(const char *prefix)
{
	for (const struct cmd *const *c = cmd_table; *c; c++)
		if (!cmd_is_hidden((*c)->name))
			printf("%s%s\n", prefix, (*c)->name);
	return STATUS_OK;
}

static enum status fdtool(int argc, char **argv)
{
	const char *word = argc > 1 ? argv[1] : NULL;

	if (!word) {
		usage_main();
		return STATUS_OK;
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
		usage_main();
	else if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0)
		version();
	else if (strcmp(word, "--list") == 0)
		list_commands("");
	else if (strcmp(word, "--list-full") == 0)
		list_commands("fdtool-");
	else if (strcmp(word, "--install") == 0)
		return install(argc - 2, argv + 2);
	else if (word[0] == '-')
		return report_usage("option '%s' is unknown", text_show(word));
	else {
		const struct cmd *cmd = cmd_find(word);
		return cmd ? run_command(cmd, argc - 1, argv + 1) : unknown_command(word);
	}
	return STATUS_OK;
}

/* The command of a program's name: "fdtool-grab" or "grab". NULL for any other name. */
static const struct cmd *command_of_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	if (strncmp(name, "fdtool-", 7) == 0)
		name += 7;
	return cmd_is_hidden(name) ? NULL : cmd_find(name);
}

int main(int argc, char **argv)
{
	fd_guard_standard();
	program_wait_for_children();
	if (argc < 1) /* execve with an empty argv; setproctitle and getopt need one */
		return STATUS_USAGE;
	title_init(argc, argv);
	static char **words; /* never freed; static, so that leak checkers find it */
	words = copy_words(argc, argv);
	const struct cmd *cmd = command_of_name(words[0]);
	enum status st = cmd ? run_command(cmd, argc, words) : fdtool(argc, words);
	if (st == STATUS_OK)
		st = report_flush();
	else
		fflush(stdout);
	if (release_rest())
		_exit(st);
	exit(st);
}
