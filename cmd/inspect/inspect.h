/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of inspect share: its options, and one look. */
#ifndef FDTOOL_CMD_INSPECT_INSPECT_H
#define FDTOOL_CMD_INSPECT_INSPECT_H

#include <stdio.h>

#include "cmd/cli/command.h"
#include "cmd/client/find.h"
#include "cmd/view/sharing.h"
#include "lib/look/share.h"

struct inspect {
	struct targets targets;
	bool all, deleted, mapped, shared, limits, picture, dot, svg, json, quiet, verbose, list_columns;
	bool columns;  /* -o was given */
	int64_t every; /* ns; 0: neither --watch nor --grow */
	int64_t grow;  /* the same of --grow */
	struct growth *growth; /* of --grow, while it runs */
	struct sharing_opts table;
};

/* --- look.c -------- ----------------------------------------------------------- */

/* Takes a snapshot, as share_look does. */
int inspect_take(const struct inspect *, struct share *, const struct share_target **fault);

/* Prints a look. changed: the descriptions to highlight; NULL: none. JSON goes to stdout always. */
enum status inspect_render(
	const struct inspect *, const struct share *, const bool *changed, FILE *out);

/* Whether the options request a drawing. */
bool inspect_draws(const struct inspect *);

/* Reports the errno of share_look, about the operand of. */
enum status inspect_fault(const struct inspect *, const struct share_target *);

/* --- deleted.c --------- ------------------------------------------------------- */

/* Keeps the files of a snapshot that have no name any more, the largest first. */
void deleted_keep(struct share *);

/* Prints how many files these are, and what truncating them would free. */
void deleted_print_sum(FILE *out, const struct share *);

/* --- grow.c --------- ---------------------------------------------------------- */

struct growth *growth_new(const struct inspect *);
void growth_free(struct growth *);

/* Compares a snapshot with the first one. Returns whether to show it: more was opened, or closed. */
bool growth_look(struct growth *, struct share *);

/* Prints the comparison. The snapshot of the last growth_look is still there. */
enum status growth_render(const struct growth *, const struct share *, FILE *out);

/* --- changes.c --------- ------------------------------------------------------- */

/*
 * Compares a look with the last one (last.method is NULL before the first). Returns for each description
 * whether it changed, which the caller frees. *any: one did, or something has gone.
 */
bool *changes_find(const struct share *last, const struct share *now, bool *any);

/* --- watch.c -------- ---------------------------------------------------------- */

/* --watch, --grow: looks until a signal, the key q, or nobody holds the descriptor any longer. */
enum status inspect_watch(struct inspect *);

#endif
