/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * By what the program finds its descriptors: the variables of each convention of --env.
 *
 * On the start-up path of "grab NAME -- PROGRAM": see HOT_OBJ in the Makefile. The variables are
 * made without printf and setenv: in a run this short, loading the pages of their code costs more
 * than what they do.
 */
#include "cmd/grab/grab.h"
#include "lib/base/addr.h"
#include "lib/base/memory.h"
#include "lib/base/program.h"
#include "lib/look/diag.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DIGITS = 20 }; /* of a number of 64 bits */

static char *put_number(char *to, uint64_t n)
{
	char digits[DIGITS + 1], *p = digits + sizeof(digits);

	*--p = '\0';
	do {
		*--p = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	return stpcpy(to, p);
}

static void set_variable(const char *name, uint64_t n)
{
	char *variable = must_calloc(strlen(name) + DIGITS + 2, 1);

	put_number(stpcpy(stpcpy(variable, name), "="), n);
	putenv(variable);
}

static int number_at(const struct grab *g, size_t i)
{
	return g->wanted[i].at;
}

/*
 * The word on the command line if it is a NAME, otherwise the server's name; of several that were
 * sent to one NAME, the name that the sender gave each.
 */
static const char *listen_name(const struct grab *g, const struct wanted *w)
{
	if (!w->member && !addr_name_fault(w->word) && (!g->listen || !*w->client.name))
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

/* FDTOOL_FD_notes_txt=3: what cannot be in a variable's name becomes an underscore. */
static void set_fdtool_fd(const char *name, int at)
{
	char variable[sizeof("FDTOOL_FD_") + ADDR_NAME_MAX];
	char *end = stpcpy(stpcpy(variable, "FDTOOL_FD_"), name);

	for (char *p = variable; p < end; p++)
		if (!(*p >= 'a' && *p <= 'z') && !(*p >= 'A' && *p <= 'Z') &&
			!(*p >= '0' && *p <= '9'))
			*p = '_';
	set_variable(variable, (uint64_t)at);
}

/* --- sd_listen_fds(3) ---------------------------------------------------------------- */

/* LISTEN_FDS counts the descriptors from 3 on up to a gap. */
static enum status set_systemd(const struct grab *g)
{
	static const char fdnames[] = "LISTEN_FDNAMES=";
	char *names = must_calloc(sizeof(fdnames) + g->n * (ADDR_NAME_MAX + 1), 1);
	char *end = stpcpy(names, fdnames);
	uint64_t id = program_pidfd_id();
	int n = 0;

	for (const char *name = name_at(g, 3); name; name = name_at(g, 3 + n)) {
		end = stpcpy(stpcpy(end, n ? ":" : ""), name);
		n++;
	}
	set_variable("LISTEN_FDS", (uint64_t)n);
	set_variable("LISTEN_PID", (uint64_t)getpid());
	if (id)
		set_variable("LISTEN_PIDFDID", id);
	putenv(names);
	return STATUS_OK;
}

/* --- nginx(8) -------------------------------------------------------------------------- */

/* "NGINX=3;4;", which nginx gives to the one that replaces it. */
static enum status set_nginx(const struct grab *g)
{
	char *variable = must_calloc(sizeof("NGINX=") + g->n * (DIGITS + 1), 1);
	char *end = stpcpy(variable, "NGINX=");

	for (size_t i = 0; i < g->n; i++)
		end = stpcpy(put_number(end, (uint64_t)number_at(g, i)), ";");
	putenv(variable);
	return STATUS_OK;
}

/* --- Server::Starter ---------------------------------------------------------------------- */

/* Why Server::Starter's variable cannot have it; NULL: it can. */
static const char *starter_fault(const struct diag_socket *s)
{
	if (!*s->local)
		return "--env starter: it is no socket with an address";
	if (strpbrk(s->local, ";="))
		return "--env starter: its address has a ';' or '=', at which the variable is divided";
	return NULL;
}

/* "SERVER_STARTER_PORT=127.0.0.1:8080=3;/run/web=4" */
static enum status set_starter(const struct grab *g)
{
	char *variable = must_calloc(sizeof("SERVER_STARTER_PORT=") + g->n * (DIAG_NAME_MAX + DIGITS + 2), 1);
	char *end = stpcpy(variable, "SERVER_STARTER_PORT=");
	struct diag_socket socket;

	for (size_t i = 0; i < g->n; i++) {
		diag_query(number_at(g, i), &socket);
		const char *fault = starter_fault(&socket);
		if (fault) {
			free(variable);
			return report(STATUS_FAIL, g->wanted[i].word, fault, 0);
		}
		end = stpcpy(stpcpy(stpcpy(end, i ? ";" : ""), socket.local), "=");
		end = put_number(end, (uint64_t)number_at(g, i));
	}
	putenv(variable);
	return STATUS_OK;
}

/* --- einhorn -------------------------------------------------------------------------------- */

/* EINHORN_FD_COUNT and EINHORN_FD_0, …; EINHORN_FDS is of its old versions. */
static enum status set_einhorn(const struct grab *g)
{
	char name[sizeof("EINHORN_FD_") + DIGITS];
	char *all = must_calloc(sizeof("EINHORN_FDS=") + g->n * (DIGITS + 1), 1);
	char *end = stpcpy(all, "EINHORN_FDS=");

	set_variable("EINHORN_FD_COUNT", g->n);
	for (size_t i = 0; i < g->n; i++) {
		put_number(stpcpy(name, "EINHORN_FD_"), i);
		set_variable(name, (uint64_t)number_at(g, i));
		end = put_number(stpcpy(end, i ? " " : ""), (uint64_t)number_at(g, i));
	}
	putenv(all);
	return STATUS_OK;
}

/* --- all of them ----------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum status (*set)(const struct grab *);
} conventions[] = {
	{"systemd", set_systemd}, {"nginx", set_nginx}, {"starter", set_starter}, {"einhorn", set_einhorn}};

const char *grab_parse_env(const char *arg, void *into)
{
	unsigned int *chosen = into;

	for (size_t i = 0; i < ARRAY_SIZE(conventions); i++)
		if (strcmp(arg, conventions[i].word) == 0) {
			*chosen |= 1U << i;
			return NULL;
		}
	return "must be systemd, nginx, starter or einhorn";
}

enum status grab_set_environment(const struct grab *g)
{
	unsigned int chosen = g->env ? g->env : 1; /* systemd */

	for (size_t i = 0; i < g->n; i++)
		set_fdtool_fd(listen_name(g, &g->wanted[i]), number_at(g, i));
	for (size_t i = 0; i < ARRAY_SIZE(conventions); i++)
		if (chosen & 1U << i && conventions[i].set(g) != STATUS_OK)
			return STATUS_FAIL;
	return STATUS_OK;
}
