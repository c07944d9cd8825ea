/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JSON output: see json.h. */
#include "lib/out/json.h"
#include "lib/base/names.h"

#include <fcntl.h>
#include <stdio.h>

json_t *json_flags(int flags)
{
	return json_bits(names_open, (unsigned int)flags & ~(unsigned int)O_ACCMODE);
}

json_t *json_peer(const struct peer *p)
{
	return json_pack("{s:o, s:I}", "pid", p->pid ? json_integer(p->pid) : json_null(), "uid",
		(json_int_t)p->uid);
}

int json_line(json_t *object)
{
	int done = json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);

	json_decref(object);
	return done < 0 || putchar('\n') == EOF ? -1 : 0;
}
