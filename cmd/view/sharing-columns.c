/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The columns of the table: see sharing-columns.h, and sharing.h for what selects them. */
#include "cmd/view/sharing-columns.h"
#include "cmd/draw/scene.h"
#include "cmd/view/sharing-facts.h"
#include "cmd/view/sharing.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/look/label.h"
#include "lib/look/pipeline.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sysmacros.h>

static char *number(int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%jd", (intmax_t)n);
	return must_strdup(text);
}

/* "A", or "A?" where another letter may be the same description. */
static char *cell_ofd(const struct sharing_row *r)
{
	char letter[8 + 1];
	size_t len = strlen(share_letter(r->description, letter));

	if (!r->d->certain)
		strcpy(letter + len, "?");
	return must_strdup(letter);
}

static char *cell_pid(const struct sharing_row *r)
{
	return number(r->table->pid);
}

static char *cell_tid(const struct sharing_row *r)
{
	return number(r->table->tid);
}

static char *cell_ppid(const struct sharing_row *r)
{
	return number(r->table->parent);
}

static char *cell_sid(const struct sharing_row *r)
{
	return number(r->table->session);
}

static char *cell_command(const struct sharing_row *r)
{
	char *command = text_escape(r->table->command, strlen(r->table->command)), *all = NULL;
	const char *own = r->cache->raw ? NULL : share_own_word(r->table);

	if (own)
		all = must_printf("%s (%s)", command, own);
	else if (r->folded->alike > 1)
		all = must_printf("%s %s%" PRIu32, command, r->cache->utf8 ? "×" : "x", r->folded->alike);
	if (!all)
		return command;
	free(command);
	return all;
}

static char *cell_fd(const struct sharing_row *r)
{
	return fold_numbers(r->share, r->folded);
}

static char *cell_mode(const struct sharing_row *r)
{
	return must_strdup(r->d->flags < 0 ? "?" : names_mode(r->d->flags));
}

static char *cell_pos(const struct sharing_row *r)
{
	return r->d->pos == DESC_NO_POS ? NULL : number(r->d->pos);
}

static void add_flag(void *data, const char *name)
{
	char **text = data, *before = *text;

	*text = before ? must_printf("%s|%s", before, name) : must_strdup(name);
	free(before);
}

static char *cell_flags(const struct sharing_row *r)
{
	char *text = NULL;

	if (r->d->flags < 0)
		return must_strdup("?");
	names_each_status(r->d->flags, add_flag, &text);
	return text;
}

static char *cell_cloexec(const struct sharing_row *r)
{
	return must_strdup(r->fd->cloexec ? "yes" : "no");
}

static char *cell_type(const struct sharing_row *r)
{
	return must_strdup(r->d->type);
}

static char *cell_name(const struct sharing_row *r)
{
	const char *name = share_label_of(r->d);

	return text_escape(name, strlen(name));
}

static char *cell_inode(const struct sharing_row *r)
{
	if (!share_inode_known(r->d))
		return must_strdup("?");
	return must_printf("%ju", (uintmax_t)r->d->ino);
}

static char *cell_dev(const struct sharing_row *r)
{
	if (!share_inode_known(r->d))
		return must_strdup("?");
	return must_printf("%u:%u", major(r->d->dev), minor(r->d->dev));
}

static char *cell_allocated(const struct sharing_row *r)
{
	return r->d->allocated < 0 ? NULL : number(r->d->allocated);
}

static char *cell_shared(const struct sharing_row *r)
{
	return must_printf("%" PRIu32 "%s", r->d->n, share_complete(r->share, r->d) ? "" : "+?");
}

static char *cell_why(const struct sharing_row *r)
{
	struct cell_cache *c = r->cache;

	if (c->why_of != r->d) {
		free(c->why);
		c->why = share_evidence(r->share, r->d);
		c->why_of = r->d;
	}
	return c->why ? must_strdup(c->why) : NULL;
}

static char *cell_facts(const struct sharing_row *r)
{
	struct cell_cache *c = r->cache;

	if (c->facts_of != r->d) {
		free(c->words);
		c->words = description_words(c->facts, r->share, r->d, false);
		c->facts_of = r->d;
	}
	return must_strdup(c->words);
}

static const struct sharing_column columns[] = {
	{"OFD", DESCRIPTION, false, true, 0, cell_ofd, "open file description, a letter each"},
	{"PID", TABLE, true, false, 0, cell_pid, "process"},
	{"COMMAND", TABLE, false, false, 0, cell_command, "its command"},
	{"FD", DESCRIPTOR, true, false, 0, cell_fd, "number of the descriptor"},
	{"MODE", DESCRIPTION, false, false, SHARE_STATUS, cell_mode, "access mode: r, w, rw, path"},
	{"POS", DESCRIPTION, true, false, SHARE_STATUS, cell_pos, "offset, if it has one"},
	{"FLAGS", DESCRIPTION, false, false, SHARE_STATUS, cell_flags,
		"status flags of the description, without O_LARGEFILE"},
	{"TYPE", DESCRIPTION, false, false, SHARE_NAME, cell_type,
		"regular, pipe, socket, eventfd, ..."},
	{"NAME", DESCRIPTION, false, false, SHARE_LABEL, cell_name,
		"path; addresses of a socket, other end of a pipe, ..."},
	{"ALLOCATED", DESCRIPTION, true, false, SHARE_SIZE | SHARE_INODE, cell_allocated,
		"bytes that a regular file has on its device"},
	{"CLOEXEC", DESCRIPTOR, false, false, SHARE_CLOEXEC, cell_cloexec,
		"close-on-exec, a flag of the descriptor"},
	{"DEV", DESCRIPTION, false, false, SHARE_INODE, cell_dev,
		"device of the inode, major:minor"},
	{"FACTS", DESCRIPTION, false, false, SHARING_FACTS_NEED, cell_facts,
		"details that depend on the type"},
	{"INODE", DESCRIPTION, true, false, SHARE_INODE, cell_inode, "number of the inode"},
	{"PPID", TABLE, true, false, 0, cell_ppid, "parent of the process"},
	{"SHARED", DESCRIPTION, true, false, 0, cell_shared,
		"number of its descriptors; +? if there may be more"},
	{"SID", TABLE, true, false, 0, cell_sid, "session of the process"},
	{"TID", TABLE, true, false, 0, cell_tid,
		"thread, if it has its own descriptor table; else the PID"},
	{"WHY", DESCRIPTION, false, false, 0, cell_why,
		"evidence why it is shared, if there is any"},
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
			return "names an unknown column; --list-columns lists them";
		if (opts->n == SHARING_COLUMNS_MAX)
			return "names too many columns";
		opts->columns[opts->n++] = c;
	}
	return opts->n ? NULL : "names no column";
}

void sharing_label(struct share *s, const struct sharing_opts *opts)
{
	for (size_t i = 0; i < opts->n; i++)
		if (opts->columns[i]->cell == cell_name) {
			share_label(s, &(struct label_opts){.ascii = opts->raw || !scene_utf8()});
			return;
		}
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
