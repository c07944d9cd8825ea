/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * serve as a service that is started by a connection: the sockets that the service manager listens
 * at are the addresses of the offers, by name or in order.
 */
#include "cmd/serve/serve.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/look/diag.h"
#include "lib/pass/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

/* One that a SOURCE fd:N names is to be offered, not to be served at. */
static bool is_source(const struct serve *s, int fd)
{
	struct source source;

	for (size_t i = 0; i < s->sources.n; i++)
		if (!source_parse(s->sources.v[i], &source) && source.kind == SOURCE_FD &&
			source.fd == fd)
			return true;
	return false;
}

static enum status report_unfit(int fd, const char *fault)
{
	char *what = must_printf("descriptor %d %s", fd, fault);

	report(STATUS_FAIL, "LISTEN_FDS", what, 0);
	free(what);
	report_hint("serve needs ListenSequentialPacket= and Accept=no; 'fdtool serve fd:%d' offers that one",
		fd);
	return STATUS_FAIL;
}

enum status serve_activate(struct serve *s)
{
	struct activation *a = &s->activation;
	size_t n = 0;

	activation_take(a);
	for (size_t i = 0; i < a->n; i++) {
		struct activation_socket *one = &a->of[i];
		const char *fault = is_source(s, one->fd) ? NULL : activation_fault(one->fd);
		if (fault)
			return report_unfit(one->fd, fault);
		if (is_source(s, one->fd)) {
			one->fd = -1; /* it stays as it is, for source_open */
			continue;
		}
		fcntl(one->fd, F_SETFD, FD_CLOEXEC);
		n++;
	}
	if (n <= (s->group ? 1 : s->sources.n))
		return STATUS_OK;
	report(STATUS_FAIL, "LISTEN_FDS",
		s->group ? "there are several sockets for one group" : "there are more sockets than SOURCEs", 0);
	return STATUS_FAIL;
}

static bool has_name(const struct serve *s, size_t source, const struct activation_socket *one)
{
	return source < s->names.n && *one->name && strcmp(s->names.v[source], one->name) == 0;
}

/* Whether another SOURCE has the socket by its name. */
static bool is_of_another(const struct serve *s, size_t source, const struct activation_socket *one)
{
	for (size_t i = 0; i < s->names.n; i++)
		if (i != source && has_name(s, i, one))
			return true;
	return false;
}

int *serve_socket_for(struct serve *s, size_t source)
{
	struct activation *a = &s->activation;
	int *next = NULL;

	for (size_t i = 0; i < a->n; i++) {
		struct activation_socket *one = &a->of[i];
		if (one->fd < 0)
			continue;
		if (has_name(s, source, one))
			return &one->fd;
		if (!next && !is_of_another(s, source, one))
			next = &one->fd;
	}
	return next;
}

/* The NAME in the address of a socket that listens already; NULL if it has none. */
static char *name_of_socket(int fd)
{
	static const char prefix[] = "@" ADDR_PREFIX;
	struct diag_socket socket;

	diag_query(fd, &socket);
	if (strncmp(socket.local, prefix, strlen(prefix)) != 0 ||
		addr_name_fault(socket.local + strlen(prefix)))
		return NULL;
	return must_strdup(socket.local + strlen(prefix));
}

enum status serve_choose_name_at(const struct serve *s, size_t i, int listener, char **name)
{
	struct source source;

	*name = i < s->names.n ? must_strdup(s->names.v[i]) : name_of_socket(listener);
	if (!*name) {
		source_parse(s->sources.v[i], &source);
		*name = source_name(&source);
	}
	const char *fault = addr_name_fault(*name);
	return fault ? report_usage("the name '%s' %s", text_show(*name), fault) : STATUS_OK;
}
