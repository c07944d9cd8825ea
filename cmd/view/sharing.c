/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as a table and as JSON: see sharing.h. */
#include "cmd/view/sharing.h"
#include "cmd/cli/color.h"
#include "cmd/draw/scene.h"
#include "cmd/view/resolve.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/look/facts.h"
#include "lib/out/json-words.h"
#include "lib/out/json.h"
#include "lib/out/table.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysmacros.h>

/* --- the columns: a function each, and a row ------------------------------------------ */

/* What is dear to find out of a description is kept for its next row. */
struct told {
	struct facts *facts;
	const struct share_description *facts_of, *why_of;
	char *words, *why;
};

struct row {
	const struct share *share;
	size_t description;
	const struct share_description *d;
	const struct share_fd *fd;
	const struct share_table *table;
	struct told *told;
};

static char *number(int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%jd", (intmax_t)n);
	return must_strdup(text);
}

/* "A", or "A?" where another letter may be the same description. */
static char *cell_ofd(const struct row *r)
{
	char letter[8 + 1];
	size_t len = strlen(share_letter(r->description, letter));

	if (!r->d->certain)
		strcpy(letter + len, "?");
	return must_strdup(letter);
}

static char *cell_pid(const struct row *r)
{
	return number(r->table->pid);
}

static char *cell_tid(const struct row *r)
{
	return number(r->table->tid);
}

static char *cell_ppid(const struct row *r)
{
	return number(r->table->parent);
}

static char *cell_sid(const struct row *r)
{
	return number(r->table->session);
}

static char *cell_command(const struct row *r)
{
	return text_escape(r->table->command, strlen(r->table->command));
}

static char *cell_fd(const struct row *r)
{
	return number(r->fd->fd);
}

static char *cell_mode(const struct row *r)
{
	return must_strdup(r->d->flags < 0 ? "?" : names_mode(r->d->flags));
}

static char *cell_pos(const struct row *r)
{
	return r->d->pos == DESC_NO_POS ? NULL : number(r->d->pos);
}

static void add_flag(void *data, const char *name)
{
	char **text = data, *before = *text;

	*text = before ? must_printf("%s|%s", before, name) : must_strdup(name);
	free(before);
}

static char *cell_flags(const struct row *r)
{
	char *text = NULL;

	if (r->d->flags < 0)
		return must_strdup("?");
	names_each_status(r->d->flags, add_flag, &text);
	return text;
}

static char *cell_cloexec(const struct row *r)
{
	return must_strdup(r->fd->cloexec ? "yes" : "no");
}

static char *cell_type(const struct row *r)
{
	return must_strdup(r->d->type);
}

static char *cell_name(const struct row *r)
{
	return text_escape(r->d->name, strlen(r->d->name));
}

static char *cell_inode(const struct row *r)
{
	return must_printf("%ju", (uintmax_t)r->d->ino);
}

static char *cell_dev(const struct row *r)
{
	return must_printf("%u:%u", major(r->d->dev), minor(r->d->dev));
}

static char *cell_shared(const struct row *r)
{
	return must_printf("%" PRIu32 "%s", r->d->n, share_complete(r->share, r->d) ? "" : "+?");
}

static char *cell_why(const struct row *r)
{
	struct told *t = r->told;

	if (t->why_of != r->d) {
		free(t->why);
		t->why = share_evidence(r->share, r->d);
		t->why_of = r->d;
	}
	return t->why ? must_strdup(t->why) : NULL;
}

/* resolved: also whose the descriptors are that they point to; that takes a look at everybody. */
static json_t *facts_of_description(struct facts *f, const struct share *s,
	const struct share_description *d, bool resolved)
{
	struct desc desc;

	for (size_t i = d->first; i < d->first + d->n; i++) {
		const struct share_fd *fd = &s->fds[i];
		pid_t pid = s->tables[fd->table].tid;
		if (desc_look(pid, fd->fd, &desc) < 0)
			continue;
		json_t *facts = facts_of(f, pid, fd->fd, &desc);
		if (resolved)
			resolve(facts, pid, fd->fd);
		return facts;
	}
	return json_object();
}

