/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How serve opens its sources and binds their names. */
#include "cmd/client/failed.h"
#include "cmd/client/source-failed.h"
#include "cmd/serve/serve.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/peer.h"
#include "lib/base/release.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/pass/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static struct source_opts open_opts(const struct serve *s)
{
	struct source_opts opts = {.mode = s->mode - 1,
		.perm = 0666,
		.backlog = (int)s->backlog,
		.reuseport = s->reuseport};

	opts.flags = (s->append ? O_APPEND : 0) | (s->nonblock ? O_NONBLOCK : 0) |
		    (s->create ? O_CREAT : 0) | (s->trunc ? O_TRUNC : 0) | (s->excl ? O_EXCL : 0);
	if (s->create && *s->create)
		opts.perm = (mode_t)strtoul(s->create, NULL, 8);
	return opts;
}

/* All sources with the same period are opens of one device, so that an event reaches each. */
static struct standin *device_of(struct serve *s, int64_t period)
{
	for (size_t i = 0; i < s->n_devices; i++)
		if (standin_period(s->devices[i]) == period)
			return s->devices[i];
	struct standin *d = standin_new(s->loop, period);
	if (d) {
		s->devices = must_realloc(s->devices, s->n_devices + 1, sizeof(struct standin *));
		s->devices[s->n_devices++] = d;
	}
	return d;
}

static int open_mypoll(struct serve *s, const struct source *source, struct standin **device)
{
	*device = device_of(s, source->period);
	return *device ? standin_open(*device, s->mode ? s->mode - 1 : O_RDONLY, s->nonblock) : -1;
}

/* What does not exist is the file, what it is a link to, or a directory on the way. */
static void hint_at_missing(const char *path)
{
	char *way = must_strdup(path), target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	char *slash = strrchr(way, '/');

	target[n > 0 ? n : 0] = '\0';
	if (slash)
		slash[slash == way] = '\0';
	if (n > 0)
		report_hint("it is a symbolic link to %s", text_show(target));
	else if (slash && access(way, F_OK) < 0)
		report_hint("there is no directory %s", text_show(way));
	else if (!slash || path[strlen(path) - 1] != '/')
		report_hint("--create creates it");
	free(way);
}

static enum status open_failed(const struct serve *s, const struct source *source)
{
	int err = errno;

	if (source->kind != SOURCE_PATH)
		return source_failed(source, err);
	if (err == EINTR && s->timeout && time_now() >= s->deadline)
		return report(STATUS_TIMEOUT, source->word, "the time is up, and open still waits", 0);
	report(STATUS_FAIL, source->word, "open", err);
	if (err == ENOENT && strcmp(source->word, "/dev/mypoll") == 0)
		report_hint("without the driver, 'fdtool serve mypoll:' is a stand-in");
	else if (err == ENOENT)
		hint_at_missing(source->path);
	return STATUS_FAIL;
}

static enum status hazard_fault(const struct serve *s, const char *word, int fd)
{
	static const struct {
		const char *type, *why;
	} reasons[] = {
		{"directory", "a directory gives access to everything below it"},
		{"o_path", "an O_PATH descriptor gives access to what it points to"},
		{"unix", "an AF_UNIX socket can pass further descriptors"},
	};
	const char *hazard;

	if (source_hazard(fd, &hazard) < 0)
		return report(STATUS_REFUSED, word, "what kind of file it is cannot be told", errno);
	for (size_t i = 0; hazard && i < s->types.n; i++)
		if (strcmp(s->types.v[i], hazard) == 0)
			return STATUS_OK;
	for (size_t i = 0; hazard && i < ARRAY_SIZE(reasons); i++)
		if (strcmp(reasons[i].type, hazard) == 0) {
			report(STATUS_REFUSED, word, reasons[i].why, 0);
			report_hint("--allow-type %s offers it all the same", hazard);
			return STATUS_REFUSED;
		}
	return STATUS_OK;
}

/*
 * Whether it was there before, and may be more than its word says. Of a socket that is made here the
 * word says that it is one: unix:, pair:. (The stand-in of mypoll: accepts no descriptors.)
 */
