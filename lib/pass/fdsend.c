/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where fdsend and fdrecv of util-linux meet: see fdsend.h. */
#include "lib/pass/fdsend.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void directory(char path[PATH_MAX])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime && *runtime == '/')
		snprintf(path, PATH_MAX, "%s/fdsend", runtime);
	else if (getuid() == 0)
		snprintf(path, PATH_MAX, "/run/fdsend");
	else
		snprintf(path, PATH_MAX, "/run/user/%u/fdsend", getuid());
}

static bool is_name(const char *word)
{
	return *word && *word != '@' && !strchr(word, '/');
}

const char *fdsend_parse(const char *word, struct addr *a)
{
	char dir[PATH_MAX], path[PATH_MAX + NAME_MAX + 2];

	if (!is_name(word))
		return addr_parse(word, a);
	directory(dir);
	if ((size_t)snprintf(path, sizeof(path), "%s/%s", dir, word) >= sizeof(path))
		return "is too long";
	const char *fault = addr_parse(path, a);
	a->word = word;
	return fault;
}

void fdsend_make_directory(const char *word)
{
	char dir[PATH_MAX];

	if (!is_name(word))
		return;
	directory(dir);
	mkdir(dir, 0700); /* where it fails, bind(2) says so */
}
