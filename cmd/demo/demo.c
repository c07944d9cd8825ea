/* SPDX-License-Identifier: GPL-3.0-or-later */
/* demo: what passing a descriptor does, shown and checked between two real processes. */
#include "cmd/cli/command.h"
#include "cmd/cli/commands.h"
#include "cmd/cli/wrap.h"
#include "cmd/demo/lesson.h"
#include "cmd/prompt/prompt.h"
#include "lib/base/memory.h"
#include "lib/base/nearest.h"
#include "lib/base/number.h"
#include "lib/base/text.h"

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
	bool list, pause, no_pause;
	bool all; /* no LESSON was given */
	size_t n;
	const struct lesson *chosen[LESSON_COUNT];
};

static const struct opt options[] = {
	{0, "list", NULL, "list the lessons, and what each shows", opt_flag,
		offsetof(struct demo, list)},
	{0, "pause", NULL, "wait for Enter after each claim; the default for LESSON at a terminal",
		opt_flag, offsetof(struct demo, pause)},
	{0, "no-pause", NULL, "do not wait; without LESSON run all of them", opt_flag,
		offsetof(struct demo, no_pause)},
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

/* The position in lessons, or LESSON_COUNT. */
static size_t find(const char *word)
{
	size_t i = 0;

	while (i < LESSON_COUNT && strcmp(lessons[i]->name, word) != 0)
		i++;
	return i;
}

static const char *take_lesson(const char *word, void *state)
{
	size_t i = find(word);

	if (i == LESSON_COUNT)
		return no_lesson(word);
	choose(state, lessons[i]);
	return NULL;
}

/* In a line that has that many columns already. */
static void print_lesson(int column, size_t i)
{
	size_t indent = (size_t)column + (size_t)printf("%-8s  ", lessons[i]->name);

	wrap_print(indent, indent, lessons[i]->summary);
}

static enum status list_lessons(void)
{
	for (size_t i = 0; i < LESSON_COUNT; i++)
		print_lesson(0, i);
	return report_flush();
}

struct tally {
	size_t held, skipped, failed;
	bool quit;
};

static void count(struct tally *t, unsigned int end)
{
	t->held += end == LESSON_HELD;
	t->failed += (end & LESSON_FAILED) != 0;
	t->quit = end & LESSON_QUIT;
}

/* Skips a lesson that cannot run here, unless it was requested by name. */
static void run_lesson(const struct demo *d, const struct lesson *l, struct tally *t)
{
	const char *lack = l->lacks ? l->lacks() : NULL;

	if (!lack) {
		count(t, lesson_run(l, d->pause));
	} else if (d->all) {
		printf("%s: skipped: %s\n", l->name, lack);
		t->skipped++;
	} else {
		report(STATUS_FAIL, l->name, lack, 0);
		t->failed++;
	}
}

/* Goes on after a lesson that failed. */
static enum status run_lessons(const struct demo *d)
{
	struct tally t = {0};

	for (size_t i = 0; i < d->n && !t.quit && !ferror(stdout); i++) {
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
	return t.failed ? STATUS_FAIL : STATUS_OK;
}

/* --- the menu ------------------------------------------------------------------------ */

static void print_menu(void)
{
	for (size_t i = 0; i < LESSON_COUNT; i++)
		print_lesson(printf("%2zu  ", i + 1), i);
}

/* The lesson that the answer means, by number or name; or LESSON_COUNT, and says why. */
static size_t answered(const char *answer)
{
	long long number;
	size_t i = find(answer);

	if (i < LESSON_COUNT)
		return i;
	if (number_parse(answer, 1, LESSON_COUNT, &number) == 0)
		return (size_t)number - 1;
	printf("'%s' is not a lesson: give its number, 1 to %d, or its name\n", text_show(answer),
		LESSON_COUNT);
	return LESSON_COUNT;
}

/* Asks for a lesson; next is the one that Enter takes. False: the user leaves. */
static bool ask_lesson(size_t next, size_t *chosen)
{
	char question[64], answer[64];

	snprintf(question, sizeof(question), "\nWhich lesson? (Enter: %s, ?: list, q: leave) ",
		lessons[next]->name);
	if (!ask(question, answer, sizeof(answer)))
		return false;
	*chosen = LESSON_COUNT;
	if (strcmp(answer, "?") == 0)
		print_menu();
	else
		*chosen = *answer ? answered(answer) : next;
	return true;
}

/* A q within a lesson leads back here. */
static enum status run_menu(const struct demo *d)
{
	struct tally t = {0};
	size_t chosen, next = 0;

	print_menu();
	while (!ferror(stdout) && ask_lesson(next, &chosen)) {
		if (chosen == LESSON_COUNT)
			continue;
		putchar('\n');
		run_lesson(d, lessons[chosen], &t);
		next = (chosen + 1) % LESSON_COUNT;
	}
	return t.failed ? STATUS_FAIL : STATUS_OK;
}

/* --- the command --------------------------------------------------------------------- */

static enum status run(void *state, char **program)
{
	struct demo *d = state;
	bool terminal = prompt_possible(); /* where somebody answers */
	bool decided = d->pause || d->no_pause;

	(void)program;
	if (d->list)
		return list_lessons();
	if (d->pause && d->no_pause)
		return report_usage("--pause and --no-pause exclude each other");
	if (d->pause && !terminal)
		return report_usage("--pause needs a terminal, to read from and to write to");
	setlocale(LC_CTYPE, "");
	d->pause = d->pause || (terminal && !decided);
	d->all = d->n == 0;
	if (d->all && terminal && !decided)
		return run_menu(d);
	for (size_t i = 0; d->all && i < LESSON_COUNT; i++)
		choose(d, lessons[i]);
	return run_lessons(d);
}

const struct cmd cmd_demo = {
	.name = "demo",
	.operands = "[LESSON]...",
	.summary = "lessons on passing a descriptor, with two real processes",
	.text = "Without LESSON all of them run, or at a terminal a menu lists them. Each runs two\n"
		"processes, shows their calls and results, checks its claims, and fails if one did\n"
		"not hold. The second socket pair, which keeps the two in step, is not shown.\n"
		"'broker' needs root: without root it is skipped, unless it is named.\n",
	.opts = options,
	.state = sizeof(struct demo),
	.operand = take_lesson,
	.kind = WORD_CHOICE,
	.choices = LESSONS(WORD),
	.run = run,
};
