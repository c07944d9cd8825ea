/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The history of the prompts: see history.h. */
#include "cmd/prompt/history.h"
#include "cmd/prompt/readline.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_MAX = 1000 };

/* The caller frees. NULL where the environment names no directory. */
static char *file_path(void)
{
	const char *state = secure_getenv("XDG_STATE_HOME"), *home = secure_getenv("HOME");

	if (state && *state == '/')
		return must_printf("%s/fdtool/history", state);
	return home && *home == '/' ? must_printf("%s/.local/state/fdtool/history", home) : NULL;
}

static void make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

/* Opening anything else, a FIFO for one, could keep the prompt waiting. */
static bool is_regular(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode);
}

void history_load(void)
{
	char *path = file_path();

	using_history();
	if (path && is_regular(path)) {
		read_history(path);
		stifle_history(HISTORY_MAX);
	}
	free(path);
}

/* Two prompts append to one file: a single write(2) with O_APPEND keeps their lines whole. */
static int append_to_file(const char *line)
{
	char *path = file_path();
	int fd = -1, done = 0;

	if (path) {
		make_parents(path);
		fd = open(path,
			O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	}
	if (fd >= 0) {
		char *text = must_printf("%s\n", line);
		void (*before)(int) = signal(SIGXFSZ, SIG_IGN); /* past RLIMIT_FSIZE: EFBIG */
		done = write(fd, text, strlen(text)) < 0 ? -1 : 0;
		signal(SIGXFSZ, before);
		free(text);
		fd_close(&fd);
	}
	free(path);
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
