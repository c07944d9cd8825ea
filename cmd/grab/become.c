/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How grab becomes the program: the numbers of the descriptors, and exec.
 *
 * On the start-up path of "grab NAME -- PROGRAM": see HOT_OBJ in the Makefile.
 */
#include "cmd/grab/grab.h"
#include "lib/base/fd.h"
#include "lib/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Descriptors without -f get the numbers from 3 on that no -f has. */
void grab_choose_numbers(struct grab *g)
{
	int next = 3;

	for (size_t i = 0; i < g->n; i++) {
		if (g->wanted[i].at >= 0)
			continue;
		for (size_t j = 0; j < g->n; j++)
			if (g->wanted[j].at == next) {
				next++;
				j = (size_t)-1; /* compare with all of them again */
			}
		g->wanted[i].at = next++;
	}
}

/* One that is to be stderr waits elsewhere: until exec a message still goes to our own. */
int grab_receive_at(const struct grab *g, const struct wanted *w)
{
	int above = w->at;

	for (size_t i = 0; w->at == STDERR_FILENO && i < g->n; i++)
		if (g->wanted[i].at >= above)
			above = g->wanted[i].at + 1;
	return above;
}

static int cannot_pass(const struct wanted *w)
{
	report(STATUS_FAIL, w->word, "pass it to the program", errno);
	return -1;
}

/*
 * The program gets nothing else that is open. Returns our own stderr where it gets another, or
 * 0, or -1 after a report.
 */
static int pass_on(struct grab *g)
{
	int own_stderr = 0;

	if (fd_cloexec_from(3) < 0) {
		report(STATUS_FAIL, g->wanted[0].word,
			"make all other descriptors close-on-exec", errno);
		return -1;
	}
	for (size_t i = 0; i < g->n; i++) {
		struct wanted *w = &g->wanted[i];
		if (w->at == STDERR_FILENO) {
			own_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
			if (own_stderr < 0 || fd_move_to(&w->client.fd, w->at) < 0)
				return cannot_pass(w);
		} else if (fd_inherit(w->client.fd) < 0)
			return cannot_pass(w);
	}
	return own_stderr;
}

static enum status run_program(char **program, int own_stderr)
{
	execvp(program[0], program);
	int err = errno;
	if (own_stderr)
		dup2(own_stderr, STDERR_FILENO);
	return report_not_run(program[0], err);
}

enum status grab_become(struct grab *g, char **program)
{
	int own_stderr = pass_on(g);

	if (own_stderr < 0)
		return STATUS_FAIL;
	program_inherits();
	enum status st = grab_set_environment(g);
	return st != STATUS_OK ? st : run_program(program, own_stderr);
}
