/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bare-read [write]: reads stdin to its end and discards the data, or writes each piece
 * at once: two lower bounds for a tail.
 */
#include <err.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	static char buf[65536];
	ssize_t n;

	(void)argv;
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (argc > 1 && write(STDOUT_FILENO, buf, (size_t)n) != n)
			err(1, "write");
	if (n < 0)
		err(1, "read");
	return 0;
}
