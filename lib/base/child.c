/* SPDX-License-Identifier: GPL-3.0-or-later */
/* read(2) by a child process: see child.h. */
#include "lib/base/child.h"
#include "lib/base/fd.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A message is one tag, then the data, or the errno as an int. */
enum { TAG_DATA = 'd', TAG_ERRNO = 'e' };

/* Keeps 0 for what is read and 1 for where it goes; everything else is closed. */
static void settle_in(int fd, int sock, pid_t parent)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(0);
	int high = fcntl(sock, F_DUPFD, 3);
	if (high < 0 || dup2(fd, 0) < 0 || dup2(high, 1) < 0)
		_exit(1);
	closefrom(2);
}

static void __attribute__((noreturn)) child(
	int fd, int sock, pid_t parent, size_t max, bool once)
{
	static char buf[1 + READER_MAX];

	settle_in(fd, sock, parent);
	for (;;) {
		ssize_t n = read(0, buf + 1, max);
		if (n < 0 && errno == EINTR)
			continue;
		buf[0] = n < 0 ? TAG_ERRNO : TAG_DATA;
		if (n < 0)
			memcpy(buf + 1, &errno, sizeof(errno));
		size_t len = n < 0 ? sizeof(errno) : (size_t)n;
		if (send(1, buf, 1 + len, MSG_NOSIGNAL) < 0 || n <= 0 || once)
			_exit(0);
	}
}

int reader_start(struct reader *r, int fd, size_t size, bool once)
{
	int pair[2];
	pid_t parent = getpid();

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	r->child = fork();
	if (r->child == 0)
		child(fd, pair[1], parent, size < READER_MAX ? size : READER_MAX, once);
	fd_close(&pair[1]);
	if (r->child < 0) {
		fd_close(&pair[0]);
		return -1;
	}
	r->sock = pair[0];
	return 0;
}

ssize_t reader_get(struct reader *r, void *buf, size_t size)
{
	char *b = buf;
	ssize_t n = recv(r->sock, b, size, MSG_DONTWAIT);

	if (n <= 0)
		return n;
	if (b[0] == TAG_ERRNO && n == 1 + (ssize_t)sizeof(errno)) {
		memcpy(&errno, b + 1, sizeof(errno));
		return -1;
	}
	memmove(b, b + 1, (size_t)n - 1);
	return n - 1;
}

void reader_stop(struct reader *r)
{
	int saved = errno;

	if (r->child > 0) {
		kill(r->child, SIGKILL);
		while (waitpid(r->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	r->child = 0;
	fd_close(&r->sock);
	errno = saved;
}
