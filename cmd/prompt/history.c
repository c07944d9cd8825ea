/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of the prompts: see history.h. */
#include "cmd/prompt/history.h"
#include "cmd/prompt/readline.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_MAX = 1000 };

/* The caller frees. NULL where the environment names no directory. */
static char *directory(void)
{
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");

	if (state && *state == '/')
		return must_printf("%s/fdtool", state);
	return home && *home == '/' ? must_printf("%s/.local/state/fdtool", home) : NULL;
}

/* --- its directory ----------------------------------------------------------------- */

static int enter(int dir, const char *path, bool make, int links);

/* Who owns a link chooses the file that we write. */
static int follow(int dir, int link, const struct stat *st, bool make, int links)
{
	char target[PATH_MAX];

	if ((st->st_uid != 0 && st->st_uid != geteuid()) || links == 0) {
		errno = ELOOP;
		return -1;
	}
	ssize_t len = readlinkat(link, "", target, sizeof(target) - 1);
	if (len < 0)
		return -1;
	target[len] = '\0';
	return enter(dir, target, make, links - 1);
}

static int enter_one(int dir, const char *name, bool make, int links)
{
	struct stat st;

	if (make)
		mkdirat(dir, name, 0700);
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode))
		return fd;
	int target = follow(dir, fd, &st, make, links);
	fd_close(&fd);
	return target;
}

/* Opens the directory; with make, its missing parents and itself are made. */
static int enter(int dir, const char *path, bool make, int links)
{
	char *copy = must_strdup(path), *rest = copy, *name;
	int at = openat(dir, *path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	while (at >= 0 && (name = strsep(&rest, "/")) != NULL) {
		if (!*name)
			continue;
		int next = enter_one(at, name, make, links);
		fd_close(&at);
		at = next;
	}
	free(copy);
	return at;
}

/* --- the file ---------------------------------------------------------------------- */

/* Anything but a regular file, a FIFO for one, could keep the prompt waiting. */
static int open_regular(int dir, int flags)
{
	struct stat st;
	int fd = openat(dir, "history", flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

	if (fd >= 0 && (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)))
		fd_close(&fd);
	return fd;
}

static int open_file(int flags)
{
	enum { LINKS_MAX = 8 };
	char *path = directory();
	int dir = path ? enter(AT_FDCWD, path, flags & O_CREAT, LINKS_MAX) : -1;
	int fd = dir >= 0 ? open_regular(dir, flags) : -1;

	fd_close(&dir);
	free(path);
	return fd;
}

void history_load(void)
{
	int fd = open_file(O_RDONLY);
	FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *line = NULL;
	size_t size = 0;

	using_history();
	stifle_history(HISTORY_MAX);
	while (file && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		add_history(line);
	}
	free(line);
	if (file)
		fclose(file);
}

/* Two prompts append to one file: a single write(2) with O_APPEND keeps their lines whole. */
static int append_to_file(const char *line)
{
	int fd = open_file(O_WRONLY | O_APPEND | O_CREAT);

	if (fd < 0)
		return 0;
	char *text = must_printf("%s\n", line);
	void (*before)(int) = signal(SIGXFSZ, SIG_IGN); /* past RLIMIT_FSIZE: EFBIG */
	int done = write(fd, text, strlen(text)) < 0 ? -1 : 0;
	signal(SIGXFSZ, before);
	free(text);
	fd_close(&fd);
	return done;
}

int history_append(const char *line)
{
	HIST_ENTRY *last = history_length ? history_get(history_base + history_length - 1) : NULL;

	if (last && strcmp(last->line, line) == 0)
		return 0;
	add_history(line);
	return append_to_file(line);
}
