/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A dump of sock_diag(7): lib/look/netlink.h, lib/look/diag.h. The first byte says the table. */
#include "tests/fuzz/fuzz.h"
#include "lib/look/diag.h"
#include "lib/look/netlink.h"

#include <string.h>

struct taken {
	struct diag_sockets sockets;
	enum diag_table table;
};

static void add(void *data, const struct nlmsghdr *h)
{
	struct taken *t = data;

	diag_add(&t->sockets, t->table, h);
}

FUZZ(netlink)
{
	struct netlink_dump d = {0};
	struct taken t = {.table = size ? (unsigned char)data[0] % DIAG_TABLES : DIAG_UNIX};

	if (size)
		netlink_take(&d, data + 1, size - 1);
	netlink_each(&d, add, &t);
	for (size_t i = 0; i < t.sockets.n; i++) {
		CHECK(memchr(t.sockets.of[i].local, '\0', DIAG_NAME_MAX));
		CHECK(memchr(t.sockets.of[i].remote, '\0', DIAG_NAME_MAX));
	}
	diag_free(&t.sockets);
	netlink_free(&d);
}
