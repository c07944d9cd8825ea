/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Assigns the rows and lanes of a scene: see scene.h. A table is one box, unless the lines
 * between descriptors and descriptions would need too many lanes. In that case the scene is
 * banded: each description has a band of rows, with boxes for those descriptors of each table
 * that refer to it.
 *
 * A row has the lines of one description only. So two lines may cross where one is vertical,
 * but never overlap.
 */
#include "cmd/draw/scene.h"
#include "lib/base/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
	NONE = -1,
	LINES_MIN = 2, /* as many as an inode has, which stands beside */
	MANY_BOXES = 6,
};

/* --- boxes: the order of the descriptors ------------------------------------------- */

struct ranked_port {
	struct scene_port port;
	size_t rank; /* of its table, in the order of the descriptions: 1 is the first */
};

static int by_table(const void *a, const void *b)
{
	const struct ranked_port *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->port.description != y->port.description)
		return x->port.description < y->port.description ? -1 : 1;
	return (x->port.fd > y->port.fd) - (x->port.fd < y->port.fd);
}

static void order_by_table(struct scene *sc)
{
	size_t n = sc->n_ports, met = 0;
	struct ranked_port *all = must_calloc(n + 1, sizeof(*all));
	size_t *rank = must_calloc(sc->share->n_tables + 1, sizeof(*rank));

	for (size_t i = 0; i < n; i++) {
		size_t *of = &rank[sc->ports[i].table];
		if (!*of)
			*of = ++met;
		all[i] = (struct ranked_port){sc->ports[i], *of};
	}
	qsort(all, n, sizeof(*all), by_table);
	for (size_t i = 0; i < n; i++)
		sc->ports[i] = all[i].port;
	free(rank);
	free(all);
}

