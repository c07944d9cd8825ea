/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one broker hands over to another: see handover.h. */
#include "lib/pass/handover.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/times.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

static const char *const kinds[] = {"address", "listener", "sender"};

int handover_send(int sock, const struct handover *h, int fd)
{
	struct protocol_out out;

	protocol_begin(&out, PROTOCOL_HANDOVER);
	protocol_add(&out, "kind", kinds[h->kind]);
	protocol_add_number(&out, "more", h->more);
	if (h->kind == HANDOVER_ADDRESS)
		protocol_add_number(&out, "kept", h->kept);
	if (h->kind == HANDOVER_LISTENER)
		protocol_add_number(&out, "owner", h->owner);
	if (h->expire)
		protocol_add_number(&out, "expire", (h->expire + NS_PER_MS - 1) / NS_PER_MS);
	return msg_send(sock, out.text, out.len, &fd, 1, MSG_DONTWAIT);
}

static bool find_kind(const char *word, enum handover_kind *kind)
{
	for (size_t i = 0; word && i < ARRAY_SIZE(kinds); i++)
		if (strcmp(word, kinds[i]) == 0) {
			*kind = (enum handover_kind)i;
			return true;
		}
	return false;
}

bool handover_parse(const struct protocol_in *in, struct handover *h)
{
	*h = (struct handover){
		.more = (long)protocol_get_number(in, "more", 0, INT_MAX, -1),
		.kept = (long)protocol_get_number(in, "kept", 0, INT_MAX, -1),
		.expire = protocol_get_number(in, "expire", 1, INT64_MAX / 2 / NS_PER_MS, 0) * NS_PER_MS,
	};
	long long owner = protocol_get_number(in, "owner", 0, UINT_MAX, -1);

	h->owner = (uid_t)owner;
	if (!find_kind(protocol_get(in, "kind"), &h->kind) || h->more < 0)
		return false;
	return (h->kind != HANDOVER_ADDRESS || h->kept >= 0) &&
	       (h->kind != HANDOVER_LISTENER || owner >= 0);
}

int handover_answer(int sock)
{
	struct protocol_in in;
	struct msg m;
	ssize_t n = msg_recv(sock, &m, 0, MSG_DONTWAIT);

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return 0;
	return n > 0 && protocol_parse(m.text, m.len, &in) == 0 && in.verb == PROTOCOL_TAKEN ? 1 : -1;
}
