/* SPDX-License-Identifier: GPL-3.0-or-later */
/* send: gives descriptors to one that waits for them, and ends when it has taken them. */
#include "cmd/send/send.h"
#include "cmd/cli/commands.h"
#include "cmd/client/failed.h"
#include "cmd/client/source-failed.h"
#include "cmd/client/who.h"
#include "cmd/prompt/unescape.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/release.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"
#include "lib/pass/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- options ------------------------------------------------------------------ */

/* Which operand is the ADDRESS is known when all have been read. */
static const char *take_operand(const char *word, void *state)
{
	struct send *s = state;

	words_add(&s->operands, word);
	return *word ? NULL : "is empty";
}

static const char *parse_data(const char *arg, void *into)
{
	size_t len;
	char *data = unescape_text(arg, &len);

	*(const char **)into = arg;
	free(data);
	if (!data)
		return "has an escape that C does not have";
	return len ? NULL : "must not be empty: a descriptor needs a byte to go with";
}

#define INTO(member) offsetof(struct send, member)

static const struct opt options[] = {
	{'n', "name", "NAME", "send under NAME; once per SOURCE, in order", opt_words, INTO(names)},
	OPT_MODE(struct send),
	{'w', "wait", "[TIME]", "wait until somebody waits there, at most TIME", opt_wait, INTO(wait)},
	{0, "to", "USER", "let a receiver of this user have it too; default: own user and root",
		opt_user, INTO(to), WORD_USER},
	{0, "expire", "TIME", "for a broker: let it go after TIME", opt_time, INTO(expire)},
	{0, "replace", NULL, "for a broker: put it in the place of what has that name", opt_flag,
		INTO(replace)},
	{0, "as", "PROTO", "what the receiver speaks; default fdtool", NULL, INTO(as), WORD_CHOICE,
		"fdtool fdsend raw systemd stdout"},
	{0, "data", "TEXT", "with --as raw or stdout: the bytes to send; default one NUL", parse_data,
		INTO(data)},
	{'t', "timeout", "TIME", "give up after TIME, exit 124; default 10s for an answer", opt_time,
		INTO(timeout)},
	OPT_JSON(struct send, "print one object for each SOURCE"),
	OPT_QUIET(struct send),
	OPT_ANATOMY(struct send),
	OPT_END,
};

static bool has_address(const struct send *s)
{
	return s->as != TO_SYSTEMD && s->as != TO_STDOUT;
}

/* --- the SOURCEs ---------------------------------------------------------------- */

static enum status open_failed(const struct source *source)
{
	int err = errno;

	if (source->kind != SOURCE_PATH)
		return source_failed(source, err);
	return report(STATUS_FAIL, source->word, "open", err);
}

static enum status choose_name(const struct send *s, size_t i, const struct source *source, char **name)
{
	bool given = i < s->names.n;

	*name = given ? must_strdup(s->names.v[i]) : source_name(source);
	const char *fault = addr_name_fault(*name);
	if (fault)
		return report_usage("the name '%s' %s%s", text_show(*name), fault,
			given ? "" : "; -n gives another");
	return STATUS_OK;
}

/* Of these this process would have the other end, or it would make the events, and it ends. */
static bool needs_us(const struct source *source)
{
	return source->kind == SOURCE_MYPOLL || source->kind == SOURCE_PAIR ||
	       source->kind == SOURCE_PIPE;
}

static enum status open_gift(const struct send *s, size_t i, struct gift *g)
{
	const struct source_opts opts = {.mode = s->mode - 1};
	struct source source;

	*g = (struct gift){.word = s->operands.v[i], .fd = -1};
	const char *fault = source_parse(g->word, &source);
	if (fault)
		return report_usage("'%s' %s", text_show(g->word), fault);
	if (needs_us(&source))
		return report_usage("%s needs a process that stays: 'fdtool serve' offers it",
			text_show(g->word));
	enum status st = choose_name(s, i, &source, &g->name);
	if (st != STATUS_OK)
		return st;
	g->fd = source_open(&source, &opts);
	g->made = source.addr;
	return g->fd < 0 ? open_failed(&source) : STATUS_OK;
}

static enum status open_gifts(struct send *s)
{
	size_t n = s->operands.n - has_address(s);
	enum status st = STATUS_OK;

