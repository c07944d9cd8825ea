/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of inspect share: its options, and one look. */
#ifndef FDTOOL_CMD_INSPECT_INSPECT_H
#define FDTOOL_CMD_INSPECT_INSPECT_H

#include <stdio.h>

#include "cmd/cli/command.h"
#include "cmd/view/sharing.h"
#include "lib/look/share.h"

struct inspect {
	struct words words;   /* as the user wrote them */
	struct share_target *of;  /* what they mean */
	bool all, shared, limits, picture, dot, svg, json, quiet, verbose, list_columns;
	bool columns;  /* -o was given */
	int64_t every; /* ns; 0: no --watch */
	struct sharing_opts table;
};

/* --- inspect-look.c ----------------------------------------------------------- */

/* What share_look is to look for. */
struct share_request inspect_ask(const struct inspect *);

/* changed: which descriptions stand out; NULL: none. JSON goes to stdout always. */
enum status inspect_render(
	const struct inspect *, const struct share *, const bool *changed, FILE *out);

/* Whether it is shown as a drawing. */
bool inspect_draws(const struct inspect *);

/* Says what share_look answered with errno, and about which of the words. */
enum status inspect_fault(const struct inspect *, const struct share_target *);

/* --- inspect-watch.c ---------------------------------------------------------- */

/* --watch: until a signal, q, or nobody holds it any longer. */
enum status inspect_watch(struct inspect *);

#endif
