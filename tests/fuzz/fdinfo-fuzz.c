/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of /proc/PID/fdinfo/N, and of the link beside it: lib/look/desc.h. */
#include "tests/fuzz/fuzz.h"
#include "lib/look/desc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

FUZZ(fdinfo)
{
	char *text = fuzz_string(data, size), type[DESC_TYPE_MAX];
	struct desc d = {0};

	if (desc_parse_fdinfo(text, &d) == 0)
		CHECK(!(d.flags & O_CLOEXEC));
	for (mode_t perm = 0; perm <= S_IFMT; perm += S_IFIFO) {
		desc_type(text, perm, type, sizeof(type));
		CHECK(*type && memchr(type, '\0', sizeof(type)));
	}
	free(text);
}
