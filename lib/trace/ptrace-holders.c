/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptions that are traced, and who holds them: see ptrace.c. */
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/look/desc.h"
#include "lib/look/diag.h"
#include "lib/look/scan.h"
#include "lib/trace/ptrace-internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the descriptions ------------------------------------------------------------------------ */

uint32_t traced_index(const struct by_ptrace *t, const struct description *of)
{
	return (uint32_t)(of - t->of);
}

/* The kernel writes the text anew for each read, and finds out what the number refers to then. */
static ssize_t read_fdinfo(struct by_ptrace *t, pid_t pid, int fd, char *out, size_t size)
{
	char path[64];
	ssize_t n = 0;

	if (t->fdinfo >= 0 && t->fdinfo_pid == pid && t->fdinfo_fd == fd)
		n = pread(t->fdinfo, out, size - 1, 0);
	if (n <= 0) {
		fd_close(&t->fdinfo);
		t->fdinfo = open(desc_proc_path(pid, "fdinfo", fd, path, sizeof(path)), O_RDONLY | O_CLOEXEC);
		t->fdinfo_pid = pid;
		t->fdinfo_fd = fd;
		n = t->fdinfo < 0 ? -1 : pread(t->fdinfo, out, size - 1, 0);
	}
	if (n > 0)
		out[n] = '\0';
	return n;
}

void traced_look(struct by_ptrace *t, struct description *of, pid_t pid, int fd)
{
	char text[256];
	struct desc desc;

	if (read_fdinfo(t, pid, fd, text, sizeof(text)) > 0 && desc_parse_fdinfo(text, &desc) == 0) {
		of->pos = desc.pos;
		of->flags = (uint32_t)desc.flags;
	}
}

void traced_look_at_inode(struct description *of, pid_t pid, int fd)
{
	struct statx sx;

	if (inode_look_fd(pid, fd, &sx) == 0) {
		of->dev = inode_dev(&sx);
		of->ino = sx.stx_ino;
		of->size = (int64_t)sx.stx_size;
	}
}

/* Whether a descriptor refers to it, as far as its other descriptors, or its messages, tell. */
static bool is_it(struct by_ptrace *t, const struct description *of, pid_t pid, int fd)
{
	const struct holder *h;

	while ((h = holders_any(&t->holders, traced_index(t, of)))) {
		enum desc_same same = desc_same(pid, fd, h->pid, h->fd);
		if (same != DESC_UNKNOWN)
			return same == DESC_SAME;
		holders_remove(&t->holders, h->pid, h->fd, h->fd); /* it has gone, unseen */
	}
	return of->in_flight > 0;
}

/* The description of a descriptor that has arrived, or NULL. */
struct description *traced_identify(struct by_ptrace *t, pid_t pid, int fd)
{
	struct statx sx;

	if (inode_look_fd(pid, fd, &sx) < 0)
		return NULL;
	for (size_t i = 0; i < t->n_of; i++) {
		struct description *of = &t->of[i];
		if (of->ino == sx.stx_ino && of->dev == inode_dev(&sx) && is_it(t, of, pid, fd))
			return of;
	}
	return NULL;
}

/* What a process has inherited, under the same numbers. */
void traced_inherit(struct by_ptrace *t, pid_t pid)
{
	for (size_t i = 0, n = t->holders.n; i < n; i++) {
		struct holder h = t->holders.v[i];
		if (h.pid != pid && !holders_find(&t->holders, pid, h.fd) &&
			desc_same(pid, h.fd, h.pid, h.fd) == DESC_SAME)
			holders_add(&t->holders, pid, h.fd, h.of);
	}
}

/* --- looking again ----------------------------------------------------------------------------- */

/* A descriptor of each description; which one it is, is its index in of. */
static size_t list_holders(const struct by_ptrace *t, struct share_target *targets, uint32_t *of)
{
	size_t n = 0;

	for (uint32_t i = 0; i < t->n_of; i++) {
		const struct holder *h = holders_any(&t->holders, i);
		if (!h)
			continue;
		targets[n] = (struct share_target){h->pid, h->fd};
		of[n++] = i;
	}
	return n;
}

