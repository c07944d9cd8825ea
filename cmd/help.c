/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * help: shows the manual page of a command, or prints its --help if man(1) has no page; or the page
 * of another subject, such as concepts.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/usage.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* "man -w" prints where the page is, or fails. */
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

/* man(1) takes a word with a slash for a file. */
static char *page_of(const char *word)
{
	return strchr(word, '/') ? NULL : must_printf("fdtool-%s", word);
}

static enum status run(void *state, char **program)
{
	const struct help *h = state;
	const struct cmd *cmd = h->command ? cmd_find(h->command) : NULL;

	(void)program;
	char *page = h->command ? page_of(cmd ? cmd->name : h->command) : must_strdup("fdtool");
	if (page && has_page(page))
		execlp("man", "man", page, (char *)NULL);
	free(page);
	if (h->command && !cmd)
		return report_usage("'%s' is not a command", text_show(h->command));
	if (cmd)
		usage_command(cmd);
	else
		usage_main();
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
