/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace --passed: each descriptor that was passed, from whom, to whom, and what it is. */
#include "cmd/trace/trace.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"
#include "lib/out/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a process that did nothing but have a descriptor that was taken. */
static void find_command(struct passed_record *r)
{
	if (r->from && !*r->from_command)
		proc_command(r->from, r->from_command);
}

/* "command pid fd 3" */
static void print_end(const char *command, int pid, int fd, int width)
{
	char text[128];

	snprintf(text, sizeof(text), "%s %d fd %d", text_show(command), pid, fd);
	printf("%-*s", width, text);
}

/* As "/run/x", or "@x" for an abstract one. The caller frees. */
static char *socket_name(const struct passed_record *r)
{
	char name[PASSED_SOCKET + 1];
	size_t n = r->n_socket;

	memcpy(name, r->socket, n);
	if (n > 0 && *name)
		n = strnlen(name, n);
	else if (n > 0)
		*name = '@';
	return text_escape(name, n);
}

static void print_line(struct trace_state *s, const struct passed_record *r, const char *name,
	const char *socket)
{
	trace_stamp(s, r->ns);
	print_end(r->command, r->pid, r->fd, 28);
	printf(" <- ");
	if (!r->from)
		printf("%-28s", "?");
	else
		print_end(r->from_command, r->from, r->from_fd, 28);
	printf(" %s", text_show(name));
	if (r->taken)
		printf("  (pidfd_getfd)");
	else if (*socket)
		printf("  over %s", socket);
	putchar('\n');
}

static json_t *json_end(const char *command, int pid, int fd)
{
	return json_pack("{s:i, s:o, s:i}", "pid", pid, "command", json_bytes(command), "fd", fd);
}

static void print_json(const struct passed_record *r, const char *name, const char *socket)
{
	char type[DESC_TYPE_MAX];

	desc_type(name, r->mode, type, sizeof(type));
	json_line(json_pack("{s:I, s:s, s:o, s:o, s:o, s:s, s:o}", "mono_ns", (json_int_t)r->ns, "how",
		r->taken ? "pidfd_getfd" : "SCM_RIGHTS", "to", json_end(r->command, r->pid, r->fd), "from",
		r->from ? json_end(r->from_command, r->from, r->from_fd) : json_null(), "socket",
		*socket ? json_bytes(socket) : json_null(), "type", type, "name", json_bytes(name)));
}

void trace_on_passed(void *state, const struct passed_record *record)
{
	struct trace_state *s = state;
	struct passed_record r = *record;

	if (!trace_may_print(s))
		return;
	find_command(&r);
	char *name = passed_name(&r), *socket = socket_name(&r);
	if (s->json)
		print_json(&r, name, socket);
	else
		print_line(s, &r, name, socket);
	free(socket);
	free(name);
	s->last = r.ns;
}
