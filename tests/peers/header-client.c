/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header-client ADDRESS [any] [full]: calls fdtool_grab of lib/fdtool.h while a timer interrupts
 * it; with "full", the descriptor table has room for its socket only. Prints what became of it,
 * and the descriptors that are open more than before.
 */
#include "lib/fdtool.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

static int count(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void on_alarm(int signo)
{
	(void)signo;
}

static void interrupt(void)
{
	struct itimerval often = {{0, 5000}, {0, 5000}};
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	act.sa_handler = on_alarm;
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static void leave_room_for_one(void)
{
	struct rlimit limit;
	int next = dup(0);

	close(next);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = (rlim_t)next + 1;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int argc, char **argv)
{
	struct fdtool_info info;
	unsigned int flags = 0;
	int fd, before = count();

	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "any") == 0)
			flags |= FDTOOL_ANY_USER;
		else
			leave_room_for_one();
	interrupt();
	int done = fdtool_grab(argv[1], flags, &fd, &info);
	int err = errno;
	if (done == 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		printf("not close-on-exec, ");
	if (done < 0 && fd != -1)
		printf("*fd is %d, ", fd);
	printf("%s, %d more\n", done < 0 ? strerror(err) : "done", count() - before);
	return 0;
}
