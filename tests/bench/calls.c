/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * calls FD N: waits for a line on standard input, makes N calls each of getppid(2), of pread(2) and of
 * read(2) of a byte of FD, and prints the nanoseconds of one of each.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int fd;

static void ask(void)
{
	syscall(SYS_getppid);
}

static void read_at(void)
{
	char byte;

	if (pread(fd, &byte, 1, 0) != 1)
		err(1, "pread");
}

static void read_next(void)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		err(1, "read");
}

static double cost(void (*call)(void), long n)
{
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	for (long i = 0; i < n; i++)
		call();
	clock_gettime(CLOCK_MONOTONIC, &after);
	return ((double)(after.tv_sec - before.tv_sec) * 1e9 + (double)(after.tv_nsec - before.tv_nsec)) /
	       (double)n;
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 3)
		errx(2, "usage: calls FD N");
	fd = atoi(argv[1]);
	long n = atol(argv[2]);
	if (!fgets(line, sizeof(line), stdin))
		return 0;
	printf("%.0f %.0f ", cost(ask, n), cost(read_at, n));
	printf("%.0f\n", cost(read_next, n));
	return 0;
}
