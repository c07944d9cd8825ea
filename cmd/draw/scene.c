/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boxes of a scene, their order and their contents: see scene.h. */
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/look/pipeline.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

const char *const scene_headings[SCENE_COLUMNS] = {
	"descriptor tables", "open file descriptions", "inodes"};

bool scene_utf8(void)
{
	setlocale(LC_CTYPE, "");
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

static char *escaped(const char *bytes, size_t len, const struct scene_opts *opts)
{
	return opts->ascii ? text_escape_ascii(bytes, len) : text_escape(bytes, len);
}

/* --- descriptor tables --------------------------------------------------------- */

static char *table_id(const struct share_table *t)
{
	if (t->tid != t->pid)
		return must_printf("%d/%d", t->pid, t->tid);
	if (t->n_others)
		return must_printf("%d +%zu", t->pid, t->n_others);
	return must_printf("%d", t->pid);
}

static char *table_title(
	const struct share_table *t, const char *id, size_t alike, const struct scene_opts *opts)
{
	if (t->own)
		return must_printf("%s (%s)", id, share_own_word(t));
	if (alike == 1)
		return must_strdup(id);
	return must_printf("%s%zu from %s", opts->ascii ? "x" : "×", alike, id);
}

static void add_tables(struct scene *sc, const struct scene_opts *opts)
{
	sc->tables = must_calloc(sc->share->n_tables + 1, sizeof(*sc->tables));
	for (size_t i = 0; i < sc->share->n_tables; i++) {
		const struct share_table *t = &sc->share->tables[i];
		size_t alike = 1;
		for (uint32_t k = sc->fold.next[i]; k != FOLD_LAST; k = sc->fold.next[k])
			alike++;
		sc->tables[i].command =
			escaped(t->command, strnlen(t->command, sizeof(t->command)), opts);
		sc->tables[i].id = table_id(t);
		sc->tables[i].title = table_title(t, sc->tables[i].id, alike, opts);
	}
}

/* --- descriptions, sorted by inode ------------------------------------------------ */

/* All anonymous files have one inode, without a type: that two have it means nothing. */
static bool has_own_inode(const struct share_description *d)
{
	return (d->perm & S_IFMT) != 0 && (d->dev || d->ino);
}

struct place {
	const struct share_description *d;
	size_t index;
	size_t group; /* the first description of the same inode */
};

static int by_inode(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->d->dev != y->d->dev)
		return x->d->dev < y->d->dev ? -1 : 1;
	if (x->d->ino != y->d->ino)
		return x->d->ino < y->d->ino ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static int by_group(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static bool same_inode(const struct share_description *a, const struct share_description *b)
{
	return has_own_inode(a) && has_own_inode(b) && a->dev == b->dev && a->ino == b->ino;
}

static struct place *order_descriptions(const struct share *s)
{
	struct place *all = must_calloc(s->n_descriptions + 1, sizeof(*all));

	for (size_t i = 0; i < s->n_descriptions; i++)
		all[i] = (struct place){&s->descriptions[i], i, i};
	qsort(all, s->n_descriptions, sizeof(*all), by_inode);
	for (size_t i = 1; i < s->n_descriptions; i++)
		if (same_inode(all[i - 1].d, all[i].d))
			all[i].group = all[i - 1].group;
	qsort(all, s->n_descriptions, sizeof(*all), by_group);
	return all;
}

static void add_line(struct scene_description *to, char *line)
{
	to->lines = must_realloc(to->lines, to->n_lines + 1, sizeof(*to->lines));
	to->lines[to->n_lines++] = line;
}

static void add_flag(void *data, const char *name)
{
	add_line(data, must_strdup(name));
}

static void add_description(struct scene *sc, size_t place, size_t index)
{
	struct scene_description *to = &sc->descriptions[place];
	char letter[8];

	to->index = index;
	to->d = &sc->share->descriptions[index];
	to->letter = must_printf("%s%s", share_letter(index, letter), to->d->certain ? "" : "?");
	add_line(to, must_printf("mode %s", to->d->flags < 0 ? "?" : names_mode(to->d->flags)));
	if (to->d->pos != DESC_NO_POS)
		add_line(to, must_printf("pos %jd", (intmax_t)to->d->pos));
	if (to->d->flags >= 0)
		names_each_status(to->d->flags, add_flag, to);
}

static char *inode_number(const struct share_description *d)
{
	if (!has_own_inode(d))
		return must_strdup("");
	return must_printf("inode %ju on %u:%u", (uintmax_t)d->ino, major(d->dev), minor(d->dev));
}

static void add_inode(struct scene *sc, size_t first, const struct scene_opts *opts)
{
	const struct share_description *d = sc->descriptions[first].d;
	const char *name = d->name ? share_label_of(d) : "?", *type = d->type ? d->type : "?";

	sc->inodes[sc->n_inodes++] = (struct scene_inode){.type = escaped(type, strlen(type), opts),
		.name = escaped(name, strlen(name), opts),
		.number = inode_number(d),
		.first = first};
}

static void add_descriptions(struct scene *sc, const struct scene_opts *opts)
{
	size_t n = sc->share->n_descriptions;
	struct place *order = order_descriptions(sc->share);

	sc->descriptions = must_calloc(n + 1, sizeof(*sc->descriptions));
	sc->inodes = must_calloc(n + 1, sizeof(*sc->inodes));
	for (size_t i = 0; i < n; i++) {
		add_description(sc, i, order[i].index);
		if (i == 0 || order[i].group != order[i - 1].group)
			add_inode(sc, i, opts);
		sc->descriptions[i].inode = sc->n_inodes - 1;
		sc->inodes[sc->n_inodes - 1].n++;
	}
	free(order);
}

/* --- the whole ---------------------------------------------------------------------- */

static struct scene_port port_of(const struct share *s, const struct fold_row *r, size_t place)
{
	const struct share_fd *first = &s->fds[r->first];
	char *numbers = fold_numbers(s, r);
	struct scene_port port = {
		first->table, place, first->fd, must_printf("fd %s", numbers), 0};

	free(numbers);
	return port;
}

/* In the order of their descriptions, which is the order of a banded scene. */
static void add_ports(struct scene *sc)
{
	size_t n = sc->share->n_descriptions;
	size_t *begin = must_calloc(n + 1, sizeof(*begin)); /* of each description, into the rows */

	sc->ports = must_calloc(sc->fold.n + 1, sizeof(*sc->ports));
	for (size_t i = sc->fold.n; i-- > 0;)
		begin[sc->share->fds[sc->fold.rows[i].first].description] = i;
	for (size_t place = 0; place < n; place++) {
		const struct share_description *d = sc->descriptions[place].d;
		for (size_t i = begin[sc->descriptions[place].index];
			i < sc->fold.n && sc->fold.rows[i].first < d->first + d->n; i++)
			sc->ports[sc->n_ports++] = port_of(sc->share, &sc->fold.rows[i], place);
	}
	free(begin);
}

struct scene *scene_new(const struct share *s, const struct scene_opts *opts)
{
	struct scene *sc = must_calloc(1, sizeof(*sc));

	sc->share = s;
	sc->fold = fold_new(s, opts->each);
	add_tables(sc, opts);
	add_descriptions(sc, opts);
	add_ports(sc);
	scene_place(sc, opts);
	return sc;
}

static void free_description(struct scene_description *d)
{
	for (size_t i = 0; i < d->n_lines; i++)
		free(d->lines[i]);
	free(d->lines);
	free(d->letter);
}

void scene_free(struct scene *sc)
{
	for (size_t i = 0; i < sc->share->n_tables; i++) {
		free(sc->tables[i].command);
		free(sc->tables[i].id);
		free(sc->tables[i].title);
	}
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		free_description(&sc->descriptions[i]);
	for (size_t i = 0; i < sc->n_inodes; i++) {
		free(sc->inodes[i].type);
		free(sc->inodes[i].name);
		free(sc->inodes[i].number);
	}
	for (size_t i = 0; i < sc->n_ports; i++)
		free(sc->ports[i].label);
	fold_free(&sc->fold);
	free(sc->tables);
	free(sc->descriptions);
	free(sc->inodes);
	free(sc->ports);
	free(sc->boxes);
	free(sc);
}
