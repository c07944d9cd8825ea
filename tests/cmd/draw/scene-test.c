/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is true of every scene, also of random ones; and the paragraph. */
#include "tests/unit/shapes.h"
#include "tests/unit/test.h"
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A row of the left gutter has the lines of one description only. */
static void check_rows(const struct scene *sc)
{
	size_t *owner = must_calloc(sc->rows + 1, sizeof(*owner));

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		CHECK(sc->descriptions[i].row < sc->rows);
		CHECK(owner[sc->descriptions[i].row] == 0);
		owner[sc->descriptions[i].row] = i + 1;
	}
	for (size_t i = 0; i < sc->n_ports; i++) {
		size_t *at = &owner[sc->ports[i].row];
		CHECK(*at == 0 || *at == sc->ports[i].description + 1);
		*at = sc->ports[i].description + 1;
	}
	free(owner);
}

static void check_lanes(const struct scene *sc)
{
	size_t size = sc->rows * (sc->lanes + 1);
	bool *taken = must_calloc(size + 1, sizeof(*taken));

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		for (size_t row = d->from; d->from < d->to && row <= d->to; row++) {
			CHECK(d->lane < sc->lanes);
			CHECK(!taken[d->lane * sc->rows + row]);
			taken[d->lane * sc->rows + row] = true;
		}
	}
	free(taken);
}

static void check_boxes(const struct scene *sc, bool joined)
{
	size_t next = 0, ports = 0;

	for (size_t i = 0; i < sc->n_boxes; i++) {
		const struct scene_box *b = &sc->boxes[i];
		CHECK(b->top >= next && b->top < b->bottom && b->bottom < sc->rows);
		for (size_t k = b->first; k < b->first + b->n; k++) {
			CHECK(sc->ports[k].row > b->top && sc->ports[k].row < b->bottom);
			CHECK(sc->ports[k].table == b->table);
		}
		ports += b->n;
		next = b->bottom + (joined ? 0 : 1);
	}
	CHECK_INT(ports, sc->n_ports);
}

static void check_others(const struct scene *sc)
{
	size_t next = 0;

	for (size_t i = 0; i < sc->share->n_descriptions; i++) {
		const struct scene_description *d = &sc->descriptions[i];
		CHECK(d->top >= next && d->row > d->top && d->row < d->bottom);
		CHECK(d->bottom < sc->rows && d->n_lines < d->bottom - d->top);
		next = d->bottom + 1;
	}
	next = 0;
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_inode *in = &sc->inodes[i];
		CHECK(in->top >= next && in->row > in->top && in->row < in->bottom);
		CHECK(in->bottom < sc->rows);
		next = in->bottom + 1;
	}
}

static void check_scene(const struct share *s, size_t lanes, bool joined, bool each)
{
	struct scene *sc = scene_new(s,
		&(struct scene_opts){
			.ascii = true, .joined = joined, .lanes_max = lanes, .each = each});

	CHECK(each ? sc->n_ports == s->n_fds : sc->n_ports <= s->n_fds);
	CHECK(sc->lanes <= lanes);
	CHECK(!sc->banded || lanes);
	check_rows(sc);
	if (lanes)
		check_lanes(sc);
	check_boxes(sc, joined);
	check_others(sc);
	scene_free(sc);
}

static void check_ways(const struct share *s)
{
	for (size_t lanes = 1; lanes < 6; lanes++) {
		check_scene(s, lanes, false, false);
		check_scene(s, lanes, true, false);
		check_scene(s, lanes, true, true);
	}
	check_scene(s, 0, false, false);
	check_scene(s, 0, false, true);
}

TEST(nothing_covers_anything_else)
{
	for (size_t i = 0; shape_names[i]; i++) {
		struct shape *s = shape_named(shape_names[i]);
		check_ways(&s->share);
		shape_free(s);
	}
}

enum { TABLES = 8, DESCRIPTIONS = 12, FDS = 60 };

struct random {
	struct share share;
	struct share_table tables[TABLES];
	struct share_description descriptions[DESCRIPTIONS];
	struct share_fd fds[FDS];
};