static char *facts_words(
	struct facts *f, const struct share *s, const struct share_description *d, bool resolved)
{
	json_t *facts = facts_of_description(f, s, d, resolved);
	char *text = json_words(facts), *escaped = text_escape(text, strlen(text));

	free(text);
	json_decref(facts);
	return escaped;
}

static char *cell_facts(const struct row *r)
{
	struct told *t = r->told;

	if (t->facts_of != r->d) {
		free(t->words);
		t->words = facts_words(t->facts, r->share, r->d, false);
		t->facts_of = r->d;
	}
	return must_strdup(t->words);
}

/* Of what a cell tells: in all rows of the same one it is the same. */
enum about { DESCRIPTION, TABLE, DESCRIPTOR };

struct sharing_column {
	const char *name;
	enum about about;
	bool right, tree;
	unsigned need;
	char *(*cell)(const struct row *);
	const char *help;
};

static const struct sharing_column columns[] = {
	{"OFD", DESCRIPTION, false, true, 0, cell_ofd, "open file description: one letter, one description"},
	{"PID", TABLE, true, false, 0, cell_pid, "process"},
	{"COMMAND", TABLE, false, false, 0, cell_command, "its command"},
	{"FD", DESCRIPTOR, true, false, 0, cell_fd, "number of the descriptor"},
	{"MODE", DESCRIPTION, false, false, SHARE_STATUS, cell_mode, "access mode: r, w, rw, path"},
	{"POS", DESCRIPTION, true, false, SHARE_STATUS, cell_pos, "offset, where there is one"},
	{"FLAGS", DESCRIPTION, false, false, SHARE_STATUS, cell_flags,
		"status flags of the description, without O_LARGEFILE"},
	{"TYPE", DESCRIPTION, false, false, SHARE_NAME, cell_type, "regular, pipe, socket, eventfd, ..."},
	{"NAME", DESCRIPTION, false, false, SHARE_NAME, cell_name, "what the link in /proc says"},
	{"CLOEXEC", DESCRIPTOR, false, false, SHARE_CLOEXEC, cell_cloexec,
		"close-on-exec, the descriptor's own flag"},
	{"DEV", DESCRIPTION, false, false, SHARE_INODE, cell_dev, "device of the inode, major:minor"},
	{"FACTS", DESCRIPTION, false, false, SHARE_NAME, cell_facts, "what the type lets one say"},
	{"INODE", DESCRIPTION, true, false, SHARE_INODE, cell_inode, "number of the inode"},
	{"PPID", TABLE, true, false, 0, cell_ppid, "parent of the process"},
	{"SHARED", DESCRIPTION, true, false, 0, cell_shared,
		"descriptors of the description; +? where there may be more"},
	{"SID", TABLE, true, false, 0, cell_sid, "session of the process"},
	{"TID", TABLE, true, false, 0, cell_tid, "thread that has the descriptor table, where it is its own"},
	{"WHY", DESCRIPTION, false, false, 0, cell_why, "evidence why it is shared, where there is any"},
};

enum { N_COLUMNS = ARRAY_SIZE(columns), N_DEFAULT = 9 };

void sharing_default(struct sharing_opts *opts)
{
	for (opts->n = 0; opts->n < N_DEFAULT; opts->n++)
		opts->columns[opts->n] = &columns[opts->n];
}

static const struct sharing_column *find_column(const char *name, size_t len)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		if (strncasecmp(columns[i].name, name, len) == 0 && columns[i].name[len] == '\0')
			return &columns[i];
	return NULL;
}

const char *sharing_columns(const char *list, struct sharing_opts *opts)
{
	opts->n = 0;
	if (*list == '+') {
		sharing_default(opts);
		list++;
	}
	for (size_t len; *list; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		const struct sharing_column *c = find_column(list, len);
		if (!c)
			return "names a column that is none; --list-columns shows them";
		if (opts->n == SHARING_COLUMNS_MAX)
			return "names too many columns";
		opts->columns[opts->n++] = c;
	}
	return opts->n ? NULL : "names no column";
}

