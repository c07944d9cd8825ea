/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libreadline, opened when the first prompt comes up: see readline.h. */
#define READLINE_OPENING
#include "cmd/readline.h"

#include <dlfcn.h>

struct readline readline_names;

static char fault[256];

static bool find(void *library, const char *name, void **into)
{
	*into = dlsym(library, name);
	if (!*into)
		snprintf(fault, sizeof(fault), "%s", dlerror());
	return *into != NULL;
}

bool readline_open(void)
{
	static bool open;
	bool all = true;

	if (open)
		return true;
	void *library = dlopen("libreadline.so.8", RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		snprintf(fault, sizeof(fault), "%s", dlerror());
		return false;
	}
#define FIND(name) all = all && find(library, #name, (void **)&readline_names.name);
	READLINE_NAMES(FIND)
	open = all;
	return open;
}

const char *readline_fault(void)
{
	return fault;
}

const char *readline_version(void)
{
	return readline_open() ? *readline_names.rl_library_version : NULL;
}
