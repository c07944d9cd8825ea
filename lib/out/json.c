/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON output: see json.h. */
#include "lib/out/json.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

json_t *json_flags(int flags)
{
	return json_bits(names_open, (unsigned int)flags & ~(unsigned int)O_ACCMODE);
}

json_t *json_peer(const struct peer *p)
{
	return json_pack("{s:o, s:I}", "pid", p->pid ? json_integer(p->pid) : json_null(), "uid",
		(json_int_t)p->uid);
}

enum { LINE_FLAGS = JSON_COMPACT | JSON_ENSURE_ASCII };

int json_put(json_t *object)
{
	int done = json_dumpf(object, stdout, LINE_FLAGS);

	json_decref(object);
	return done;
}

int json_line(json_t *object)
{
	return json_put(object) < 0 || putchar('\n') == EOF ? -1 : 0;
}

char *json_text(json_t *object)
{
	char *text = json_dumps(object, LINE_FLAGS);
	char *line = must_printf("%s\n", text ? text : "null");

	free(text);
	json_decref(object);
	return line;
}
