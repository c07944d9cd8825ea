/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of serve, and which of them go together. */
#include "cmd/serve/serve.h"
#include "lib/base/fd.h"
#include "lib/base/msg.h"
#include "lib/base/peer.h"
#include "lib/pass/source.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

static const char *parse_create(const char *arg, void *into)
{
	*(const char **)into = arg ? arg : "";
	if (arg && (!*arg || strlen(arg) > 4 || arg[strspn(arg, "01234567")]))
		return "is not a permission in octal, such as 0640";
	return NULL;
}

static const char *parse_backlog(const char *arg, void *into)
{
	const char *fault = opt_count(arg, into);

	return !fault && *(long *)into > INT_MAX ? "must be 1 to 2147483647" : fault;
}

static const char *parse_type(const char *arg, void *into)
{
	if (strcmp(arg, "directory") != 0 && strcmp(arg, "o_path") != 0 && strcmp(arg, "unix") != 0)
		return "must be directory, o_path or unix";
	words_add(into, arg);
	return NULL;
}

static const char *parse_user(const char *arg, void *into)
{
	struct policy trusted = {0};

	*(const char **)into = arg;
	/* as for --allow-user: refuses 65534, since no client trusts a server of that user */
	const char *fault = policy_add_user(&trusted, arg);
	policy_free(&trusted);
	return fault || peer_find_user(arg) ? fault : "is not in the user database";
}

const char *serve_add_source(const char *word, void *state)
{
	struct serve *s = state;
	struct source source;

	words_add(&s->sources, word);
	return source_parse(word, &source);
}

#define INTO(member) offsetof(struct serve, member)

const struct opt serve_options[] = {
	{'n', "name", "NAME", "offer under NAME; once per SOURCE, in order", opt_words,
		INTO(names)},
	OPT_MODE(struct serve),
	{0, "append", NULL, "open with O_APPEND", opt_flag, INTO(append)},
	{0, "nonblock", NULL, "open with O_NONBLOCK", opt_flag, INTO(nonblock)},
	{0, "create", "[PERM]", "create a file that is missing, 0666 less the umask", parse_create,
		INTO(create)},
	{0, "trunc", NULL, "open with O_TRUNC", opt_flag, INTO(trunc)},
	{0, "excl", NULL, "with --create: fail if the file exists", opt_flag, INTO(excl)},
	{0, "backlog", "N", "of tcp: and unix: let N connections wait; default the most",
		parse_backlog, INTO(backlog)},
	{0, "reuseport", NULL, "of tcp: and udp: let several sockets have the port", opt_flag,
		INTO(reuseport)},
	{0, "allow-user", "USER", "let USER grab it too; repeatable", opt_user, INTO(rules.policy),
		WORD_USER},
	{0, "allow-group", "GROUP", "let members of GROUP grab it too; repeatable", opt_group,
		INTO(rules.policy), WORD_GROUP},
	{0, "allow-any", NULL, "let anyone grab it", opt_flag, INTO(rules.policy.any)},
	{0, "allow-type", "TYPE", "offer even a directory, o_path or unix (socket)", parse_type,
		INTO(types), WORD_CHOICE, "directory o_path unix"},
	{0, "user", "USER", "become USER when all is open and bound", parse_user, INTO(user),
		WORD_USER},
	{0, "group", NULL, "offer all SOURCEs as one, under the first NAME; the next NAMEs are theirs",
		opt_flag, INTO(group)},
	{0, "narrow", NULL, "each grant is a fresh read-only description", opt_flag, INTO(narrow)},
	{0, "once", NULL, "end after one grant, when its client has left", opt_flag, INTO(once)},
	{0, "count", "N", "end after N grants, when their clients have left", opt_count,
		INTO(rules.count)},
	{'t', "timeout", "TIME", "end after TIME, exit 124", opt_time, INTO(timeout)},
	{0, "max-clients", "N", "allow N clients of one user at a time; default 256", opt_count, INTO(max_clients)},
	{0, "client-timeout", "TIME", "drop a client that is silent for TIME; default never",
		opt_time, INTO(rules.client_timeout)},
	{'c', "command", "CMD", "run the prompt's command CMD, then the next; repeatable", opt_words,
		INTO(commands)},
	{'i', "interactive", NULL, "read the prompt's commands from stdin, terminal or not",
		opt_flag, INTO(interactive)},
	{0, "script", "FILE", "run the prompt's commands in FILE, then exit", opt_word, INTO(script),
		WORD_FILE},
	{'k', "keep-going", NULL, "go on after a command that fails", opt_flag, INTO(keep_going)},
	OPT_COLOR(struct serve),
	OPT_NO_TRACE(struct serve),
	{0, "ready-fd", "N", "write a newline to descriptor N when all is bound", opt_number,
		INTO(ready_fd)},
	OPT_JSON(struct serve, "events, one object a line"),
	OPT_QUIET(struct serve),
	OPT_ANATOMY(struct serve),
	OPT_END,
};

/* Whether a SOURCE is of one of these kinds. */
static bool has_kind(const struct serve *s, enum source_kind one, enum source_kind other)
{
	struct source source;

	for (size_t i = 0; i < s->sources.n; i++)
		if (!source_parse(s->sources.v[i], &source) &&
			(source.kind == one || source.kind == other))
			return true;
	return false;
}

static enum status check_socket_options(const struct serve *s)
{
	if (s->backlog && !has_kind(s, SOURCE_TCP, SOURCE_UNIX))
		return report_usage("--backlog is for tcp: and unix:");
	if (s->reuseport && !has_kind(s, SOURCE_TCP, SOURCE_UDP))
		return report_usage("--reuseport is for tcp: and udp:");
	return STATUS_OK;
}

enum status serve_check_usage(const struct serve *s)
{
	if (s->sources.n == 0)
		return report_usage("no SOURCE to serve");
	if (s->names.n > s->sources.n + s->group)
		return report_usage("more names than SOURCEs");
	if (s->group && s->narrow)
		return report_usage("--group and --narrow exclude each other");
	if (s->group && s->sources.n > MSG_FDS_MAX)
		return report_usage("--group takes at most %d SOURCEs", MSG_FDS_MAX);
	if (s->excl && !s->create)
		return report_usage("--excl needs --create");
	if (s->ready_fd && !fd_is_inherited(s->ready_fd - 1))
		return report_usage("--ready-fd: descriptor %d is not open", s->ready_fd - 1);
	if (s->trunc && s->mode != O_WRONLY + 1 && s->mode != O_RDWR + 1)
		return report_usage("--trunc needs --mode w or rw");
	bool commands = s->commands.n || s->interactive || s->script;
	if (s->sources.n > 1 && commands)
		return report_usage("-c, -i and --script need exactly one SOURCE");
	if (s->json && commands)
		return report_usage("--json excludes -c, -i and --script");
	if (s->interactive && s->script)
		return report_usage("-i and --script exclude each other");
	if (s->once && s->rules.count > 1)
		return report_usage("--once and --count exclude each other");
	return check_socket_options(s);
}
