/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds a TARGET without taking it: see find.h. */
#include "cmd/client/find.h"
#include "cmd/client/acquire.h"
#include "cmd/client/target.h"
#include "lib/base/fd.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/pass/catalog.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_pid(const char *word, pid_t *pid)
{
	const char *fault;

	*pid = (pid_t)strtonum(word, 1, INT_MAX, &fault);
	return !fault;
}

const char *target_find_fault(const char *word)
{
	pid_t pid;

	return is_pid(word, &pid) ? NULL : target_fault(word);
}

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
static enum status not_a_name(const char *word)
{
	struct stat st;

	if ((*word == '@' ? catalog_accepts(word) : stat(word, &st)) < 0)
		return report_nobody(word);
	if (*word != '@' && !S_ISSOCK(st.st_mode)) {
		report(STATUS_FAIL, word, "is a file, not the socket of an offer", 0);
		report_hint("'fdtool inspect fd:0 <%s' shows who else has it open", text_show(word));
		return STATUS_FAIL;
	}
	report(STATUS_FAIL, word, "only its server knows which descriptor it offers", 0);
	report_hint("take it: fdtool grab %s -- fdtool %s fd:3", text_show(word), report_command());
	return STATUS_FAIL;
}

/* The kernel's tables show who offers a name: no server notices, and no grant is used up. */
static enum status find_offer(const char *word, struct share_target *of)
{
	struct catalog c;
	enum status st = STATUS_OK;

	if (catalog_names(&c) < 0)
		return report(STATUS_FAIL, "/proc/net/unix", "read", errno);
	const struct catalog_entry *e = catalog_find(&c, word);
	if (e) {
		catalog_owners(&c);
		*of = (struct share_target){e->pid, e->fd};
		if (!e->pid || e->fd < 0)
			st = no_number(word, e->pid);
	} else if (addr_name_fault(word)) {
		st = not_a_name(word);
	} else {
		errno = ECONNREFUSED;
		st = report_nobody(word);
	}
	catalog_free(&c);
	return st;
}

enum status target_find(const char *word, struct share_target *of)
{
	struct source source;

	of->fd = -1;
	if (is_pid(word, &of->pid))
		return STATUS_OK;
	if (!target_is_direct(word, &source))
		return find_offer(word, of);
	/* a descriptor that fdtool opened itself does not count */
	if (source.kind == SOURCE_FD && !fd_is_inherited(source.fd))
		return report(STATUS_NOBODY, word, "no such descriptor", EBADF);
	*of = (struct share_target){source.kind == SOURCE_FD ? getpid() : source.pid, source.fd};
	return STATUS_OK;
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
