/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of /proc/PID/stat: lib/look/scan.h. A process may have any name. */
#include "tests/fuzz/fuzz.h"
#include "lib/look/scan.h"

#include <stdlib.h>
#include <string.h>

FUZZ(stat)
{
	char *text = fuzz_string(data, size);
	struct scan_task t;
	bool has_name = strchr(text, '(') && strrchr(text, ')') > strchr(text, '(');

	if (scan_parse_stat(text, &t) == 0)
		CHECK(has_name && memchr(t.command, '\0', sizeof(t.command)));
	free(text);
}
