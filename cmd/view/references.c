/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which descriptors facts refer to: see references.h. */
#include "cmd/view/references.h"
#include "lib/look/kcmp.h"
#include "lib/look/scan.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* --- the peer of an AF_UNIX socket ------------------------------------------------------- */

static bool is_socket(const void *data, const struct scan_fd *f)
{
	const ino_t *inode = data;

	return S_ISSOCK(f->perm) && f->ino == *inode;
}

static json_t *holders_of_socket(ino_t inode)
{
	struct scan s = {0};
	json_t *holders = json_array();
	char holder[32];

	scan_others(&s, &(struct scan_only){is_socket, &inode});
	for (size_t i = 0; i < s.n_fds; i++) {
		snprintf(holder, sizeof(holder), "%d:%d", s.tables[s.fds[i].table].tid,
			s.fds[i].fd);
		json_array_append_new(holders, json_string(holder));
	}
	if (json_array_size(holders) == 0 && s.unseen) {
		json_decref(holders);
		holders = json_null();
	}
	scan_free(&s);
	return holders;
}

/* --- the entries of an epoll ------------------------------------------------------------- */

/*
 * An epoll entry is addressed by its fd number and its position among the entries with that
 * number: kcmp(2), KCMP_EPOLL_TFD.
 */
struct epoll_entry {
	json_t *json;
	int number;
	unsigned int position;
};

static struct epoll_entry entry_of(const json_t *entries, size_t i)
{
	struct epoll_entry e = {.json = json_array_get(entries, i)};

	e.number = (int)json_integer_value(json_object_get(e.json, "fd"));
	for (size_t j = 0; j < i; j++)
		e.position += json_integer_value(json_object_get(
				    json_array_get(entries, j), "fd")) == e.number;
	return e;
}

static json_t *entry_means(const struct scan *s, pid_t pid, int epoll, const struct epoll_entry *e)
{
	json_t *means = json_array();

	for (size_t i = 0; i < s->n_fds; i++) {
		enum kcmp_order order =
			kcmp_epoll_entry(pid, s->fds[i].fd, pid, epoll, e->number, e->position);
		if (order == KCMP_ERROR && errno == EPERM) {
			json_decref(means);
			return json_null();
		}
		if (order == KCMP_SAME)
			json_array_append_new(means, json_integer(s->fds[i].fd));
	}
	return means;
}

static void add_entries(const json_t *entries, pid_t pid, int epoll)
{
	struct scan s = {0};

	scan_process(&s, pid, NULL);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		struct epoll_entry e = entry_of(entries, i);
		json_object_set_new(e.json, "means", entry_means(&s, pid, epoll, &e));
	}
	scan_free(&s);
}

void add_references(json_t *facts, pid_t pid, int fd)
{
	const json_t *peer = json_object_get(facts, "peer_inode");
	const json_t *entries = json_object_get(facts, "entries");

	if (json_is_integer(peer) && json_integer_value(peer))
		json_object_set_new(facts, "peers",
			holders_of_socket((ino_t)json_integer_value(peer)));
	if (json_is_array(entries))
		add_entries(entries, pid, fd);
}