/* Which of the targets the description is, or n. */
static size_t target_of(const struct share *s, const struct share_description *d,
	const struct share_target *targets, size_t n)
{
	size_t which = n;

	for (size_t i = d->first; i < d->first + d->n; i++)
		for (size_t j = 0; j < which; j++)
			if (targets[j].pid == s->tables[s->fds[i].table].pid &&
				(targets[j].fd < 0 || targets[j].fd == s->fds[i].fd))
				which = j;
	return which;
}

/* Adds all its descriptors, and begins to trace who has one. */
static void add_holders(struct by_ptrace *t, const struct share *s,
	const struct share_description *d, uint32_t of)
{
	for (size_t i = d->first; i < d->first + d->n; i++)
		holders_add(&t->holders, s->tables[s->fds[i].table].pid, s->fds[i].fd, of);
	for (size_t i = d->first; i < d->first + d->n; i++)
		tracee_seize(t, s->tables[s->fds[i].table].pid);
}

/* A snapshot of who has the targets. */
static int find_holders(const struct share_target *targets, size_t n, struct share *s,
	const struct share_target **fault)
{
	const struct share_request request = {
		.targets = targets, .n_targets = n, .need = SHARE_INODE, .procfs_only = true};

	return share_look(&request, s, fault);
}

void traced_look_again(struct by_ptrace *t)
{
	struct share_target *targets = must_calloc(t->n_of, sizeof(*targets));
	uint32_t *of = must_calloc(t->n_of, sizeof(*of));
	const struct share_target *fault = NULL;
	struct share s;
	size_t n = list_holders(t, targets, of);
	int done = n > 0 ? find_holders(targets, n, &s, &fault) : -1;

	if (done < 0 && fault && errno != EACCES) /* it has gone, unseen: next time another is asked */
		holders_remove(&t->holders, fault->pid, fault->fd, fault->fd);
	for (size_t i = 0; done == 0 && i < s.n_descriptions; i++) {
		size_t which = target_of(&s, &s.descriptions[i], targets, n);
		if (which < n)
			add_holders(t, &s, &s.descriptions[i], of[which]);
	}
	if (n > 0)
		share_free(&s);
	free(targets);
	free(of);
}

int traced_find(struct by_ptrace *t, const struct share_target **fault)
{
	struct share s;
	int done = find_holders(t->request.targets, t->request.n_targets, &s, fault);

	if (done == 0)
		t->of = must_calloc(s.n_descriptions, sizeof(*t->of));
	for (size_t i = 0; done == 0 && i < s.n_descriptions; i++) {
		const struct share_description *d = &s.descriptions[i];
		size_t which = target_of(&s, d, t->request.targets, t->request.n_targets);
		if (which == t->request.n_targets)
			continue;
		t->of[t->n_of].target = (uint32_t)which;
		traced_look_at_inode(
			&t->of[t->n_of], s.tables[s.fds[d->first].table].pid, s.fds[d->first].fd);
		add_holders(t, &s, d, (uint32_t)t->n_of++);
	}
	int saved = errno;
	share_free(&s);
	errno = saved;
	return done;
}

/* --- to whom it is passed ------------------------------------------------------------------------ */

static bool is_socket(const void *data, const struct scan_fd *f)
{
	return f->ino == *(const ino_t *)data && S_ISSOCK(f->perm);
}

static ino_t peer_of(ino_t ino)
{
	struct diag_sockets all = {0};
	const struct diag_socket *one;
	ino_t peer;

	diag_read(&all, DIAG_UNIX);
	one = diag_find(&all, ino);
	peer = one ? one->peer : 0;
	diag_free(&all);
	return peer;
}

/* Before the message is sent, so that its receipt is seen. */
void traced_seize_receivers(struct by_ptrace *t, pid_t pid, int sock)
{
	struct scan scan = {0};
	struct statx sx;
	ino_t peer = inode_look_fd(pid, sock, &sx) == 0 ? peer_of(sx.stx_ino) : 0;

	if (peer && scan_others(&scan, &(struct scan_only){is_socket, &peer}) == 0)
		for (size_t i = 0; i < scan.n_fds; i++)
			tracee_seize(t, scan.tables[scan.fds[i].table].pid);
	scan_free(&scan);
}
