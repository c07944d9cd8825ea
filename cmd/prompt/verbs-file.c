/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt about files and descriptors: locks, size, duplicates, seals. */
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/verbs.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/release.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* --- lock ------------------------------------------------------------------------ */

/*
 * fdinfo has the locks of this description, and no others: "lock:	1: FLOCK  ADVISORY  WRITE 4711 ...". The
 * pid there is that of the process that made the call, our child.
 */
static enum status show_locks(struct session *s)
{
	char path[64];
	size_t len, shown = 0;
	char *text = proc_read_all(desc_proc_path(0, "fdinfo", s->fd, path, sizeof(path)), &len);

	if (!text)
		return report_look(s->name, "read its fdinfo");
	for (char *line = text, *next; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		char kind[16], force[16], what[16];
		if (sscanf(line, "lock: %*d: %15s %15s %15s", kind, force, what) != 3)
			continue;
		printf("%s %s %s\n", kind, force, what);
		shown++;
	}
	free(text);
	if (shown == 0)
		puts("no lock is held by this description");
	return STATUS_OK;
}

static int lock(int fd, long long operation)
{
	return flock(fd, (int)operation);
}

/* flock(2) waits for other holders: the child has the same description, so the lock is ours. */
enum status verb_lock(struct session *s, const struct operands *o)
{
	static const int operations[] = {LOCK_SH, LOCK_EX, LOCK_UN};
	struct call call;
	char name[NAMES_MAX];

	if (o->choice < 0)
		return show_locks(s);
	int operation = operations[o->choice];
	call_begin(&call, s, "flock");
	int done = interruptible_call(s, lock, operation);
	int err = done < 0 ? errno : 0;
	printf("flock(%d, %s)", s->fd, names_bits(names_flock, (uint64_t)operation, name, sizeof(name)));
	return call_end(&call, done, err, NULL);
}

/* --- truncate -------------------------------------------------------------------- */

static int truncate_to(int fd, long long size)
{
	return ftruncate(fd, size);
}

enum status verb_truncate(struct session *s, const struct operands *o)
{
	struct call call;

	call_begin(&call, s, "ftruncate");
	int done = interruptible_call(s, truncate_to, o->number[0]);
	int err = done < 0 ? errno : 0;
	printf("ftruncate(%d, %lld)", s->fd, o->number[0]);
	return call_end(&call, done, err, NULL);
}

/* --- the descriptor, not the description -------------------------------------------- */

enum status verb_dup(struct session *s, const struct operands *o)
{
	static const char *const details[] = {[DESC_SAME] = "(the same description; closed again)",
		[DESC_DIFFERENT] = "(another description; closed again)",
		[DESC_UNKNOWN] = "(closed again)"};
	struct call call;

	(void)o;
	call_begin(&call, s, "fcntl");
	int fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
	int err = fd < 0 ? errno : 0;
	printf("fcntl(%d, F_DUPFD_CLOEXEC, 0)", s->fd);
	enum status st = call_end(&call, fd, err, err ? NULL : details[desc_same(getpid(), s->fd, getpid(), fd)]);
	release_fd(&fd);
	return st;
}

enum status verb_cloexec(struct session *s, const struct operands *o)
{
	struct call call;

	if (o->choice < 0) {
		int flags = fcntl(s->fd, F_GETFD);
		printf("fcntl(%d, F_GETFD) = %s\n", s->fd, flags & FD_CLOEXEC ? "FD_CLOEXEC" : "0");
		return STATUS_OK;
	}
	bool on = o->choice == 0;
	call_begin(&call, s, "fcntl");
	int done = fcntl(s->fd, F_SETFD, on ? FD_CLOEXEC : 0);
	int err = done < 0 ? errno : 0;
	printf("fcntl(%d, F_SETFD, %s)", s->fd, on ? "FD_CLOEXEC" : "0");
	return call_end(&call, done, err, err ? NULL : "(of this descriptor only)");
}

/* --- seals --------------------------------------------------------------------------- */

/* Takes "+write" out of *rest. Returns NULL, or what is wrong with the word. */
static const char *take_seal(const char **rest, char *word, size_t size, uint64_t *seals)
{
	uint64_t seal = 0;

	if (!operand_word(rest, word, size)) {
		strcpy(word, "it");
		return "is too long";
	}
	if (*word != '+')
		return "must begin with +: a seal is never taken off";
	if (!names_number(names_seals, "F_SEAL_", word + 1, strlen(word + 1), &seal))
		return "must be seal, shrink, grow, write, future_write or exec";
	*seals |= seal;
	return NULL;
}

enum status check_seals(struct session *s, const struct verb *v, const struct operands *o)
{
	const char *rest = o->rest, *fault = NULL;
	char word[32];
	uint64_t seals = 0;

	while (!fault && *rest)
		fault = take_seal(&rest, word, sizeof(word), &seals);
	return fault ? operands_misused(s, v, word, fault) : STATUS_OK;
}

static enum status show_seals(struct session *s)
{
	struct call call;
	char names[NAMES_MAX];

	call_begin(&call, s, "F_GET_SEALS");
	int seals = fcntl(s->fd, F_GET_SEALS);
	int err = seals < 0 ? errno : 0;
	printf("fcntl(%d, F_GET_SEALS)", s->fd);
	return call_end(&call, seals, err,
		seals > 0 ? names_bits(names_seals, (uint64_t)seals, names, sizeof(names)) : NULL);
}

enum status verb_seals(struct session *s, const struct operands *o)
{
	struct call call;
	char word[32], names[NAMES_MAX];
	uint64_t seals = 0;

	if (!*o->rest)
		return show_seals(s);
	for (const char *rest = o->rest; *rest;)
		take_seal(&rest, word, sizeof(word), &seals);
	call_begin(&call, s, "F_ADD_SEALS");
	int done = fcntl(s->fd, F_ADD_SEALS, (int)seals);
	int err = done < 0 ? errno : 0;
	printf("fcntl(%d, F_ADD_SEALS, %s)", s->fd, names_bits(names_seals, seals, names, sizeof(names)));
	return call_end(&call, done, err, NULL);
}
