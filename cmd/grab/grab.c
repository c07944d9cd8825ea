/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grab: receives descriptors that are on offer, and says what they are or
 * becomes the program that is to have them.
 *
 * This is what scripts run in their inner loop: between connect and exec there
 * is nothing that the job does not need.
 */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/client/acquire.h"
#include "cmd/grab/prompt.h"
#include "cmd/prompt/prompt.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wanted {
	const char *word;
	int at; /* -f; -1: the next one from 3 on */
	struct client client;
};

struct grab {
	struct wanted *wanted;
	size_t n;
	int next_at; /* -f, + 1, for the address that follows */
	struct wait_opts wait;
	struct policy trust;
	struct words expect;
	bool narrow;
	int64_t timeout;
	struct grab_prompt prompt;
	enum color_when color;
	bool quiet, verbose, json;
};

/* --- options ------------------------------------------------------------------ */

static const char *take_address(const char *word, void *state)
{
	struct grab *g = state;
	struct addr addr;

	g->wanted = must_realloc(g->wanted, g->n + 1, sizeof(*g->wanted));
	g->wanted[g->n] = (struct wanted){.word = word, .at = g->next_at - 1};
	g->wanted[g->n].client.fd = g->wanted[g->n].client.sock = -1;
	g->n++;
	g->next_at = 0;
	return addr_parse(word, &addr);
}

static const char *parse_number(const char *arg, void *into)
{
	return *(int *)into ? "stands after another -f, with no ADDRESS between" : opt_number(arg, into);
}

static const char *const expectable[] = {"mode", "type", "path", "flags", "name", NULL};

static const char *parse_expect(const char *arg, void *into)
{
	size_t len = strcspn(arg, "=");

	words_add(into, arg);
	for (size_t i = 0; arg[len] && expectable[i]; i++)
		if (strlen(expectable[i]) == len && strncmp(expectable[i], arg, len) == 0)
			return NULL;
	return "is no KEY=VALUE with KEY one of mode, type, path, flags, name";
}

#define INTO(member) offsetof(struct grab, member)

static const struct opt options[] = {
	{'f', "fd", "N", "the number that the next ADDRESS gets, instead of 3, 4, ...", parse_number,
		INTO(next_at)},
	OPT_WAIT(struct grab),
	OPT_FROM(struct grab),
	{0, "expect", "KEY=VALUE", "refuse it unless mode, type, path, flags or name is VALUE",
		parse_expect, INTO(expect)},
	{0, "narrow", NULL, "exchange it for a fresh read-only description", opt_flag, INTO(narrow)},
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer", opt_time,
		INTO(timeout)},
	{'c', "command", "CMD", "run the prompt's command CMD, then the next; repeatable", opt_words,
		INTO(prompt.commands)},
	{'i', "interactive", NULL, "the prompt's commands from standard input, terminal or not",
		opt_flag, INTO(prompt.interactive)},
	{'k', "keep-going", NULL, "past a command that fails", opt_flag, INTO(prompt.keep_going)},
	OPT_COLOR(struct grab),
	OPT_JSON(struct grab, "say what it is as one object for each ADDRESS"),
	OPT_QUIET(struct grab),
	OPT_ANATOMY(struct grab),
	OPT_END,
};

/* --- checking ------------------------------------------------------------------- */

static const char *fact(const struct wanted *w, const struct desc *d, const char *key, size_t len)
{
	static char flags[NAMES_MAX];

	if (strncmp(key, "mode", len) == 0)
		return names_mode(d->flags);
	if (strncmp(key, "type", len) == 0)
		return d->type;
	if (strncmp(key, "path", len) == 0)
		return d->path;
	if (strncmp(key, "flags", len) == 0)
		return names_flags(d->flags, flags, sizeof(flags));
	return w->client.name;
}

static enum status check_expectations(const struct grab *g, const struct wanted *w)
{
	struct desc d;

