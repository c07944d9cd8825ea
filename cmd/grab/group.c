/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors that came as a group: each becomes a `wanted` of its own, with a number of its own. */
#include "cmd/grab/grab.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/release.h"

#include <bsd/string.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes room for n more after the one at i. */
static struct wanted *insert(struct grab *g, size_t i, size_t n)
{
	g->wanted = must_realloc(g->wanted, g->n + n, sizeof(*g->wanted));
	memmove(g->wanted + i + 1 + n, g->wanted + i + 1, (g->n - i - 1) * sizeof(*g->wanted));
	g->n += n;
	return g->wanted + i;
}

static void take_member(struct wanted *to, const struct wanted *first, const struct client_rest *r, int k)
{
	*to = (struct wanted){.word = first->word,
		.at = first->requested ? first->at + k : -1,
		.requested = first->requested,
		.member = true};
	to->client.fd = r->fd;
	to->client.sock = -1;
	to->client.server = first->client.server;
	to->client.server_fd = r->server_fd;
	strlcpy(to->client.name, r->name, sizeof(to->client.name));
}

/* -f N of a group means N and those after it. */
static enum status check_requested(const struct grab *g)
{
	for (size_t i = 0; i < g->n; i++)
		for (size_t j = i + 1; j < g->n; j++)
			if (g->wanted[i].requested && g->wanted[j].requested &&
				g->wanted[i].at == g->wanted[j].at) {
				char *what = must_printf("two descriptors would be at %d: -f gives the number of "
							 "a group's first",
					g->wanted[i].at);
				report(STATUS_FAIL, g->wanted[j].word, what, 0);
				free(what);
				return STATUS_FAIL;
			}
	return STATUS_OK;
}

/* --- the numbers ------------------------------------------------------------------ */

static bool is_placed(const struct wanted *w)
{
	return w->client.fd < 0 || w->client.fd == w->at;
}

/* Moves it to a number from `at` on that is free, or with exactly to that number. */
static int move(struct wanted *w, int at, bool exactly)
{
	int moved = exactly ? dup3(w->client.fd, at, O_CLOEXEC)
			    : fcntl(w->client.fd, F_DUPFD_CLOEXEC, at);

	if (moved < 0)
		return -1;
	release_fd(&w->client.fd);
	w->client.fd = moved;
	return 0;
}

/*
 * Where a number was not free they are not where they belong; nor may one go where another still
 * is. So they go out of the way first. One that is to be stderr stays there: see grab_receive_at.
 */
static int place(struct grab *g)
{
	int above = 0;

	for (size_t i = 0; i < g->n; i++)
		if (g->wanted[i].at >= above)
			above = g->wanted[i].at + 1;
	for (size_t i = 0; i < g->n; i++)
		if (!is_placed(&g->wanted[i]) && move(&g->wanted[i], above, false) < 0)
			return -1;
	for (size_t i = 0; i < g->n; i++)
		if (!is_placed(&g->wanted[i]) && g->wanted[i].at != STDERR_FILENO &&
			move(&g->wanted[i], g->wanted[i].at, true) < 0)
			return -1;
	return 0;
}

/* Whatever has no -f. */
static void choose_again(struct grab *g)
{
	for (size_t i = 0; i < g->n; i++)
		if (!g->wanted[i].requested)
			g->wanted[i].at = -1;
	grab_choose_numbers(g);
}

enum status grab_unfold(struct grab *g, size_t i, bool program)
{
	size_t n = g->wanted[i].client.n_rest;

	if (n == 0)
		return STATUS_OK;
	struct wanted *w = insert(g, i, n);
	for (size_t k = 0; k < n; k++)
		take_member(&w[k + 1], w, &w->client.rest[k], (int)k + 1);
	free(w->client.rest);
	w->client.rest = NULL;
	w->client.n_rest = 0;
	w->member = true;
	strlcpy(w->client.name, w->client.member, sizeof(w->client.name));
	if (!program)
		return STATUS_OK;
	if (check_requested(g) != STATUS_OK)
		return STATUS_FAIL;
	fd_close(&w->client.sock); /* exec would do so; but its number may be requested */
	choose_again(g);
	return place(g) == 0 ? STATUS_OK : report(STATUS_FAIL, w->word, "give it its number", errno);
}
