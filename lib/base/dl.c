/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shared libraries opened at run time: see dl.h. */
#include "lib/base/dl.h"

#include <dlfcn.h>
#include <stdio.h>

static char fault[256];

static bool failed(void)
{
	snprintf(fault, sizeof(fault), "%s", dlerror());
	return false;
}

bool dl_open(const char *file, const struct dl_symbol *names, size_t n)
{
	void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return failed();
	for (size_t i = 0; i < n; i++) {
		*names[i].into = dlsym(library, names[i].name);
		if (!*names[i].into) {
			failed();
			dlclose(library);
			return false;
		}
	}
	return true;
}

const char *dl_fault(void)
{
	return fault;
}
