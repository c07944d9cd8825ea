/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A child process that makes calls which may hang: see child.h. */
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_TIMEOUT (200 * NS_PER_MS) /* for a child that was killed: it ends at once, or never */

/* --- children that did not end --------------------------------------------------- */

/* The children that are stuck, and with which inode. */
static struct stuck {
	pid_t pid; /* 0: none */
	dev_t dev;
	ino_t ino;
} stuck[2];

static bool inode_of(int fd, struct stuck *s)
{
	struct statx sx;

	if (fd < 0 || inode_look_fd(0, fd, &sx) < 0)
		return false;
	s->dev = inode_dev(&sx);
	s->ino = sx.stx_ino;
	return true;
}

/* One that is not stuck any more has ended, since it was killed. */
static void forget_ended(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(stuck); i++)
		if (stuck[i].pid && waitpid(stuck[i].pid, NULL, WNOHANG) != 0)
			stuck[i] = (struct stuck){0};
}

bool child_is_stuck(int fd)
{
	struct stuck s = {0};

	forget_ended();
	if (!inode_of(fd, &s))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stuck); i++)
		if (stuck[i].pid && stuck[i].dev == s.dev && stuck[i].ino == s.ino)
			return true;
	return false;
}

static bool may_start(int fd)
{
	bool free_place = false;

	if (child_is_stuck(fd))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(stuck); i++)
		free_place = free_place || !stuck[i].pid;
	return free_place;
}

static void remember_stuck(pid_t pid, int fd)
{
	for (size_t i = 0; i < ARRAY_SIZE(stuck); i++)
		if (!stuck[i].pid) {
			inode_of(fd, &stuck[i]);
			stuck[i].pid = pid;
			return;
		}
}

/* --- starting and stopping --------------------------------------------------------- */

/*
 * Closes all but two descriptors. A duplicate of fd would do as well, but then the
 * original had to be closed, and closing may be what hangs.
 */
static void keep_only(int fd, int sock)
{
	int low = fd < sock ? fd : sock, high = fd < sock ? sock : fd;

	fd_close_range(0, low - 1);
	fd_close_range(low + 1, high - 1);
	closefrom(high + 1);
}

static void __attribute__((noreturn)) be_child(int fd, int sock, pid_t parent,
	void (*run)(int sock, int fd, const void *data), const void *data)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent) /* it died before the line above */
		_exit(0);
	keep_only(fd, sock);
	msg_tracer = NULL; /* messages between the two are not the user's */
	run(sock, fd, data);
	_exit(0);
}

int child_start(struct child *c, int fd, void (*run)(int sock, int fd, const void *data),
	const void *data)
{
	int pair[2];
	pid_t parent = getpid();

	*c = CHILD_NONE;
	if (!may_start(fd)) {
		errno = EBUSY;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	c->pid = fork();
	if (c->pid == 0)
		be_child(fd, pair[1], parent, run, data);
	fd_close(&pair[1]);
	if (c->pid < 0) {
		fd_close(&pair[0]);
		return -1;
	}
	c->sock = pair[0];
	return 0;
}

int child_give(const struct child *c, int fd)
{
	msg_tracer_fn *tracer = msg_tracer;

	msg_tracer = NULL;
	int sent = msg_send(c->sock, "?", 1, &fd, 1, MSG_DONTWAIT);
	msg_tracer = tracer;
	return sent;
}

bool child_wait(const struct child *c, int64_t deadline)
{
	struct pollfd p = {.fd = c->sock, .events = POLLIN};
	int n;

	do {
		n = poll(&p, 1, time_poll_ms(deadline));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Returns false for a child that is stuck. */
static bool has_ended(pid_t pid)
{
	int64_t deadline = time_after(END_TIMEOUT), pause = NS_PER_MS / 20;
	pid_t ended;

	while ((ended = waitpid(pid, NULL, WNOHANG)) == 0 && time_now() < deadline) {
		time_sleep(pause);
		pause = 2 * pause < 10 * NS_PER_MS ? 2 * pause : 10 * NS_PER_MS;
	}
	return ended != 0;
}

void child_stop(struct child *c, int fd)
{
	int saved = errno;

	fd_close(&c->sock);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		if (!has_ended(c->pid))
			remember_stuck(c->pid, fd);
	}
	*c = CHILD_NONE;
	errno = saved;
}

/* --- one answer ---------------------------------------------------------------------- */

int child_ask(int fd, void (*run)(int sock, int fd, const void *data), const void *data,
	void *answer, size_t size, int64_t deadline)
{
	struct child c;
	int done = -1;

	if (child_start(&c, fd, run, data) < 0)
		return -1;
	if (!child_wait(&c, deadline))
		errno = ETIMEDOUT;
	else if (recv(c.sock, answer, size, MSG_DONTWAIT) == (ssize_t)size)
		done = 0;
	else
		errno = ECHILD;
	child_stop(&c, fd);
	return done;
}

static void poll_once(int sock, int fd, const void *data)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	(void)data;
	poll(&p, 1, 0);
	send(sock, "", 1, MSG_NOSIGNAL);
}

int child_try_poll(int fd, int64_t deadline)
{
	char answer;

	if (!inode_may_have_server(fd))
		return 0;
	return child_ask(fd, poll_once, NULL, &answer, sizeof(answer), deadline);
}

/* --- read(2) by a child -------------------------------------------------------------- */

/* A message is one tag, then the data, or the errno as an int. */
enum { TAG_DATA = 'd', TAG_ERRNO = 'e' };

struct reading {
	size_t size;
	bool once;
};

static void read_on(int sock, int fd, const void *data)
{
	static char buf[1 + CHILD_READ_MAX];
	const struct reading *r = data;

	for (;;) {
		ssize_t n = read(fd, buf + 1, r->size);
		if (n < 0 && errno == EINTR)
			continue;
		buf[0] = n < 0 ? TAG_ERRNO : TAG_DATA;
		if (n < 0)
			memcpy(buf + 1, &errno, sizeof(errno));
		size_t len = n < 0 ? sizeof(errno) : (size_t)n;
		if (send(sock, buf, 1 + len, MSG_NOSIGNAL) < 0 || n <= 0 || r->once)
			return;
	}
}

int child_read_start(struct child *c, int fd, size_t size, bool once)
{
	const struct reading r = {size < CHILD_READ_MAX ? size : CHILD_READ_MAX, once};

	return child_start(c, fd, read_on, &r);
}

ssize_t child_read(struct child *c, void *buf, size_t size)
{
	char *b = buf;
	ssize_t n = recv(c->sock, b, size, MSG_DONTWAIT);

	if (n == 0) { /* end of file is a message of its own */
		errno = ECHILD;
		return -1;
	}
	if (n < 0)
		return -1;
	if (b[0] == TAG_ERRNO && n == 1 + (ssize_t)sizeof(errno)) {
		memcpy(&errno, b + 1, sizeof(errno));
		return -1;
	}
	memmove(b, b + 1, (size_t)n - 1);
	return n - 1;
}