unsigned sharing_need(const struct sharing_opts *opts)
{
	unsigned need = 0;

	for (size_t i = 0; i < opts->n; i++)
		need |= opts->columns[i]->need;
	return need;
}

const char *sharing_column(size_t i, const char **help)
{
	if (i >= N_COLUMNS)
		return NULL;
	*help = columns[i].help;
	return columns[i].name;
}

void sharing_list_columns(void)
{
	for (size_t i = 0; i < N_COLUMNS; i++)
		printf("%-8s  %s\n", columns[i].name, columns[i].help);
}

/* --- the table -------------------------------------------------------------------------- */

/* So many rows are kept and printed at once; of more, the widths are found first. */
enum { PIECE = 250 };

static struct row row_of(const struct share *s, struct told *told, size_t fd)
{
	const struct share_fd *f = &s->fds[fd];

	return (struct row){.share = s,
		.description = f->description,
		.d = &s->descriptions[f->description],
		.fd = f,
		.table = &s->tables[f->table],
		.told = told};
}

/* Whether the row before has the same in this column, so that its width is known. */
static bool as_before(const struct sharing_column *c, const struct share *s, size_t i)
{
	const struct share_fd *f = &s->fds[i];

	return i && ((c->about == TABLE && f[-1].table == f->table) ||
			    (c->about == DESCRIPTION && f[-1].description == f->description));
}

/* The last column is followed by nothing, so that its width does not matter. */
static void find_widths(const struct share *s, const struct sharing_opts *opts, struct table *t,
	struct told *told)
{
	for (size_t c = 0; c + 1 < opts->n; c++) {
		size_t max = 0;
		for (size_t i = 0; i < s->n_fds; i++) {
			if (as_before(opts->columns[c], s, i))
				continue;
			struct row r = row_of(s, told, i);
			char *cell = opts->columns[c]->cell(&r);
			size_t width = cell ? text_width(cell) : 0;
			free(cell);
			width += opts->columns[c]->tree ? 2 : 0;
			max = width > max ? width : max;
		}
		table_width(t, c, max);
	}
}

static void add_row(struct table *t, const struct sharing_opts *opts, const struct row *r)
{
	char *cells[SHARING_COLUMNS_MAX];
	bool changed = opts->changed && opts->changed[r->description];

	for (size_t c = 0; c < opts->n; c++)
		cells[c] = opts->columns[c]->cell(r);
	table_row_taken(t, cells, r->fd != &r->share->fds[r->d->first],
		changed ? color(COLOR_MOVED) : NULL);
}

static int print_rows(const struct share *s, const struct sharing_opts *opts, struct table *t,
	struct told *told)
{
	size_t since = 0; /* the last flush */
	int done = 0;

	if (s->n_fds > PIECE && !opts->raw)
		find_widths(s, opts, t, told);
	for (size_t i = 0; i < s->n_fds && done == 0; i++) {
		struct row r = row_of(s, told, i);
		if (i - since >= PIECE && i == r.d->first) {
			done = table_flush(t);
			since = i;
		}
		add_row(t, opts, &r);
	}
	return table_print(t) < 0 ? -1 : done;
}

enum status sharing_table(const struct share *s, const struct sharing_opts *opts)
{
	struct table_column shape[SHARING_COLUMNS_MAX];

	setlocale(LC_CTYPE, ""); /* before the library measures how wide a name is */
	for (size_t i = 0; i < opts->n; i++)
		shape[i] = (struct table_column){
			opts->columns[i]->name, opts->columns[i]->right, opts->columns[i]->tree};
	struct table *t = table_new(shape, opts->n,
		&(struct table_opts){opts->no_headings, opts->raw, opts->changed != NULL, opts->out});
	if (!t)
		return report(STATUS_FAIL, "libsmartcols", dl_fault(), 0);
	struct told told = {.facts = facts_new()};
	int done = print_rows(s, opts, t, &told), saved = errno;
	facts_free(told.facts);
	free(told.words);
	free(told.why);
	errno = saved;
	return done < 0 ? report(STATUS_FAIL, "standard output", "write", errno) : STATUS_OK;
}

