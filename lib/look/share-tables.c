/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The descriptor tables of the descriptors that are shown, and their holders: share_add_tables
 * of share-internal.h.
 */
#include "lib/base/addr.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/share-internal.h"

#include <bsd/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *read_offers(struct share *s, pid_t pid)
{
	static const char prefix[] = ADDR_SERVER_TITLE " ";
	char path[32], title[32768];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	if (proc_read(path, title, sizeof(title)) < 0 ||
		strncmp(title, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return share_keep_text(s, title + sizeof(prefix) - 1);
}

/* A server has the name of the binary, or of a link to it. */
static bool may_be_server(const char *command)
{
	return strstr(command, "fdtool") || strcmp(command, "serve") == 0;
}

static void add_table(struct share *s, const struct snapshot *snapshot, uint32_t i)
{
	const struct scan_table *t = &snapshot->scan.tables[i];
	struct share_table *to = &s->tables[s->n_tables++];
	struct scan_task task;

	if (snapshot->tables) {
		*to = snapshot->tables[i];
	} else {
		*to = (struct share_table){.pid = t->pid, .tid = t->tid, .command = "?"};
		if (scan_task(t->pid, t->tid, &task) < 0)
			return;
		to->parent = task.parent;
		to->session = task.session;
		strlcpy(to->command, task.command, sizeof(to->command));
	}
	if (may_be_server(to->command))
		to->offers = read_offers(s, t->pid);
}

/* The chain of scan_table.next runs from the last one to the first. */
static void add_others(struct share *s, const struct scan *scan, uint32_t head)
{
	struct share_table *to = &s->tables[s->n_tables - 1];
	size_t n = 0;

	for (uint32_t i = scan->tables[head].next; i; i = scan->tables[i].next)
		n++;
	if (n == 0)
		return;
	pid_t *others = share_keep_pids(s, n);
	to->others = others;
	to->n_others = n;
	for (uint32_t i = scan->tables[head].next; i; i = scan->tables[i].next)
		others[--n] = scan->tables[i].tid;
}

void share_add_tables(struct share *s, const struct snapshot *snapshot)
{
	const struct scan *scan = &snapshot->scan;
	/* Indexed by scan table: 1 if it is shown; later its index in share.tables. */
	uint32_t *place = must_calloc(scan->n_tables + 1, sizeof(*place));

	for (size_t i = 0; i < s->n_fds; i++)
		place[s->fds[i].table] = 1;
	s->tables = must_calloc(scan->n_tables + 1, sizeof(*s->tables));
	for (uint32_t i = 0; i < scan->n_tables; i++) {
		if (!place[i])
			continue;
		place[i] = (uint32_t)s->n_tables;
		add_table(s, snapshot, i);
		add_others(s, scan, i);
	}
	for (size_t i = 0; i < s->n_fds; i++)
		s->fds[i].table = place[s->fds[i].table];
	free(place);
}
