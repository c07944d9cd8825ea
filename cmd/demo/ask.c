/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A question to the user at the terminal. See lesson.h. */
#include "cmd/demo/lesson.h"

#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Not by stdio: what it has read ahead, the next process that asks would miss. */
static bool read_line(char *line, size_t size)
{
	size_t len = 0;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1) {
		if (c == '\n') {
			line[len] = '\0';
			return true;
		}
		if (len < size - 1)
			line[len++] = c;
	}
	return false;
}

static void trim(char *line)
{
	static const char blanks[] = " \t";
	size_t begin = strspn(line, blanks), len = strlen(line);

	while (len > begin && strchr(blanks, line[len - 1]))
		len--;
	memmove(line, line + begin, len - begin);
	line[len - begin] = '\0';
}

bool ask(const char *question, char *line, size_t size)
{
	fputs(question, stdout);
	/* drops what was typed before: its echo is elsewhere on the screen */
	tcflush(STDIN_FILENO, TCIFLUSH);
	if (report_flush() != STATUS_OK)
		return false;
	if (!read_line(line, size)) {
		putchar('\n');
		return false;
	}
	trim(line);
	return strcmp(line, "q") != 0 && strcmp(line, "quit") != 0;
}

void ask_erase(void)
{
	fputs("\033[A\033[J", stdout); /* Enter has moved the cursor to the next line */
}