static bool is_found(const struct source *source)
{
	return source->kind == SOURCE_PATH || source->kind == SOURCE_FD ||
	       source->kind == SOURCE_PID_FD;
}

static enum status open_source(struct serve *s, struct source *source, int *fd, struct served *d)
{
	struct source_opts opts = open_opts(s);

	if (source->kind != SOURCE_PATH && (opts.flags & ~O_NONBLOCK))
		return report_usage("%s is not opened by name: --append, --create, --trunc and "
				    "--excl are for paths",
			text_show(source->word));
	if (s->nonblock && source->kind != SOURCE_PATH && !(source->form && source->form->nonblock))
		return report_usage("--nonblock is for paths, sockets, pipe: and mypoll:, not for %s",
			text_show(source->word));
	*fd = source->kind == SOURCE_MYPOLL ? open_mypoll(s, source, &d->device)
					    : source_open(source, &opts);
	if (*fd < 0)
		return open_failed(s, source);
	d->kept = source->kept;
	d->made = source->addr;
	if (source->addr.replaced && !s->quiet)
		report_note("%s: the socket of a server that has ended was there, and is replaced",
			text_show(source->word));
	return is_found(source) ? hazard_fault(s, source->word, *fd) : STATUS_OK;
}

/* The name and the address of source i: from -n a NAME or any ADDRESS, otherwise a default NAME. */
static enum status choose_name(
	const struct serve *s, size_t i, const struct source *source, char **name, struct addr *addr)
{
	bool given = i < s->names.n;
	*name = given ? must_strdup(s->names.v[i]) : source_name(source);
	const char *fault = given ? addr_parse(*name, addr) : addr_name_fault(*name);
	if (!fault && !given)
		fault = addr_parse(*name, addr);
	if (fault)
		return report_usage("the name '%s' %s%s", text_show(*name), fault,
			given ? "" : "; -n gives another");
	return STATUS_OK;
}

static enum status try_narrow(const struct serve *s, const char *word, int fd)
{
	if (!s->narrow || server_try_narrow(fd) == 0)
		return STATUS_OK;
	return report(STATUS_FAIL, word, "--narrow: cannot be opened again for reading", errno);
}

static enum status offer_failed(const struct serve *s, const char *name, const char *word)
{
	const char *call = server_failed(s->server);
	int err = errno;

	if (err == EADDRINUSE)
		return report_in_use(name, "; -n gives another name");
	if (err == EINVAL && strcmp(call, "sendmsg") == 0)
		return report(STATUS_FAIL, word, "the kernel does not pass this descriptor", err);
	if (strcmp(call, "readlink") == 0)
		return report_look(word, "look at the descriptor");
	return report(STATUS_FAIL, name, call, err);
}

/* --- names ----------------------------------------------------------------------- */

struct naming {
	char *name;    /* of the offer */
	char *member;  /* in a group: of this SOURCE */
	int *listener; /* a socket to serve at, which listens already; NULL: addr is to be bound */
	struct addr addr;
};

/* In a group the first NAME is the group's; those after it are its SOURCEs'. */
static enum status choose_member(
	const struct serve *s, size_t i, const struct source *source, char **name)
{
	bool given = i + 1 < s->names.n;

	*name = given ? must_strdup(s->names.v[i + 1]) : source_name(source);
	const char *fault = addr_name_fault(*name);
	if (!fault)
		return STATUS_OK;
	return report_usage("the name '%s' %s%s", text_show(*name), fault,
		given ? "" : "; -n, after that of the group, gives another");
}

static enum status choose_names(
	struct serve *s, size_t i, const struct source *source, struct naming *n)
{
	enum status st = s->group ? choose_member(s, i, source, &n->member) : STATUS_OK;

	if (st != STATUS_OK || (s->group && i > 0))
		return st;
	n->listener = serve_socket_for(s, i);
	return n->listener ? serve_choose_name_at(s, i, *n->listener, &n->name)
			   : choose_name(s, i, source, &n->name, &n->addr);
}