	s->gifts = must_calloc(n, sizeof(*s->gifts));
	while (s->n < n && st == STATUS_OK) {
		st = open_gift(s, s->n, &s->gifts[s->n]);
		s->n++;
	}
	return st;
}

/* --- giving ----------------------------------------------------------------------- */

/* What a broker says of the name. Returns false for any other reason. */
static bool report_broker(const char *word, const struct gift *g, const struct client *c)
{
	char what[256];

	if (strcmp(c->reason, "exists") == 0 && c->denied_errno == EEXIST) {
		snprintf(what, sizeof(what), "the broker at %s has that name already", text_show(word));
		report(STATUS_REFUSED, g->name, what, c->denied_errno);
		report_hint("--replace puts this in its place; -n gives another name");
	} else if (strcmp(c->reason, "exists") == 0) {
		report(STATUS_REFUSED, g->name, "another server than the broker has that name", c->denied_errno);
		report_hint("-n gives another name");
	} else if (strcmp(c->reason, "owner") == 0) {
		report(STATUS_REFUSED, g->name, "another user gave it: only that user and root may replace it", 0);
		report_hint("-n gives another name");
	} else if (strcmp(c->reason, "full") == 0) {
		report(STATUS_REFUSED, word, "the broker keeps as many as it may", 0);
		report_hint("its option --max sets the number; 'fdtool drop NAME' makes room");
	} else if (strcmp(c->reason, "busy") == 0) {
		report(STATUS_REFUSED, word, "the broker takes no more connections of this user now", 0);
	} else {
		return false;
	}
	return true;
}

static enum status report_denied(const char *word, const struct gift *g, const struct client *c)
{
	char what[256];

	if (report_broker(word, g, c))
		return STATUS_REFUSED;

	if (strcmp(c->reason, "policy") == 0) {
		snprintf(what, sizeof(what), "pid %d of user %s takes nothing from user %s",
			c->server.pid, peer_user(c->server.uid), peer_user(c->denied_uid));
		report(STATUS_REFUSED, word, what, 0);
		report_hint("the receiver would need: --from %s; a broker: --store-user %s",
			peer_user(c->denied_uid), peer_user(c->denied_uid));
		return STATUS_REFUSED;
	}
	if (strcmp(c->reason, "expect") == 0)
		return report(STATUS_REFUSED, word, "the receiver expects something else: its --expect", 0);
	if (strcmp(c->reason, "system") == 0)
		return report(STATUS_REFUSED, word, "the receiver could not take it", c->denied_errno);
	snprintf(what, sizeof(what), "the receiver refused: %s", text_show(c->reason));
	return report(STATUS_REFUSED, word, what, 0);
}

static enum status failed(
	enum client_fault fault, const char *word, const struct gift *g, const struct client *c)
{
	int err = errno;

	if (fault == CLIENT_DENIED)
		return report_denied(word, g, c);
	if (fault == CLIENT_NOBODY)
		return report(STATUS_FAIL, word, "the receiver left, and did not say that it has taken it", err);
	if (fault == CLIENT_PROTOCOL && err == EALREADY) {
		report(STATUS_FAIL, word, "a server is there, which offers something itself", 0);
		report_hint("'fdtool grab %s' receives that", word);
		return STATUS_FAIL;
	}
	if (fault == CLIENT_SYSTEM && err == EINVAL)
		return report(STATUS_FAIL, g->word, "the kernel does not pass this descriptor", err);
	if (fault == CLIENT_SYSTEM && strcmp(c->call, "readlink") == 0)
		return report_look(g->word, "look at the descriptor");
	return failed_to_take(fault, "the receiver", word, -1, c);
}

void send_say(
	const struct send *s, const struct gift *g, const char *how, const struct peer *receiver)
{
	struct desc d;

	if (s->json && desc_look(0, g->fd, &d) == 0)
		json_line(json_pack("{s:s, s:i, s:s, s:s, s:o, s:o}", "name", g->name, "fd", g->fd,
			"mode", names_mode(d.flags), "type", d.type, "path", json_bytes(d.path),
			"receiver", receiver ? json_peer(receiver) : json_null()));
	else if (!s->quiet && !s->json)
		printf("%s: %s\n", g->name, how);
}

