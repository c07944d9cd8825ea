/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a SOURCE could not be opened: see source-failed.h. */
#include "cmd/client/source-failed.h"
#include "cmd/client/target.h"
#include "lib/base/memory.h"
#include "lib/base/peer.h"
#include "lib/base/proc.h"
#include "lib/base/text.h"
#include "lib/look/bound.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The port of a word that source_parse has taken; 0 for a service that is not known. */
static unsigned int port_of(const struct source *s)
{
	const char *colon = strrchr(s->word, ':');
	const struct addrinfo hints = {
		.ai_socktype = s->kind == SOURCE_TCP ? SOCK_STREAM : SOCK_DGRAM, .ai_family = AF_INET};
	struct addrinfo *ai;

	if (getaddrinfo(NULL, colon + 1, &hints, &ai) != 0)
		return 0;
	unsigned int port = ntohs(((const struct sockaddr_in *)ai->ai_addr)->sin_port);
	freeaddrinfo(ai);
	return port;
}

/* --- who has it -------------------------------------------------------------------- */

static void hint_at_holder(const struct bound *b)
{
	char comm[PROC_COMMAND] = "?";

	if (b->pid == getpid()) {
		report_hint("an earlier SOURCE of this command has it");
		return;
	}
	if (!b->pid && b->uid_known) {
		report_hint("a process of user %s has it", peer_user(b->uid));
		return;
	}
	if (!b->pid) {
		report_hint("a process that this user may not inspect has it");
		return;
	}
	proc_command(b->pid, comm);
	report_hint("pid %d (%s) has it%s; 'fdtool serve %d:%d' would offer that socket", b->pid,
		text_show(comm), b->listens ? ", and listens" : "", b->pid, b->fd);
}

static enum status port_in_use(const struct source *s)
{
	struct bound b;

	report(STATUS_FAIL, s->word, "the port is in use", EADDRINUSE);
	if (bound_find(s->word, &b))
		hint_at_holder(&b);
	else
		report_hint("port 0 is any that is free");
	return STATUS_FAIL;
}

static enum status name_taken(const struct source *s)
{
	const char *name = s->addr.word;
	struct bound b;
	struct stat st;

	report(STATUS_FAIL, s->word, "the address is in use", EADDRINUSE);
	if (addr_is_path(&s->addr) && lstat(name, &st) == 0 && !S_ISSOCK(st.st_mode))
		report_hint("%s is a file, not a socket: it is left alone", text_show(name));
	else if (bound_find(s->word, &b))
		hint_at_holder(&b);
	else
		report_hint("a socket is there, and in use");
	return STATUS_FAIL;
}

/* --- sockets ------------------------------------------------------------------------ */

/* In this network namespace; 0 where the kernel does not tell. */
static unsigned int first_free_port(void)
{
	char text[16];

	return proc_read("/proc/sys/net/ipv4/ip_unprivileged_port_start", text, sizeof(text)) > 0
		       ? (unsigned int)strtoul(text, NULL, 10)
		       : 0;
}

static void hint_at_privilege(const struct source *s)
{
	unsigned int port = port_of(s), first = first_free_port();

	if (port < first)
		report_hint("a port below %u needs CAP_NET_BIND_SERVICE; the sysctl "
			    "net.ipv4.ip_unprivileged_port_start sets that limit",
			first);
}

static enum status unresolved(const struct source *s, int err)
{
	int code = s->unresolved;

	if (code == EAI_SYSTEM)
		return report(STATUS_FAIL, s->word, "getaddrinfo", err);
	char *what = must_printf("%s: %s",
		code == EAI_SERVICE ? "the service is not known" : "the host does not resolve",
		gai_strerror(code));
	report(STATUS_FAIL, s->word, what, 0);
	free(what);
	if (code == EAI_SERVICE)
		report_hint("/etc/services has the names; a number is a port, too");
	return STATUS_FAIL;
}

static enum status inet_failed(const struct source *s, int err)
{
	if (s->unresolved)
		return unresolved(s, err);
	if (err == EADDRINUSE)
		return port_in_use(s);
	report(STATUS_FAIL, s->word, s->failed, err);
	if (err == EADDRNOTAVAIL)
		report_hint("this machine does not have that address");
	else if (err == EACCES)
		hint_at_privilege(s);
	return STATUS_FAIL;
}

static enum status unix_failed(const struct source *s, int err)
{
	if (err == EADDRINUSE)
		return name_taken(s);
	report(STATUS_FAIL, s->word, s->failed, err);
	if (err == ENOENT)
		report_hint("there is no such directory");
	else if (err == EACCES)
		report_hint("binding needs write permission on the directory");
	return STATUS_FAIL;
}

static enum status inotify_failed(const struct source *s, int err)
{
	report(STATUS_FAIL, s->word, s->failed, err);
	if (err == ENOSPC)
		report_hint("the sysctl fs.inotify.max_user_watches limits their number");
	return STATUS_FAIL;
}

enum status source_failed(const struct source *s, int err)
{
	if (err == EINVAL)
		return report(STATUS_FAIL, s->word, "is not open in the mode of --mode", 0);
	if (s->kind == SOURCE_TCP || s->kind == SOURCE_UDP)
		return inet_failed(s, err);
	if (s->kind == SOURCE_UNIX)
		return unix_failed(s, err);
	if (s->kind == SOURCE_INOTIFY)
		return inotify_failed(s, err);
	return target_no_descriptor(s, err);
}
