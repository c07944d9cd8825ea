/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as a table and as lines of text: see sharing.h. */
#include "cmd/cli/color.h"
#include "cmd/draw/scene.h"
#include "cmd/view/sharing-columns.h"
#include "cmd/view/sharing-facts.h"
#include "cmd/view/sharing.h"
#include "lib/base/dl.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/out/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static struct sharing_row row_of(
	const struct share *s, const struct fold_row *folded, struct cell_cache *cache)
{
	const struct share_fd *f = &s->fds[folded->first];

	return (struct sharing_row){.share = s,
		.description = f->description,
		.d = &s->descriptions[f->description],
		.folded = folded,
		.fd = f,
		.table = &s->tables[f->table],
		.cache = cache};
}

static void add_row(struct table *t, const struct sharing_opts *opts, const struct sharing_row *r)
{
	char *cells[SHARING_COLUMNS_MAX];
	bool changed = opts->changed && opts->changed[r->description];

	for (size_t c = 0; c < opts->n; c++)
		cells[c] = opts->columns[c]->cell(r);
	table_row_taken(t, cells, r->fd != &r->share->fds[r->d->first],
		changed ? color(COLOR_MOVED) : NULL);
}

/* Whether the groups of targets are set apart; a script does not want that. */
static bool is_grouped(const struct share *s, const struct sharing_opts *opts)
{
	return opts->group && !opts->raw && !opts->no_headings && s->n_descriptions &&
	       s->descriptions[s->n_descriptions - 1].group > s->descriptions[0].group;
}

static int print_rows(const struct share *s, const struct fold *f, const struct sharing_opts *opts,
	struct table *t, struct cell_cache *cache)
{
	const bool grouped = is_grouped(s, opts);

	for (size_t i = 0; i < f->n; i++) {
		struct sharing_row r = row_of(s, &f->rows[i], cache);
		bool first = r.folded->first == r.d->first;
		if (grouped && i && first && r.d->group > r.d[-1].group)
			table_group(t, opts->group);
		add_row(t, opts, &r);
	}
	return table_print(t);
}

enum status sharing_table(const struct share *s, const struct sharing_opts *opts)
{
	struct table_column shape[SHARING_COLUMNS_MAX];
	bool utf8 = scene_utf8(); /* sets the locale, by which the library measures widths */

	for (size_t i = 0; i < opts->n; i++)
		shape[i] = (struct table_column){
			opts->columns[i]->name, opts->columns[i]->right, opts->columns[i]->tree};
	struct table *t = table_new(shape, opts->n,
		&(struct table_opts){
			opts->no_headings, opts->raw, opts->changed != NULL, opts->out});
	if (!t)
		return report(STATUS_FAIL, "libsmartcols", dl_fault(), 0);
	struct cell_cache cache = {.facts = facts_new(), .utf8 = utf8, .raw = opts->raw};
	struct fold f = fold_new(s, opts->raw || opts->each);
	int done = print_rows(s, &f, opts, t, &cache), saved = errno;
	fold_free(&f);
	facts_free(cache.facts);
	free(cache.words);
	free(cache.why);
	errno = saved;
	return done < 0 ? report(STATUS_FAIL, "standard output", "write", errno) : STATUS_OK;
}

/* --- the details ------------------------------------------------------------------------- */

/* Takes the text. */
static void print_detail(FILE *out, size_t description, char *text, bool *any)
{
	char letter[8];

	if (text && *text)
		fprintf(out, "%s%s: %s\n", *any ? "" : "\n", share_letter(description, letter),
			text);
	*any = *any || (text && *text);
	free(text);
}

void sharing_details(const struct share *s, FILE *out)
{
	struct facts *facts = facts_new();
	bool any = false;

	for (size_t i = 0; i < s->n_descriptions; i++) {
		const struct share_description *d = &s->descriptions[i];
		if (!d->requested)
			continue;
		print_detail(out, i, description_words(facts, s, d, true), &any);
		print_detail(out, i, share_evidence(s, d), &any);
	}
	facts_free(facts);
}

/* --- what is unknown ------------------------------------------------------------------- */

static void note(void *data, const char *sentence)
{
	(void)data;
	report_note("%s", sentence);
}

void report_gaps(const struct share *s)
{
	for (size_t i = 0; i < s->unseen; i++)
		report_note("pid %d (%s): %s", s->gaps[i].pid, text_show(s->gaps[i].command),
			names_errno(s->gaps[i].error));
}

void report_unknowns(const struct share *s)
{
	scene_unknowns(s, note, NULL);
}