/* --- offers -------------------------------------------------------------------------- */

/* Takes *fd. The first of a group makes the offer, the others are added to it. */
static enum status make_offer(
	struct serve *s, struct served *d, size_t i, const struct naming *n, int *fd)
{
	const char *word = s->sources.v[i];

	d->fd = *fd;
	if (s->group && i > 0) {
		d->offer = s->served[0].offer;
		if (server_add_more(d->offer, n->member, fd) == 0)
			return STATUS_OK;
		if (errno != EMSGSIZE)
			return offer_failed(s, offer_name(d->offer), word);
		report(STATUS_FAIL, offer_name(d->offer), "the names of the group do not fit in one message", errno);
		report_hint("-n, after that of the group, gives shorter ones");
		return STATUS_FAIL;
	}
	d->offer = n->listener ? server_add_at(s->server, n->listener, n->name, fd, s->narrow)
			       : server_add(s->server, &n->addr, n->name, fd, s->narrow);
	if (!d->offer)
		return offer_failed(s, n->name, word);
	if (s->group)
		offer_name_first(d->offer, n->member);
	return STATUS_OK;
}

static enum status add_source(struct serve *s, size_t i)
{
	const char *word = s->sources.v[i];
	struct served *d = &s->served[s->n_served];
	struct source source;
	struct naming n = {0};
	int fd = -1;

	*d = (struct served){.kept = -1};
	source_parse(word, &source);
	enum status st = choose_names(s, i, &source, &n);
	if (st == STATUS_OK)
		st = open_source(s, &source, &fd, d);
	if (st == STATUS_OK)
		st = try_narrow(s, word, fd);
	if (st == STATUS_OK)
		st = make_offer(s, d, i, &n, &fd);
	release_fd(&fd);
	if (st == STATUS_OK) {
		s->n_served++;
		d->name = n.member ? must_printf("%s:%s", offer_name(d->offer), n.member)
				   : must_strdup(n.name);
		moves_begin(&d->known, d->fd);
	} else {
		fd_close(&d->kept);
		addr_unbind(&d->made);
	}
	free(n.name);
	free(n.member);
	return st;
}

static void on_alarm(int signo)
{
	(void)signo;
}

/*
 * Makes a call that waits, as open(2) for the other end of a FIFO, fail with EINTR at the deadline
 * of --timeout, and again after it, since the first signal may come just before the call.
 */
static void set_alarm(int64_t deadline)
{
	int64_t left = deadline - time_now();
	struct timespec first = time_spec(left > 1000 ? left : 1000); /* 0 would be never */
	struct itimerval timer = {.it_interval.tv_usec = 20000};

	TIMESPEC_TO_TIMEVAL(&timer.it_value, &first);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static enum status open_all(struct serve *s)
{
	enum status st = STATUS_OK;

	for (size_t i = 0; i < s->sources.n && st == STATUS_OK; i++)
		st = add_source(s, i);
	return st;
}

enum status serve_open(struct serve *s)
{
	const struct sigaction interrupt = {.sa_handler = on_alarm}; /* without SA_RESTART */
	const struct itimerval never = {0};
	struct sigaction before;

	enum status activated = serve_activate(s);
	if (activated != STATUS_OK)
		return activated;
	s->served = must_calloc(s->sources.n, sizeof(*s->served));
	if (!s->timeout)
		return open_all(s);
	sigaction(SIGALRM, &interrupt, &before);
	set_alarm(s->deadline);
	enum status st = open_all(s);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	return st;
}

enum status serve_listen(struct serve *s)
{
	enum status st = STATUS_OK;

	/* --user may have taken the permission */
	for (size_t i = 0; s->user && i < s->n_served && st == STATUS_OK; i++)
		st = try_narrow(s, s->sources.v[i], s->served[i].fd);
	if (st != STATUS_OK || server_listen(s->server) == 0)
		return st;
	return report(STATUS_FAIL, s->sources.v[0], "listen", errno);
}