static int by_description(const void *a, const void *b)
{
	const struct scene_port *x = a, *y = b;

	if (x->description != y->description)
		return x->description < y->description ? -1 : 1;
	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

/* Successive ports of one table are a box. */
static void make_boxes(struct scene *sc)
{
	free(sc->boxes);
	sc->boxes = must_calloc(sc->n_ports + 1, sizeof(*sc->boxes));
	sc->n_boxes = 0;
	for (size_t i = 0; i < sc->n_ports; i++) {
		if (i == 0 || sc->ports[i].table != sc->ports[i - 1].table)
			sc->boxes[sc->n_boxes++] =
				(struct scene_box){.table = sc->ports[i].table, .first = i};
		sc->boxes[sc->n_boxes - 1].n++;
	}
}

/* --- rows ------------------------------------------------------------------------- */

/*
 * Both columns are filled from the top. Each descriptor is placed in order, with its
 * description beside it if that has no place yet.
 */
struct placing {
	struct scene *sc;
	int64_t *port_at, *line_at; /* of each row: the description, or NONE */
	size_t next;		    /* the first description without a place */
	size_t left, middle;	    /* the first free rows */
};

static size_t height(const struct scene_description *d)
{
	return (d->n_lines > LINES_MIN ? d->n_lines : LINES_MIN) + 2;
}

/* An upper bound: a port is moved down by at most the rows of the descriptions' lines. */
static size_t count_rows_max(const struct scene *sc)
{
	size_t n = 2 * sc->n_ports + 3 * sc->n_boxes + 16;

	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		n += 2 * height(&sc->descriptions[i]);
	return n;
}

static void put_description(struct placing *p, size_t top, size_t row)
{
	struct scene_description *d = &p->sc->descriptions[p->next];

	d->top = top;
	d->row = row;
	d->bottom = top + height(d) - 1;
	p->line_at[row] = (int64_t)p->next;
	p->middle = d->bottom + 1;
	p->next++;
}

/* Places a description before its descriptors, with its line on a row where no port is. */
static void put_early(struct placing *p)
{
	size_t inside = height(&p->sc->descriptions[p->next]) - 2;

	for (size_t top = p->middle;; top++)
		for (size_t row = top + 1; row <= top + inside; row++)
			if (p->port_at[row] == NONE) {
				put_description(p, top, row);
				return;
			}
}

/* Whether the port's description has no place yet, and so can be placed beside it. */
static bool leads(const struct placing *p, const struct scene_port *port)
{
	return port->description >= p->next;
}

/* Places the port on that row or below. Returns the row. */
static size_t put_port(struct placing *p, struct scene_port *port, size_t row)
{
	if (leads(p, port)) {
		while (p->next < port->description)
			put_early(p);
		if (row < p->middle + 1)
			row = p->middle + 1;
		put_description(p, row - 1, row);
	}
	while (p->line_at[row] != NONE && p->line_at[row] != (int64_t)port->description)
		row++;
	p->port_at[row] = (int64_t)port->description;
	port->row = row;
	return row;
}

static void put_box(struct placing *p, struct scene_box *b, bool joined)
{
	struct scene_port *ports = &p->sc->ports[b->first];
	bool lead = leads(p, ports);
	size_t row;

	b->top = p->left - (joined && !lead && p->left ? 1 : 0);
	if (lead && ports->description == p->next && b->top < p->middle)
		b->top = p->middle;
	row = b->top;
	for (size_t i = 0; i < b->n; i++)
		row = put_port(p, &ports[i], row + 1);
	b->bottom = row + 1;
	p->left = b->bottom + 1;
}

static size_t max(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void put_inodes(struct scene *sc)
{
	for (size_t i = 0; i < sc->n_inodes; i++) {
		const struct scene_description *d = &sc->descriptions[sc->inodes[i].first];
		sc->inodes[i].row = d->row;
		sc->inodes[i].top = d->top;
		sc->inodes[i].bottom = d->top + LINES_MIN + 1;
		/* beside a taller description whose line is further down */
		if (d->row >= sc->inodes[i].bottom) {
			sc->inodes[i].top += d->row - sc->inodes[i].bottom + 1;
			sc->inodes[i].bottom = d->row + 1;
		}
	}
}

static void place_rows(struct scene *sc, bool joined)
{
	size_t rows_max = count_rows_max(sc);
	struct placing p = {.sc = sc,
		.port_at = must_calloc(rows_max, sizeof(*p.port_at)),
		.line_at = must_calloc(rows_max, sizeof(*p.line_at))};

	for (size_t i = 0; i < rows_max; i++)
		p.port_at[i] = p.line_at[i] = NONE;
	for (size_t i = 0; i < sc->n_boxes; i++)
		put_box(&p, &sc->boxes[i], joined);
	sc->rows = max(p.left, p.middle);
	put_inodes(sc);
	free(p.port_at);
	free(p.line_at);
}

/* --- lanes -------------------------------------------------------------------------- */

static void find_spans(struct scene *sc)
{
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		sc->descriptions[i].from = sc->descriptions[i].to = sc->descriptions[i].row;
	for (size_t i = 0; i < sc->n_ports; i++) {
		struct scene_description *d = &sc->descriptions[sc->ports[i].description];
		if (sc->ports[i].row < d->from)
			d->from = sc->ports[i].row;
		d->to = max(d->to, sc->ports[i].row);
	}
}

static int by_from(const void *a, const void *b)
{
	const struct scene_description *x = *(struct scene_description *const *)a,
				       *y = *(struct scene_description *const *)b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Takes the first lane that is free from its first row on. False: all are taken. */
static bool take_lane(struct scene *sc, struct scene_description *d, size_t *ends, size_t max)
{
	for (d->lane = 0; d->lane < sc->lanes; d->lane++)
		if (ends[d->lane] < d->from)
			break;
	if (d->lane == max)
		return false;
	if (d->lane == sc->lanes)
		sc->lanes++;
	ends[d->lane] = d->to;
	return true;
}

static bool place_lanes(struct scene *sc, size_t max)
{
	struct scene_description **order =
		must_calloc(sc->share->n_descriptions + 1, sizeof(struct scene_description *));
	size_t *ends = must_calloc(max + 1, sizeof(*ends)), n = 0;
	bool fits = true;

	find_spans(sc);
	sc->lanes = 0;
	for (size_t i = 0; i < sc->share->n_descriptions; i++)
		if (sc->descriptions[i].from < sc->descriptions[i].to)
			order[n++] = &sc->descriptions[i];
	qsort(order, n, sizeof(struct scene_description *), by_from);
	for (size_t i = 0; i < n && fits; i++)
		fits = take_lane(sc, order[i], ends, max);
	free(order);
	free(ends);
	return fits;
}

void scene_place(struct scene *sc, const struct scene_opts *opts)
{
	order_by_table(sc);
	make_boxes(sc);
	place_rows(sc, opts->joined && sc->n_boxes > MANY_BOXES);
	if (opts->lanes_max == 0 || place_lanes(sc, opts->lanes_max))
		return;
	sc->banded = true;
	qsort(sc->ports, sc->n_ports, sizeof(*sc->ports), by_description);
	make_boxes(sc);
	place_rows(sc, opts->joined && sc->n_boxes > MANY_BOXES);
	place_lanes(sc, max(opts->lanes_max, 2));
}
