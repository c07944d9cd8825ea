/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The readiness protocols of service managers: see notify.h. */
#include "lib/pass/notify.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Returns a socket that is connected to the manager, or -1 with errno. */
static int connect_to_manager(const char *address)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
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
	if (sock >= 0 && connect(sock, (const struct sockaddr *)&un, size) < 0)
		fd_close(&sock);
	return sock;
}

static int send_to_manager(const char *address, const char *state, const int *fd, int flags)
{
	int sock = connect_to_manager(address);

	if (sock < 0)
		return -1;
	int done = msg_send(sock, state, strlen(state), fd, fd ? 1 : 0, flags);
	fd_close(&sock);
	return done;
}

static const char *manager_address(void)
{
	const char *address = getenv("NOTIFY_SOCKET");

	return address && *address ? address : NULL;
}

bool notify_takes_descriptors(void)
{
	const char *address = manager_address();

	return address && (*address == '/' || *address == '@');
}

int notify_manager(const char *state)
{
	const char *address = manager_address();

	return address ? send_to_manager(address, state, NULL, 0) : 0;
}

int notify_try(const char *state, const int *fd)
{
	return send_to_manager(manager_address(), state, fd, MSG_DONTWAIT);
}

int notify_store(const char *name, int fd)
{
	const char *address = manager_address();

	if (!address) {
		errno = ENOTCONN;
		return -1;
	}
	char *state = must_printf("FDSTORE=1\nFDNAME=%s", name);
	int done = send_to_manager(address, state, &fd, 0);
	free(state);
	return done;
}

/* The manager closes what comes with BARRIER=1 when it has handled all that came before. */
int notify_barrier(int64_t deadline)
{
	const char *address = manager_address();
	struct pollfd p = {.events = 0}; /* POLLHUP comes without being asked for */
	int ends[2], n;

	if (!address || pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	int done = send_to_manager(address, "BARRIER=1", &ends[1], 0);
	fd_close(&ends[1]);
	p.fd = ends[0];
	do {
		n = done < 0 ? -1 : poll(&p, 1, time_poll_ms(deadline));
	} while (n < 0 && done == 0 && errno == EINTR);
	if (n == 0)
		errno = ETIMEDOUT;
	fd_close(&ends[0]);
	return n > 0 ? 0 : -1;
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
