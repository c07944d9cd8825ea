/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SOURCE, the operand of serve: see source.h. */
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"
#include "lib/pass/source-forms.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the words ---------------------------------------------------------------- */

static const char *parse_fd(const char *rest, struct source *s)
{
	const char *fault;

	s->fd = (int)strtonum(rest, 0, INT_MAX, &fault);
	return fault ? "needs a descriptor's number after the colon" : NULL;
}

static const char *parse_period(const char *rest, struct source *s)
{
	s->period = SOURCE_MYPOLL_PERIOD;
	if (*rest && time_parse(rest, &s->period) < 0)
		return "needs a period after the colon, such as 250ms or 2s; 0 is no timer";
	return NULL;
}

static int open_inherited(struct source *s, const struct source_opts *opts)
{
	s->failed = "fcntl";
	if (!fd_is_inherited(s->fd)) {
		errno = EBADF;
		return -1;
	}
	return source_require_mode(fcntl(s->fd, F_DUPFD_CLOEXEC, 3), opts);
}

const struct source_form source_forms[] = {
	{"fd:", "N", "an inherited descriptor", SOURCE_FD, parse_fd, open_inherited},
	{"eventfd:", "[COUNT]", "a counter", SOURCE_EVENTFD, source_parse_count, source_open_eventfd},
	{"timerfd:", "INTERVAL", "a timer", SOURCE_TIMERFD, source_parse_interval,
		source_open_timerfd},
	{"signalfd:", "SIG,...", "signals of the process that reads", SOURCE_SIGNALFD,
		source_parse_signals, source_open_signalfd},
	{"inotify:", "PATH", "what happens to a file or directory", SOURCE_INOTIFY,
		source_parse_watched, source_open_inotify},
	{"pidfd:", "PID", "a process", SOURCE_PIDFD, source_parse_pid, source_open_pidfd},
	{"memfd:", "[LABEL]", "an empty file in memory", SOURCE_MEMFD, source_parse_label,
		source_open_memfd},
	{"tcp:", "[HOST:]PORT", "a listening TCP socket", SOURCE_TCP, source_parse_inet,
		source_open_inet, true},
	{"udp:", "[HOST:]PORT", "a bound UDP socket", SOURCE_UDP, source_parse_inet,
		source_open_inet, true},
	{"unix:", "PATH or @NAME", "a listening AF_UNIX stream socket", SOURCE_UNIX,
		source_parse_unix, source_open_unix, true},
	{"pair:", "[TYPE]", "a socket whose other end stays here: seqpacket, stream, dgram",
		SOURCE_PAIR, source_parse_pair, source_open_pair, true},
	{"pipe:", "", "a pipe's end to read from, or with -m w the other", SOURCE_PIPE,
		source_parse_pipe, source_open_pipe, true},
	{"mypoll:", "[PERIOD]", "a stand-in for /dev/mypoll", SOURCE_MYPOLL, parse_period, NULL, true},
	{NULL, NULL, NULL, SOURCE_PATH, NULL, NULL},
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
	*s = (struct source){.kind = SOURCE_PATH, .word = word, .path = word, .fd = -1, .kept = -1};
	if (!*word)
		return "is empty";
	for (const struct source_form *f = source_forms; f->word; f++) {
		size_t len = strlen(f->word);
		if (strncmp(word, f->word, len) == 0) {
			s->kind = f->kind;
			s->form = f;
			return f->parse(word + len, s);
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

/* --- opening ------------------------------------------------------------------- */

static int open_path(struct source *s, const struct source_opts *opts)
{
	int mode = opts->mode < 0 ? O_RDONLY : opts->mode;

	s->failed = "open";
	return open(s->path, mode | opts->flags | O_CLOEXEC | O_NOCTTY, opts->perm);
}

int source_open(struct source *s, const struct source_opts *opts)
{
	s->failed = "open";
	if (s->kind == SOURCE_PATH)
		return open_path(s, opts);
	if (s->kind == SOURCE_PID_FD) {
		s->failed = "pidfd_getfd";
		return source_require_mode(desc_getfd(s->pid, s->fd), opts);
	}
	if (s->form->open)
		return s->form->open(s, opts);
	errno = EINVAL;
	return -1;
}

/* --- hazards --------------------------------------------------------------------- */

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
