/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SOURCE, the operand of serve: see source.h. */
#include "lib/pass/source.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static const char *parse_fd(const char *rest, struct source *s)
{
	const char *fault;

	s->fd = (int)strtonum(rest, 0, INT_MAX, &fault);
	return fault ? "needs a descriptor's number after the colon" : NULL;
}

static const char *parse_count(const char *rest, struct source *s)
{
	const char *fault;

	if (!*rest)
		return NULL;
	s->count = (unsigned int)strtonum(rest, 0, UINT_MAX - 1, &fault);
	return fault ? "needs a count from 0 to 4294967294 after the colon" : NULL;
}

static const char *parse_interval(const char *rest, struct source *s)
{
	if (time_parse(rest, &s->period) < 0 || s->period == 0)
		return "needs an interval after the colon, such as 250ms or 2s";
	return NULL;
}

static const char *parse_label(const char *rest, struct source *s)
{
	s->path = *rest ? rest : "fdtool";
	return strlen(s->path) > 249 ? "has a label longer than 249 bytes" : NULL;
}

static const char *parse_period(const char *rest, struct source *s)
{
	s->period = SOURCE_MYPOLL_PERIOD;
	if (*rest && time_parse(rest, &s->period) < 0)
		return "needs a period after the colon, such as 250ms or 2s; 0 is no timer";
	return NULL;
}

static const struct {
	const char *word;
	enum source_kind kind;
	const char *(*parse)(const char *rest, struct source *);
} kinds[] = {
	{"fd:", SOURCE_FD, parse_fd},
	{"eventfd:", SOURCE_EVENTFD, parse_count},
	{"timerfd:", SOURCE_TIMERFD, parse_interval},
	{"memfd:", SOURCE_MEMFD, parse_label},
	{"mypoll:", SOURCE_MYPOLL, parse_period},
};

/* "1234:5". A word such as "12:34:56" is a path. */
static bool parse_pid_fd(const char *word, struct source *s)
{
	size_t digits = strspn(word, "0123456789");
	const char *rest = word + digits + 1;
	char pid[16];
	const char *fault;

	if (digits == 0 || digits >= sizeof(pid) || word[digits] != ':' || !*rest ||
		rest[strspn(rest, "0123456789")])
		return false;
	snprintf(pid, sizeof(pid), "%.*s", (int)digits, word);
	s->kind = SOURCE_PID_FD;
	s->pid = (pid_t)strtonum(pid, 1, INT_MAX, &fault);
	return !fault && !parse_fd(rest, s);
}

const char *source_parse(const char *word, struct source *s)
{
	*s = (struct source){.kind = SOURCE_PATH, .word = word, .path = word, .fd = -1};
	if (!*word)
		return "is empty";
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		size_t len = strlen(kinds[i].word);
		if (strncmp(word, kinds[i].word, len) == 0) {
			s->kind = kinds[i].kind;
			return kinds[i].parse(word + len, s);
		}
	}
	if (!parse_pid_fd(word, s))
		s->kind = SOURCE_PATH;
	return NULL;
}

char *source_name(const struct source *s)
{
	if (s->kind != SOURCE_PATH) {
		char *name = must_strdup(s->word);
		name[strcspn(name, ":")] = '\0';
		return name;
	}
	const char *slash = strrchr(s->path, '/');
	return must_strdup(slash ? slash + 1 : s->path);
}

/* memfd_create(2) opens for reading and writing; another mode takes a second open. */
static int open_memfd(const struct source *s, int mode)
{
	int fd = memfd_create(s->path, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || mode < 0 || mode == O_RDWR)
		return fd;
	int reopened = fd_reopen(fd, mode);
	fd_close(&fd);
	return reopened;
}

static int open_timerfd(const struct source *s)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct timespec period = time_spec(s->period);
	struct itimerspec spec = {period, period};

	if (fd >= 0 && timerfd_settime(fd, 0, &spec, NULL) < 0)
		fd_close(&fd);
	return fd;
}

/* A descriptor whose mode cannot be chosen: fails with EINVAL if it has another one. Takes fd. */
static int require_mode(int fd, int mode)
{
	if (fd >= 0 && mode >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) != mode) {
		fd_close(&fd);
		errno = EINVAL;
	}
	return fd;
}

int source_open(const struct source *s, const struct source_opts *opts)
{
	switch (s->kind) {
	case SOURCE_PATH: {
		int mode = opts->mode < 0 ? O_RDONLY : opts->mode;
		return open(s->path, mode | opts->flags | O_CLOEXEC | O_NOCTTY, opts->perm);
	}
	case SOURCE_FD:
		if (!fd_is_inherited(s->fd)) {
			errno = EBADF;
			return -1;
		}
		return require_mode(fcntl(s->fd, F_DUPFD_CLOEXEC, 3), opts->mode);
	case SOURCE_PID_FD:
		return require_mode(desc_getfd(s->pid, s->fd), opts->mode);
	case SOURCE_EVENTFD:
		return require_mode(eventfd(s->count, EFD_CLOEXEC), opts->mode);
	case SOURCE_TIMERFD:
		return require_mode(open_timerfd(s), opts->mode);
	case SOURCE_MEMFD:
		return open_memfd(s, opts->mode);
	case SOURCE_MYPOLL:
		break;
	}
	errno = EINVAL;
	return -1;
}

static int hazard_of_socket(int fd, const char **hazard)
{
	int domain;
	socklen_t len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return -1;
	*hazard = domain == AF_UNIX ? "unix" : NULL;
	return 0;
}

int source_hazard(int fd, const char **hazard)
{
	struct statx sx;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || inode_look_fd(0, fd, &sx) < 0)
		return -1;
	if (!(flags & O_PATH) && S_ISSOCK(sx.stx_mode))
		return hazard_of_socket(fd, hazard);
	*hazard = flags & O_PATH ? "o_path" : S_ISDIR(sx.stx_mode) ? "directory" : NULL;
	return 0;
}
