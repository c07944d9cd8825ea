/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds TARGETs without taking them: see find.h. */
#include "cmd/client/find.h"
#include "cmd/client/failed.h"
#include "cmd/client/target.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- words ------------------------------------------------------------------------------ */

static bool is_pid(const char *word, pid_t *pid)
{
	const char *fault;

	*pid = (pid_t)strtonum(word, 1, INT_MAX, &fault);
	return !fault;
}

/* The path of file:PATH, or NULL. */
static const char *file_path(const char *word)
{
	static const char prefix[] = "file:";

	return text_begins(word, prefix) ? word + sizeof(prefix) - 1 : NULL;
}

/* A word with a slash, but for @RAW, which may have any bytes. */
static bool is_path(const char *word)
{
	return *word != '@' && strchr(word, '/');
}

static const char *word_fault(const char *word)
{
	const char *path = file_path(word);
	pid_t pid;

	if (path)
		return *path ? NULL : "needs a path after the colon";
	return is_pid(word, &pid) || is_path(word) ? NULL : target_fault(word);
}

const char *targets_add(struct targets *t, const char *word)
{
	words_add(&t->words, word);
	return word_fault(word);
}

/* A target of the word that is being looked up. */
static void add(struct targets *t, struct share_target one, size_t word)
{
	t->v = must_grow(t->v, t->n, sizeof(*t->v));
	t->word = must_grow(t->word, t->n, sizeof(*t->word));
	t->v[t->n] = one;
	t->word[t->n++] = word;
}

/* --- offers ------------------------------------------------------------------------------ */

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
static enum status only_server_knows(const char *word)
{
	report(STATUS_FAIL, word, "only its server knows which descriptor it offers", 0);
	report_hint("take it: fdtool grab %s -- fdtool %s fd:3", text_show(word), report_command());
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

/* The kernel's tables show who offers a name: no server notices, and no grant is used up. */
static enum status find_offer(struct targets *t, size_t i)
{
	const char *word = t->words.v[i];
	struct catalog c;
	enum status st = STATUS_OK;

	if (*word == '@')
		return catalog_accepts(word) < 0 ? report_nobody(word) : only_server_knows(word);
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
		add(t, (struct share_target){.pid = e->pid, .fd = e->fd}, i);
	catalog_free(&c);
	return st;
}

/* --- files ------------------------------------------------------------------------------- */

static enum status no_file(const char *word)
{
	int err = errno;

	if (err == ENOENT || err == ENOTDIR)
		return report(STATUS_NOBODY, word, "no such file", err);
	report(STATUS_FAIL, word, "look it up", err);
	if (err == EACCES)
		report_hint("this needs search permission on each directory of its path");
	return STATUS_FAIL;
}

/* Eventfds, timerfds and so on have one inode in common. */
static enum status no_inode(const char *word)
{
	report(STATUS_FAIL, word, "has no inode of its own", 0);
	report_hint("a descriptor is PID:FD: fdtool %s 1234:5", report_command());
	return STATUS_FAIL;
}

/* file:PATH, or a word with a slash, which may be the socket of an offer instead. */
static enum status find_file(struct targets *t, size_t i)
{
	const char *word = t->words.v[i], *path = file_path(word);
	struct statx sx;

	if (inode_look(AT_FDCWD, path ? path : word, STATX_TYPE | STATX_INO, &sx) < 0)
		return no_file(word);
	if (S_ISSOCK(sx.stx_mode) && !path)
		return only_server_knows(word);
	if (!(sx.stx_mode & S_IFMT))
		return no_inode(word);
	add(t, (struct share_target){.fd = -1, .dev = inode_dev(&sx), .ino = sx.stx_ino}, i);
	return STATUS_OK;
}

/* --- processes and descriptors ----------------------------------------------------------- */

/* /proc has a directory for each thread, too, but lists only processes. */
static enum status find_process(struct targets *t, size_t i, pid_t pid)
{
	const char *word = t->words.v[i];
	long process = proc_status(pid, "Tgid");

	if (process > 0 && process != pid) {
		report(STATUS_NOBODY, word, "is a thread, not a process", 0);
		report_hint("its process: fdtool %s %ld", report_command(), process);
		return STATUS_NOBODY;
	}
	add(t, (struct share_target){.pid = pid, .fd = -1}, i);
	return STATUS_OK;
}

/* A descriptor that fdtool opened itself does not count. */
static enum status find_descriptor(struct targets *t, size_t i, const struct source *s)
{
	bool own = s->kind == SOURCE_FD;

