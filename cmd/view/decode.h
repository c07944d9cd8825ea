/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one read of a descriptor gave, by its type: as words, or as JSON. */
#ifndef FDTOOL_CMD_VIEW_DECODE_H
#define FDTOOL_CMD_VIEW_DECODE_H

#include <jansson.h>
#include <stddef.h>

/*
 * Calls each with an object for every record in the bytes: {"count":3} of an
 * eventfd, {"expirations":1} of a timerfd, {"signal":"USR1",…} of a signalfd,
 * {"mask":["IN_CREATE"],"file":"a",…} of inotify, {"text":"…"} for each line of
 * text, {"hex":"…"} of anything else. each takes the object.
 */
void decode(const char *type, const char *bytes, size_t len, void (*each)(void *data, json_t *fields),
	void *data);

/* The object as "count=3", "mask=IN_CREATE file=\"two words\"", on stdout. */
void decode_print(const json_t *fields);

#endif
