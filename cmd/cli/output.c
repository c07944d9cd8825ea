/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Standard output of a command that has a loop: see output.h. */
#include "cmd/cli/output.h"
#include "lib/loop/outlet.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static struct outlet *outlet;
static FILE *before; /* stdout */

enum status output_begin(struct loop *loop, void (*lost)(void *data, size_t n), void *data)
{
	outlet = outlet_new(loop, STDOUT_FILENO, lost, data);
	if (!outlet)
		return report(STATUS_FAIL, "standard output", "fopencookie", errno);
	fflush(stdout);
	before = stdout;
	stdout = outlet_stream(outlet);
	return STATUS_OK;
}

bool output_takes(void)
{
	return !outlet || outlet_takes(outlet);
}

bool output_is_behind(void)
{
	return outlet && outlet_is_behind(outlet);
}

enum status output_flush(void)
{
	if (!outlet)
		return report_flush();
	return outlet_flush(outlet) == 0 ? STATUS_OK : report_output(errno);
}

enum status output_drain(void)
{
	return outlet_drain(outlet) == 0 ? STATUS_OK : report_output(errno);
}

enum status output_end(void)
{
	enum status st = output_flush();

	if (!outlet)
		return st;
	size_t left = outlet_free(outlet);
	outlet = NULL;
	stdout = before;
	if (left > 0 && st == STATUS_OK)
		report_note("standard output: nobody read the last %zu bytes", left);
	return st;
}
