/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of proc(5), and the processes in it: see proc.h. */
#include "lib/base/proc.h"
#include "lib/base/dir.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *proc_fault(void)
{
	char link[32];
	ssize_t n = readlink("/proc/self", link, sizeof(link) - 1);

	if (n < 0)
		return "is not mounted, or does not show this process";
	link[n] = '\0';
	return atol(link) == getpid() ? NULL : "shows another pid namespace than this process is in";
}

int proc_missing(pid_t pid)
{
	if (kill(pid, 0) == 0 || errno != ESRCH)
		errno = proc_fault() ? ENOENT : EACCES;
	return -1;
}

/* Reads until the end of the file, or until size bytes are read. */
static ssize_t read_fully(int fd, char *out, size_t size)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len < size) {
		n = read(fd, out + len, size - len);
		len += n > 0 ? (size_t)n : 0;
	}
	return n < 0 ? -1 : (ssize_t)len;
}

/* Closes fd after a read of n bytes into out, and adds the NUL. */
static ssize_t end(int fd, char *out, ssize_t n)
{
	fd_close(&fd);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

ssize_t proc_read(const char *path, char *out, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : end(fd, out, read_fully(fd, out, size - 1));
}

ssize_t proc_read_once(int dir, const char *path, char *out, size_t size)
{
	int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : end(fd, out, read(fd, out, size - 1));
}

/* Grows *text until it holds the whole file. */
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
		n = read_fully(fd, *text + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	} while (n > 0 && len == size - 1);
	return n < 0 ? -1 : (ssize_t)len;
}

bool proc_command(pid_t tid, char out[PROC_COMMAND])
{
	char path[32], text[PROC_COMMAND + 1]; /* and a newline */

	snprintf(path, sizeof(path), "/proc/%d/comm", tid);
	ssize_t n = proc_read_once(AT_FDCWD, path, text, sizeof(text));
	if (n <= 0)
		return false;
	memcpy(out, text, (size_t)n - 1);
	out[n - 1] = '\0';
	return true;
}

/* What stands behind "field:", or NULL. */
static const char *find_field(const char *text, const char *field)
{
	size_t len = strlen(field);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, field, len) == 0 && line[len] == ':')
			return line + len + 1;
	}
	errno = ENOENT;
	return NULL;
}

static ssize_t read_status(pid_t tid, char *out, size_t size)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	return proc_read(path, out, size);
}

long proc_status(pid_t tid, const char *field)
{
	char text[4096];
	const char *value = read_status(tid, text, sizeof(text)) < 0 ? NULL : find_field(text, field);

	return value ? strtol(value, NULL, 10) : -1;
}

bool proc_is_zombie(pid_t pid)
{
	char text[4096];
	const char *state, *threads;

	if (read_status(pid, text, sizeof(text)) < 0)
		return false;
	state = find_field(text, "State");
	threads = find_field(text, "Threads"); /* the first one may end before the others */
	return state && state[strspn(state, "\t ")] == 'Z' && threads && strtol(threads, NULL, 10) == 1;
}

char *proc_read_all(const char *path, size_t *len)
{
	char *text;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	ssize_t n = read_growing(fd, &text);
	fd_close(&fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*len = (size_t)n;
	return text;
}

int proc_each(bool (*each)(void *data, pid_t pid), void *data)
{
	return dir_each_number("/proc", each, data);
}

int proc_each_thread(pid_t pid, bool (*each)(void *data, pid_t tid), void *data)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	return dir_each_number(path, each, data);
}
