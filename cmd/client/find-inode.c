/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds files, and the sockets of ports: see find.h. */
#include "cmd/client/find-internal.h"
#include "cmd/client/find.h"
#include "lib/base/inode.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* --- files ------------------------------------------------------------------------------- */

static enum status no_file(const char *word)
{
	int err = errno;

	if (err == ENOENT || err == ENOTDIR)
		return report(STATUS_NOBODY, word, "no such file", err);
	report(STATUS_FAIL, word, "look it up", err);
	if (err == EACCES)
		report_hint("this needs search permission on each directory of its path");
	return STATUS_FAIL;
}

/* Eventfds, timerfds and so on have one inode in common. */
static enum status no_inode(const char *word)
{
	report(STATUS_FAIL, word, "has no inode of its own", 0);
	report_hint("a descriptor is PID:FD: fdtool %s 1234:5", report_command());
	return STATUS_FAIL;
}

/* file:PATH, or a word with a slash, which may be the socket of an offer instead. */
enum status find_file(struct targets *t, size_t i)
{
	const char *word = t->words.v[i], *path = find_file_path(word);
	struct statx sx;

	if (inode_look(AT_FDCWD, path ? path : word, STATX_TYPE | STATX_INO, &sx) < 0)
		return no_file(word);
	if (S_ISSOCK(sx.stx_mode) && !path)
		return find_only_server_knows(word);
	if (!(sx.stx_mode & S_IFMT))
		return no_inode(word);
	find_add(t, (struct share_target){.fd = -1, .dev = inode_dev(&sx), .ino = sx.stx_ino}, i);
	return STATUS_OK;
}

/* --- ports -------------------------------------------------------------------------------- */

/* Adds the sockets of a port: first those that listen. Returns how many have no inode any more. */
static size_t add_sockets(struct targets *t, size_t i, const struct diag_sockets *all)
{
	const dev_t dev = port_device();
	size_t closed = 0;

	for (const struct diag_socket *s = all->of; s < all->of + all->n; s++) {
		closed += s->ino == 0;
		if (s->ino)
			find_add(t, (struct share_target){.fd = -1, .dev = dev, .ino = s->ino,
				.group = !port_listens(s)}, i);
	}
	return closed;
}

enum status find_port(struct targets *t, size_t i)
{
	const char *word = t->words.v[i];
	const size_t before = t->n;
	struct diag_sockets all;
	struct port port;

	port_parse(word, &port);
	if (port_find(&port, &all) < 0)
		return no_file(word);
	size_t closed = add_sockets(t, i, &all);
	diag_free(&all);
	if (t->n > before)
		return STATUS_OK;
	report(STATUS_NOBODY, word, "nobody has it", 0);
	if (closed)
		report_hint("%zu closed connection%s of it %s for the end (TIME_WAIT and the like): "
			    "SO_REUSEADDR binds it all the same",
			closed, closed == 1 ? "" : "s", closed == 1 ? "waits" : "wait");
	return STATUS_NOBODY;
}

bool targets_have_port(const struct targets *t)
{
	for (size_t i = 0; i < t->words.n; i++)
		if (port_is(t->words.v[i]))
			return true;
	return false;
}

void targets_refresh(struct targets *t)
{
	struct diag_sockets all;
	struct port port;
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++)
		if (!port_is(t->words.v[t->word[i]])) {
			t->v[kept] = t->v[i];
			t->word[kept++] = t->word[i];
		}
	t->n = kept;
	for (size_t i = 0; i < t->words.n; i++) {
		if (!port_is(t->words.v[i]) || port_parse(t->words.v[i], &port))
			continue;
		port_find(&port, &all);
		add_sockets(t, i, &all);
		diag_free(&all);
	}
}
