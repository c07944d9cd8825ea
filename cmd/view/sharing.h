/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who shares what, as a table and as JSON; for inspect, and for its verb at the prompt. */
#ifndef FDTOOL_CMD_VIEW_SHARING_H
#define FDTOOL_CMD_VIEW_SHARING_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/cli/command.h"
#include "lib/look/share.h"

enum { SHARING_COLUMNS_MAX = 32 };

struct sharing_column;

struct sharing_opts {
	const struct sharing_column *columns[SHARING_COLUMNS_MAX];
	size_t n;
	bool no_headings, raw;
	FILE *out;           /* NULL: stdout */
	const bool *changed; /* of the descriptions; NULL: none stands out */
};

/*
 * The columns of a list like "PID,FD", or "+WHY" for these beside the ordinary ones.
 * NULL, or what is wrong with it.
 */
const char *sharing_columns(const char *list, struct sharing_opts *);

/* The ordinary columns. */
void sharing_default(struct sharing_opts *);

/* What share_look has to look for. */
unsigned sharing_need(const struct sharing_opts *);
enum { SHARING_JSON_NEED = SHARE_NAME | SHARE_STATUS | SHARE_CLOEXEC | SHARE_INODE };

/* The name of the i'th column, and into *help what it shows. NULL after the last. */
const char *sharing_column(size_t i, const char **help);

/* Each a line: its name, and what it shows. */
void sharing_list_columns(void);

/* A row a descriptor. Says what failed, if it does. */
enum status sharing_table(const struct share *, const struct sharing_opts *);

/*
 * Of what was asked for: what its type lets one say, and the evidence why it is shared;
 * a line each.
 */
void sharing_details(const struct share *, FILE *out);

/* {"descriptions": …}. resolved: also what the facts of each point to. New reference. */
json_t *sharing_json(const struct share *, bool resolved);

/* What is not known, as a sentence on stderr; nothing where all is. */
void sharing_gaps(const struct share *);

#endif
