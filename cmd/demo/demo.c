/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo: what passing a descriptor does, shown and checked between two real processes. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/demo/lesson.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* In the order in which they are best taken. */
#define LESSONS(row)                                                                               \
	row(numbers) row(offset) row(flags) row(ebadf) row(sockets) row(pair) row(anatomy)         \
		row(eventfd) row(mypoll) row(broker) row(outlive) row(trace) row(nonblock)

#define POINTER(name) &lesson_##name,
#define WORD(name) #name " "

static const struct lesson *const lessons[] = {LESSONS(POINTER)};

enum { LESSON_COUNT = ARRAY_SIZE(lessons) };

struct demo {
	bool list;
	bool all; /* no LESSON was given */
	size_t n;
	const struct lesson *chosen[LESSON_COUNT];
};

static const struct opt options[] = {
	{0, "list", NULL, "list the lessons, and what each shows", opt_flag,
		offsetof(struct demo, list)},
	OPT_END,
};

static const char *no_lesson(const char *word)
{
	static char fault[96];
	struct nearest n = nearest_to(word);

	for (size_t i = 0; i < LESSON_COUNT; i++)
		nearest_try(&n, lessons[i]->name);
	if (!n.word)
		return "is not a lesson: 'fdtool demo --list' lists them";
	snprintf(fault, sizeof(fault),
		"is not a lesson: did you mean '%s'? 'fdtool demo --list' lists them", n.word);
	return fault;
}

/* A lesson that is named twice runs once. */
static void choose(struct demo *d, const struct lesson *l)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->chosen[i] == l)
			return;
	d->chosen[d->n++] = l;
}

static const char *take_lesson(const char *word, void *state)
{
	for (size_t i = 0; i < LESSON_COUNT; i++)
		if (strcmp(lessons[i]->name, word) == 0) {
			choose(state, lessons[i]);
			return NULL;
		}
	return no_lesson(word);
}

static enum status list_lessons(void)
{
	for (size_t i = 0; i < LESSON_COUNT; i++)
		printf("%-8s  %s\n", lessons[i]->name, lessons[i]->summary);
	return report_flush();
}

struct tally {
	size_t held, skipped;
};

/* Skips a lesson that cannot run here, unless it was requested by name. */
static void run_lesson(const struct demo *d, const struct lesson *l, struct tally *t)
{
	const char *lack = l->lacks ? l->lacks() : NULL;

	if (!lack) {
		t->held += lesson_run(l) == STATUS_OK;
	} else if (d->all) {
		printf("%s: skipped: %s\n", l->name, lack);
		t->skipped++;
	} else {
		report(STATUS_FAIL, l->name, lack, 0);
	}
}

/* Goes on after a lesson that failed. */
static enum status run_lessons(const struct demo *d)
{
	struct tally t = {0};

	for (size_t i = 0; i < d->n && !ferror(stdout); i++) {
		if (i > 0)
			putchar('\n');
		run_lesson(d, d->chosen[i], &t);
	}
	if (d->n > 1 && !ferror(stdout)) {
		printf("\n%zu of %zu lessons held", t.held, d->n);
		if (t.skipped)
			printf(", %zu skipped", t.skipped);
		puts(".");
	}
	return t.held + t.skipped == d->n ? STATUS_OK : STATUS_FAIL;
}

static enum status run(void *state, char **program)
{
	struct demo *d = state;

	(void)program;
	if (d->list)
		return list_lessons();
	setlocale(LC_CTYPE, "");
	d->all = d->n == 0;
	for (size_t i = 0; d->all && i < LESSON_COUNT; i++)
		choose(d, lessons[i]);
	return run_lessons(d);
}

const struct cmd cmd_demo = {
	.name = "demo",
	.operands = "[LESSON]...",
	.summary = "lessons on passing a descriptor, with two real processes",
	.text = "Without LESSON all of them run. Each runs two processes, shows their calls and\n"
		"results, checks its claims, and fails if one did not hold. The second socket pair,\n"
		"which keeps the two in step, is not shown. 'broker' needs root: without root it is\n"
		"skipped, unless it is named.\n",
	.opts = options,
	.state = sizeof(struct demo),
	.operand = take_lesson,
	.kind = WORD_CHOICE,
	.choices = LESSONS(WORD),
	.run = run,
};
