/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server tells of its offers and their clients, as text or as JSON. */
#ifndef FDTOOL_CMD_CLIENT_OFFER_EVENT_H
#define FDTOOL_CMD_CLIENT_OFFER_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/out/json.h"
#include "lib/pass/server.h"

/* The event as a line. The caller frees it. */
char *offer_event_text(const struct offer_event *);
char *offer_event_json(const struct offer_event *);

/* The beginning of any event's object. */
json_t *offer_event_new(const char *event, const char *name);

/*
 * A client that is denied can come again at once, and the reader of our output may be slow. So
 * only the first denials of each second are shown.
 */
struct denials {
	size_t n; /* in the second that began at since */
	int64_t since;
};

/* Counts one. Returns whether it is to be shown. */
bool denials_show(struct denials *);

/* How many were not shown; 0 until that second is over. */
size_t denials_missed(struct denials *);

#endif
