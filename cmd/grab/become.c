/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How grab becomes the program: the numbers of the descriptors, the environment, exec.
 *
 * On the start-up path of "grab NAME -- PROGRAM": see HOT_OBJ in the Makefile.
 */
#include "cmd/grab/grab.h"
#include "lib/base/addr.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* The word on the command line if it is the NAME of an offer, otherwise the peer's name. */
static const char *listen_name(const struct grab *g, const struct wanted *w)
{
	if (!g->listen && !addr_name_fault(w->word))
		return w->word;
	return *w->client.name ? w->client.name : "unknown"; /* as sd_listen_fds(3) */
}

static const char *name_at(const struct grab *g, int at)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at == at)
			return listen_name(g, &g->wanted[i]);
	return NULL;
}

/*
 * The environment is made without printf and setenv: in a run this short, loading the pages of
 * their code costs more than what they do.
 */
static char *put_number(char *to, int n)
{
	char digits[12], *p = digits + sizeof(digits);

	*--p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return stpcpy(to, p);
}

static void set_variable(const char *name, int n)
{
	char *variable = must_calloc(strlen(name) + 14, 1);

	put_number(stpcpy(stpcpy(variable, name), "="), n);
	putenv(variable);
}

/* FDTOOL_FD_notes_txt=3: what cannot be in a variable's name becomes an underscore. */
static void set_number(const char *name, int at)
{
	char variable[sizeof("FDTOOL_FD_") + ADDR_NAME_MAX];
	char *end = stpcpy(stpcpy(variable, "FDTOOL_FD_"), name);

	for (char *p = variable; p < end; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
			!(*p >= '0' && *p <= '9'))
			*p = '_';
	set_variable(variable, at);
}

/* The protocol of sd_listen_fds(3): LISTEN_FDS counts the descriptors from 3 on up to a gap. */
static void set_environment(const struct grab *g)
{
	static const char fdnames[] = "LISTEN_FDNAMES=";
	char *names = must_calloc(sizeof(fdnames) + g->n * (ADDR_NAME_MAX + 1), 1);
	char *end = stpcpy(names, fdnames);
	int n = 0;

	for (const char *name = name_at(g, 3); name; name = name_at(g, 3 + n)) {
		end = stpcpy(stpcpy(end, n ? ":" : ""), name);
		n++;
	}
	for (size_t i = 0; i < g->n; i++)
		set_number(name_at(g, g->wanted[i].at), g->wanted[i].at);
	set_variable("LISTEN_FDS", n);
	set_variable("LISTEN_PID", getpid());
	putenv(names);
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
	set_environment(g);
	return run_program(program, own_stderr);
}
