/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds what is on offer under a name: see find.h. */
#include "cmd/client/failed.h"
#include "cmd/client/find-internal.h"
#include "cmd/client/find.h"
#include "lib/base/inode.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The process that has the offer's socket, or the number of its descriptor, is not known. */
static enum status no_number(const char *word, pid_t pid)
{
	const char *fault = proc_fault();
	char what[64];

	if (fault)
		return report(STATUS_FAIL, "/proc", fault, 0);
	snprintf(what, sizeof(what), "pid %d does not say which descriptor it offers", pid);
	report(STATUS_FAIL, word, pid ? what : "no process that can be inspected has its socket", 0);
	report_hint("%stake it: fdtool grab %s -- fdtool %s fd:3",
		pid || geteuid() == 0 ? "" : "run this as the server's user or as root, or ", word,
		report_command());
	return STATUS_FAIL;
}

/* @RAW, or a path: the kernel's tables show the socket, but not which descriptor is offered. */
enum status find_only_server_knows(const char *word)
{
	report(STATUS_FAIL, word, "only its server knows which descriptor it offers", 0);
	report_hint("take it: fdtool grab %s -- fdtool %s fd:3; or who has the socket: fdtool %s unix:%s",
		text_show(word), report_command(), report_command(), text_show(word));
	return STATUS_FAIL;
}

/* The word may have been meant as the name of a file. */
static enum status no_offer(const char *word)
{
	struct statx sx;

	if (inode_look(AT_FDCWD, word, STATX_TYPE, &sx) < 0) {
		errno = ECONNREFUSED;
		return report_nobody(word);
	}
	report(STATUS_NOBODY, word, "nobody offers it", ECONNREFUSED);
	report_hint("there is a file of that name: fdtool %s ./%s", report_command(), word);
	return STATUS_NOBODY;
}

/* Of a group, all. */
static void add_descriptors(struct targets *t, size_t i, const struct catalog_entry *e)
{
	find_add(t, (struct share_target){.pid = e->pid, .fd = e->fd}, i);
	for (size_t k = 0; k < e->n_rest; k++)
		find_add(t, (struct share_target){.pid = e->pid, .fd = e->rest[k]}, i);
}

/* The kernel's tables show who offers a name: no server notices, and no grant is used up. */
enum status find_offer(struct targets *t, size_t i)
{
	const char *word = t->words.v[i];
	struct catalog c;
	enum status st = STATUS_OK;

	if (*word == '@')
		return catalog_accepts(word) < 0 ? report_nobody(word) : find_only_server_knows(word);
	if (catalog_names(&c) < 0)
		return report(STATUS_FAIL, "/proc/net/unix", "read", errno);
	const struct catalog_entry *e = catalog_find(&c, word);
	if (e)
		catalog_owners(&c);
	if (!e)
		st = no_offer(word);
	else if (!e->pid || e->fd < 0)
		st = no_number(word, e->pid);
	else
		add_descriptors(t, i, e);
	catalog_free(&c);
	return st;
}
