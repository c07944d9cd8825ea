/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hold mix N DIR      N descriptors as servers have them: files, each with another
 *                     inode, sockets, pipes, and some eventfds, timerfds and epolls
 * hold same N FILE    N descriptors of one inode
 * hold crowd N P      P processes with N descriptors each, all inherited
 * hold port N PORT    N descriptors, the last a socket that listens at that port of 127.0.0.1
 *
 * In mix and same, half of the descriptors are pairs that share one description. Prints
 * the pids in one line when everything is open, and holds the descriptors until it is killed.
 */
#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void allow_many(void)
{
	struct rlimit limit;

	must(getrlimit(RLIMIT_NOFILE, &limit), "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	must(setrlimit(RLIMIT_NOFILE, &limit), "setrlimit");
}

/* Opens a new file and removes its name. */
static void open_file(const char *dir)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/file.XXXXXX", dir);
	must(mkstemp(path), path);
	must(unlink(path), path);
}

/* Opens one or two descriptors, the i'th kind of ten. Returns how many. */
static int open_one_of_mix(int i, const char *dir)
{
	int two[2];

	switch (i % 10) {
	case 0: case 1: case 2: case 3:
		open_file(dir);
		return 1;
	case 4: case 5: case 6:
		must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two), "socketpair");
		return 2;
	case 7: case 8:
		must(pipe(two), "pipe");
		return 2;
	default:
		must(i % 30 == 9    ? eventfd(0, EFD_CLOEXEC)
			: i % 30 == 19 ? timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK)
				       : epoll_create1(EPOLL_CLOEXEC),
			"eventfd, timerfd or epoll");
		return 1;
	}
}

/* Duplicates every third one of the first three quarters: n/4 pairs. */
static void add_duplicates(int n)
{
	for (int i = 0; i < n / 4; i++)
		must(dup(3 + 3 * i), "dup");
}

static void hold_mix(int n, const char *dir)
{
	for (int i = 0, have = 0; have < n - n / 4; i++)
		have += open_one_of_mix(i, dir);
	add_duplicates(n);
}

static void hold_same(int n, const char *file)
{
	for (int i = 0; i < n - n / 4; i++)
		must(open(file, O_RDONLY | O_CLOEXEC), file);
	add_duplicates(n);
}

static void hold_crowd(int n, int processes)
{
	for (int i = 3; i < n; i++)
		must(open("/dev/null", O_RDWR), "/dev/null");
	for (int i = 1; i < processes; i++) {
		pid_t pid = fork();
		must(pid, "fork");
		if (pid == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				pause();
		}
		printf("%d ", pid);
	}
}

static void hold_port(int n, int port)
{
	const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

	for (int i = 3; i < n - 1; i++)
		must(open("/dev/null", O_RDWR), "/dev/null");
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(bind(fd, (const struct sockaddr *)&at, sizeof(at)), "bind");
	must(listen(fd, 1), "listen");
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: hold mix|same|crowd|port N DIR|FILE|PROCESSES|PORT");
	allow_many();
	if (strcmp(argv[1], "mix") == 0)
		hold_mix(atoi(argv[2]), argv[3]);
	else if (strcmp(argv[1], "same") == 0)
		hold_same(atoi(argv[2]), argv[3]);
	else if (strcmp(argv[1], "port") == 0)
		hold_port(atoi(argv[2]), atoi(argv[3]));
	else
		hold_crowd(atoi(argv[2]), atoi(argv[3]));
	printf("%d\n", getpid());
	fflush(stdout);
	for (;;)
		pause();
}