	if (g->expect.n == 0)
		return STATUS_OK;
	if (desc_look(0, w->client.fd, &d) < 0)
		return report(STATUS_FAIL, w->word, "look at the descriptor", errno);
	for (size_t i = 0; i < g->expect.n; i++) {
		const char *key = g->expect.v[i];
		size_t len = strcspn(key, "=");
		const char *is = fact(w, &d, key, len);
		if (strcmp(is, key + len + 1) == 0)
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
			report_hint("that asks the file's own permissions, and they say no");
		else if (err == ENXIO)
			report_hint("the kernel does not open this type again");
		else if (err == EBADF)
			report_hint("it is not open for reading, and narrow never gives more");
		return STATUS_FAIL;
	}
	fd_close(&w->client.fd);
	w->client.fd = fresh;
	return STATUS_OK;
}

static enum status receive_all(struct grab *g)
{
	const struct acquire_opts opts = {
		&g->trust, g->wait, g->timeout ? time_after(g->timeout) : NEVER};
	enum status st = STATUS_OK;

	for (size_t i = 0; i < g->n && st == STATUS_OK; i++) {
		struct wanted *w = &g->wanted[i];
		st = acquire(w->word, &opts, &w->client);
		if (st == STATUS_NOBODY && i > 0)
			report_hint("a PROGRAM and its words go after '--'");
		if (st == STATUS_OK)
			st = check_expectations(g, w);
		if (st == STATUS_OK && g->narrow)
			st = narrow(w);
	}
	return st;
}

static const char *shown_name(const struct wanted *w)
{
	return *w->client.name ? w->client.name : w->word;
}

/* --- saying what came ------------------------------------------------------------- */

/* null where it cannot be told */
static json_t *same_json(enum desc_same same)
{
	return same == DESC_UNKNOWN ? json_null() : json_boolean(same == DESC_SAME);
}

static int describe_json(const struct wanted *w, const struct desc *d)
{
	const struct client *c = &w->client;

	return json_line(json_pack("{s:o, s:i, s:s, s:o, s:o, s:s, s:o, s:o, s:o}",
		"name", json_bytes(shown_name(w)), "fd", c->fd,
		"mode", names_mode(d->flags), "flags", json_flags(d->flags),
		"pos", json_maybe(d->pos), "type", d->type, "path", json_bytes(d->path),
		"server", json_peer(&c->server), "same", same_json(client_same(c))));
}

static const char *same_words(enum desc_same same, bool narrowed)
{
	if (same == DESC_SAME)
		return "the same open file description as the server's (kcmp)";
	if (same == DESC_DIFFERENT && narrowed)
		return "a description of its own (kcmp): its offset and flags are not shared";
	if (same == DESC_DIFFERENT)
		return "not the server's description (kcmp)";
	return "cannot be told (kcmp is not allowed, or the server has gone)";
}

static int describe_human(const struct grab *g, const struct wanted *w, const struct desc *d)
{
	const struct client *c = &w->client;
	char comm[PEER_COMM_MAX], flags[NAMES_MAX];

	peer_comm(c->sock, &c->server, comm);
	printf("%s\n", text_show(shown_name(w)));
	if (c->server_fd >= 0)
		printf("  descriptor   %d here, %d at the server\n", c->fd, c->server_fd);
	else
		printf("  descriptor   %d here\n", c->fd);
	printf("  mode         %s\n", names_mode(d->flags));
	printf("  flags        %s\n", names_flags(d->flags, flags, sizeof(flags)));
	if (d->pos == DESC_NO_POS)
		printf("  offset       none (ESPIPE)\n");
	else
		printf("  offset       %jd\n", (intmax_t)d->pos);
	printf("  type         %s\n", d->type);
	printf("  path         %s\n", text_show(d->path));
	printf("  server       pid %d (%s), user %s\n", c->server.pid, text_show(comm),
		peer_user(c->server.uid));
	return printf("  description  %s\n", same_words(client_same(c), g->narrow)) < 0 ? -1 : 0;
}

