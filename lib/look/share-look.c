/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes a snapshot of sharing: share_look of share.h. */
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/look/share-internal.h"

#include <bsd/string.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void snapshot_free(struct snapshot *snapshot)
{
	scan_free(&snapshot->scan);
	free(snapshot->status);
	free(snapshot->tables);
	*snapshot = (struct snapshot){0};
}

/* --- looking ---------------------------------------------------------------------------- */

/* Every pid namespace has a process 1, which as a rule belongs to another user. */
static bool others_are_hidden(void)
{
	return access("/proc/1", F_OK) < 0;
}

/* The inode number of the first pid namespace is fixed (PROC_PID_INIT_INO). */
static bool is_in_pid_namespace(void)
{
	char link[64];
	ssize_t n = readlink("/proc/self/ns/pid", link, sizeof(link) - 1);

	link[n > 0 ? n : 0] = '\0';
	return strcmp(link, "pid:[4026531836]") != 0;
}

struct inode_set target_inodes(const struct share_request *request)
{
	struct inode_set set = inode_set_new(request->n_targets);

	for (size_t i = 0; i < request->n_targets; i++)
		if (share_is_inode(&request->targets[i]))
			inode_set_add(&set, request->targets[i].dev, request->targets[i].ino);
	inode_set_sort(&set);
	return set;
}

bool share_has_process(const struct share_request *request)
{
	for (size_t i = 0; request->targets && i < request->n_targets; i++)
		if (!share_is_inode(&request->targets[i]))
			return true;
	return false;
}

/* The BPF iterator comes first: no process is closed to it. */
static int take_snapshot(struct snapshot *snapshot, const struct share_request *request,
	struct share *s, const struct share_target **fault)
{
	s->method = "the BPF iterator";
	s->method_reason = "";
	if (!request->procfs_only && snapshot_by_bpf(snapshot, request, s) == 0)
		return bpf_find_missing(snapshot, request, fault);
	snapshot_free(snapshot);
	s->method = "procfs and kcmp";
	s->hidden = others_are_hidden();
	return snapshot_by_proc(snapshot, request, fault);
}

static void add_gaps(struct share *s, const struct scan *scan)
{
	struct scan_task task;

	s->unseen = scan->unseen;
	s->gaps = must_calloc(scan->unseen + 1, sizeof(*s->gaps));
	for (size_t i = 0; i < scan->unseen; i++) {
		struct share_gap *gap = &s->gaps[i];
		*gap = (struct share_gap){.pid = scan->gaps[i].pid, .command = "?",
			.error = scan->gaps[i].error};
		if (scan_task(gap->pid, gap->pid, &task) == 0)
			strlcpy(gap->command, task.command, sizeof(gap->command));
	}
	if (geteuid() != 0)
		s->sees_more = "root (sudo)";
	else if (prctl(PR_CAPBSET_READ, CAP_SYS_PTRACE) != 1)
		s->sees_more = "a process with CAP_SYS_PTRACE";
}

/* A single descriptor may have been closed since the snapshot. */
static bool found_requested(const struct share_request *request, const struct share *s)
{
	return !request->targets || request->only_shared || s->n_descriptions ||
	       share_is_inode(request->targets) || request->targets[0].fd < 0;
}

int share_look(
	const struct share_request *request, struct share *s, const struct share_target **fault)
{
	struct snapshot snapshot = {0};

	*s = (struct share){.storage = share_storage_new(), .sockets = share_sockets_new()};
	*fault = NULL;
	if (proc_fault()) {
		errno = ENOENT;
		return -1;
	}
	int done = take_snapshot(&snapshot, request, s, fault), saved = errno;
	if (done == 0) {
		struct runs shown = runs_choose(&snapshot.scan, request);
		share_describe(s, request, &snapshot, &shown);
		share_add_tables(s, &snapshot);
		free(shown.v);
		add_gaps(s, &snapshot.scan);
		s->whole = !request->targets && !request->only_shared;
		s->in_pid_namespace = is_in_pid_namespace();
	}
	snapshot_free(&snapshot);
	errno = saved;
	if (done == 0 && !found_requested(request, s)) {
		*fault = request->targets;
		errno = EBADF;
		done = -1;
	}
	return done;
}