static void fill(struct random *r)
{
	size_t n = 0, wanted = 1 + (size_t)rand() % DESCRIPTIONS, each;

	*r = (struct random){0};
	for (int i = 0; i < TABLES; i++)
		r->tables[i] = (struct share_table){.pid = 10 + i, .tid = 10 + i, .command = "x"};
	for (size_t i = 0; i < wanted; i++) {
		r->descriptions[i] = (struct share_description){.first = n, .name = "/x",
			.type = "regular", .perm = rand() % 5 ? S_IFREG : 0, .ino = 1 + (ino_t)rand() % 6,
			.flags = rand() % 3 ? O_RDONLY : O_RDWR | O_APPEND | O_NONBLOCK,
			.certain = true};
		each = 1 + (size_t)rand() % 5;
		for (size_t k = 0; k < each; k++)
			r->fds[n++] = (struct share_fd){.table = (uint32_t)((k * TABLES) / each),
				.fd = rand() % 100, .description = (uint32_t)i};
		r->descriptions[i].n = each;
	}
	r->share = (struct share){.tables = r->tables, .n_tables = TABLES, .fds = r->fds, .n_fds = n,
		.descriptions = r->descriptions, .n_descriptions = wanted};
}

TEST(nor_in_scenes_that_chance_made)
{
	struct random r;

	srand(4711);
	for (int i = 0; i < 500; i++) {
		fill(&r);
		check_ways(&r.share);
	}
}

static const char *words_of(const char *shape)
{
	static char text[1024];
	struct shape *s = shape_named(shape);
	struct scene *sc = scene_new(&s->share, &(struct scene_opts){.ascii = true, .lanes_max = 8});
	char *words = scene_words(sc);

	snprintf(text, sizeof(text), "%s", words);
	free(words);
	scene_free(sc);
	shape_free(s);
	return text;
}

TEST(words_say_what_is_shared_and_what_is_not)
{
	CHECK_STR(words_of("nothing"), "No open file description to show.");
	CHECK_STR(words_of("alone"),
		"serve (1234) fd 4 is the only descriptor of its open file description.");
	CHECK_STR(words_of("pair"),
		"serve (1234) fd 4 and grab (1240) fd 3 share one open file description (A): "
		"one offset, one set of status flags.");
	CHECK_STR(words_of("anonymous"),
		"loop (1700) fds 5, 9 are one open file description (B): one set of status flags. "
		"loop (1700) fd 4 is the only descriptor of its open file description.");
}

TEST(words_say_what_is_another_open)
{
	CHECK_STR(words_of("opens"),
		"serve (1234) fd 4 and grab (1240) fd 3 share one open file description (A): "
		"one offset, one set of status flags. less (1300) fd 3 is a second open of the same "
		"file (B): its offset is its own.");
	CHECK_STR(words_of("pipeline"),
		"bash (1200) fds 0, 1, cat (1600) fd 0 and grep (1601) fd 1 share one open file "
		"description (A): one offset, one set of status flags. cat (1600) fd 1 is one end of "
		"a pipe (B). grep (1601) fd 0 is the other end of the same pipe (C).");
}

TEST(words_count_where_there_are_many)
{
	CHECK_STR(words_of("many"), "nginx (2000) fd 6 and 20 other processes share one open file "
				    "description (A): one set of status flags.");
	CHECK_STR(words_of("ten"), "10 open file descriptions, none of them shared.");
	CHECK_STR(words_of("bands"),
		"7 open file descriptions, 6 of them shared: A (2 processes), B (2 processes), "
		"C (2 processes), D (2 processes) and 2 more. Separate opens of one inode, each with "
		"its own offset and flags: A and B; C and D; E and F.");
}

TEST(words_say_what_is_not_known)
{
	CHECK(strstr(words_of("gaps"),
		" (B?): its offset is its own. 12 processes could not be inspected: there may be "
		"more holders. /proc does not show the processes of others: there may be more holders. "
		"kcmp is forbidden here: letters with a '?' may be one description."));
}
