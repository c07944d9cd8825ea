/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who shares what, as a table, as text and as JSON: for inspect, and for the verb of that
 * name at the prompt.
 */
#ifndef FDTOOL_CMD_VIEW_SHARING_H
#define FDTOOL_CMD_VIEW_SHARING_H

#include <jansson.h>
#include <stdio.h>

#include "cmd/cli/command.h"
#include "lib/look/share.h"

enum { SHARING_COLUMNS_MAX = 32 };

struct mapped; /* mapped.h */
struct sharing_column;

struct sharing_opts {
	const struct sharing_column *columns[SHARING_COLUMNS_MAX];
	size_t n;
	bool no_headings, raw;
	bool each; /* nothing is folded; raw does the same */
	const char *group;   /* the heading of what is not of the first group; NULL: none */
	FILE *out;           /* NULL: stdout */
	const bool *changed; /* for each description: highlight it; NULL: none */
};

/*
 * Selects the columns of a list like "PID,FD", or "+WHY" to add some to the default ones.
 * Returns NULL, or what is wrong with the list.
 */
const char *sharing_columns(const char *list, struct sharing_opts *);

/* Selects the default columns. */
void sharing_default(struct sharing_opts *);

/* The `need` of share_look for these columns, and for sharing_json. */
unsigned sharing_need(const struct sharing_opts *);
enum {
	SHARING_FACTS_NEED = SHARE_NAME | SHARE_STATUS | SHARE_INODE | SHARE_PIPE,
	SHARING_JSON_NEED = SHARING_FACTS_NEED | SHARE_CLOEXEC,
};

/* Returns the name of the i-th column, with *help set to its explanation; NULL after the last. */
const char *sharing_column(size_t i, const char **help);

/* Prints a line for each column: its name and its explanation. */
void sharing_list_columns(void);

/* Names the descriptions as label.h does, where one of these columns shows it. */
void sharing_label(struct share *, const struct sharing_opts *);

/* Prints the rows of fold.h. Reports a failure. */
enum status sharing_table(const struct share *, const struct sharing_opts *);

/*
 * Prints for each requested description a line with its facts, and one with the evidence
 * why it is shared.
 */
void sharing_details(const struct share *, FILE *out);

/*
 * Prints {"descriptions": …} as a line on stdout, each description as soon as its facts are known:
 * a machine may have many. references: also those of references.h. Returns 0, or -1 with errno.
 */
int sharing_json(const struct share *, bool references, const struct mapped *);

/* The processes that could not be inspected: [{"pid", "command", "error"}, …]. */
json_t *sharing_unseen_json(const struct share *);

/* Prints a note on stderr for each thing that is unknown. */
void report_unknowns(const struct share *);

/* The same for each process that could not be inspected: "pid 1 (init): EACCES". */
void report_gaps(const struct share *);

#endif
