/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is taken of a dump, and what is not. */
#include "tests/unit/test.h"
#include "lib/look/diag.h"
#include "lib/look/netlink.h"

#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct message {
	struct nlmsghdr h;
	struct unix_diag_msg m;
	char more[32];
};

static struct message message(unsigned int type, unsigned int flags, size_t more)
{
	struct message out = {.h = {.nlmsg_len = (uint32_t)(NLMSG_LENGTH(sizeof(out.m)) + more),
				      .nlmsg_type = (uint16_t)type,
				      .nlmsg_flags = (uint16_t)flags},
		.m = {.udiag_family = AF_UNIX, .udiag_type = SOCK_STREAM, .udiag_ino = 77}};

	return out;
}

static int done_with(struct netlink_dump *d, int error)
{
	struct {
		struct nlmsghdr h;
		int error;
	} m = {{.nlmsg_len = sizeof(m), .nlmsg_type = NLMSG_DONE}, error};

	netlink_take(d, (const char *)&m, sizeof(m));
	return d->status;
}

static void count(void *data, const struct nlmsghdr *h)
{
	CHECK_INT(h->nlmsg_type, SOCK_DIAG_BY_FAMILY);
	(*(int *)data)++;
}

static int messages_of(const struct netlink_dump *d)
{
	int n = 0;

	netlink_each(d, count, &n);
	return n;
}

TEST(a_dump_of_several_datagrams)
{
	struct netlink_dump d = {0};
	struct message m[2] = {message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, sizeof(m->more)),
		message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI, 1)};

	netlink_take(&d, (const char *)m, sizeof(m[0]) + m[1].h.nlmsg_len);
	CHECK_INT(d.status, 1);
	netlink_take(&d, (const char *)m, sizeof(m[0]));
	CHECK_INT(d.status, 1);
	CHECK_INT(done_with(&d, 0), 0);
	CHECK(!d.interrupted);
	CHECK_INT(messages_of(&d), 3);
	netlink_free(&d);
}

TEST(a_dump_that_was_interrupted)
{
	struct netlink_dump d = {0};
	struct message m = message(SOCK_DIAG_BY_FAMILY, NLM_F_MULTI | NLM_F_DUMP_INTR, 0);

	netlink_take(&d, (const char *)&m, m.h.nlmsg_len);
	CHECK_INT(done_with(&d, 0), 0);
	CHECK(d.interrupted);
	netlink_free(&d);
}

TEST(a_dump_that_fails)
{
	struct netlink_dump d = {0};
	struct message m = message(NLMSG_ERROR, 0, 0);

	CHECK_INT(done_with(&d, -ENOENT), -1);
	netlink_take(&d, (const char *)&m, m.h.nlmsg_len);
	CHECK_INT(d.status, -1);
	m = message(SOCK_DIAG_BY_FAMILY, 0, 0);
	netlink_take(&d, (const char *)&m, m.h.nlmsg_len - 1); /* cut */
	CHECK_INT(d.status, -1);
	m.h.nlmsg_len = 3;
	netlink_take(&d, (const char *)&m, sizeof(m)); /* shorter than itself */
	CHECK_INT(d.status, -1);
	m.h.nlmsg_len = UINT32_MAX;
	netlink_take(&d, (const char *)&m, sizeof(m));
	CHECK_INT(d.status, -1);
	CHECK_INT(messages_of(&d), 0);
	netlink_free(&d);
}

TEST(a_message_that_is_too_short_has_no_socket_and_no_attribute)
{
	struct message m = message(SOCK_DIAG_BY_FAMILY, 0, 0);
	struct diag_sockets s = {0};
	size_t len;

	for (m.h.nlmsg_len = NLMSG_HDRLEN; m.h.nlmsg_len < NLMSG_LENGTH(sizeof(m.m)); m.h.nlmsg_len++) {
		diag_add(&s, DIAG_UNIX, &m.h);
		CHECK_INT(s.n, 0);
		CHECK(!netlink_attribute(&m.h, sizeof(m.m), UNIX_DIAG_NAME, 0, &len));
	}
	diag_add(&s, DIAG_UNIX, &m.h);
	CHECK_INT(s.n, 1);
	CHECK_INT(s.of->ino, 77);
	CHECK_STR(s.of->local, "");
	diag_free(&s);
}

TEST(an_attribute_that_is_longer_than_its_message)
{
	struct message m = message(SOCK_DIAG_BY_FAMILY, 0, 8);
	struct nlattr a = {.nla_len = 9, .nla_type = UNIX_DIAG_NAME};
	size_t len;

	memcpy(m.more, &a, sizeof(a));
	CHECK(!netlink_attribute(&m.h, sizeof(m.m), UNIX_DIAG_NAME, 0, &len));
	a.nla_len = 8;
	memcpy(m.more, &a, sizeof(a));
	CHECK(netlink_attribute(&m.h, sizeof(m.m), UNIX_DIAG_NAME, 0, &len) == m.more + sizeof(a));
	CHECK_INT(len, 4);
	a.nla_len = 0;
	memcpy(m.more, &a, sizeof(a));
	CHECK(!netlink_attribute(&m.h, sizeof(m.m), UNIX_DIAG_NAME, 0, &len));
}

TEST(a_dump_that_the_kernel_does_not_have)
{
	const struct sock_diag_req r = {.sdiag_family = AF_MAX - 1};
	struct netlink_dump d = {0};

	CHECK_INT(netlink_request(&d, &r, sizeof(r)), -1);
	netlink_free(&d);
}