/* --- what is asked for, in words ------------------------------------------------------- */

/* Takes the text. */
static void print_detail(FILE *out, size_t description, char *text, bool *any)
{
	char letter[8];

	if (text && *text)
		fprintf(out, "%s%s: %s\n", *any ? "" : "\n", share_letter(description, letter), text);
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
		print_detail(out, i, facts_words(facts, s, d, true), &any);
		print_detail(out, i, share_evidence(s, d), &any);
	}
	facts_free(facts);
}

/* --- JSON --------------------------------------------------------------------------------- */

static json_t *holder_json(const struct share *s, size_t first, size_t n)
{
	const struct share_table *t = &s->tables[s->fds[first].table];
	json_t *fds = json_array(), *cloexec = json_array(), *others = json_array();

	for (size_t i = first; i < first + n; i++) {
		json_array_append_new(fds, json_integer(s->fds[i].fd));
		if (s->fds[i].cloexec)
			json_array_append_new(cloexec, json_integer(s->fds[i].fd));
	}
	for (size_t i = 0; i < t->n_others; i++)
		json_array_append_new(others, json_integer(t->others[i]));
	json_t *holder = json_pack("{s:i, s:o, s:o, s:o, s:i, s:i}", "pid", t->pid, "command",
		json_bytes(t->command), "fds", fds, "cloexec", cloexec, "parent", t->parent,
		"session", t->session);
	if (t->tid != t->pid)
		json_object_set_new(holder, "tid", json_integer(t->tid));
	if (t->n_others)
		json_object_set(holder, "same_table", others);
	json_decref(others);
	return holder;
}

static json_t *holders_json(const struct share *s, const struct share_description *d)
{
	json_t *holders = json_array();

	for (size_t i = d->first, n; i < d->first + d->n; i += n) {
		for (n = 1; i + n < d->first + d->n && s->fds[i + n].table == s->fds[i].table; n++)
			;
		json_array_append_new(holders, holder_json(s, i, n));
	}
	return holders;
}

/* A gap is never said to be "not shared". */
static json_t *shared_json(const struct share *s, const struct share_description *d)
{
	if (d->n > 1)
		return json_true();
	return share_complete(s, d) ? json_false() : json_null();
}

static json_t *evidence_json(const struct share *s, const struct share_description *d)
{
	char *text = share_evidence(s, d);
	json_t *evidence = text ? json_bytes(text) : json_null();

	free(text);
	return evidence;
}

static json_t *description_json(
	const struct share *s, size_t i, struct facts *facts, bool resolved)
{
	const struct share_description *d = &s->descriptions[i];
	char letter[8];

	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:I, s:b, s:o, s:b, s:o, s:o, s:o}", "id",
		share_letter(i, letter), "mode", names_mode(d->flags), "flags", json_flags(d->flags),
		"pos", json_maybe(d->pos), "type", d->type, "name", json_bytes(d->name), "device",
		json_device(major(d->dev), minor(d->dev)), "inode", (json_int_t)d->ino, "asked",
		d->requested, "shared", shared_json(s, d), "complete", share_complete(s, d), "evidence",
		evidence_json(s, d), "facts", facts_of_description(facts, s, d, resolved), "holders",
		holders_json(s, d));
}

json_t *sharing_json(const struct share *s, bool resolved)
{
	json_t *all = json_array();
	struct facts *facts = facts_new();

	for (size_t i = 0; i < s->n_descriptions; i++)
		json_array_append_new(all, description_json(s, i, facts, resolved));
	facts_free(facts);
	return json_pack("{s:o, s:I}", "descriptions", all, "unseen", (json_int_t)s->unseen);
}

/* --- what is not known ---------------------------------------------------------------------- */

static void note(void *data, const char *sentence)
{
	(void)data;
	report_note("%s", sentence);
}

void sharing_gaps(const struct share *s)
{
	scene_gaps(s, note, NULL);
}
