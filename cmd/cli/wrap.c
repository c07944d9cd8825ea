/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines for a person: see wrap.h. */
#include "cmd/cli/wrap.h"
#include "lib/base/text.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What is left of the width behind that column, 0: without limit. On a narrow terminal, some columns. */
static size_t columns_behind(size_t column)
{
	enum { MIN = 10 };
	struct winsize ws;
	size_t width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 ? ws.ws_col : 0;

	return width == 0 ? 0 : width < column + MIN ? MIN : width - column;
}

void wrap_print(size_t column, size_t indent, const char *text)
{
	const char *line;
	size_t len;

	while ((line = text_line(&text, columns_behind(column), &len))) {
		printf("%.*s\n%*s", (int)len, line, *text ? (int)indent : 0, "");
		column = indent;
	}
}
