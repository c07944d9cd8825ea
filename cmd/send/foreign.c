/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * send --as: to receivers that speak no fdtool-protocol(7). They do not answer, so that it was sent is
 * all that can be told.
 */
#include "cmd/client/failed.h"
#include "cmd/client/who.h"
#include "cmd/prompt/unescape.h"
#include "cmd/send/send.h"
#include "lib/base/memory.h"
#include "lib/base/msg.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/pass/fdsend.h"
#include "lib/pass/notify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- a socket that takes any bytes -------------------------------------------------- */

/* The bytes that go with the descriptors; the option's were checked. The caller frees them. */
static char *choose_data(const struct send *s, size_t *len)
{
	return unescape_text(s->data ? s->data : s->as == TO_FDSEND ? " " : "\\0", len);
}

static enum status send_failed(const struct send *s, const char *word, int err)
{
	if (err == EAGAIN)
		return report(STATUS_TIMEOUT, word, "the receiver does not read", ETIMEDOUT);
	if (err == EPIPE || err == ECONNRESET)
		return report(STATUS_FAIL, word, "the receiver left", err);
	if (err == EINVAL && s->n == 1)
		return report(STATUS_FAIL, s->gifts[0].word, "the kernel does not pass this descriptor", err);
	if (err == EINVAL && s->n > MSG_FDS_MAX)
		return report(STATUS_FAIL, word, "one message has 253 descriptors at most", err);
	return report(STATUS_FAIL, word, "sendmsg", err);
}

static enum status send_all(const struct send *s, const char *word, int sock)
{
	int *fds = must_calloc(s->n, sizeof(*fds));
	size_t len;
	char *data = choose_data(s, &len);

	for (size_t i = 0; i < s->n; i++)
		fds[i] = s->gifts[i].fd;
	int done = msg_send(sock, data, len, fds, s->n, 0);
	int err = errno;
	free(data);
	free(fds);
	return done < 0 ? send_failed(s, word, err) : STATUS_OK;
}

/* fdrecv listens on a stream; anything else may have one type or another. */
static enum status send_raw(
	const struct send *s, const char *word, const struct acquire_opts *given)
{
	static const int any[] = {SOCK_STREAM, SOCK_SEQPACKET, 0}, stream[] = {SOCK_STREAM, 0};
	struct acquire_opts opts = *given;
	struct client c;

	opts.types = s->as == TO_FDSEND ? stream : any;
	opts.parse = s->as == TO_FDSEND ? fdsend_parse : NULL;
	enum status st = reach(word, &opts, &c);
	if (st != STATUS_OK)
		return st;
	char *how = must_printf("sent to %s", who(c.sock, &c.server)); /* it may end with what it gets */
	st = send_all(s, word, c.sock);
	for (size_t i = 0; i < s->n && st == STATUS_OK; i++)
		send_say(s, &s->gifts[i], how, &c.server);
	free(how);
	client_close(&c);
	return st;
}

/* --- standard output ---------------------------------------------------------------- */

static enum status send_to_stdout(const struct send *s)
{
	static const char word[] = "standard output";
	struct peer receiver;
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	if (getsockopt(STDOUT_FILENO, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 || domain != AF_UNIX) {
		report(STATUS_FAIL, word, "is no AF_UNIX socket", 0);
		report_hint("ssh runs its ProxyCommand with one: -o ProxyUseFdpass=yes");
		return STATUS_FAIL;
	}
	if (peer_of(STDOUT_FILENO, &receiver) < 0)
		return report(STATUS_FAIL, word, "getsockopt", errno);
	if (!policy_allows(&s->to, STDOUT_FILENO, &receiver)) {
		report(STATUS_REFUSED, word, "its other end is of a user who may not have it", 0);
		report_hint("if that user may have it: --to %s", peer_user(receiver.uid));
		return STATUS_REFUSED;
	}
	return send_all(s, word, STDOUT_FILENO);
}

/* --- systemd ------------------------------------------------------------------------- */

static enum status manager_failed(const char *what)
{
	static const char variable[] = "NOTIFY_SOCKET";
	const char *address = getenv(variable);
	int err = errno;

	if (err == ENOTCONN) {
		report(STATUS_FAIL, variable, "is not set", 0);
		report_hint("systemd sets it for a service; its unit needs NotifyAccess= and "
			    "FileDescriptorStoreMax=");
		return STATUS_FAIL;
	}
	if (err == EAFNOSUPPORT && text_begins(address, "vsock"))
		return report(STATUS_FAIL, address, "vsock carries no descriptors", err);
	if (err == ETIMEDOUT)
		return report(STATUS_TIMEOUT, address, "the service manager does not answer", err);
	return report(STATUS_FAIL, address, what, err);
}

static enum status send_to_manager(const struct send *s, int64_t deadline)
{
	for (size_t i = 0; i < s->n; i++)
		if (notify_store(s->gifts[i].name, s->gifts[i].fd) < 0)
			return manager_failed("FDSTORE=1");
	if (notify_barrier(deadline != NEVER ? deadline : time_after(ANSWER_TIMEOUT)) < 0)
		return manager_failed("BARRIER=1");
	for (size_t i = 0; i < s->n; i++)
		send_say(s, &s->gifts[i], "given to the service manager", NULL);
	return STATUS_OK;
}

enum status send_foreign(const struct send *s, const char *word, const struct acquire_opts *opts)
{
	switch (s->as) {
	case TO_FDTOOL:
		break;
	case TO_FDSEND:
	case TO_RAW:
		return send_raw(s, word, opts);
	case TO_SYSTEMD:
		return send_to_manager(s, opts->deadline);
	case TO_STDOUT:
		return send_to_stdout(s);
	}
	return STATUS_FAIL;
}