static enum status describe_all(const struct grab *g)
{
	struct desc d;

	setlocale(LC_CTYPE, "");
	for (size_t i = 0; i < g->n; i++) {
		const struct wanted *w = &g->wanted[i];
		if (desc_look(0, w->client.fd, &d) < 0)
			return report(STATUS_FAIL, w->word, "look at the descriptor", errno);
		if (g->json)
			describe_json(w, &d);
		else if (!g->quiet)
			describe_human(g, w, &d);
	}
	return STATUS_OK;
}

/* --- becoming the program ----------------------------------------------------------- */

/* Those without -f get the numbers from 3 on that no -f has. */
static void choose_numbers(struct grab *g)
{
	int next = 3;

	for (size_t i = 0; i < g->n; i++) {
		if (g->wanted[i].at >= 0)
			continue;
		for (size_t j = 0; j < g->n; j++)
			if (g->wanted[j].at == next) {
				next++;
				j = (size_t)-1; /* look at all of them again */
			}
		g->wanted[i].at = next++;
	}
}

static int highest(const struct grab *g)
{
	int max = 2;

	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at > max)
			max = g->wanted[i].at;
	return max;
}

/* dup2(2) says EBADF, F_DUPFD EINVAL or EMFILE, of a number above the limit. */
static enum status no_number(const struct wanted *w)
{
	char what[48];

	snprintf(what, sizeof(what), "make it descriptor %d", w->at);
	report(STATUS_FAIL, w->word, what, errno);
	report_hint("'ulimit -n' shows and sets how many descriptors a process may have");
	return STATUS_FAIL;
}

/*
 * Of several, first all above every number that is wanted, so that putting one
 * in its place hits none of the others. What else is open stays behind.
 */
static enum status place_all(struct grab *g)
{
	int above = highest(g) + 1;

	for (size_t i = 0; i < g->n; i++) {
		struct client *c = &g->wanted[i].client;
		fd_close(&c->sock); /* exec would do so; but its number may be wanted */
		if (g->n == 1)
			break;
		int moved = fcntl(c->fd, F_DUPFD_CLOEXEC, above);
		if (moved < 0)
			return no_number(&g->wanted[i]);
		fd_close(&c->fd);
		c->fd = moved;
	}
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
	for (size_t i = 0; i < g->n; i++)
		if (fd_move_to(&g->wanted[i].client.fd, g->wanted[i].at) < 0)
			return no_number(&g->wanted[i]);
	return STATUS_OK;
}

/* The word that was typed, where it is a NAME; a server's word for itself only where there is none. */
static const char *name_of(const struct wanted *w)
{
	if (!addr_name_fault(w->word))
		return w->word;
	return *w->client.name ? w->client.name : "unknown"; /* as sd_listen_fds(3) */
}

static const char *name_at(const struct grab *g, int at)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at == at)
			return name_of(&g->wanted[i]);
	return NULL;
}

/*
 * The environment is made without printf and setenv: in a run as short as this
 * one, touching the pages that they are in costs more than all of their work.
 */
static char *put_number(char *to, int n)
{
	char digits[12], *p = digits + sizeof(digits);

	*--p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return stpcpy(to, p);
}

static void set_variable(const char *name, int n)
{
	char *variable = must_calloc(strlen(name) + 14, 1);

	put_number(stpcpy(stpcpy(variable, name), "="), n);
	putenv(variable);
}

/* FDTOOL_FD_notes_txt=3: what may not be in a variable's name is an underscore. */
static void set_number(const char *name, int at)
{
	char variable[sizeof("FDTOOL_FD_") + ADDR_NAME_MAX];
	char *end = stpcpy(stpcpy(variable, "FDTOOL_FD_"), name);

	for (char *p = variable; p < end; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
			!(*p >= '0' && *p <= '9'))
			*p = '_';
	set_variable(variable, at);
}

