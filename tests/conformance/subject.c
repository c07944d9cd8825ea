/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver or the stand-in, as a subject of tests: see subject.h. */
#include "subject.h"
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PARAMETERS "/sys/module/mypoll/parameters/"
#define DRIVER "/sys/bus/platform/drivers/mypoll/"

enum { STAND_IN_DEPTH = 64, OFFERS_MAX = 8 };

static const char *fdtool; /* NULL: the driver */
static pid_t server;

void subject_choose(const char *path)
{
	fdtool = path;
}

bool subject_is_driver(void)
{
	return !fdtool;
}

/* --- the driver --------------------------------------------------------------- */

static int write_word(const char *path, const char *word)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return errno;
	int err = write(fd, word, strlen(word)) < 0 ? errno : 0;
	close(fd);
	return err;
}

int subject_set(const char *parameter, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), PARAMETERS "%s", parameter);
	return write_word(path, value);
}

void subject_bind(const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), DRIVER "%s", file);
	must(write_word(path, "mypoll") == 0);
}

static void open_driver(int flags, unsigned int period_ms, int fds[], size_t n)
{
	char period[16];

	must(subject_set("period_ms", "0") == 0);
	for (size_t i = 0; i < n; i++) {
		fds[i] = open("/dev/mypoll", flags | O_CLOEXEC);
		must(fds[i] >= 0);
	}
	snprintf(period, sizeof(period), "%u", period_ms);
	must(subject_set("period_ms", period) == 0);
}

/* --- the stand-in --------------------------------------------------------------- */

static void offer_name(char *name, size_t size, size_t i)
{
	snprintf(name, size, "conformance-%d-%zu", getpid(), i);
}

static _Noreturn void exec_server(int flags, unsigned int period_ms, int ready_fd, size_t n,
	const char *const *names)
{
	static const char *const modes[] = {[O_RDONLY] = "r", [O_WRONLY] = "w", [O_RDWR] = "rw"};
	const char *argv[8 + 3 * OFFERS_MAX];
	char ready[16], source[32] = "mypoll:";
	size_t argc = 0;

	snprintf(ready, sizeof(ready), "%d", ready_fd);
	if (period_ms)
		snprintf(source, sizeof(source), "mypoll:%ums", period_ms);
	argv[argc++] = fdtool;
	argv[argc++] = "serve";
	argv[argc++] = "--quiet";
	argv[argc++] = "--ready-fd";
	argv[argc++] = ready;
	argv[argc++] = "--mode";
	argv[argc++] = modes[flags & O_ACCMODE];
	if (flags & O_NONBLOCK)
		argv[argc++] = "--nonblock";
	for (size_t i = 0; i < n; i++) {
		argv[argc++] = "-n";
		argv[argc++] = names[i];
		argv[argc++] = source;
	}
	argv[argc] = NULL;
	execv(fdtool, (char *const *)argv);
	tap_fail(__FILE__, __LINE__, "execv");
}

/* The server speaks first: connecting and one recvmsg is all. */
static int grab(const char *name)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char text[4096];
	struct iovec iov = {text, sizeof(text)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd, len = snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "fdtool/%s", name);
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	must(connect(sock, (struct sockaddr *)&un,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)) == 0);
	must(recvmsg(sock, &msg, MSG_CMSG_CLOEXEC) > 0);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	must(c && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)));
	memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd; /* the socket stays open, so that this is a client until the test ends */
}

static void open_stand_in(int flags, unsigned int period_ms, int fds[], size_t n)
{
	char names[OFFERS_MAX][64], newline;
	const char *pointers[OFFERS_MAX];
	int pipefd[2];

	must(n <= OFFERS_MAX && pipe(pipefd) == 0);
	for (size_t i = 0; i < n; i++) {
		offer_name(names[i], sizeof(names[i]), i);
		pointers[i] = names[i];
	}
	server = fork();
	must(server >= 0);
	if (server == 0) {
		close(pipefd[0]);
		exec_server(flags, period_ms, pipefd[1], n, pointers);
	}
	close(pipefd[1]);
	must(read(pipefd[0], &newline, 1) == 1);
	close(pipefd[0]);
	for (size_t i = 0; i < n; i++)
		fds[i] = grab(names[i]);
}

/* --- either ----------------------------------------------------------------------- */

void subject_open(int flags, unsigned int period_ms, int fds[], size_t n)
{
	if (fdtool)
		open_stand_in(flags, period_ms, fds, n);
	else
		open_driver(flags, period_ms, fds, n);
}

void subject_go_away(void)
{
	if (!fdtool) {
		subject_bind("unbind");
		return;
	}
	must(kill(server, SIGTERM) == 0 && waitpid(server, NULL, 0) == server);
}

void subject_reset(void)
{
	if (fdtool)
		return;
	if (access(DRIVER "mypoll", F_OK) < 0)
		subject_bind("bind");
	must(subject_set("period_ms", "0") == 0);
}

unsigned int subject_depth(void)
{
	unsigned int depth;

	if (fdtool)
		return STAND_IN_DEPTH;
	FILE *f = fopen(PARAMETERS "depth", "re");
	must(f && fscanf(f, "%u", &depth) == 1);
	fclose(f);
	return depth;
}

/* --- events ------------------------------------------------------------------------- */

struct event event_parse(const char **text)
{
	struct event e;
	char again[96];

	must(sscanf(*text, "event=%" SCNu64 " source=%15[a-z] mono_ns=%" SCNd64, &e.number,
		     e.source, &e.mono_ns) == 3);
	int len = snprintf(again, sizeof(again), "event=%" PRIu64 " source=%s mono_ns=%" PRId64 "\n",
		e.number, e.source, e.mono_ns);
	must(strncmp(*text, again, (size_t)len) == 0);
	*text += len;
	return e;
}

struct event event_next(int fd)
{
	char text[ONE_RECORD + 1];
	const char *p = text;

	must(ready(fd, POLLIN, TAP_DEADLINE * 1000) & POLLIN);
	ssize_t n = read(fd, text, ONE_RECORD);
	must(n > 0);
	text[n] = '\0';
	struct event e = event_parse(&p);
	must(p == text + n);
	return e;
}

void event_trigger(int fd)
{
	must(write(fd, "trigger\n", 8) == 8);
}

short ready(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	must(poll(&p, 1, ms) >= 0);
	return p.revents;
}

int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* --- processes ------------------------------------------------------------------------ */

void wait_until_asleep(pid_t pid)
{
	char path[64], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'S') {
		FILE *f = fopen(path, "re");
		must(f && fscanf(f, "%*d (%*[^)]) %c", &state) == 1);
		fclose(f);
		must(state != 'Z');
		poll(NULL, 0, 1);
	}
}

void wait_for_child(pid_t pid)
{
	int status;

	must(waitpid(pid, &status, 0) == pid && status == 0);
}
