/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a file of proc(5): see proc.h. */
#include "lib/base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static ssize_t read_on(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < size) {
		n = read(fd, out + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -1 : (ssize_t)len;
}

static void close_quietly(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

/* The end of a read: n bytes are in out. */
static ssize_t end(int fd, char *out, ssize_t n)
{
	close_quietly(fd);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

ssize_t proc_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : end(fd, out, read_on(fd, out, size - 1));
}

ssize_t proc_read_once(int dir, const char *path, char *out, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : end(fd, out, read(fd, out, size - 1));
}

/* Grows *text until the end of the file is in it. */
static ssize_t read_growing(int fd, char **text)
{
	size_t size = 4096, len = 0;
	ssize_t n;

	*text = NULL;
	do {
		char *more = realloc(*text, size *= 2);
		if (!more)
			return -1;
		*text = more;
		n = read_on(fd, *text + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && len == size - 1);
	return n < 0 ? -1 : (ssize_t)len;
}

char *proc_read_all(const char *path, size_t *len)
{
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	ssize_t n = read_growing(fd, &text);
	close_quietly(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}
