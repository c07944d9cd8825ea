/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tier 1. The text of a message: "FDTOOL/1 VERB", then key=value lines. See
 * fdtool-protocol(7). Values are escaped as vis(3) does, so that a newline in a
 * path ends no line.
 */
#ifndef FDTOOL_LIB_PASS_PROTOCOL_H
#define FDTOOL_LIB_PASS_PROTOCOL_H

#include <stddef.h>

enum wire_verb { WIRE_OFFER, WIRE_DENY, WIRE_TAKEN, WIRE_NOTE, WIRE_OTHER };

enum { WIRE_MAX = 4095, WIRE_KEYS_MAX = 64 };

/* A message being written. */
struct wire_out {
	char text[WIRE_MAX + 1];
	size_t len;
};

void wire_begin(struct wire_out *, enum wire_verb);
/* Adds a line. One that does not fit any more is left out whole: keys are optional. */
void wire_add(struct wire_out *, const char *key, const char *value);
void wire_add_number(struct wire_out *, const char *key, long long value);

/* A message that was read: pointers into the text that it was parsed from. */
struct wire_in {
	enum wire_verb verb;
	size_t n;
	const char *keys[WIRE_KEYS_MAX];
	const char *values[WIRE_KEYS_MAX]; /* unescaped */
};

/*
 * Parses text in place (it is cut into pieces). Returns 0, or -1 with errno:
 * EPROTONOSUPPORT another version, EBADMSG no message of this protocol.
 */
int wire_parse(char *text, size_t len, struct wire_in *);

/* The value of a key, NULL where it is not there. */
const char *wire_get(const struct wire_in *, const char *key);

/* The same as a number in [least, most]; `otherwise` where it is missing or is none. */
long long wire_get_number(
	const struct wire_in *, const char *key, long long least, long long most, long long otherwise);

#endif
