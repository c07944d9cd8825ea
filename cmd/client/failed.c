/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports why a descriptor was not acquired, or not given: see failed.h. */
#include "cmd/client/failed.h"
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/diag.h"
#include "lib/pass/catalog.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The socket with that abstract address, to which connect(2) was refused; type 0: there is none. */
static struct diag_socket socket_at(const struct addr *addr)
{
	struct diag_socket at = {.type = 0};
	struct diag_sockets all = {0};
	char name[DIAG_NAME_MAX];

	if (addr_is_path(addr))
		return at;
	snprintf(name, sizeof(name), "@%.*s", (int)(addr->len - offsetof(struct sockaddr_un, sun_path) - 1),
		addr->un.sun_path + 1);
	diag_read(&all, DIAG_UNIX);
	for (size_t i = 0; i < all.n && !at.type; i++)
		if (strcmp(all.of[i].local, name) == 0)
			at = all.of[i];
	diag_free(&all);
	return at;
}

/*
 * The type of the socket at a path, to which a SEQPACKET one cannot connect. A DGRAM socket that
 * connects makes nobody a client.
 */
static const char *type_at_path(const char *word)
{
	struct addr addr;
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_dgram = sock >= 0 && !addr_parse(word, &addr) &&
			connect(sock, (const struct sockaddr *)&addr.un, addr.len) == 0;

	fd_close(&sock);
	return is_dgram ? "SOCK_DGRAM" : "SOCK_STREAM";
}

/* Says why the address that somebody has cannot be connected to. Returns false if nobody has it. */
static bool hint_at_socket(const char *word)
{
	struct addr addr;
	char type[NAMES_MAX];

	if (addr_parse(word, &addr))
		return false;
	struct diag_socket at = socket_at(&addr);
	if (at.type && at.type != SOCK_SEQPACKET)
		report_hint("a socket with that address is %s: fdtool serves SOCK_SEQPACKET only",
			names_value(names_socket, (unsigned int)at.type, type, sizeof(type)));
	else if (at.type)
		report_hint("a socket with that address does not listen");
	return at.type != 0;
}

enum status report_nobody(const char *word)
{
	struct catalog c;

	if (errno == ECONNRESET) {
		report(STATUS_NOBODY, word, "the server left before it granted anything", errno);
		return STATUS_NOBODY;
	}
	report(STATUS_NOBODY, word, "nobody offers it", errno);
	const char *near = NULL;
	if (hint_at_socket(word))
		return STATUS_NOBODY;
	if (!addr_name_fault(word) && catalog_names(&c) == 0) {
		near = catalog_nearest(&c, word);
		if (near)
			report_hint("on offer is '%s'", near);
		else if (c.n)
			report_hint("'fdtool list' shows what is on offer");
		else if (strcmp(word, "mypoll") == 0)
			report_hint("'fdtool serve /dev/mypoll' offers it; without the driver, "
				    "'fdtool serve mypoll:'");
		else
			report_hint("nothing is on offer; 'fdtool serve FILE' offers a file");
		catalog_free(&c);
	}
	return STATUS_NOBODY;
}

enum status report_stranger(const char *word, const struct client *c, bool waiting)
{
	char what[160];

	snprintf(what, sizeof(what), "the server is pid %d of user %s, who is not trusted%s",
		c->server.pid, peer_user(c->server.uid), waiting ? "; waiting for another" : "");
	report(STATUS_REFUSED, word, what, 0);
	if (c->server.uid == PEER_OVERFLOW_ID)
		report_hint("this user namespace has no name for that user: it may be anyone");
	else
		report_hint("if you do trust that user: --from %s", peer_user(c->server.uid));
	return STATUS_REFUSED;
}

static void hint_at_denial(int err)
{
	if (err == EMFILE)
		report_hint("the server has no room in its descriptor table; 'ulimit -n' sets its size");
	else if (err == ETOOMANYREFS)
		report_hint("too many descriptors of the server's user are on their way to clients");
	else if (!err)
		report_hint("the server's output says why");
}

static enum status report_denied(const char *word, const struct client *c)
{
	char what[320];

	if (strcmp(c->reason, "policy") == 0) {
		snprintf(what, sizeof(what), "pid %d of user %s does not grant it to user %s",
			c->server.pid, peer_user(c->server.uid), peer_user(c->denied_uid));
		report(STATUS_REFUSED, word, what, 0);
		if (c->denied_uid == PEER_OVERFLOW_ID)
			report_hint("to the server this user has no number of its own: only --allow-any "
				    "or --allow-group would let it in");
		else
			report_hint("the server would need: --allow-user %s", peer_user(c->denied_uid));
		return STATUS_REFUSED;
	}
	if (strcmp(c->reason, "busy") == 0) {
		report(STATUS_REFUSED, word, "the server takes no more clients of this user", 0);
		report_hint("its option --max-clients sets the number");
		return STATUS_REFUSED;
	}
	if (strcmp(c->reason, "full") == 0)
		return report(STATUS_REFUSED, word, "the server has as many clients as it takes", 0);
	if (strcmp(c->reason, "system") == 0) {
		report(STATUS_REFUSED, word, "the server could not grant it", c->denied_errno);
		hint_at_denial(c->denied_errno);
		return STATUS_REFUSED;
	}
	snprintf(what, sizeof(what), "the server refused: %s", text_show(c->reason));
	return report(STATUS_REFUSED, word, what, 0);
}

