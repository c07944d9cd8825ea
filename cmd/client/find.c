/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds TARGETs without taking them: see find.h. */
#include "cmd/client/find-internal.h"
#include "cmd/client/find.h"
#include "cmd/client/target.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- words ------------------------------------------------------------------------------ */

static bool is_pid(const char *word, pid_t *pid)
{
	const char *fault;

	*pid = (pid_t)strtonum(word, 1, INT_MAX, &fault);
	return !fault;
}

const char *find_file_path(const char *word)
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
	const char *path = find_file_path(word);
	struct port port;
	pid_t pid;

	if (port_is(word))
		return port_parse(word, &port);
	if (path)
		return *path ? NULL : "needs a path after the colon";
	return is_pid(word, &pid) || is_path(word) ? NULL : target_fault(word);
}

const char *targets_add(struct targets *t, const char *word)
{
	words_add(&t->words, word);
	return word_fault(word);
}

void find_add(struct targets *t, struct share_target one, size_t word)
{
	t->v = must_grow(t->v, t->n, sizeof(*t->v));
	t->word = must_grow(t->word, t->n, sizeof(*t->word));
	t->v[t->n] = one;
	t->word[t->n++] = word;
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
	if (proc_is_zombie(pid))
		return target_ended(word, pid);
	find_add(t, (struct share_target){.pid = pid, .fd = -1}, i);
	return STATUS_OK;
}

/* A descriptor that fdtool opened itself does not count. */
static enum status find_descriptor(struct targets *t, size_t i, const struct source *s)
{
	bool own = s->kind == SOURCE_FD;

	if (own && !fd_is_inherited(s->fd))
		return report(STATUS_NOBODY, t->words.v[i], "no such descriptor", EBADF);
	if (!own && proc_is_zombie(s->pid))
		return target_ended(t->words.v[i], s->pid);
	find_add(t, (struct share_target){.pid = own ? getpid() : s->pid, .fd = s->fd}, i);
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
	if (port_is(word))
		return find_port(t, i);
	if (find_file_path(word) || is_path(word))
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
