/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The verbs of the prompt: the table of all of them, and those that are about the prompt itself.
 * The verbs that act on the description are in verbs-*.c, one file a subject.
 */
#include "cmd/prompt/verbs.h"
#include "cmd/prompt/why.h"
#include "lib/base/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* --- serve's clients ---------------------------------------------------------------- */

static bool is_serving(const struct session *s)
{
	return s->ops && s->ops->clients;
}

static enum status verb_clients(struct session *s, const char *rest)
{
	return *rest ? operands_misused("clients", "") : s->ops->clients(s);
}

static enum status verb_kick(struct session *s, const char *rest)
{
	char word[32];
	long long pid;

	if (!operand_word(&rest, word, sizeof(word)) || !operand_number(word, 1, &pid) || pid > INT_MAX ||
		*rest)
		return operands_misused("kick", "PID");
	return s->ops->kick(s, (pid_t)pid);
}

/* --- the prompt itself ---------------------------------------------------------------- */

static enum status verb_why(struct session *s, const char *rest)
{
	char word[32] = "";

	operand_word(&rest, word, sizeof(word));
	if (*rest)
		return operands_misused("why", "[ERRNAME|shared]");
	return strcmp(word, "shared") == 0 ? verb_why_shared(s) : why_explain(s, word);
}

static enum status verb_quit(struct session *s, const char *rest)
{
	if (*rest)
		return operands_misused("quit", "");
	s->quits = true;
	return STATUS_OK;
}

static enum status verb_help(struct session *s, const char *rest)
{
	size_t shown = 0;

	for (const struct verb *v = verb_table; v->name; v++) {
		char left[64];
		if (v->here && !v->here(s))
			continue;
		if (*rest && strcmp(rest, v->name) != 0)
			continue;
		snprintf(left, sizeof(left), "%s %s", v->name, v->operands);
		printf("  %-24s%s\n", left, v->summary);
		shown++;
	}
	if (shown == 0)
		return session_unknown(s, rest, strlen(rest));
	if (!*rest)
		puts("  -COMMAND                ignore a failure of COMMAND");
	return STATUS_OK;
}

const struct verb verb_table[] = {
	{"read", "[N]", "read N bytes, default 64", NULL, verb_read},
	{"pread", "OFF N", "read N bytes at OFF; the offset stays", NULL, verb_pread},
	{"write", "TEXT", "write TEXT, which may have C escapes", NULL, verb_write},
	{"pwrite", "OFF TEXT", "write TEXT at OFF; the offset stays", NULL, verb_pwrite},
	{"lseek", "[OFF [WHENCE]]", "move the offset: set, cur, end, data, hole", NULL, verb_lseek},
	{"flags", "[+FLAG|-FLAG]...", "show or set the status flags, for all holders", NULL, verb_flags},
	{"stat", "", "show path, type, flags and offset", NULL, verb_stat},
	{"limits", "", "show what can be done with it, and what cannot", NULL, verb_limits},
	{"inspect", "", "show who shares it, and who else has the file open", NULL, verb_inspect},
	{"picture", "", "show the same as boxes: tables, descriptions, inodes", NULL, verb_picture},
	{"wait", "[TIME]", "wait until epoll says that it is ready", NULL, verb_wait},
	{"trigger", "[N]", "make N manual events of mypoll, default 1", NULL, verb_trigger},
	{"clients", "", "list the clients that are connected", is_serving, verb_clients},
	{"kick", "PID", "end that client's connection", is_serving, verb_kick},
	{"expect", "ERRNAME COMMAND", "COMMAND must fail with ERRNAME; or: expect pos=N", NULL,
		verb_expect},
	{"why", "[ERRNAME|shared]", "explain the last failure, or why it is shared", NULL, verb_why},
	{"!", "PROGRAM", "run PROGRAM with the descriptor as 3", NULL, verb_run},
	{"help", "[COMMAND]", "list the commands", NULL, verb_help},
	{"quit", "", "leave; Ctrl-D does too", NULL, verb_quit},
	{NULL, NULL, NULL, NULL, NULL},
};
