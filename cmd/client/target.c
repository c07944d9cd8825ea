/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a TARGET: see target.h. */
#include "cmd/client/target.h"
#include "lib/base/fd.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"

#include <errno.h>

bool target_is_direct(const char *word, struct source *source)
{
	return !source_parse(word, source) &&
	       (source->kind == SOURCE_FD || source->kind == SOURCE_PID_FD);
}

const char *target_fault(const char *word)
{
	struct source source;
	struct addr addr;

	return target_is_direct(word, &source) ? NULL : addr_parse(word, &addr);
}

enum status target_ended(const char *word, pid_t pid)
{
	long parent = proc_status(pid, "PPid");
	char command[PROC_COMMAND];

	report(STATUS_NOBODY, word, "has ended, and its parent has not waited for it", 0);
	if (parent > 0 && proc_command((pid_t)parent, command))
		report_hint("its parent: %s %ld", text_show(command), parent);
	return STATUS_NOBODY;
}

enum status target_no_descriptor(const struct source *source, int err)
{
	if (source->kind == SOURCE_PID_FD && proc_is_zombie(source->pid))
		return target_ended(source->word, source->pid);
	if (err == EPERM && source->kind == SOURCE_PID_FD) {
		report(STATUS_FAIL, source->word, "pidfd_getfd", err);
		report_hint("taking another process's descriptor needs ptrace permission: "
			    "the same user and dumpable, or CAP_SYS_PTRACE");
		return STATUS_FAIL;
	}
	if (err == EBADF)
		return report(STATUS_NOBODY, source->word, "no such descriptor", err);
	if (err == ESRCH)
		return report(STATUS_NOBODY, source->word, "no such process", err);
	return report(STATUS_FAIL, source->word,
		source->failed, err);
}

enum status target_open(struct target *t, const char *word, const struct acquire_opts *opts)
{
	static const struct source_opts as_it_is = {.mode = -1};
	struct source source;

	*t = (struct target){.word = word, .client = {.fd = -1, .sock = -1}};
	if (!target_is_direct(word, &source))
		return acquire(word, opts, &t->client);
	t->client.fd = source_open(&source, &as_it_is);
	return t->client.fd < 0 ? target_no_descriptor(&source, errno) : STATUS_OK;
}
