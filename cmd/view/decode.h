/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decodes the bytes that one read of a descriptor returned, by its type. */
#ifndef FDTOOL_CMD_VIEW_DECODE_H
#define FDTOOL_CMD_VIEW_DECODE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Calls each with an object for every record in the bytes: {"count":3} for an
 * eventfd, {"expirations":1} for a timerfd, {"signal":"USR1",…} for a signalfd,
 * {"mask":["IN_CREATE"],"file":"a",…} for inotify, {"text":"…"} for each line of
 * text, {"hex":"…"} for anything else. each takes the object.
 */
void decode(const char *type, const char *bytes, size_t len,
	void (*each)(void *data, json_t *fields), void *data);

/* Prints the object on stdout, as in "count=3" or "mask=IN_CREATE file=\"two words\"". */
void decode_print(const json_t *fields);

/* "6869", or "68 69" when spaced. The caller frees. */
char *hex_text(const char *bytes, size_t len, bool spaced);

#endif
