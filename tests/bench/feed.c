/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feed COUNT PROGRAM [ARG]...: runs PROGRAM with a pipe in packet mode as its stdin, like
 * the one of serve's mypoll:, and /dev/null as its stdout. Writes COUNT records into the
 * pipe, one a packet, and waits for PROGRAM to exit. Prints the records per second, and how
 * often PROGRAM called write(2), as counted by the kernel.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DEPTH = 64 }; /* records in the pipe */

static pid_t start(char **program, int pipe_end)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid > 0)
		return pid;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (dup2(pipe_end, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		err(1, "dup2");
	execvp(program[0], program);
	err(127, "%s", program[0]);
}

static void write_records(int fd, long count)
{
	char record[96];

	for (long i = 1; i <= count; i++) {
		int n = snprintf(record, sizeof(record), "event=%ld source=timer mono_ns=%ld\n", i,
			81230000000 + i);
		if (write(fd, record, (size_t)n) != n)
			err(1, "write");
	}
}

/* Returns syscw of proc_pid_io(5). The process must be a zombie. */
static long write_calls(pid_t pid)
{
	char path[64], line[128];
	long calls = -1;

	snprintf(path, sizeof(path), "/proc/%d/io", pid);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "syscw: %ld", &calls);
	if (f)
		fclose(f);
	return calls;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	long count = argc > 2 ? atol(argv[1]) : 0;
	siginfo_t ended;
	int pair[2];

	if (count < 1)
		errx(2, "usage: feed COUNT PROGRAM [ARG]...");
	if (pipe2(pair, O_CLOEXEC | O_DIRECT) < 0 ||
		fcntl(pair[0], F_SETPIPE_SZ, DEPTH * sysconf(_SC_PAGESIZE)) < 0)
		err(1, "pipe");
	pid_t pid = start(argv + 2, pair[0]);
	close(pair[0]);
	double since = now();
	write_records(pair[1], count);
	close(pair[1]);
	if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT) < 0)
		err(1, "waitid");
	double took = now() - since;
	if (ended.si_code != CLD_EXITED || ended.si_status != 0)
		errx(1, "%s failed", argv[2]);
	printf("%.0f %ld\n", (double)count / took, write_calls(pid));
}
