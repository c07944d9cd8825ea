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
static void choose_numbers(struct grab *g)
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

static int highest(const struct grab *g)
{
	int max = 2;

	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at > max)
			max = g->wanted[i].at;
	return max;
}

/* A number above RLIMIT_NOFILE: dup2(2) fails with EBADF, F_DUPFD with EINVAL or EMFILE. */
static enum status number_failed(const struct wanted *w)
{
	char what[48];

	snprintf(what, sizeof(what), "make it descriptor %d", w->at);
	report(STATUS_FAIL, w->word, what, errno);
	report_hint("'ulimit -n' shows and sets how many descriptors a process may have");
	return STATUS_FAIL;
}

/*
 * Several descriptors are first moved above every requested number, so that moving one to its
 * number replaces none of the others. The program gets nothing else that is open.
 */
static enum status place_all(struct grab *g)
{
	int above = highest(g) + 1;

	for (size_t i = 0; i < g->n; i++) {
		struct client *c = &g->wanted[i].client;
		fd_close(&c->sock); /* exec would do so; but its number may be requested */
		if (g->n == 1)
			break;
		int moved = fcntl(c->fd, F_DUPFD_CLOEXEC, above);
		if (moved < 0)
			return number_failed(&g->wanted[i]);
		fd_close(&c->fd);
		c->fd = moved;
	}
	if (fd_cloexec_from(3) < 0)
		return report(STATUS_FAIL, g->wanted[0].word,
			"make all other descriptors close-on-exec", errno);
	for (size_t i = 0; i < g->n; i++)
		if (fd_move_to(&g->wanted[i].client.fd, g->wanted[i].at) < 0)
			return number_failed(&g->wanted[i]);
	return STATUS_OK;
}

/* The word on the command line if it is a NAME, otherwise the server's name. */
static const char *listen_name(const struct wanted *w)
{
	if (!addr_name_fault(w->word))
		return w->word;
	return *w->client.name ? w->client.name : "unknown"; /* as sd_listen_fds(3) */
}

static const char *name_at(const struct grab *g, int at)
{
	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at == at)
			return listen_name(&g->wanted[i]);
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

static enum status run_program(char **program)
{
	execvp(program[0], program);
	int err = errno;
	bool missing = err == ENOENT;
	report(missing ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN, program[0],
		missing ? "not found" : "cannot be run", err);
	return missing ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

enum status grab_become(struct grab *g, char **program)
{
	choose_numbers(g);
	enum status st = place_all(g);
	if (st != STATUS_OK)
		return st;
	program_inherits();
	set_environment(g);
	return run_program(program);
}
