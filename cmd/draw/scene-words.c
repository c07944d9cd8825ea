/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Describes a scene in a paragraph: see scene.h. A few descriptions have a sentence each; many
 * are counted, and the first ones are named.
 */
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW = 4, NAMED_HOLDERS = 3, NAMED_FDS = 4 };

struct paragraph {
	FILE *out;
	const struct scene *sc;
	bool begun;
	bool explained; /* the meaning of sharing */
};

/* Begins a sentence: a blank separates it from the one before. */
static void begin(struct paragraph *p)
{
	if (p->begun)
		fputc(' ', p->out);
	p->begun = true;
}

/* The separator before the i-th of n items. */
static const char *separator(size_t i, size_t n)
{
	return i == 0 ? "" : i + 1 == n ? " and " : ", ";
}

/* --- holders ------------------------------------------------------------------------ */

static size_t count_of_table(const struct share *s, size_t first, size_t end)
{
	size_t n = 1;

	while (first + n < end && s->fds[first + n].table == s->fds[first].table)
		n++;
	return n;
}

static size_t count_tables(const struct share *s, const struct share_description *d)
{
	size_t n = 0, end = d->first + d->n;

	for (size_t i = d->first; i < end; i += count_of_table(s, i, end))
		n++;
	return n;
}

/* "serve (1234) fd 4", "bash (1200) fds 0, 1, 2" */
static void say_holder(struct paragraph *p, size_t first, size_t n)
{
	const struct share *s = p->sc->share;
	const struct scene_table *t = &p->sc->tables[s->fds[first].table];

	fprintf(p->out, "%s (%s) fd%s ", t->command, t->id, n == 1 ? "" : "s");
	for (size_t i = 0; i < n && i < NAMED_FDS; i++)
		fprintf(p->out, "%s%d", i ? ", " : "", s->fds[first + i].fd);
	if (n > NAMED_FDS)
		fprintf(p->out, " and %zu more", n - NAMED_FDS);
}

static void say_holders(struct paragraph *p, const struct share_description *d)
{
	const struct share *s = p->sc->share;
	size_t n = count_tables(s, d), end = d->first + d->n, at = d->first, run;
	size_t named = n > NAMED_HOLDERS ? 1 : n;

	for (size_t i = 0; i < named; i++, at += run) {
		run = count_of_table(s, at, end);
		fputs(separator(i, n), p->out);
		say_holder(p, at, run);
	}
	if (named < n)
		fprintf(p->out, " and %zu other processes", n - named);
}

/* --- few: a sentence for each --------------------------------------------------------- */

static const char *not_shared(const struct share_description *d)
{
	return d->pos == DESC_NO_POS ? "its status flags are its own" : "its offset is its own";
}

static void say_shared(struct paragraph *p, const struct scene_description *d)
{
	begin(p);
	say_holders(p, d->d);
	fputs(count_tables(p->sc->share, d->d) == 1 ? " are " : " share ", p->out);
	if (p->explained)
		fprintf(p->out, "another (%s).", d->letter);
	else
		fprintf(p->out, "one open file description (%s): %sone set of status flags.",
			d->letter, d->d->pos == DESC_NO_POS ? "" : "one offset, ");
	p->explained = true;
}

static const char *object(const struct scene_inode *in)
{
	static const char *const words[][2] = {
		{"regular", "file"}, {"char", "device"}, {"block", "device"}, {"?", "inode"}};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(in->type, words[i][0]) == 0)
			return words[i][1];
	return in->type;
}

/* One reads and one writes a pipe: its two ends, not two opens of one thing. */
static bool is_other_end(const struct scene_inode *in, const struct share_description *a,
	const struct share_description *b)
{
	bool is_pipe = strcmp(in->type, "pipe") == 0 || strcmp(in->type, "fifo") == 0;

	return is_pipe && (a->flags & O_ACCMODE) != (b->flags & O_ACCMODE);
}