	if (own && !fd_is_inherited(s->fd))
		return report(STATUS_NOBODY, t->words.v[i], "no such descriptor", EBADF);
	add(t, (struct share_target){.pid = own ? getpid() : s->pid, .fd = s->fd}, i);
	return STATUS_OK;
}

/* --- all words --------------------------------------------------------------------------- */

static enum status find_word(struct targets *t, size_t i)
{
	const char *word = t->words.v[i];
	struct source source;
	pid_t pid;

	if (is_pid(word, &pid))
		return find_process(t, i, pid);
	if (file_path(word) || is_path(word))
		return find_file(t, i);
	if (target_is_direct(word, &source))
		return find_descriptor(t, i, &source);
	return find_offer(t, i);
}

enum status targets_find(struct targets *t)
{
	enum status st = STATUS_OK;

	t->n = 0;
	for (size_t i = 0; i < t->words.n && st == STATUS_OK; i++)
		st = find_word(t, i);
	return st;
}

const char *targets_word(const struct targets *t, const struct share_target *of)
{
	return t->words.v[t->word[of - t->v]];
}

void targets_free(struct targets *t)
{
	free(t->words.v);
	free(t->v);
	free(t->word);
	*t = (struct targets){0};
}

/* --- whoever has an inode open ----------------------------------------------------------- */

bool targets_have_inodes(const struct targets *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (share_is_inode(&t->v[i]))
			return true;
	return false;
}

static bool is_held(const struct targets *t, size_t word, const struct share *s)
{
	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; t->word[i] == word && k < s->n_descriptions; k++)
			if (share_has_inode(&s->descriptions[k], &t->v[i]))
				return true;
	return false;
}

static enum status report_unheld(const char *word, const struct share *s)
{
	bool all = share_all_seen(s);

	report(STATUS_NOBODY, word,
		all ? "nobody has it open" : "no process that can be inspected has it open", 0);
	if (!all && geteuid() != 0)
		report_hint("root sees all: sudo fdtool %s %s", report_command(), text_show(word));
	return STATUS_NOBODY;
}

enum status targets_unheld(const struct targets *t, const struct share *s)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < t->n; i++) {
		size_t word = t->word[i];
		bool said = i && t->word[i - 1] == word;
		if (share_is_inode(&t->v[i]) && !said && !is_held(t, word, s))
			st = report_unheld(t->words.v[word], s);
	}
	return st;
}

/* In the place of an inode come its descriptions. */
static void resolve_one(
	struct targets *to, const struct targets *t, size_t i, const struct share *s)
{
	if (!share_is_inode(&t->v[i])) {
		add(to, t->v[i], t->word[i]);
		return;
	}
	for (size_t k = 0; k < s->n_descriptions; k++) {
		const struct share_fd *fd = &s->fds[s->descriptions[k].first];
		const struct share_target one = {.pid = s->tables[fd->table].pid, .fd = fd->fd};
		if (share_has_inode(&s->descriptions[k], &t->v[i]))
			add(to, one, t->word[i]);
	}
}

static enum status resolve_all(struct targets *t, const struct share *s)
{
	struct targets to = {0};

	for (size_t i = 0; i < t->n; i++)
		resolve_one(&to, t, i, s);
	enum status st = targets_unheld(t, s);
	to.words = t->words;
	t->words = (struct words){0};
	targets_free(t);
	*t = to;
	return st;
}

enum status targets_resolve(struct targets *t)
{
	const struct share_request request = {
		.targets = t->v, .n_targets = t->n, .need = SHARE_INODE};
	const struct share_target *fault = NULL;
	struct share s;
	enum status st;

	if (!targets_have_inodes(t))
		return STATUS_OK;
	if (share_look(&request, &s, &fault) < 0)
		st = target_unseen(fault ? targets_word(t, fault) : "/proc");
	else
		st = resolve_all(t, &s);
	share_free(&s);
	return st;
}

enum status target_unseen(const char *word)
{
	int err = errno;

	if (err == ESRCH)
		return report(STATUS_NOBODY, word, "no such process", err);
	if (err == EBADF)
		return report(STATUS_NOBODY, word, "no such descriptor", err);
	report_look(word, "look at the process's descriptors");
	if (err == EACCES || err == EPERM)
		report_hint("this needs ptrace permission: the same user and dumpable, "
			    "or CAP_SYS_PTRACE");
	return STATUS_FAIL;
}
