/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grab: receives descriptors that are on offer, and then shows what they are (describe.c), runs a
 * prompt on them (terminal.c, prompt.c), or becomes the program that gets them (become.c).
 *
 * Scripts run this in their inner loop: between connect and exec there is nothing that the job
 * does not need.
 */
#include "cmd/grab/grab.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- options ------------------------------------------------------------------ */

struct wanted *grab_add(struct grab *g, const char *word, int at)
{
	g->wanted = must_realloc(g->wanted, g->n + 1, sizeof(*g->wanted));
	struct wanted *w = &g->wanted[g->n++];
	*w = (struct wanted){.word = word, .at = at, .requested = at >= 0};
	w->client.fd = w->client.sock = -1;
	return w;
}

static const char *take_address(const char *word, void *state)
{
	struct grab *g = state;
	struct addr addr;

	grab_add(g, word, g->next_at - 1);
	g->next_at = 0;
	return addr_parse(word, &addr);
}

static const char *parse_at(const char *arg, void *into)
{
	return *(int *)into ? "follows another -f, with no ADDRESS between" : opt_number(arg, into);
}

static const char *const expectable[] = {"mode", "type", "path", "flags", "name", NULL};

static const char *parse_expect(const char *arg, void *into)
{
	unsigned int which;
	size_t len = strcspn(arg, "=");

	words_add(into, arg);
	if (text_begins(arg, "mode="))
		return choice_parse(arg + len + 1, "r w rw path none", &which);
	for (size_t i = 0; arg[len] && expectable[i]; i++)
		if (strlen(expectable[i]) == len && strncmp(expectable[i], arg, len) == 0)
			return NULL;
	return "must be KEY=VALUE with a KEY of mode, type, path, flags, name";
}

#define INTO(member) offsetof(struct grab, member)

static const struct opt options[] = {
	{'f', "fd", "N", "put the next ADDRESS at descriptor N, not at 3, 4, ...", parse_at,
		INTO(next_at)},
	OPT_WAIT(struct grab),
	OPT_FROM(struct grab),
	{0, "listen", NULL, "wait at ADDRESS for 'fdtool send', instead of asking a server",
		opt_flag, INTO(listen)},
	{0, "as", "PROTO", "with --listen: what the sender speaks; default fdtool", NULL, INTO(as),
		WORD_CHOICE, "fdtool fdsend raw raw:dgram raw:seqpacket"},
	{0, "expect", "KEY=VALUE", "refuse it unless mode, type, path, flags or name is VALUE",
		parse_expect, INTO(expect)},
	{0, "narrow", NULL, "exchange it for a fresh read-only description", opt_flag, INTO(narrow)},
	{0, "env", "CONV", "how PROGRAM finds it: systemd (default), nginx, starter, einhorn",
		grab_parse_env, INTO(env), WORD_CHOICE, "systemd nginx starter einhorn"},
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer", opt_time,
		INTO(timeout)},
	{'c', "command", "CMD", "run the prompt's command CMD, then the next; repeatable", opt_words,
		INTO(prompt.commands)},
	{'i', "interactive", NULL, "read the prompt's commands from stdin, terminal or not",
		opt_flag, INTO(prompt.interactive)},
	{0, "script", "FILE", "run the prompt's commands in FILE, then exit", opt_word,
		INTO(prompt.script), WORD_FILE},
	{'k', "keep-going", NULL, "go on after a command that fails", opt_flag, INTO(prompt.keep_going)},
	OPT_COLOR(struct grab),
	OPT_NO_TRACE(struct grab),
	OPT_JSON(struct grab, "print one object for each ADDRESS"),
	OPT_QUIET(struct grab),
	OPT_ANATOMY(struct grab),
	OPT_END,
};

/* --- checking ------------------------------------------------------------------- */

/* Where it is flags, with O_LARGEFILE or without: names_flags writes it behind the others. */
static bool is_expected(const char *key, const char *is, const char *expected)
{
	static const char large[] = "|O_LARGEFILE";
	const char *at = text_begins(key, "flags=") ? strstr(expected, large) : NULL;
	size_t len = at ? (size_t)(at - expected) : strlen(expected);

	return strncmp(is, expected, len) == 0 && strcmp(is + len, at ? at + sizeof(large) - 1 : "") == 0;
}

static const char *value_of(
	const struct wanted *w, const struct desc *d, const char *key, size_t len)
{
	static char flags[NAMES_MAX];

	if (strncmp(key, "mode", len) == 0)
		return names_mode(d->flags);
	if (strncmp(key, "type", len) == 0)
		return d->type;
	if (strncmp(key, "path", len) == 0)
		return d->path;
	if (strncmp(key, "flags", len) == 0) /* O_LARGEFILE says how the opener was built, not what is shared */
		return names_flags(d->flags & ~(int)names_o_largefile, flags, sizeof(flags));
	return w->client.name;
}

static enum status check_expectations(const struct grab *g, const struct wanted *w)
{
	struct desc d;

	if (g->expect.n == 0)
		return STATUS_OK;
	if (desc_look(0, w->client.fd, &d) < 0)
		return report_look(w->word, "look at the descriptor");
	for (size_t i = 0; i < g->expect.n; i++) {
		const char *key = g->expect.v[i];
		size_t len = strcspn(key, "=");
		const char *is = value_of(w, &d, key, len);
		if (is_expected(key, is, key + len + 1))
			continue;
		char *what = must_printf("%.*s is '%s', not '%s' as expected", (int)len, key,
			text_show(is), text_show(key + len + 1));
		report(STATUS_REFUSED, w->word, what, 0);
		free(what);
		return STATUS_REFUSED;
	}
	return STATUS_OK;
}

