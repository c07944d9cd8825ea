/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sockets of a service manager: see activation.h. */
#include "lib/pass/activation.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/program.h"
#include "lib/look/diag.h"

#include <bsd/stdlib.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FIRST = 3 }; /* SD_LISTEN_FDS_START */

static bool is_ours(void)
{
	const char *pid = getenv("LISTEN_PID"), *id = getenv("LISTEN_PIDFDID"), *fault;
	uint64_t own = id ? program_pidfd_id() : 0;

	return pid && strtonum(pid, 1, INT_MAX, &fault) == getpid() && !fault &&
	       (!own || strtoull(id, NULL, 10) == own);
}

static size_t count(void)
{
	const char *n = getenv("LISTEN_FDS"), *fault;
	long long count = n && is_ours() ? strtonum(n, 1, INT_MAX - FIRST, &fault) : 0;

	return count > 0 ? (size_t)count : 0;
}

void activation_take(struct activation *a)
{
	static const char *const variables[] = {
		"LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDNAMES"};
	const char *given = getenv("LISTEN_FDNAMES");
	char *names = must_strdup(given ? given : ""), *rest = names;
	size_t n = count();

	*a = (struct activation){0};
	/* as many as are open: the number could be anything */
	for (; a->n < n && fd_is_inherited(FIRST + (int)a->n); a->n++) {
		const char *name = strsep(&rest, ":");
		a->of = must_realloc(a->of, a->n + 1, sizeof(*a->of));
		a->of[a->n] = (struct activation_socket){FIRST + (int)a->n, must_strdup(name ? name : "")};
	}
	free(names);
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		unsetenv(variables[i]);
}

const char *activation_fault(int fd)
{
	struct diag_socket socket;

	diag_query(fd, &socket);
	if (!socket.family)
		return "is no socket";
	if (socket.family != AF_UNIX || socket.type != SOCK_SEQPACKET)
		return "is no AF_UNIX socket of type SOCK_SEQPACKET";
	return socket.state == TCP_LISTEN ? NULL : "does not listen, so it is a connection";
}

void activation_free(struct activation *a)
{
	for (size_t i = 0; i < a->n; i++) {
		fd_close(&a->of[i].fd);
		free(a->of[i].name);
	}
	free(a->of);
	*a = (struct activation){0};
}
