/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fdgrab as bash sees it: a builtin that it loads (enable -f fdgrab fdgrab).
 */
#include <config.h> /* bash's, and before its other headers */

#include <builtins.h>
#include <shell.h>

#include "cmd/fdgrab/fdgrab.h"

#include <stdlib.h>

/* bash exports it; the headers that it installs lack it */
extern int check_bash_input(int fd);

/* As bash itself asks between two calls of a builtin that waits: read, wait. */
static bool is_interrupted(void)
{
	return interrupt_state || terminating_signal;
}

static bool is_name(const char *word)
{
	return legal_identifier(word);
}

static bool is_readonly(const char *name)
{
	SHELL_VAR *v = find_variable(name);

	return v && (readonly_p(v) || noassign_p(v));
}

static bool assign(const char *name, const char *value)
{
	return bind_variable(name, (char *)value, 0); /* which copies it */
}

static void clear(int fd)
{
	check_bash_input(fd);
}

static int builtin(WORD_LIST *list)
{
	static const struct shell shell = {is_interrupted, is_name, is_readonly, assign, clear};
	int argc = 1;

	for (const WORD_LIST *l = list; l; l = l->next)
		argc++;
	char **argv = calloc((size_t)argc + 1, sizeof(char *));
	if (!argv)
		return EXECUTION_FAILURE;
	argv[0] = (char *)"fdgrab";
	for (int i = 1; list; list = list->next)
		argv[i++] = list->word->word;
	int status = fdgrab_run(argc, argv, &shell);
	free(argv);
	QUIT; /* after Ctrl-C this does not return */
	return status;
}

static char *const help[] = {
	(char *)"Receive a descriptor that is on offer, in this shell.",
	(char *)"",
	(char *)"Stores its number in the variable VAR: read -u $VAR, or <&$VAR. See fdgrab(1).",
	NULL,
};

/* bash looks for this name: see enable in bash(1). */
extern struct builtin fdgrab_struct;
__attribute__((visibility("default"))) struct builtin fdgrab_struct = {
	.name = (char *)"fdgrab",
	.function = builtin,
	.flags = BUILTIN_ENABLED,
	.long_doc = help,
	.short_doc = "fdgrab [-u FD] [--from USER] [-w[TIME]] [-t TIME] ADDRESS VAR",
};
