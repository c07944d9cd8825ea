/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The title of this process: see title.h. */
#include "cmd/cli/title.h"

#include <bsd/unistd.h>
#include <unistd.h>

static int main_argc;
static char **main_argv;

void title_init(int argc, char **argv)
{
	main_argc = argc;
	main_argv = argv;
}

/* setproctitle_init copies the environment, which only a command with a title should pay for. */
void title_set(const char *title)
{
	setproctitle_init(main_argc, main_argv, environ);
	setproctitle("-%s", title);
}
