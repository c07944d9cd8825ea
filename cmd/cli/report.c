/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the messages on stderr: see report.h. */
#include "cmd/cli/report.h"
#include "lib/base/names.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

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

static void print_name(void)
{
	fprintf(stderr, "%s%s%s", reporter, command ? " " : "", command ? command : "");
}

enum status report(enum status status, const char *object, const char *what, int err)
{
	print_name();
	fprintf(stderr, ": %s: %s", text_show(object), what);
	if (err)
		fprintf(stderr, ": %s (%s)", names_errno(err), strerror(err));
	fputc('\n', stderr);
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

static void __attribute__((format(printf, 1, 0))) print_message(const char *format, va_list ap)
{
	print_name();
	fputs(": ", stderr);
	vfprintf(stderr, format, ap);
}

void report_hint(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fputs("  ", stderr);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
	va_end(ap);
}

enum status report_usage(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print_message(format, ap);
	fputs(format[strlen(format) - 1] == '?' ? " see '" : "; see '", stderr);
	print_name();
	fputs(" --help'\n", stderr);
	va_end(ap);
	return STATUS_USAGE;
}

void report_note(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	print_message(format, ap);
	fputc('\n', stderr);
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
