/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a peer is named to the user: see who.h. */
#include "cmd/client/who.h"
#include "lib/base/text.h"

#include <stdio.h>

/* A process chooses its comm: a parenthesis in it must not look like the end of "(comm)". */
static const char *show_comm(const char *comm)
{
	static char shown[4 * PEER_COMM_MAX];
	size_t n = 0;

	for (const char *p = text_show(comm); *p && n + 5 < sizeof(shown); p++)
		if (*p == '(' || *p == ')')
			n += (size_t)snprintf(shown + n, sizeof(shown) - n, "\\%03o", *p);
		else
			shown[n++] = *p;
	shown[n] = '\0';
	return shown;
}

const char *who(int sock, const struct peer *peer)
{
	static char text[512];
	char comm[PEER_COMM_MAX];

	peer_comm(sock, peer, comm);
	if (peer->pid)
		snprintf(text, sizeof(text), "pid %d (%s), user %s", peer->pid, show_comm(comm),
			peer_user(peer->uid));
	else
		snprintf(text, sizeof(text), "a process of another pid namespace, user %s",
			peer_user(peer->uid));
	return text;
}
