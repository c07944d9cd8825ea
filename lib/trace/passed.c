/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descriptors that are passed: see passed.h. The program is lib/trace/passed.bpf.c. */
#include "lib/trace/passed.h"
#include "lib/base/inode.h"
#include "lib/base/memory.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef PASSED_OBJECT

struct passed *passed_open(const char **why)
{
	*why = "built without BPF";
	errno = ENOSYS;
	return NULL;
}

void passed_close(struct passed *p)
{
	(void)p;
}

int passed_fd(const struct passed *p)
{
	(void)p;
	return -1;
}

int passed_read(struct passed *p, void (*each)(void *data, const struct passed_record *), void *data)
{
	(void)p;
	(void)each;
	(void)data;
	errno = ENOSYS;
	return -1;
}

uint64_t passed_lost(const struct passed *p)
{
	(void)p;
	return 0;
}

#else

#include "lib/trace/attached.h"

LIBBPF_OBJECT(passed_object, PASSED_OBJECT);

struct passed {
	struct attached attached;
	void (*each)(void *data, const struct passed_record *);
	void *data;
};

static int take_record(void *data, void *bytes, size_t size)
{
	const struct passed *p = data;

	(void)size;
	p->each(p->data, bytes);
	return 0;
}

struct passed *passed_open(const char **why)
{
	static const char *const programs[] = {"message_arrives", "message_leaves", NULL};
	struct passed_config config;

	if (attached_level(&config.level, why) < 0)
		return NULL;
	struct passed *p = must_calloc(1, sizeof(*p));
	if (attached_load(&p->attached, passed_object, passed_object_end, &config, sizeof(config)) == 0 &&
		attached_set_rules(&p->attached) == 0 &&
		attached_start(&p->attached, programs, take_record, p) == 0)
		return p;
	*why = libbpf_explain(errno);
	passed_close(p);
	return NULL;
}

void passed_close(struct passed *p)
{
	int saved = errno;

	if (p)
		attached_stop(&p->attached);
	free(p);
	errno = saved;
}

int passed_fd(const struct passed *p)
{
	return attached_fd(&p->attached);
}

int passed_read(struct passed *p, void (*each)(void *data, const struct passed_record *), void *data)
{
	p->each = each;
	p->data = data;
	return attached_read(&p->attached);
}

uint64_t passed_lost(const struct passed *p)
{
	return attached_lost(&p->attached);
}

#endif

/* --- names -------------------------------------------------------------------------------- */

/* The text of the link, if the receiver has still the same inode under that number. */
static bool read_link(const struct passed_record *r, char *out, size_t size)
{
	char path[64];
	struct statx sx;
	ssize_t n = readlink(desc_proc_path(r->pid, "fd", r->fd, path, sizeof(path)), out, size - 1);

	if (n <= 0 || inode_look_fd(r->pid, r->fd, &sx) < 0 || sx.stx_ino != r->ino ||
		((sx.stx_mode ^ r->mode) & S_IFMT))
		return false;
	out[n] = '\0';
	return true;
}

char *passed_name(const struct passed_record *r)
{
	char link[PATH_MAX];

	if (r->pid > 0 && read_link(r, link, sizeof(link)))
		return must_strdup(link);
	if (S_ISFIFO(r->mode) && !*r->name)
		return must_printf("pipe:[%ju]", (uintmax_t)r->ino);
	if (S_ISSOCK(r->mode))
		return must_printf("socket:[%ju]", (uintmax_t)r->ino);
	if (*r->name == '[')
		return must_printf("anon_inode:%s", r->name);
	if (strncmp(r->name, "memfd:", strlen("memfd:")) == 0)
		return must_printf("/%s (deleted)", r->name);
	return must_strdup(r->name);
}
