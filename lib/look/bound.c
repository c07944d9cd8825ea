/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who has an address: see bound.h. */
#include "lib/look/bound.h"
#include "lib/base/inode.h"
#include "lib/look/port.h"
#include "lib/look/scan.h"

#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_socket(const void *data, const struct scan_fd *f)
{
	const struct inode_key *key = data;

	return S_ISSOCK(f->perm) && f->ino == key->ino && f->dev == (uint32_t)key->dev;
}

static void find_holder(ino_t ino, struct bound *b)
{
	const struct inode_key key = {port_device(), ino};
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

/* A connection that goes on after its process has ended has no inode. */
static const struct diag_socket *first_open(const struct diag_sockets *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->of[i].ino)
			return &all->of[i];
	return NULL;
}

bool bound_find(const char *word, struct bound *b)
{
	struct diag_sockets all;
	struct port port;

	*b = (struct bound){.fd = -1};
	if (port_parse(word, &port))
		return false;
	port_find_here(&port, &all);
	const struct diag_socket *s = first_open(&all);
	if (s) {
		b->listens = s->state == TCP_LISTEN;
		b->uid = s->uid;
		b->uid_known = port.protocol != 0;
		find_holder(s->ino, b);
	}
	diag_free(&all);
	return s != NULL;
}
