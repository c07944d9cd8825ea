/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long lines for a person: see wrap.h. */
#include "cmd/cli/wrap.h"
#include "lib/base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* What is left of the width behind that column, 0: without limit. On a narrow terminal, some columns. */
static size_t columns_behind(int fd, size_t column)
{
	enum { MIN = 10 };
	struct winsize ws;
	size_t width = ioctl(fd, TIOCGWINSZ, &ws) == 0 ? ws.ws_col : 0;

	return width == 0 ? 0 : width < column + MIN ? MIN : width - column;
}

char *wrap_text(int fd, size_t column, size_t indent, const char *text)
{
	char *out;
	size_t size, len;
	FILE *f = open_memstream(&out, &size);
	const char *line = text_line(&text, columns_behind(fd, column), &len);

	for (bool first = true; line; first = false, line = text_line(&text, columns_behind(fd, indent), &len))
		fprintf(f, "%s%*s%.*s", first ? "" : "\n", first ? 0 : (int)indent, "", (int)len, line);
	fputc('\n', f);
	fclose(f);
	return out;
}

void wrap_print(size_t column, size_t indent, const char *text)
{
	char *wrapped = wrap_text(STDOUT_FILENO, column, indent, text);

	fputs(wrapped, stdout);
	free(wrapped);
}
