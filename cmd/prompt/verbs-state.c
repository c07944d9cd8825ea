/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt about the description's state: its offset, flags, type, readiness. */
#include "cmd/cli/whence.h"
#include "cmd/cli/wrap.h"
#include "cmd/prompt/call.h"
#include "cmd/prompt/flag-words.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/verbs.h"
#include "cmd/view/limits.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum status verb_lseek(struct session *s, const struct operands *o)
{
	struct call call;
	long long off = o->number[0];
	int whence = o->n_numbers == 0 ? SEEK_CUR : o->choice < 0 ? SEEK_SET : whences[o->choice].value;

	call_begin(&call, s, "lseek");
	interruptible_signals(true);
	int64_t at;
	int err = desc_seek(s->fd, off, whence, &at) < 0 ? errno : 0;
	interruptible_signals(false);
	printf("lseek(%d, %lld, %s)", s->fd, off, names_find(names_whence, (uint64_t)whence));
	return call_end(&call, at, err, NULL);
}

/* Returns NULL, or what is wrong with the word. */
static const char *change_flag(const char *word, int *flags)
{
	int flag = flag_find(word + 1, strlen(word + 1));

	if (*word != '+' && *word != '-')
		return "must begin with + or -";
	if (*word == '+')
		*flags |= flag;
	else
		*flags &= ~flag;
	return flag ? NULL : flag_fault();
}

enum status check_flags(struct session *s, const struct verb *v, const struct operands *o)
{
	const char *rest = o->rest, *fault = NULL;
	char word[32];
	int flags = 0;

	while (!fault && operand_word(&rest, word, sizeof(word)))
		fault = change_flag(word, &flags);
	if (!fault && *rest) {
		snprintf(word, sizeof(word), "%s", rest);
		fault = "is too long";
	}
	return fault ? operands_misused(s, v, word, fault) : STATUS_OK;
}

enum status verb_flags(struct session *s, const struct operands *o)
{
	struct call call;
	char word[32], names[NAMES_MAX];
	int flags = fcntl(s->fd, F_GETFL);
	const char *rest = o->rest;

	while (operand_word(&rest, word, sizeof(word)))
		change_flag(word, &flags);
	names_flags(flags, names, sizeof(names));
	if (!*o->rest) {
		printf("fcntl(%d, F_GETFL) = %s\n", s->fd, names);
		return STATUS_OK;
	}
	call_begin(&call, s, "fcntl");
	int done = fcntl(s->fd, F_SETFL, flags);
	int err = done < 0 ? errno : 0;
	printf("fcntl(%d, F_SETFL, %s)", s->fd, names);
	bool moved = fcntl(s->fd, F_GETFL) != s->before.flags;
	return call_end(&call, done, err, err || moved ? NULL : "  nothing changed");
}

/* "regular, 12 bytes, inode 7 on 8:1, ...". The caller frees. */
static char *type_and_inode(const struct session *s, const struct desc *d)
{
	struct statx sx;

	if (inode_look_fd(0, s->fd, &sx) < 0)
		return must_strdup(d->type);
	return must_printf("%s, %llu bytes, inode %llu on %u:%u, permissions %04o, user %u, group %u", d->type,
		(unsigned long long)sx.stx_size, (unsigned long long)sx.stx_ino, sx.stx_dev_major,
		sx.stx_dev_minor, sx.stx_mode & 07777U, sx.stx_uid, sx.stx_gid);
}

enum status verb_stat(struct session *s, const struct operands *o)
{
	struct desc d;
	char flags[NAMES_MAX];

	(void)o;
	if (desc_look(0, s->fd, &d) < 0)
		return report_look(s->name, "look at the descriptor");
	char *type = type_and_inode(s, &d);
	printf("path   %s\ntype   ", text_show(d.path));
	wrap_print(7, 7, type);
	free(type);
	printf("flags  %s\n", names_flags(d.flags, flags, sizeof(flags)));
	if (d.pos == DESC_NO_POS)
		puts("pos    none (ESPIPE)");
	else
		printf("pos    %" PRId64 "\n", d.pos);
	return STATUS_OK;
}

enum status verb_wait(struct session *s, const struct operands *o)
{
	struct call call;
	char names[NAMES_MAX];

	call_begin(&call, s, "epoll_ctl");
	int64_t events = interruptible_wait(s, s->fd, EPOLLIN | EPOLLPRI | EPOLLRDHUP, o->ns);
	int err = events < 0 ? errno : 0;
	if (err == EPERM) {
		printf("epoll_ctl(EPOLL_CTL_ADD, %d)", s->fd);
		return call_end(&call, -1, err, NULL);
	}
	call.name = "epoll_wait";
	printf("epoll_wait(%d)", s->fd);
	if (events > 0)
		names_bits(names_epoll, (uint64_t)events, names, sizeof(names));
	enum status st = call_end(&call, events > 0 ? 1 : events, err, events > 0 ? names : NULL);
	return events == 0 ? session_fail(s, "the time is up") : st;
}

enum status verb_limits(struct session *s, const struct operands *o)
{
	(void)o;
	return limits_print(s->fd, s->name);
}