static enum status narrow(struct wanted *w)
{
	int fresh = desc_reopen_readonly(w->client.fd);

	if (fresh < 0) {
		int err = errno;
		report(STATUS_FAIL, w->word, "--narrow: open it again for reading", err);
		if (err == EACCES)
			report_hint("the permissions of the file do not let this user read it");
		else if (err == ENXIO)
			report_hint("the kernel cannot open this type again");
		else if (err == EBADF)
			report_hint("it is not open for reading, and --narrow never adds an access mode");
		return STATUS_FAIL;
	}
	/* at the same number: the wider one must be gone, though its close may wait as the open did */
	int done = dup3(fresh, w->client.fd, O_CLOEXEC);
	fd_close(&fresh);
	return done < 0 ? report(STATUS_FAIL, w->word, "--narrow: dup3", errno) : STATUS_OK;
}

enum status grab_check(const struct grab *g, struct wanted *w)
{
	enum status st = check_expectations(g, w);

	return st == STATUS_OK && g->narrow ? narrow(w) : st;
}

static enum status receive_all(struct grab *g, bool program)
{
	const struct acquire_opts opts = {.trust = &g->trust,
		.wait = g->wait,
		.deadline = g->timeout ? time_after(g->timeout) : NEVER,
		.quiet = g->quiet,
		.group = true};
	enum status st = STATUS_OK;

	for (size_t i = 0; i < g->n && st == STATUS_OK; i++) {
		struct wanted *w = &g->wanted[i];
		st = acquire_at(w->word, &opts, grab_receive_at(g, w), &w->client);
		if (st == STATUS_NOBODY && i > 0)
			report_hint("a PROGRAM and its arguments go after '--'");
		size_t n = w->client.n_rest;
		if (st == STATUS_OK)
			st = grab_unfold(g, i, program);
		for (size_t k = i; st == STATUS_OK && k <= i + n; k++)
			st = grab_check(g, &g->wanted[k]);
		if (program)
			fd_close(&g->wanted[i].client.sock); /* exec would do so; but its number may be requested */
		i += n;
	}
	return st;
}

/* The second descriptor at a number would replace the first. */
static enum status check_numbers(const struct grab *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = i + 1; j < g->n; j++)
			if (g->wanted[i].at >= 0 && g->wanted[i].at == g->wanted[j].at)
				return report_usage("-f %d is given twice", g->wanted[i].at);
	return STATUS_OK;
}

static enum status check_usage(const struct grab *g, char **program)
{
	if (g->n == 0)
		return report_usage("no ADDRESS to grab from");
	if (g->next_at)
		return report_usage("-f %d has no ADDRESS after it", g->next_at - 1);
	if (grab_converses(g) && g->n > 1)
		return report_usage("-c, -i and --script need exactly one ADDRESS");
	if (grab_converses(g) && (program || g->json))
		return report_usage("-c, -i and --script exclude --json and a PROGRAM");
	if (g->prompt.interactive && g->prompt.script)
		return report_usage("-i and --script exclude each other");
	if (program && g->json)
		return report_usage("--json and a PROGRAM exclude each other");
	if (g->listen && g->n > 1)
		return report_usage("--listen needs exactly one ADDRESS");
	if (g->as && !g->listen)
		return report_usage("--as needs --listen");
	if (g->listen && g->wait.on)
		return report_usage("--listen and --wait exclude each other: -t limits --listen");
	for (size_t i = 0; !program && i < g->n; i++)
		if (g->wanted[i].at >= 0)
			return report_usage("-f needs a PROGRAM after '--'");
	if (!program && g->env)
		return report_usage("--env needs a PROGRAM after '--'");
	return check_numbers(g);
}

static enum status run(void *state, char **program)
{
	struct grab *g = state;
	enum status st = check_usage(g, program);

	if (st == STATUS_OK && program) {
		grab_say_number(g, program);
		grab_choose_numbers(g);
	}
	if (st == STATUS_OK)
		st = g->listen ? grab_listen(g, program) : receive_all(g, program);
	g->prompt.color = g->color;
	g->prompt.no_trace = g->no_trace;
	if (st != STATUS_OK)
		return st;
	bool prompt = grab_prompts(g, program);
	if (!program && !prompt)
		st = grab_describe(g);
	if (st == STATUS_OK && g->listen)
		grab_answer(g);
	if (st == STATUS_OK && prompt)
		st = grab_prompt_on_all(g);
	if (st == STATUS_OK && program)
		st = grab_become(g, program);
	return st;
}

static void release(void *state)
{
	struct grab *g = state;

	for (size_t i = 0; i < g->n; i++)
		client_close(&g->wanted[i].client);
	free(g->wanted);
	free(g->expect.v);
	free(g->prompt.commands.v);
	policy_free(&g->trust);
}

const struct cmd cmd_grab = {
	.name = "grab",
	.operands = "ADDRESS... [-- PROGRAM [ARG]...]",
	.summary = "receive a descriptor on offer, or run a program on it",
	.text = "ADDRESS is the NAME of an offer, @RAW (another abstract socket), or the path\n"
		"of a socket. With PROGRAM, grab becomes it, with the descriptors at 3, 4, ...\n"
		"and LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES and FDTOOL_FD_NAME set. Without,\n"
		"a prompt comes up on a terminal; elsewhere grab prints what it received.\n",
	.opts = options,
	.state = sizeof(struct grab),
	.operand = take_address,
	.kind = WORD_NAME,
	.program = true,
	.run = run,
	.release = release,
};