static void say_further_open(struct paragraph *p, const struct scene_inode *in,
	const struct scene_description *d, size_t nth)
{
	static const char *const words[] = {"", "second", "third", "fourth"};
	const struct share_description *first = p->sc->descriptions[in->first].d;
	bool other_end = is_other_end(in, first, d->d), single = d->d->n == 1;

	begin(p);
	say_holders(p, d->d);
	fputs(single ? " is " : " share ", p->out);
	if (other_end)
		fprintf(p->out, "the other end of the same %s (%s)", in->type, d->letter);
	else
		fprintf(p->out, "a %s open of the same %s (%s): %s", words[nth], object(in),
			d->letter, not_shared(d->d));
	fputc('.', p->out);
}

static bool is_shared(const struct scene *sc, size_t place)
{
	return sc->descriptions[place].d->n > 1;
}

static void say_first_open(
	struct paragraph *p, const struct scene_inode *in, const struct scene_description *d)
{
	begin(p);
	say_holders(p, d->d);
	if (is_other_end(in, d->d, d[1].d))
		fprintf(p->out, " is one end of a %s (%s).", in->type, d->letter);
	else
		fprintf(p->out, " is one open of the %s (%s).", object(in), d->letter);
}

static void say_inode(struct paragraph *p, const struct scene_inode *in)
{
	for (size_t i = in->first; i < in->first + in->n; i++) {
		const struct scene_description *d = &p->sc->descriptions[i];
		if (i > in->first)
			say_further_open(p, in, d, i - in->first);
		else if (is_shared(p->sc, i))
			say_shared(p, d);
		else if (in->n > 1)
			say_first_open(p, in, d);
	}
}

/* Neither shared nor one of several opens of an inode. */
static bool is_alone(const struct scene *sc, size_t place)
{
	return !is_shared(sc, place) && sc->inodes[sc->descriptions[place].inode].n == 1;
}

static void say_alone(struct paragraph *p, size_t alone)
{
	const struct scene *sc = p->sc;
	bool complete = true;
	size_t k = 0;

	begin(p);
	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		if (!is_alone(sc, i))
			continue;
		complete = complete && share_complete(sc->share, d->d);
		fputs(separator(k++, alone), p->out);
		if (alone == 1)
			say_holders(p, d->d);
		else
			fputs(d->letter, p->out);
	}
	if (alone == 1)
		fprintf(p->out, " is the only descriptor%s of its open file description.",
			complete ? "" : " seen");
	else
		fprintf(p->out, " have one descriptor each%s.",
			complete ? ": nobody shares them" : ", as far as is known");
}

static void say_each(struct paragraph *p)
{
	size_t alone = 0;

	for (size_t i = 0; i < p->sc->n_inodes; i++)
		say_inode(p, &p->sc->inodes[i]);
	for (size_t i = 0; i < p->sc->share->n_descriptions; i++)
		alone += is_alone(p->sc, i);
	if (alone)
		say_alone(p, alone);
}

/* --- many: how many, and the first of them --------------------------------------------- */

static void say_rest(struct paragraph *p, size_t n, size_t named)
{
	if (n > named)
		fprintf(p->out, " and %zu more", n - named);
}

static void say_who_shares(struct paragraph *p, const struct scene_description *d)
{
	size_t n = count_tables(p->sc->share, d->d);

	if (n == 1)
		fprintf(p->out, "%s (%" PRIu32 " descriptors of one process)", d->letter, d->d->n);
	else
		fprintf(p->out, "%s (%zu processes)", d->letter, n);
}

