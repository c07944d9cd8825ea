/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sources that the kernel makes anew and that have no name: eventfd: and its like. */
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/base/times.h"
#include "lib/base/uapi.h"
#include "lib/pass/source-forms.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* --- parsing ----------------------------------------------------------------- */

const char *source_parse_count(const char *rest, struct source *s)
{
	const char *fault;

	if (!*rest)
		return NULL;
	s->count = (unsigned int)strtonum(rest, 0, UINT_MAX - 1, &fault);
	return fault ? "needs a count from 0 to 4294967294 after the colon" : NULL;
}

const char *source_parse_interval(const char *rest, struct source *s)
{
	if (time_parse(rest, &s->period) < 0 || s->period == 0)
		return "needs an interval after the colon, such as 250ms or 2s";
	return NULL;
}

const char *source_parse_signals(const char *rest, struct source *s)
{
	char name[16];

	sigemptyset(&s->signals);
	for (const char *p = rest;; p++) {
		size_t len = strcspn(p, ",");
		snprintf(name, sizeof(name), "%.*s", (int)len, p);
		int signo = len < sizeof(name) ? names_signal_number(name) : 0;
		if (!signo || sigaddset(&s->signals, signo) < 0)
			return "needs names of signals after the colon, such as USR1,HUP";
		if (signo == SIGKILL || signo == SIGSTOP)
			return "has KILL or STOP, which no process can receive";
		p += len;
		if (!*p)
			return NULL;
	}
}

const char *source_parse_watched(const char *rest, struct source *s)
{
	s->path = rest;
	return *rest ? NULL : "needs a path after the colon";
}

const char *source_parse_pid(const char *rest, struct source *s)
{
	const char *fault;

	s->pid = (pid_t)strtonum(rest, 1, INT_MAX, &fault);
	return fault ? "needs a pid after the colon" : NULL;
}

const char *source_parse_label(const char *rest, struct source *s)
{
	s->path = *rest ? rest : "fdtool";
	return strlen(s->path) > 249 ? "has a label longer than 249 bytes" : NULL;
}

/* --- opening ----------------------------------------------------------------- */

int source_require_mode(int fd, const struct source_opts *opts)
{
	if (fd >= 0 && opts->mode >= 0 && (fcntl(fd, F_GETFL) & O_ACCMODE) != opts->mode) {
		fd_close(&fd);
		errno = EINVAL;
	}
	return fd;
}

int source_open_eventfd(struct source *s, const struct source_opts *opts)
{
	return source_require_mode(eventfd(s->count, EFD_CLOEXEC), opts);
}

int source_open_timerfd(struct source *s, const struct source_opts *opts)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	struct timespec period = time_spec(s->period);
	struct itimerspec spec = {period, period};

	if (fd >= 0 && timerfd_settime(fd, 0, &spec, NULL) < 0)
		fd_close(&fd);
	return source_require_mode(fd, opts);
}

/*
 * A read returns signals of the process that reads, and only such as are blocked there: so they
 * are blocked here, for one who reads at the server's prompt.
 */
int source_open_signalfd(struct source *s, const struct source_opts *opts)
{
	sigprocmask(SIG_BLOCK, &s->signals, NULL);
	return source_require_mode(signalfd(-1, &s->signals, SFD_CLOEXEC), opts);
}

int source_open_inotify(struct source *s, const struct source_opts *opts)
{
	int fd = inotify_init1(IN_CLOEXEC);

	s->failed = "inotify_add_watch";
	if (fd >= 0 && inotify_add_watch(fd, s->path, IN_ALL_EVENTS) < 0)
		fd_close(&fd);
	return source_require_mode(fd, opts);
}

int source_open_pidfd(struct source *s, const struct source_opts *opts)
{
	s->failed = "pidfd_open";
	return source_require_mode(pidfd_open(s->pid, 0), opts);
}

/* memfd_create(2) opens for reading and writing; another mode takes a second open. */
int source_open_memfd(struct source *s, const struct source_opts *opts)
{
	int fd = memfd_create(s->path, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || opts->mode < 0 || opts->mode == O_RDWR)
		return fd;
	int reopened = fd_reopen(fd, opts->mode);
	fd_close(&fd);
	return reopened;
}
