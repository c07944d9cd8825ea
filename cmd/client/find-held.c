/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has the inodes of TARGETs open, if anybody has: see find.h. */
#include "cmd/client/find-internal.h"
#include "cmd/client/find.h"
#include "lib/base/inode.h"
#include "lib/base/peer.h"
#include "lib/base/text.h"
#include "lib/look/maps.h"

#include <stdlib.h>
#include <unistd.h>

bool targets_have_inodes(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (share_is_inode(&t->v[i]))
			return true;
	return false;
}

/* The inodes that somebody has open. Free with inode_set_free. */
static struct inode_set held_inodes(const struct share *s)
{
	struct inode_set set = inode_set_new(s->n_descriptions);

	for (size_t i = 0; i < s->n_descriptions; i++)
		inode_set_add(&set, s->descriptions[i].dev, s->descriptions[i].ino);
	inode_set_sort(&set);
	return set;
}

/* That of the first socket that listens. */
static void hint_at_user(const char *word)
{
	struct diag_sockets all;
	struct port port;

	port_parse(word, &port);
	if (port_find(&port, &all) == 0 && all.n && port.protocol)
		report_hint("its user is %s: sudo fdtool %s %s", peer_user(all.of[0].uid),
			report_command(), text_show(word));
	else
		report_hint("root sees all: sudo fdtool %s %s", report_command(), text_show(word));
	diag_free(&all);
}

/* A file may be in the memory of processes that have no descriptor of it. */
static bool hint_at_mappers(const struct share_target *of)
{
	struct inode_set set = inode_set_new(1);

	inode_set_add(&set, of->dev, of->ino);
	struct mappers found = mappers_of(&set);
	if (found.n == 1)
		report_hint("%s %d has it mapped", text_show(found.v[0].command), found.v[0].pid);
	else if (found.n)
		report_hint("%s %d and %zu other%s have it mapped", text_show(found.v[0].command),
			found.v[0].pid, found.n - 1, found.n == 2 ? "" : "s");
	bool any = found.n > 0;
	free(found.v);
	inode_set_free(&set);
	return any;
}

static enum status report_unheld(
	const char *word, const struct share_target *of, const struct share *s)
{
	bool all = share_all_seen(s), port = port_is(word);

	report(STATUS_NOBODY, word,
		!all   ? "no process that can be inspected has it open"
		: port ? "no process has it: it is the kernel's, or on its way in a message"
		       : "nobody has it open",
		0);
	if (!port && hint_at_mappers(of))
		return STATUS_NOBODY;
	if (!all && geteuid() != 0 && port)
		hint_at_user(word);
	else if (!all && geteuid() != 0)
		report_hint("root sees all: sudo fdtool %s %s", report_command(), text_show(word));
	return port && !all ? STATUS_FAIL : STATUS_NOBODY; /* somebody has the port */
}

/* The targets of a word follow each other, from `first` on. Returns the end of them. */
static size_t count_held(const struct targets *t, size_t first, const struct inode_set *held, size_t *n)
{
	size_t i = first;

	for (*n = 0; i < t->n && t->word[i] == t->word[first]; i++)
		*n += !share_is_inode(&t->v[i]) || inode_set_has(held, t->v[i].dev, t->v[i].ino);
	return i;
}

enum status targets_unheld(const struct targets *t, const struct share *s)
{
	struct inode_set held = held_inodes(s);
	enum status st = STATUS_OK;
	size_t n;

	for (size_t i = 0, end; i < t->n; i = end) {
		const char *word = t->words.v[t->word[i]];
		end = count_held(t, i, &held, &n);
		if (n == 0)
			st = report_unheld(word, &t->v[i], s);
		else if (n < end - i)
			report_note("%s: of %zu more sockets the process is not seen",
				text_show(word), end - i - n);
	}
	inode_set_free(&held);
	return st;
}

/* In the place of an inode come its descriptions. */
static void resolve_one(
	struct targets *to, const struct targets *t, size_t i, const struct share *s)
{
	if (!share_is_inode(&t->v[i])) {
		find_add(to, t->v[i], t->word[i]);
		return;
	}
	for (size_t k = 0; k < s->n_descriptions; k++) {
		const struct share_fd *fd = &s->fds[s->descriptions[k].first];
		const struct share_target one = {.pid = s->tables[fd->table].pid, .fd = fd->fd};
		if (share_has_inode(&s->descriptions[k], &t->v[i]))
			find_add(to, one, t->word[i]);
	}
}

static enum status resolve_all(struct targets *t, const struct share *s)
{
	struct targets to = {0};

	for (size_t i = 0; i < t->n; i++)
		resolve_one(&to, t, i, s);
	enum status st = targets_unheld(t, s);
	to.words = t->words;
	t->words = (struct words){0};
	targets_free(t);
	*t = to;
	return st;
}

enum status targets_resolve(struct targets *t)
{
	const struct share_request request = {
		.targets = t->v, .n_targets = t->n, .need = SHARE_INODE};
	const struct share_target *fault = NULL;
	struct share s;
	enum status st;

	if (!targets_have_inodes(t))
		return STATUS_OK;
	if (share_look(&request, &s, &fault) < 0)
		st = target_unseen(fault ? targets_word(t, fault) : "/proc");
	else
		st = resolve_all(t, &s);
	share_free(&s);
	return st;
}
