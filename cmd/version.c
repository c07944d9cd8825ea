/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --version: see version.h. */
#include "cmd/version.h"
#include "cmd/prompt/readline.h"
#include "lib/look/bpf-scan.h"
#include "lib/out/table.h"

#include <gnu/libc-version.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/utsname.h>

static const char *kernel(void)
{
	static struct utsname u;

	return uname(&u) == 0 ? u.release : "?";
}

/* NULL: not found; "": fdtool was built without it. */
static const char *version_or_none(const char *version)
{
	return !version ? "(not found)" : *version ? version : "(not built in)";
}

void version(void)
{
	printf("fdtool %s\n", FDTOOL_VERSION);
	printf("glibc %s, libbsd %s, jansson %s, readline %s, libsmartcols %s, libbpf %s; "
	       "Linux %s\n",
		gnu_get_libc_version(), FDTOOL_LIBBSD, jansson_version_str(),
		version_or_none(readline_version()), version_or_none(table_library_version()),
		version_or_none(bpf_scan_library_version()), kernel());
}
