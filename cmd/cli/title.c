/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The title of this process: see title.h. */
#include "cmd/cli/title.h"

#include <bsd/unistd.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

enum { TITLE_MAX = 2047 };

static int main_argc;
static char **main_argv;

void title_init(int argc, char **argv)
{
	main_argc = argc;
	main_argv = argv;
}

/* setproctitle(3) of libbsd writes over argv and the environment, 2047 bytes at most. */
size_t title_room(void)
{
	static size_t room;
	const char *end = main_argv[0];

	if (room)
		return room;
	for (char **v = main_argv; *v; v++)
		end = *v == end ? end + strlen(end) + 1 : end;
	for (char **v = environ; *v; v++)
		end = *v == end ? end + strlen(end) + 1 : end;
	room = (size_t)(end - main_argv[0]) - 1;
	room = room < TITLE_MAX ? room : TITLE_MAX;
	return room;
}

/* setproctitle_init copies the environment, which only a command with a title should pay for. */
void title_set(const char *title)
{
	static bool initialized;

	title_room(); /* while argv is as it was */
	if (!initialized)
		setproctitle_init(main_argc, main_argv, environ);
	initialized = true;
	setproctitle("-%s", title);
}
