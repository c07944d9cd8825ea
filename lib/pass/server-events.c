/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server's events, and its end after the last grant: see server.h. */
#include "lib/base/fd.h"
#include "lib/base/release.h"
#include "lib/pass/server-internal.h"

#include <stdlib.h>

void server_emit(const struct offer *o, enum offer_event_kind kind, const struct peer *peer,
	int sock, const char *why, int err)
{
	const struct server_rules *rules = o->server->rules;
	struct offer_event e = {kind, o, peer, sock, why, err};

	if (rules->event)
		rules->event(rules->data, &e);
}

void offer_stop_listening(struct offer *o)
{
	loop_remove(&o->source);
	if (o->listener >= 0)
		addr_unbind(&o->addr);
	fd_close(&o->listener);
}

void offer_free(struct offer *o)
{
	LIST_REMOVE(o, link);
	narrow_stop(o);
	fd_close(&o->narrowing_sock);
	offer_stop_listening(o);
	for (size_t i = 0; i < o->nfds; i++) {
		release_fd(&o->fds[i]);
		free(o->names[i]);
	}
	free(o->fds);
	free(o->names);
	free(o->name);
	free(o);
}

void server_finish_if_done(struct server *server)
{
	const struct server_rules *rules = server->rules;
	struct offer *o;

	if (rules->count == 0 || server->granted < rules->count || server->n_narrowing)
		return;
	LIST_FOREACH (o, &server->offers, link)
		offer_stop_listening(o);
	if (LIST_EMPTY(&server->connections) && rules->event)
		rules->event(rules->data, &(struct offer_event){.kind = OFFER_FINISHED});
}
