/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state that the verbs share: see session.h. */
#include "cmd/prompt/session.h"
#include "cmd/cli/output.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void session_begin(struct session *s, int fd, const char *name, struct loop *loop)
{
	*s = (struct session){.fd = fd, .name = name, .loop = loop, .where = ""};
	moves_begin(&s->known, fd);
}

void session_begin_on(struct session *s, struct member *members, size_t n, struct loop *loop)
{
	session_begin(s, members->fd, members->name, loop);
	s->members = members;
	s->n_members = n;
	for (size_t i = 0; i < n; i++)
		moves_begin(&members[i].known, members[i].fd);
}

void session_use(struct session *s, size_t which)
{
	s->members[s->used].known = s->known;
	s->used = which;
	s->fd = s->members[which].fd;
	s->name = s->members[which].name;
	s->known = s->members[which].known;
	s->failed[0] = '\0';
	s->err = 0;
}

struct moves *session_known(struct session *s, size_t which)
{
	return which == s->used ? &s->known : &s->members[which].known;
}

void session_end(struct session *s)
{
	free(s->data);
	s->data = NULL;
}

enum status session_fail(struct session *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(s->fault, sizeof(s->fault), format, ap);
	va_end(ap);
	return STATUS_FAIL;
}

/* --- what was printed ------------------------------------------------------------ */

enum status session_flush(struct session *s)
{
	enum status st = output_flush();

	while (st == STATUS_OK && output_is_behind() && !loop_stopping(s->loop) &&
		!(s->waiting && s->interrupted)) {
		if (loop_once(s->loop, -1) < 0)
			return report(STATUS_FAIL, "epoll", "wait", errno);
		st = output_flush();
	}
	return st;
}

bool session_turn(struct session *s)
{
	return !s->interrupted && loop_once(s->loop, 0) == 0 && !s->interrupted && !loop_stopping(s->loop);
}

void session_keep(struct session *s, const char *bytes, size_t len)
{
	free(s->data);
	s->data = must_calloc(len + 1, 1);
	memcpy(s->data, bytes, len);
	s->data_len = len;
}
