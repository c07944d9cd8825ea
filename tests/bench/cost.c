/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cost COMMAND...: runs it, and prints its wall-clock time and CPU time in milliseconds and
 * its peak memory in kB. Discards its output, and exits with its status.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double ms_of(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

int main(int argc, char **argv)
{
	double start = ms_now();
	struct rusage used;
	int status;
	pid_t pid = argc > 1 ? vfork() : -1;

	if (pid < 0)
		err(1, "usage: cost COMMAND...");
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, STDOUT_FILENO);
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &used) < 0)
		err(1, "wait4");
	printf("%.2f %.2f %ld\n", ms_now() - start, ms_of(used.ru_utime) + ms_of(used.ru_stime),
		used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
