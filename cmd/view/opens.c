/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has a file open, in a sentence: see opens.h. */
#include "cmd/view/opens.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { NAMED = 3 }; /* shared descriptions; further ones are counted */

/* Counts the tables that hold a description, and marks them. */
static size_t mark_holders(
	const struct share *s, const struct share_description *d, bool *has)
{
	size_t n = 0;

	for (size_t i = d->first; i < d->first + d->n; i++) {
		n += i == d->first || s->fds[i - 1].table != s->fds[i].table;
		has[s->fds[i].table] = true;
	}
	return n;
}

static size_t count(const bool *has, size_t n)
{
	size_t counted = 0;

	for (size_t i = 0; i < n; i++)
		counted += has[i];
	return counted;
}

/* What is counted of the descriptions of an inode. */
struct opens {
	size_t shared, alone; /* descriptions that several processes have, and one */
	size_t processes;
};

static struct opens count_opens(const struct share *s, const struct share_target *of)
{
	bool *has = must_calloc(s->n_tables + 1, sizeof(*has));
	struct opens n = {0};

	for (size_t i = 0; i < s->n_descriptions; i++) {
		if (!share_has_inode(&s->descriptions[i], of))
			continue;
		bool shared = mark_holders(s, &s->descriptions[i], has) > 1;
		n.shared += shared;
		n.alone += !shared;
	}
	n.processes = count(has, s->n_tables);
	free(has);
	return n;
}

/* "156 share one description (A), inherited from sh 812" */
static void print_shared(FILE *out, const struct share *s, const struct share_description *d,
	const struct opens *n, size_t nth)
{
	bool *has = must_calloc(s->n_tables + 1, sizeof(*has));
	const struct share_table *origin = share_origin(s, d);
	char letter[8];

	if (n->shared == 1 && n->alone == 0)
		fputs("all", out);
	else
		fprintf(out, "%s%zu", nth ? ", " : "", mark_holders(s, d, has));
	fprintf(out, " share %s description (%s)", nth ? "another" : "one",
		share_letter((size_t)(d - s->descriptions), letter));
	if (origin)
		fprintf(out, ", inherited from %s %d", text_show(origin->command), origin->pid);
	free(has);
}

static void print_descriptions(FILE *out, const struct share *s, const struct share_target *of,
	const struct opens *n)
{
	bool *has = must_calloc(s->n_tables + 1, sizeof(*has));
	size_t nth = 0;

	for (size_t i = 0; i < s->n_descriptions && nth < NAMED; i++) {
		const struct share_description *d = &s->descriptions[i];
		if (share_has_inode(d, of) && mark_holders(s, d, has) > 1)
			print_shared(out, s, d, n, nth++);
	}
	if (n->shared > nth)
		fprintf(out, ", and %zu more descriptions are shared", n->shared - nth);
	if (n->shared == 0)
		fputs("each opened it on its own", out);
	else if (n->alone)
		fprintf(out, ", %zu opened it on %s own", n->alone, n->alone == 1 ? "its" : "their");
	free(has);
}

/* What each end of a pipe waits for depends on whether somebody has the other one. */
static void print_ends(FILE *out, const struct share *s, const struct share_target *of)
{
	bool *reads = must_calloc(s->n_tables + 1, sizeof(*reads));
	bool *writes = must_calloc(s->n_tables + 1, sizeof(*writes));
	bool is_pipe = false;

	for (size_t i = 0; i < s->n_descriptions; i++) {
		const struct share_description *d = &s->descriptions[i];
		if (!share_has_inode(d, of) || !S_ISFIFO(d->perm) || (d->flags & O_PATH))
			continue;
		is_pipe = true;
		if ((d->flags & O_ACCMODE) != O_WRONLY)
			mark_holders(s, d, reads);
		if ((d->flags & O_ACCMODE) != O_RDONLY)
			mark_holders(s, d, writes);
	}
	if (is_pipe)
		fprintf(out, "; %zu can read it, %zu can write to it", count(reads, s->n_tables),
			count(writes, s->n_tables));
	free(reads);
	free(writes);
}

void opens_print(
	FILE *out, const struct share *s, const struct share_target *of, const char *word)
{
	const struct opens n = count_opens(s, of);

	if (n.processes == 0)
		return;
	fprintf(out, "\n%s: %zu process%s it open", text_show(word), n.processes,
		n.processes == 1 ? " has" : "es have");
	if (n.processes > 1) {
		fputs(": ", out);
		print_descriptions(out, s, of, &n);
	}
	print_ends(out, s, of);
	fputc('\n', out);
}
