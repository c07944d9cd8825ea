/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readiness protocols of service managers: see notify.h. */
#include "lib/pass/notify.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int notify_manager(const char *state)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	const char *address = getenv("NOTIFY_SOCKET");

	if (!address || !*address)
		return 0;
	size_t len = strlen(address);
	if ((*address != '/' && *address != '@') || len > sizeof(un.sun_path) - 1) {
		errno = EAFNOSUPPORT; /* vsock and the like */
		return -1;
	}
	memcpy(un.sun_path, address, len + 1);
	if (*address == '@')
		un.sun_path[0] = '\0';
	size_t nul = *address == '/'; /* an abstract name has none at its end */
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + nul);

	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -1;
	ssize_t n = sendto(
		sock, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&un, size);
	fd_close(&sock);
	return n < 0 ? -1 : 0;
}

int notify_ready_fd(int *fd)
{
	/* the reader may have gone, which the caller reports: SIGPIPE would end the process */
	void (*disposition)(int) = signal(SIGPIPE, SIG_IGN);
	ssize_t n = write(*fd, "\n", 1);

	signal(SIGPIPE, disposition);
	fd_close(fd);
	return n == 1 ? 0 : -1;
}
