/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a port is still held: see held.h. */
#include "cmd/view/held.h"
#include "lib/base/text.h"
#include "lib/look/scan.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

enum { NAMED = 8 }; /* of many holders, these are enough to know why */

/* The leader of its process group, if that has ended; else 0. A shell's job has one. */
static pid_t gone_leader(pid_t pid)
{
	struct scan_task task;

	if (scan_task(pid, pid, &task) < 0 || task.group <= 0 || kill(task.group, 0) == 0)
		return 0;
	return errno == ESRCH ? task.group : 0;
}

/* Prints nothing where nothing is known. Returns whether it did. */
static bool print_holder(FILE *out, const struct share *s, const struct share_description *d,
	const struct share_fd *fd, bool first)
{
	const struct share_table *t = &s->tables[fd->table];
	const struct share_table *parent = share_inherited_from(s, d, fd);
	pid_t leader = parent ? 0 : gone_leader(t->pid);

	if (!parent && !leader)
		return false;
	fprintf(out, "%s%s %d fd %d", first ? "\n" : "", text_show(t->command), t->pid, fd->fd);
	if (parent)
		fprintf(out, ", inherited from %s %d", text_show(parent->command), parent->pid);
	if (leader)
		fprintf(out, ", of process group %d, whose leader has ended", leader);
	fprintf(out, ", close-on-exec is %s\n", fd->cloexec ? "on" : "off");
	return true;
}

void held_print(FILE *out, const struct share *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_fds && n < NAMED; i++) {
		const struct share_description *d = &s->descriptions[s->fds[i].description];
		if (!d->requested || d->group || !S_ISSOCK(d->perm))
			continue;
		n += print_holder(out, s, d, &s->fds[i], n == 0);
	}
}
