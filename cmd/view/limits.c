/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations that a descriptor allows: see limits.h. */
#include "cmd/view/limits.h"
#include "cmd/cli/wrap.h"
#include "lib/base/names.h"
#include "lib/look/limits.h"
#include "lib/out/json.h"

#include <errno.h>
#include <stdio.h>

enum status limits_print(int fd, const char *name)
{
	static const char *const words[] = {
		[LIMIT_WORKS] = "works", [LIMIT_FAILS] = "", [LIMIT_UNKNOWN] = "unknown"};
	struct limit rows[LIMITS_MAX];
	int n = limits_of(fd, rows);

	if (n < 0)
		return report_look(name, "look at the descriptor");
	for (const struct limit *l = rows; l < rows + n; l++) {
		int column = printf("%-22s %-8s ", l->operation,
			l->verdict == LIMIT_FAILS ? names_errno(l->err) : words[l->verdict]);
		wrap_print((size_t)column, (size_t)column, l->reason);
	}
	return STATUS_OK;
}

static json_t *limit_json(const struct limit *l)
{
	bool fails = l->verdict == LIMIT_FAILS;

	return json_pack("{s:s, s:o, s:o, s:s}", "operation", l->operation, "works",
		l->verdict == LIMIT_UNKNOWN ? json_null() : json_boolean(!fails), "errno",
		fails ? json_string(names_errno(l->err)) : json_null(), "reason", l->reason);
}

enum status limits_print_json(int fd, const char *name)
{
	struct limit rows[LIMITS_MAX];
	int n = limits_of(fd, rows);
	json_t *all = json_array();

	for (int i = 0; i < n; i++)
		json_array_append_new(all, limit_json(&rows[i]));
	if (n >= 0) {
		json_line(all);
		return STATUS_OK;
	}
	json_decref(all);
	return report_look(name, "look at the descriptor");
}
