/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be seen of those that hold a target when the trace begins: said once, by name. */
#include "cmd/trace/trace.h"
#include "cmd/draw/scene.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/maps.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_io_uring(pid_t pid)
{
	char path[64], link[64];
	const struct dirent *e;
	bool found = false;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	DIR *fds = opendir(path);
	while (fds && !found && (e = readdir(fds))) {
		ssize_t n = readlinkat(dirfd(fds), e->d_name, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		found = strcmp(link, "anon_inode:[io_uring]") == 0;
	}
	if (fds)
		closedir(fds);
	return found;
}

static void say(const struct trace_state *s, const struct share_table *t, const struct inode_set *inodes)
{
	const char *command = text_show(t->command);

	if (!trace_sees_requests(s->trace) && has_io_uring(t->pid))
		report_note("%s %d: requests of its io_uring are not seen", command, t->pid);
	if (maps_find(t->pid, inodes))
		report_note("%s %d: it has the file mapped, and what it does there is not seen", command,
			t->pid);
}

static void say_sentence(void *data, const char *sentence)
{
	(void)data;
	report_note("%s", sentence);
}

static struct inode_set inodes_of(const struct share *s)
{
	struct inode_set set = inode_set_new(s->n_descriptions);

	for (size_t i = 0; i < s->n_descriptions; i++)
		if (S_ISREG(s->descriptions[i].perm))
			inode_set_add(&set, s->descriptions[i].dev, s->descriptions[i].ino);
	inode_set_sort(&set);
	return set;
}

/* Which of the tables have one of the descriptions. */
static bool *holders_of(const struct share *s)
{
	bool *holds = must_calloc(s->n_tables + 1, sizeof(*holds));

	for (size_t i = 0; i < s->n_fds; i++)
		holds[s->fds[i].table] = true;
	return holds;
}

void trace_print_unseen(const struct trace_state *s)
{
	const struct share_request request = {
		.targets = s->targets.v, .n_targets = s->targets.n, .need = SHARE_INODE};
	const struct share_target *fault;
	struct share share;

	if (s->quiet)
		return;
	if (share_look(&request, &share, &fault) == 0) {
		struct inode_set inodes = inodes_of(&share);
		bool *holds = holders_of(&share);
		for (size_t i = 0; i < share.n_tables; i++)
			if (holds[i] && share.tables[i].pid != getpid() && share.tables[i].pid != s->program)
				say(s, &share.tables[i], &inodes);
		free(holds);
		inode_set_free(&inodes);
		if (s->by == 1 + TRACE_BY_PTRACE && !s->program)
			scene_unknowns(&share, say_sentence, NULL);
	}
	share_free(&share);
}
