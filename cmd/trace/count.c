/* SPDX-License-Identifier: GPL-3.0-or-later */
/* trace -c: how many calls of which process, and how far they moved the offset. */
#include "cmd/trace/trace.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/out/table.h"
#include "lib/trace/words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct tally {
	int pid;
	char command[16];
	const char *call;
	uint64_t calls, errors;
	int64_t moved;
};

static struct tally *find(struct trace_state *s, int pid, const char *call)
{
	for (size_t i = 0; i < s->n_tallies; i++)
		if (s->tallies[i].pid == pid && strcmp(s->tallies[i].call, call) == 0)
			return &s->tallies[i];
	s->tallies = must_grow(s->tallies, s->n_tallies, sizeof(*s->tallies));
	s->tallies[s->n_tallies] = (struct tally){.pid = pid, .call = call};
	return &s->tallies[s->n_tallies++];
}

void trace_tally(struct trace_state *s, const struct trace_record *r)
{
	struct tally *t = find(s, r->pid, trace_name(r));

	memcpy(t->command, r->command, sizeof(t->command)); /* the last one */
	t->calls++;
	t->errors += r->result < 0 && r->result != TRACE_UNKNOWN;
	t->moved += r->pos_after - r->pos_before;
}

static int more(const void *a, const void *b)
{
	const struct tally *x = a, *y = b;

	if (x->calls != y->calls)
		return x->calls < y->calls ? 1 : -1;
	return x->pid != y->pid ? (x->pid > y->pid) - (x->pid < y->pid) : strcmp(x->call, y->call);
}

static void add_row(struct table *t, const struct tally *one)
{
	char *cells[] = {must_printf("%ju", (uintmax_t)one->calls),
		must_printf("%ju", (uintmax_t)one->errors),
		must_printf("%+jd", (intmax_t)one->moved), must_printf("%d", one->pid),
		must_strdup(text_show(one->command)), must_strdup(one->call)};

	table_row_taken(t, cells, false, NULL);
}

enum status trace_print_tallies(struct trace_state *s)
{
	static const struct table_column columns[] = {{"CALLS", true, false}, {"ERRORS", true, false},
		{"MOVED", true, false}, {"PID", true, false}, {"COMMAND", false, false},
		{"CALL", false, false}};
	struct table *t = table_new(columns, ARRAY_SIZE(columns), &(struct table_opts){0});

	if (!t)
		return report(STATUS_FAIL, "a table", dl_fault(), 0);
	if (s->n_tallies > 0)
		qsort(s->tallies, s->n_tallies, sizeof(*s->tallies), more);
	for (size_t i = 0; i < s->n_tallies; i++)
		add_row(t, &s->tallies[i]);
	return table_print(t) < 0 ? report_output(errno) : STATUS_OK;
}