static void say_shared_of_many(struct paragraph *p)
{
	const struct scene *sc = p->sc;
	size_t n = 0, named = 0;
	bool complete = true;

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		n += is_shared(sc, i);
		complete = complete && share_complete(sc->share, sc->descriptions[i].d);
	}
	begin(p);
	fprintf(p->out, "%zu open file descriptions, ", sc->share->n_descriptions);
	if (n == 0)
		fputs(complete ? "none of them shared" : "none of them seen to be shared", p->out);
	else
		fprintf(p->out, "%zu of them shared: ", n);
	for (size_t i = 0; i < sc->share->n_descriptions && named < FEW; i++)
		if (is_shared(sc, i)) {
			fputs(separator(named, n), p->out);
			named++;
			say_who_shares(p, &sc->descriptions[i]);
		}
	say_rest(p, n, named);
	fputc('.', p->out);
}

static bool is_opened_again(const struct scene *sc, const struct scene_inode *in)
{
	const struct scene_description *d = &sc->descriptions[in->first];

	return in->n > 1 && !is_other_end(in, d->d, d[1].d);
}

/* "A, B, C and 4 more": of many, the first ones and the number of the others. */
static void say_opens(struct paragraph *p, const struct scene_inode *in)
{
	size_t named = in->n > FEW ? FEW - 1 : in->n;

	for (size_t i = 0; i < named; i++)
		fprintf(p->out, "%s%s", separator(i, in->n),
			p->sc->descriptions[in->first + i].letter);
	say_rest(p, in->n, named);
}

static void say_opens_of_many(struct paragraph *p)
{
	const struct scene *sc = p->sc;
	size_t n = 0, named = 0;

	for (size_t i = 0; i < sc->n_inodes; i++)
		n += is_opened_again(sc, &sc->inodes[i]);
	if (n == 0)
		return;
	begin(p);
	fputs("Separate opens of one inode, each with its own offset and flags: ", p->out);
	for (size_t i = 0; i < sc->n_inodes && named < FEW; i++)
		if (is_opened_again(sc, &sc->inodes[i])) {
			fputs(named++ ? "; " : "", p->out);
			say_opens(p, &sc->inodes[i]);
		}
	if (n > named)
		fprintf(p->out, "; and of %zu inodes more", n - named);
	fputc('.', p->out);
}

/* --- what is unknown ------------------------------------------------------------------------ */

void scene_unknowns(
	const struct share *s, void (*each)(void *data, const char *sentence), void *data)
{
	bool doubt = false;
	char text[160];
	const char *more = s->sees_more;

	for (size_t i = 0; i < s->n_descriptions; i++)
		doubt = doubt || !s->descriptions[i].certain;
	snprintf(text, sizeof(text),
		"%zu process%s could not be inspected: there may be more holders%s%s%s",
		s->unseen, s->unseen == 1 ? "" : "es", more ? ", which " : "", more ? more : "",
		more ? " sees" : "");
	if (s->unseen)
		each(data, text);
	snprintf(text, sizeof(text),
		"/proc does not show the processes of others: there may be more holders%s%s%s",
		more ? ", which " : "", more ? more : "", more ? " sees" : "");
	if (s->hidden)
		each(data, text);
	if (s->in_pid_namespace)
		each(data,
			"processes outside this pid namespace are not seen: there may be more holders");
	if (doubt)
		each(data, "kcmp is forbidden here: letters with a '?' may be one description");
}

static void say_sentence(void *data, const char *sentence)
{
	struct paragraph *p = data;

	begin(p);
	fprintf(p->out, "%s.", sentence);
}

/* --- the paragraph -------------------------------------------------------------------------- */

char *scene_words(const struct scene *sc)
{
	char *text = NULL;
	size_t size = 0;
	struct paragraph p = {open_memstream(&text, &size), sc, false, false};

	if (!p.out)
		return must_strdup("");
	if (sc->share->n_descriptions == 0)
		say_sentence(&p, "No open file description to show");
	else if (sc->share->n_descriptions <= FEW)
		say_each(&p);
	else {
		say_shared_of_many(&p);
		say_opens_of_many(&p);
	}
	if (sc->banded)
		say_sentence(
			&p, "A process that holds several descriptions may be drawn more than once");
	scene_unknowns(sc->share, say_sentence, &p);
	fclose(p.out);
	return text;
}
