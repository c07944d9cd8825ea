/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a message: see protocol.h. */
#include "lib/pass/protocol.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/text.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static const char magic[] = "FDTOOL/";
static const char version[] = "1";

static const char *const verbs[] = {"OFFER", "DENY", "TAKEN", "NOTE", "DROP", "TAKEOVER", "HANDOVER"};

void protocol_begin(struct protocol_out *out, enum protocol_verb verb)
{
	out->len = (size_t)snprintf(
		out->text, sizeof(out->text), "%s%s %s\n", magic, version, verbs[verb]);
}

void protocol_add(struct protocol_out *out, const char *key, const char *value)
{
	char *escaped = text_escape_ascii(value, strlen(value));
	size_t room = sizeof(out->text) - out->len;
	int n = snprintf(out->text + out->len, room, "%s=%s\n", key, escaped);

	free(escaped);
	if (n >= 0 && (size_t)n < room)
		out->len += (size_t)n;
	else
		out->text[out->len] = '\0';
}

void protocol_add_number(struct protocol_out *out, const char *key, long long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", value);
	protocol_add(out, key, digits);
}

void protocol_deny(struct protocol_out *out, const char *reason, int err, uid_t uid)
{
	protocol_begin(out, PROTOCOL_DENY);
	protocol_add(out, "reason", reason);
	if (err)
		protocol_add(out, "errno", names_errno(err));
	protocol_add_number(out, "uid", uid);
}

void protocol_send(int sock, const struct protocol_out *out)
{
	msg_send(sock, out->text, out->len, NULL, 0, MSG_DONTWAIT);
}

static enum protocol_verb find_verb(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (strcmp(verbs[i], word) == 0)
			return (enum protocol_verb)i;
	return PROTOCOL_OTHER;
}

static int fail(int err)
{
	errno = err;
	return -1;
}

static bool is_number(const char *word)
{
	return *word && word[strspn(word, "0123456789")] == '\0';
}

static int parse_head(char *line, struct protocol_in *in)
{
	if (!line || strncmp(line, magic, sizeof(magic) - 1) != 0)
		return fail(EBADMSG);
	line += sizeof(magic) - 1;
	const char *theirs = strsep(&line, " ");
	if (strcmp(theirs, version) != 0)
		return fail(is_number(theirs) ? EPROTONOSUPPORT : EBADMSG);
	if (!line)
		return fail(EBADMSG);
	in->verb = find_verb(line);
	return 0;
}

static int parse_line(char *line, struct protocol_in *in)
{
	const char *key = strsep(&line, "=");

	if (!line || !*key || text_unescape(line) < 0)
		return fail(EBADMSG);
	if (in->n == PROTOCOL_KEYS_MAX)
		return 0; /* more keys than the protocol has: skipped, as unknown keys are */
	in->keys[in->n] = key;
	in->values[in->n++] = line;
	return 0;
}

int protocol_parse(char *text, size_t len, struct protocol_in *in)
{
	in->n = 0;
	if (memchr(text, '\0', len))
		return fail(EBADMSG);
	if (parse_head(strsep(&text, "\n"), in) < 0)
		return -1;
	while (text) {
		char *line = strsep(&text, "\n");
		if (*line && parse_line(line, in) < 0)
			return -1;
	}
	return 0;
}

const char *protocol_get(const struct protocol_in *in, const char *key)
{
	for (size_t i = 0; i < in->n; i++)
		if (strcmp(in->keys[i], key) == 0)
			return in->values[i];
	return NULL;
}

long long protocol_get_number(const struct protocol_in *in, const char *key,
	long long min, long long max, long long fallback)
{
	const char *value = protocol_get(in, key), *fault;

	if (!value)
		return fallback;
	long long n = strtonum(value, min, max, &fault);
	return fault ? fallback : n;
}
