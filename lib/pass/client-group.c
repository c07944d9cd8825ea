/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The descriptors of a group that came after the first: client_take_rest of client-internal.h. */
#include "lib/base/memory.h"
#include "lib/pass/client-internal.h"

#include <bsd/stdlib.h>
#include <bsd/string.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The next word of "a:b:c" in *list, "" where there is none. */
static const char *next(char **list)
{
	const char *word = strsep(list, ":");

	return word ? word : "";
}

static void set_name(char out[ADDR_NAME_MAX + 1], const char *word)
{
	strlcpy(out, addr_name_fault(word) ? "" : word, ADDR_NAME_MAX + 1);
}

static int number(const char *word)
{
	const char *fault;
	int n = (int)strtonum(word, 0, INT_MAX, &fault);

	return fault ? -1 : n;
}

void client_take_rest(struct msg *m, const struct protocol_in *in, struct client *c)
{
	const char *names = protocol_get(in, "names"), *numbers = protocol_get(in, "fd");
	char *names_copy = must_strdup(names ? names : ""), *name = names_copy;
	char *numbers_copy = must_strdup(numbers ? numbers : ""), *at = numbers_copy;

	c->n_rest = m->nfds - 1;
	c->rest = must_calloc(c->n_rest, sizeof(*c->rest));
	set_name(c->member, next(&name));
	c->server_fd = number(next(&at));
	for (size_t i = 0; i < c->n_rest; i++) {
		struct client_rest *r = &c->rest[i];
		r->fd = m->fds[i + 1];
		r->server_fd = number(next(&at));
		set_name(r->name, next(&name));
	}
	m->nfds = 1;
	free(names_copy);
	free(numbers_copy);
}
