/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints the msghdr of each message: see msghdr-dump.h. */
#include "lib/pass/msghdr-dump.h"
#include "lib/base/names.h"
#include "lib/base/peer.h"
#include "lib/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void print_payload(FILE *f, const struct msghdr *h, ssize_t done)
{
	size_t left = done > 0 ? (size_t)done : 0;

	fprintf(f, "  msg_iovlen=%zu\n", (size_t)h->msg_iovlen);
	for (size_t i = 0; i < h->msg_iovlen; i++) {
		const struct iovec *v = &h->msg_iov[i];
		size_t used = v->iov_len < left ? v->iov_len : left;
		char *text = text_escape(v->iov_base, used);
		fprintf(f, "  iov[%zu] iov_len=%zu, %zu used \"%s\"\n", i, v->iov_len, used, text);
		free(text);
		left -= used;
	}
}

static void print_fds(FILE *f, const struct cmsghdr *c)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	fprintf(f, "    CMSG_LEN(%zu * sizeof(int))=%zu CMSG_SPACE=%zu descriptors=[", n,
		CMSG_LEN(n * sizeof(int)), CMSG_SPACE(n * sizeof(int)));
	for (size_t i = 0; i < n; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		fprintf(f, "%s%d", i ? " " : "", fd);
	}
	fputs("]\n", f);
}

static void print_credentials(FILE *f, const struct cmsghdr *c)
{
	struct ucred cred;

	memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	fprintf(f, "    CMSG_LEN(sizeof(struct ucred))=%zu CMSG_SPACE=%zu pid=%d uid=%u gid=%u\n",
		CMSG_LEN(sizeof(cred)), CMSG_SPACE(sizeof(cred)), cred.pid, cred.uid, cred.gid);
}

static void print_cmsg(FILE *f, const struct cmsghdr *c)
{
	bool socket_level = c->cmsg_level == SOL_SOCKET;

	fprintf(f, "  cmsg cmsg_len=%zu cmsg_level=", (size_t)c->cmsg_len);
	if (socket_level && c->cmsg_type == SCM_RIGHTS) {
		fputs("SOL_SOCKET cmsg_type=SCM_RIGHTS\n", f);
		print_fds(f, c);
	} else if (socket_level && c->cmsg_type == SCM_CREDENTIALS &&
		   c->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
		fputs("SOL_SOCKET cmsg_type=SCM_CREDENTIALS\n", f);
		print_credentials(f, c);
	} else {
		fprintf(f, "%d cmsg_type=%d\n", c->cmsg_level, c->cmsg_type);
	}
}

static void print_control(FILE *f, const struct msghdr *h)
{
	fprintf(f, "  msg_controllen=%zu\n", (size_t)h->msg_controllen);
	/* CMSG_NXTHDR takes no const msghdr */
	struct msghdr copy = *h;
	const char *end = (const char *)h->msg_control + h->msg_controllen;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&copy); c; c = CMSG_NXTHDR(&copy, c)) {
		if (c->cmsg_len < CMSG_LEN(0) || c->cmsg_len > (size_t)(end - (const char *)c)) {
			fprintf(f, "  cmsg cmsg_len=%zu, which does not add up\n", (size_t)c->cmsg_len);
			break;
		}
		print_cmsg(f, c);
	}
}

void msghdr_dump(
	FILE *f, enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	int err = errno;
	struct peer p;
	char flags[NAMES_MAX];

	fprintf(f, "%s(%d) = %zd", direction == MSG_SENT ? "sendmsg" : "recvmsg", sock, done);
	if (done < 0) {
		fprintf(f, " %s (%s)\n", names_errno(err), strerror(err));
		return;
	}
	if (peer_of(sock, &p) == 0)
		fprintf(f, "   peer by SO_PEERCRED: pid=%d uid=%u gid=%u", p.pid, p.uid, p.gid);
	fputc('\n', f);
	print_payload(f, h, done);
	print_control(f, h);
	if (direction == MSG_RECEIVED) { /* sendmsg(2) does not set msg_flags */
		names_bits(names_msg, (unsigned int)h->msg_flags, flags, sizeof(flags));
		fprintf(f, "  msg_flags=%s\n", *flags ? flags : "0");
	}
}

static void dump_to_stderr(
	enum msg_direction direction, int sock, const struct msghdr *h, ssize_t done)
{
	msghdr_dump(stderr, direction, sock, h, done);
}

void msghdr_dump_start(void)
{
	msg_tracer = dump_to_stderr;
}
