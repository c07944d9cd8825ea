/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Type-specific details of a descriptor; the types with few facts are here: see facts.h. */
#include "lib/look/facts.h"
#include "lib/base/memory.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_namespace(const struct subject *s)
{
	char kind[32], path[64], ours[64];
	unsigned long long id;

	if (sscanf(s->d->path, "%31[a-z_]:[%llu]", kind, &id) != 2)
		return;
	facts_put(s, "kind", json_string(kind));
	facts_put(s, "id", json_number(id));
	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	ssize_t n = readlink(path, ours, sizeof(ours) - 1);
	if (n > 0) {
		ours[n] = '\0';
		facts_put(s, "ours", json_boolean(strcmp(ours, s->d->path) == 0));
	}
}

static void add_timerfd(const struct subject *s)
{
	const json_t *left = json_object_get(s->out, "it_value_ns");

	if (left) /* the time left; 0: disarmed */
		facts_put(s, "armed",
			json_boolean(!json_is_integer(left) || json_integer_value(left) != 0));
}

static void add_pidfd(const struct subject *s)
{
	json_int_t pid = json_integer_value(json_object_get(s->out, "pid"));

	if (pid < 0)
		facts_put(s, "dead", json_true()); /* and its parent has waited for it */
	else if (pid == 0)
		facts_put(s, "pid", json_null()); /* not in this pid namespace */
}

static void add_bpf(const struct subject *s)
{
	const char *name = strchr(s->d->path, ':');

	name = name ? name + 1 : s->d->path;
	name += *name == '[';
	name += strncmp(name, "bpf-", 4) == 0 || strncmp(name, "bpf_", 4) == 0 ? 4 : 0;
	char *object = must_printf("%.*s", (int)strcspn(name, "]"), name);
	facts_put(s, "object", json_bytes(object));
	free(object);
}

static void add_regular(const struct subject *s)
{
	facts_add_size(s);
	facts_add_other_locks(s);
}

static void add_memory(const struct subject *s)
{
	facts_add_size(s);
	facts_add_memfd(s);
	facts_add_other_locks(s);
}

static const struct {
	const char *type;
	void (*add)(const struct subject *);
} adders[] = {
	{"regular", add_regular}, {"directory", facts_add_other_locks}, {"memfd", add_memory},
	{"pipe", facts_add_pipe}, {"socket", facts_add_socket}, {"char", facts_add_device},
	{"block", facts_add_device}, {"namespace", add_namespace}, {"timerfd", add_timerfd},
	{"pidfd", add_pidfd}, {"bpf", add_bpf}, {NULL, NULL},
};

struct facts *facts_new(void)
{
	struct facts *f = must_calloc(1, sizeof(*f));

	f->asked = CHILD_NONE;
	return f;
}

void facts_free(struct facts *f)
{
	if (!f)
		return;
	child_stop(&f->asked, -1);
	for (size_t i = 0; i < DIAG_TABLES; i++)
		diag_free(&f->sockets[i]);
	free(f->listens);
	free(f->locks);
	free(f->devices);
	free(f->ttys);
	free(f);
}

/* Of what has a path, the inode tells; of the others fdinfo does. */
static bool is_still_there(const struct subject *s)
{
	struct statx sx;

	return *s->d->path != '/' || !s->d->ino || facts_inode(s, &sx);
}

json_t *facts_of(struct facts *f, pid_t pid, int fd, const struct desc *d)
{
	struct subject s = {f, pid == getpid() ? 0 : pid, fd, d, json_object()};

	if (!is_still_there(&s) || !facts_add_fdinfo(&s)) {
		json_decref(s.out);
		return NULL;
	}
	for (size_t i = 0; adders[i].type; i++)
		if (strcmp(adders[i].type, d->type) == 0)
			adders[i].add(&s);
	return s.out;
}
