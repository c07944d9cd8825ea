/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt about the description's state: its offset, flags, type, readiness. */
#include "cmd/cli/whence.h"
#include "cmd/prompt/call.h"
#include "cmd/prompt/interruptible.h"
#include "cmd/prompt/verbs.h"
#include "cmd/view/limits.h"
#include "lib/base/inode.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

enum status verb_lseek(struct session *s, const char *rest)
{
	struct call call;
	char off_word[32] = "0", whence_word[16] = "cur";
	long long off;

	if (operand_word(&rest, off_word, sizeof(off_word)) &&
		!operand_word(&rest, whence_word, sizeof(whence_word)))
		strcpy(whence_word, "set");
	const struct whence *w = whence_find(whence_word);
	if (!w || !whence_offset(off_word, &off) || *rest)
		return operands_misused("lseek", "[OFFSET [set|cur|end|data|hole]]");
	call_begin(&call, s, "lseek");
	interruptible_signals(true);
	int64_t at;
	int err = desc_seek(s->fd, off, w->value, &at) < 0 ? errno : 0;
	interruptible_signals(false);
	printf("lseek(%d, %lld, %s)", s->fd, off,
		names_find(names_whence, (uint64_t)w->value));
	return call_end(&call, at, err, NULL);
}

/*
 * The flags that F_SETFL sets, for all holders. It ignores O_SYNC, as the access mode and O_TRUNC,
 * and returns 0: "sync" is here to show that.
 */
const struct flag_word flag_words[] = {{"append", O_APPEND}, {"nonblock", O_NONBLOCK},
	{"direct", O_DIRECT}, {"noatime", O_NOATIME}, {"async", O_ASYNC}, {"sync", O_SYNC}, {NULL, 0}};

static bool change_flag(const char *word, int *flags)
{
	for (const struct flag_word *w = flag_words; w->word; w++)
		if (strcmp(w->word, word + 1) == 0) {
			if (word[0] == '+')
				*flags |= w->flag;
			else
				*flags &= ~w->flag;
			return word[0] == '+' || word[0] == '-';
		}
	return false;
}

enum status verb_flags(struct session *s, const char *rest)
{
	struct call call;
	char word[32], names[NAMES_MAX];
	int flags = fcntl(s->fd, F_GETFL);
	bool change = *rest;

	while (operand_word(&rest, word, sizeof(word)))
		if (!change_flag(word, &flags))
			return operands_misused("flags",
				"[+FLAG|-FLAG]...   (FLAG: append, nonblock, direct, noatime, async)");
	names_flags(flags, names, sizeof(names));
	if (!change) {
		printf("fcntl(%d, F_GETFL) = %s\n", s->fd, names);
		return STATUS_OK;
	}
	call_begin(&call, s, "fcntl");
	int done = fcntl(s->fd, F_SETFL, flags);
	int err = done < 0 ? errno : 0;
	printf("fcntl(%d, F_SETFL, %s)", s->fd, names);
	bool moved = fcntl(s->fd, F_GETFL) != call.before.flags;
	return call_end(&call, done, err, err || moved ? NULL : "  nothing changed");
}

enum status verb_stat(struct session *s, const char *rest)
{
	struct desc d;
	struct statx sx;
	char flags[NAMES_MAX];

	if (*rest)
		return operands_misused("stat", "");
	if (desc_look(0, s->fd, &d) < 0)
		return report_look(s->name, "look at the descriptor");
	printf("path   %s\ntype   %s", text_show(d.path), d.type);
	if (inode_look_fd(0, s->fd, &sx) == 0)
		printf(", %llu bytes, inode %llu on %u:%u, permissions %04o, user %u, group %u",
			(unsigned long long)sx.stx_size, (unsigned long long)sx.stx_ino, sx.stx_dev_major,
			sx.stx_dev_minor, sx.stx_mode & 07777U, sx.stx_uid, sx.stx_gid);
	printf("\nflags  %s\n", names_flags(d.flags, flags, sizeof(flags)));
	if (d.pos == DESC_NO_POS)
		puts("pos    none (ESPIPE)");
	else
		printf("pos    %" PRId64 "\n", d.pos);
	return STATUS_OK;
}

enum status verb_wait(struct session *s, const char *rest)
{
	struct call call;
	char word[32], names[NAMES_MAX];
	int64_t ns = NEVER;

	if (operand_word(&rest, word, sizeof(word)) && (time_parse(word, &ns) < 0 || *rest))
		return operands_misused("wait", "[TIME]");
	call_begin(&call, s, "epoll_ctl");
	int64_t events = interruptible_wait(s, s->fd, EPOLLIN | EPOLLPRI | EPOLLRDHUP, ns);
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
	return events == 0 ? STATUS_FAIL : st;
}

enum status verb_limits(struct session *s, const char *rest)
{
	return *rest ? operands_misused("limits", "") : limits_print(s->fd, s->name);
}
