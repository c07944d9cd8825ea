/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has an address: see bound.h. */
#include "lib/look/bound.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"
#include "lib/look/diag.h"
#include "lib/look/scan.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct wanted {
	int protocol;      /* of bound_port; 0: a name of AF_UNIX */
	unsigned int port;
	const char *name;
};

static bool matches(const struct diag_socket *s, const struct wanted *w)
{
	if (!w->protocol)
		return strcmp(s->local, w->name) == 0;
	const char *port = strrchr(s->local, ':');
	return s->protocol == w->protocol && port && strtoul(port + 1, NULL, 10) == w->port;
}

/* A connection that goes on after its process has ended has no inode. */
static const struct diag_socket *find(const struct diag_sockets *all, const struct wanted *w)
{
	const struct diag_socket *found = NULL;

	for (size_t i = 0; i < all->n; i++) {
		const struct diag_socket *s = &all->of[i];
		if (!s->ino || !matches(s, w))
			continue;
		if (s->state == TCP_LISTEN)
			return s;
		found = found ? found : s;
	}
	return found;
}

static bool is_socket(const void *data, const struct scan_fd *f)
{
	const struct inode_key *key = data;

	return S_ISSOCK(f->perm) && f->ino == key->ino && f->dev == (uint32_t)key->dev;
}

/* All sockets are of one device; an O_PATH descriptor of a socket's file is of another. */
static dev_t device_of_sockets(void)
{
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct statx sx;
	dev_t dev = sock >= 0 && inode_look_fd(0, sock, &sx) == 0 ? inode_dev(&sx) : 0;

	fd_close(&sock);
	return dev;
}

static void find_holder(ino_t ino, struct bound *b)
{
	const struct inode_key key = {device_of_sockets(), ino};
	const struct scan_only only = {is_socket, &key};
	struct scan scan = {0};

	scan_process(&scan, getpid(), &only);
	scan_others(&scan, &only);
	if (scan.n_fds) {
		b->pid = scan.tables[scan.fds[0].table].pid;
		b->fd = scan.fds[0].fd;
	}
	scan_free(&scan);
}

static bool look(enum diag_table table, const struct wanted *w, struct bound *b)
{
	struct diag_sockets all = {0};

	*b = (struct bound){.fd = -1};
	diag_read(&all, table);
	const struct diag_socket *s = find(&all, w);
	if (s) {
		b->listens = s->state == TCP_LISTEN;
		b->uid = s->uid;
		b->uid_known = w->protocol != 0;
		find_holder(s->ino, b);
	}
	diag_free(&all);
	return s != NULL;
}

bool bound_port(int protocol, unsigned int port, struct bound *b)
{
	const struct wanted w = {.protocol = protocol, .port = port};

	return look(DIAG_INET, &w, b);
}

bool bound_unix(const char *name, struct bound *b)
{
	const struct wanted w = {.name = name};

	return look(DIAG_UNIX, &w, b);
}
