/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The text of a message: "FDTOOL/1 VERB", then key=value lines. See
 * fdtool-protocol(7). Values are escaped as vis(3) does, so a newline in a path
 * does not end the line.
 */
#ifndef FDTOOL_LIB_PASS_PROTOCOL_H
#define FDTOOL_LIB_PASS_PROTOCOL_H

#include <stddef.h>
#include <sys/types.h>

enum protocol_verb {
	PROTOCOL_OFFER,
	PROTOCOL_DENY,
	PROTOCOL_TAKEN,
	PROTOCOL_NOTE,
	PROTOCOL_DROP,
	PROTOCOL_TAKEOVER,
	PROTOCOL_HANDOVER,
	PROTOCOL_OTHER
};

enum { PROTOCOL_MAX = 4095, PROTOCOL_KEYS_MAX = 64 };

/* A message being written. */
struct protocol_out {
	char text[PROTOCOL_MAX + 1];
	size_t len;
};

void protocol_begin(struct protocol_out *, enum protocol_verb);
/* Adds a line. A line that does not fit is left out as a whole: all keys are optional. */
void protocol_add(struct protocol_out *, const char *key, const char *value);
void protocol_add_number(struct protocol_out *, const char *key, long long value);

/* Begins a DENY. err: an errno, or 0; uid: the peer's, as the kernel reports it. */
void protocol_deny(struct protocol_out *, const char *reason, int err, uid_t uid);

/* Sends the message without descriptors. Never waits, and loses what cannot be sent at once. */
void protocol_send(int sock, const struct protocol_out *);

/* A parsed message: pointers into the text that it was parsed from. */
struct protocol_in {
	enum protocol_verb verb;
	size_t n;
	const char *keys[PROTOCOL_KEYS_MAX];
	const char *values[PROTOCOL_KEYS_MAX]; /* unescaped */
};

/*
 * Parses text in place (writes NULs into it). Returns 0, or -1 with errno:
 * EPROTONOSUPPORT for another version, EBADMSG for text that is not of this protocol.
 */
int protocol_parse(char *text, size_t len, struct protocol_in *);

/* The value of a key, or NULL. */
const char *protocol_get(const struct protocol_in *, const char *key);

/* The value as a number from min to max; fallback if it is missing or not such a number. */
long long protocol_get_number(const struct protocol_in *, const char *key,
	long long min, long long max, long long fallback);

#endif