/* Those of a grab that ran this one: their descriptors do not come through. */
static void forget_numbers(void)
{
	char **to = environ;

	for (char **from = environ; *from; from++)
		if (strncmp(*from, "FDTOOL_FD_", 10) != 0)
			*to++ = *from;
	*to = NULL;
}

/* The protocol of sd_listen_fds(3): as many as stand at 3, 4, … without a gap. */
static void set_environment(const struct grab *g)
{
	forget_numbers();

	static const char fdnames[] = "LISTEN_FDNAMES=";
	char *names = must_calloc(sizeof(fdnames) + g->n * (ADDR_NAME_MAX + 1), 1);
	char *end = stpcpy(names, fdnames);
	int n = 0;

	for (const char *name = name_at(g, 3); name; name = name_at(g, 3 + n)) {
		end = stpcpy(stpcpy(end, n ? ":" : ""), name);
		n++;
	}
	for (size_t i = 0; i < g->n; i++)
		set_number(name_at(g, g->wanted[i].at), g->wanted[i].at);
	set_variable("LISTEN_FDS", n);
	set_variable("LISTEN_PID", getpid());
	putenv(names);
}

static enum status become(char **program)
{
	execvp(program[0], program);
	int err = errno;
	bool missing = err == ENOENT;
	report(missing ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN, program[0],
		missing ? "not found" : "cannot be run", err);
	return missing ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

/* Two addresses for one number would leave the first of them nowhere. */
static enum status number_twice(const struct grab *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = i + 1; j < g->n; j++)
			if (g->wanted[i].at >= 0 && g->wanted[i].at == g->wanted[j].at)
				return report_usage("-f %d stands twice", g->wanted[i].at);
	return STATUS_OK;
}

static bool converses(const struct grab *g)
{
	return g->prompt.commands.n || g->prompt.interactive;
}

static enum status usage_fault(const struct grab *g, char **program)
{
	if (g->n == 0)
		return report_usage("there is no ADDRESS to grab from");
	if (g->next_at)
		return report_usage("-f %d has no ADDRESS after it", g->next_at - 1);
	if (converses(g) && g->n > 1)
		return report_usage("-c and -i are for one ADDRESS");
	if (converses(g) && (program || g->json))
		return report_usage("-c and -i go with neither --json nor a PROGRAM");
	if (program && g->json)
		return report_usage("--json says what came, a PROGRAM takes it: one of them");
	for (size_t i = 0; !program && i < g->n; i++)
		if (g->wanted[i].at >= 0)
			return report_usage("-f is for a PROGRAM after '--'");
	return number_twice(g);
}

/* On a terminal a prompt is what somebody wants who says nothing else. */
static bool prompts(const struct grab *g)
{
	return converses(g) || (g->n == 1 && !g->json && !g->quiet && prompt_possible());
}

static enum status run(void *state, char **program)
{
	struct grab *g = state;
	enum status st = usage_fault(g, program);

	if (st == STATUS_OK)
		st = receive_all(g);
	g->prompt.color = g->color;
	if (st == STATUS_OK && !program)
		st = prompts(g) ? grab_prompt(&g->wanted[0].client, shown_name(&g->wanted[0]), &g->prompt)
				: describe_all(g);
	if (st == STATUS_OK && program) {
		choose_numbers(g);
		st = place_all(g);
		if (st == STATUS_OK) {
			set_environment(g);
			st = become(program);
		}
	}
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
		"of a socket. With PROGRAM: becomes it, with the descriptors at 3, 4, ... and\n"
		"LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES and FDTOOL_FD_NAME set. Without: a\n"
		"prompt on a terminal, otherwise it says what came.\n",
	.opts = options,
	.state = sizeof(struct grab),
	.operand = take_address,
	.kind = WORD_NAME,
	.program = true,
	.run = run,
	.release = release,
};
