/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the messages on stderr: see report.h. */
#include "cmd/cli/report.h"
#include "cmd/cli/wrap.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Not formatted in advance: printf would make a start-up that prints nothing slower. */
static const char *command;
static const char *reporter = "fdtool";

void report_program(const char *name)
{
	reporter = name;
}

void report_as(const char *name)
{
	command = name;
}

const char *report_command(void)
{
	return command;
}

/* Takes the line. On a terminal what does not fit goes on in the next one. */
static void print_line(size_t column, char *line)
{
	char *wrapped = wrap_text(STDERR_FILENO, column, 2, line);

	fprintf(stderr, "%*s%s", (int)column, "", wrapped);
	free(wrapped);
	free(line);
}

/* The beginning of a message: "fdtool serve". */
static char *name(void)
{
	return must_printf("%s%s%s", reporter, command ? " " : "", command ? command : "");
}

/* Takes what follows the name. */
static void print_message(char *message)
{
	char *from = name();

	print_line(0, must_printf("%s: %s", from, message));
	free(from);
	free(message);
}

enum status report(enum status status, const char *object, const char *what, int err)
{
	if (err)
		print_message(must_printf("%s: %s: %s (%s)", text_show(object), what, names_errno(err), strerror(err)));
	else
		print_message(must_printf("%s: %s", text_show(object), what));
	return status;
}

enum status report_look(const char *object, const char *what)
{
	int err = errno;
	const char *fault = proc_fault();

	return fault ? report(STATUS_FAIL, "/proc", fault, 0) : report(STATUS_FAIL, object, what, err);
}

enum status report_not_run(const char *program, int err)
{
	return err == ENOENT ? report(STATUS_NOT_FOUND, program, "not found", err)
			     : report(STATUS_CANNOT_RUN, program, "cannot be run", err);
}

void report_hint(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print_line(2, must_vprintf(format, ap));
	va_end(ap);
}

enum status report_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	char *fault = must_vprintf(format, ap), *from = name();
	va_end(ap);
	print_message(must_printf("%s%s see '%s --help'", fault,
		format[strlen(format) - 1] == '?' ? "" : ";", from));
	free(fault);
	free(from);
	return STATUS_USAGE;
}

void report_note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print_message(must_vprintf(format, ap));
	va_end(ap);
}

enum status report_output(int err)
{
	static bool reported;

	if (!reported)
		report(STATUS_FAIL, "standard output", "write", err);
	reported = true;
	return STATUS_FAIL;
}

enum status report_flush(void)
{
	bool lost = ferror(stdout); /* an earlier write failed, and its errno is gone */

	if (fflush(stdout) == 0 && !lost)
		return STATUS_OK;
	return report_output(lost ? 0 : errno);
}