static const char *protocol_fault(int err)
{
	switch (err) {
	case E2BIG:
		return "sent more than one descriptor; all are closed again";
	case EMSGSIZE:
		return "sent a message that is too long; its descriptors are closed again";
	case EPROTONOSUPPORT:
		return "speaks another version of the protocol";
	default:
		return "sent a message that is not an offer; its descriptors are closed again";
	}
}

static enum status report_protocol(const char *peer, const char *word)
{
	char what[128];
	int err = errno;

	snprintf(what, sizeof(what), "%s %s", peer, protocol_fault(err));
	report(STATUS_FAIL, word, what, err);
	if (err == E2BIG)
		report_hint("'fdtool grab' takes a group of descriptors, for a PROGRAM");
	return STATUS_FAIL;
}

static enum status report_system(const char *word, const struct client *c)
{
	int err = errno;

	report(STATUS_FAIL, word, err == EMFILE ? "no room in the descriptor table" : c->call, err);
	if (err == EMFILE)
		report_hint("'ulimit -n' shows and sets how many descriptors a process may have");
	else if (err == EACCES && strcmp(c->call, "recvmsg") == 0)
		report_hint("the server sent it, but a security module of this machine kept it back");
	else if (err == EACCES)
		report_hint("connecting needs write permission on the socket");
	else if (err == EPROTOTYPE)
		report_hint("the socket is %s, so it is not fdtool's: that is SOCK_SEQPACKET",
			type_at_path(word));
	return STATUS_FAIL;
}

/* A number above RLIMIT_NOFILE is EINVAL; below it is EMFILE. */
static enum status report_number(const char *word, int at)
{
	char what[48];

	snprintf(what, sizeof(what), "make it descriptor %d", at);
	report(STATUS_FAIL, word, what, errno);
	report_hint("'ulimit -n' shows and sets how many descriptors a process may have");
	return STATUS_FAIL;
}

enum status failed_to_take(
	enum client_fault fault, const char *peer, const char *word, int at, const struct client *c)
{
	char what[64];

	snprintf(what, sizeof(what), "%s does not answer", peer);
	switch (fault) {
	case CLIENT_PROTOCOL:
		return report_protocol(peer, word);
	case CLIENT_TIMEOUT:
		return report(STATUS_TIMEOUT, word, what, errno);
	case CLIENT_NUMBER:
		return report_number(word, at);
	case CLIENT_SYSTEM:
		return report_system(word, c);
	case CLIENT_OK:
	case CLIENT_NOBODY:
	case CLIENT_UNTRUSTED:
	case CLIENT_DENIED:
		break;
	}
	return STATUS_OK;
}

enum status failed_to_acquire(
	enum client_fault fault, const char *word, int at, const struct client *c)
{
	if (fault == CLIENT_NOBODY)
		return report_nobody(word);
	if (fault == CLIENT_UNTRUSTED)
		return report_stranger(word, c, false);
	if (fault == CLIENT_DENIED)
		return report_denied(word, c);
	return failed_to_take(fault, "the server", word, at, c);
}

enum status failed_to_reach(
	enum client_fault fault, const char *word, int at, const struct client *c)
{
	char what[160];

	if (fault == CLIENT_NOBODY) {
		report(STATUS_NOBODY, word, "nobody waits there", errno);
		if (!hint_at_socket(word))
			report_hint("'fdtool grab --listen' waits for what is sent; -w waits for that");
		return STATUS_NOBODY;
	}
	if (fault != CLIENT_UNTRUSTED)
		return failed_to_take(fault, "the receiver", word, at, c);
	snprintf(what, sizeof(what), "the receiver is pid %d of user %s, who may not have it",
		c->server.pid, peer_user(c->server.uid));
	report(STATUS_REFUSED, word, what, 0);
	if (c->server.uid == PEER_OVERFLOW_ID)
		report_hint("this user namespace has no name for that user: it may be anyone");
	else
		report_hint("if that user may have it: --to %s", peer_user(c->server.uid));
	return STATUS_REFUSED;
}

enum status report_in_use(const char *name, const char *advice)
{
	struct catalog c;

	report(STATUS_FAIL, name, "the name is in use", EADDRINUSE);
	const struct catalog_entry *e = NULL;
	if (catalog_names(&c) == 0) {
		catalog_owners(&c);
		e = catalog_find(&c, name);
	}
	if (e && e->pid && e->uid_known)
		report_hint("by pid %d of user %s%s", e->pid, peer_user(e->uid), advice);
	else if (e && e->pid) /* a kernel without unix_diag names no user */
		report_hint("by pid %d%s", e->pid, advice);
	else if (e && e->uid_known)
		report_hint("by a process of user %s%s", peer_user(e->uid), advice);
	else if (*advice)
		report_hint("%s", advice + strlen("; "));
	catalog_free(&c);
	return STATUS_FAIL;
}