/* by: who the receiver is, asked before it can have ended. */
static enum status give_all(const struct send *s, const char *word, const char *by, int64_t deadline,
	struct client *c)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct gift *g = &s->gifts[i];
		int64_t answer = deadline != NEVER ? deadline : time_after(ANSWER_TIMEOUT);
		enum client_fault fault = client_give(c, g->name, g->fd, (int)(s->n - 1 - i), answer);
		if (fault != CLIENT_OK)
			return failed(fault, word, g, c);
		send_say(s, g, by, &c->server);
	}
	return STATUS_OK;
}

static enum status check_address(const struct send *s)
{
	const char *word = s->operands.v[s->operands.n - 1];
	struct addr addr;

	if (s->operands.n == 1)
		return report_usage("no ADDRESS after '%s' to send it to", text_show(word));
	const char *fault = s->as == TO_FDSEND ? NULL : addr_parse(word, &addr);
	return fault ? report_usage("'%s' %s", text_show(word), fault) : STATUS_OK;
}

static enum status check_usage(const struct send *s)
{
	size_t n = s->operands.n - (s->operands.n > 0 && has_address(s));

	if (s->operands.n == 0)
		return report_usage("no SOURCE to send");
	enum status st = has_address(s) ? check_address(s) : STATUS_OK;
	if (st != STATUS_OK)
		return st;
	if (s->names.n > n)
		return report_usage("more names than SOURCEs");
	if (s->as == TO_FDSEND && n > 1)
		return report_usage("--as fdsend sends exactly one SOURCE");
	if (s->data && s->as != TO_RAW && s->as != TO_STDOUT)
		return report_usage("--data needs --as raw or --as stdout");
	if ((s->expire || s->replace) && s->as != TO_FDTOOL)
		return report_usage("--expire and --replace are for a broker, which speaks fdtool");
	if (s->wait.on && !has_address(s))
		return report_usage("--wait needs an ADDRESS to wait for");
	if (s->json && s->as == TO_STDOUT)
		return report_usage("--json and --as stdout exclude each other");
	return STATUS_OK;
}

static enum status send_to_fdtool(
	const struct send *s, const char *word, const struct acquire_opts *opts)
{
	struct client c;
	enum status st = reach(word, opts, &c);

	if (st != STATUS_OK)
		return st;
	c.expire = s->expire;
	c.replace = s->replace;
	char *by = must_printf("taken by %s", s->json || s->quiet ? "" : who(c.sock, &c.server));
	st = give_all(s, word, by, opts->deadline, &c);
	free(by);
	client_close(&c);
	return st;
}

static enum status run(void *state, char **program)
{
	struct send *s = state;
	const struct acquire_opts opts = {.trust = &s->to,
		.wait = s->wait,
		.deadline = s->timeout ? time_after(s->timeout) : NEVER,
		.quiet = s->quiet};

	(void)program;
	enum status st = check_usage(s);
	if (st == STATUS_OK)
		st = open_gifts(s);
	if (st != STATUS_OK)
		return st;
	const char *word = has_address(s) ? s->operands.v[s->n] : NULL;
	return s->as == TO_FDTOOL ? send_to_fdtool(s, word, &opts) : send_foreign(s, word, &opts);
}

static void release(void *state)
{
	struct send *s = state;

	for (size_t i = 0; i < s->n; i++) {
		free(s->gifts[i].name);
		release_fd(&s->gifts[i].fd);
		addr_unbind_unused(&s->gifts[i].made); /* unless somebody listens there now */
	}
	free(s->gifts);
	free(s->names.v);
	free(s->operands.v);
	policy_free(&s->to);
}

const struct cmd cmd_send = {
	.name = "send",
	.operands = "SOURCE... [ADDRESS]",
	.summary = "give a descriptor to one that waits for it",
	.text = "ADDRESS is where 'fdtool grab --listen' or 'fdtool hold' waits: a NAME, @RAW, or the\n"
		"path of a socket. send ends when the receiver has taken it; so pair:, pipe: and mypoll:,\n"
		"which need a process that stays, are for serve.\n",
	.opts = options,
	.state = sizeof(struct send),
	.operand = take_operand,
	.kind = WORD_SOURCE,
	.run = run,
	.release = release,
};
