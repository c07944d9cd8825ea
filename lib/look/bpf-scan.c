/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every descriptor of every process, by BPF: see bpf-scan.h.
 *
 * The kernel runs lib/look/bpf-scan.bpf.c, which the Makefile compiles and names in
 * BPF_SCAN_OBJECT; without that macro, bpf_scan_each only fails. libbpf is opened at run time,
 * since only an inspection of the whole machine needs it.
 */
#include "lib/look/bpf-scan.h"

#include <errno.h>

#ifndef BPF_SCAN_OBJECT

int bpf_scan_each(unsigned need, int (*each)(void *data, const struct bpf_fd *), void *data,
	const char **why)
{
	(void)need;
	(void)each;
	(void)data;
	*why = "built without BPF";
	errno = ENOSYS;
	return -1;
}

const char *bpf_scan_library_version(void)
{
	return "";
}

#else

#include "lib/base/dl.h"
#include "lib/base/fd.h"
#include "lib/base/libbpf.h"
#include "lib/look/bpf-scan-record.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

LIBBPF_OBJECT(bpf_scan_object, BPF_SCAN_OBJECT);

const char *bpf_scan_library_version(void)
{
	const char *version = libbpf_open() ? libbpf.libbpf_version_string() : NULL;

	return version && *version == 'v' ? version + 1 : version;
}

/* --- starting the iterator --------------------------------------------------- */

static int attach(struct bpf_object *o)
{
	struct bpf_program *program = libbpf.bpf_object__find_program_by_name(o, "descriptor");
	struct bpf_link *link = libbpf.bpf_program__attach_iter(program, NULL);

	if (!link)
		return -1;
	int fd = libbpf.bpf_iter_create(libbpf.bpf_link__fd(link));
	int saved = errno;
	libbpf.bpf_link__destroy(link); /* the iterator's descriptor keeps the program */
	errno = saved;
	return fd;
}

static int load_and_attach(struct bpf_object *o, unsigned need)
{
	const struct bpf_scan_opts opts = {
		.names = need & BPF_SCAN_NAME,
		.cloexec = need & BPF_SCAN_CLOEXEC,
		.pipes = need & BPF_SCAN_PIPE,
	};
	struct bpf_map *constants = libbpf.bpf_object__find_map_by_name(o, ".rodata");

	if (libbpf.bpf_map__set_initial_value(constants, &opts, sizeof(opts)) < 0)
		return -1;
	return libbpf.bpf_object__load(o) < 0 ? -1 : attach(o);
}

/* Returns a descriptor to read the records from, or -1 with errno. */
static int open_iterator(unsigned need)
{
	struct bpf_object *o = libbpf.bpf_object__open_mem(
		bpf_scan_object, (size_t)(bpf_scan_object_end - bpf_scan_object), NULL);

	if (!o)
		return -1;
	int fd = load_and_attach(o, need);
	int saved = errno;
	libbpf.bpf_object__close(o);
	errno = saved;
	return fd;
}

/* --- its records --------------------------------------------------------------- */

enum { BCACHEFS = 0xca451a4e, PIDFS = 0x50494446 }; /* <linux/magic.h> may lack them */

/* File systems whose getattr() makes up device or inode numbers. */
static bool has_other_numbers(uint64_t magic)
{
	return magic == OVERLAYFS_SUPER_MAGIC || magic == BTRFS_SUPER_MAGIC ||
	       magic == CEPH_SUPER_MAGIC || magic == BCACHEFS;
}

/* stat(2) shows no type for eventfd and the like, although they have one since Linux 6.16. */
static bool hides_its_type(uint64_t magic)
{
	return magic == ANON_INODE_FS_MAGIC || magic == PIDFS;
}

static dev_t to_dev_t(uint32_t kernel_dev)
{
	return makedev(kernel_dev >> 20, kernel_dev & ((1 << 20) - 1));
}

static struct bpf_fd from_record(const struct bpf_scan_record *r)
{
	bool other = has_other_numbers(r->magic);
	bool pipe = r->slots && !(r->flags & O_PATH);

	return (struct bpf_fd){
		.pid = r->pid,
		.tid = r->tid,
		.parent = r->parent,
		.session = r->session,
		.command = r->command,
		.table = r->table,
		.level = r->level,
		.fd = r->fd,
		.cloexec = r->cloexec,
		.identity = r->identity,
		.inode = r->inode,
		.flags = r->flags & ~(unsigned)O_CLOEXEC,
		.pos = r->pos,
		.dev = other ? 0 : to_dev_t(r->dev),
		.ino = other ? 0 : r->ino,
		.rdev = to_dev_t(r->rdev),
		.perm = hides_its_type(r->magic) ? r->mode & ~S_IFMT : r->mode,
		.waiting = pipe ? r->waiting : -1,
		.capacity = pipe ? (int64_t)r->slots * getpagesize() : -1,
		.name = r->named ? r->name : NULL,
	};
}

struct record_reader {
	int fd;
	pid_t self;
	int (*each)(void *, const struct bpf_fd *);
	void *data;
	size_t have; /* bytes in buf */
	/* a read returns 8 pages at most; with large pages, its last record may be incomplete */
	char buf[128 * 1024] __attribute__((aligned(8)));
};

static int pass_on(const struct record_reader *r, const struct bpf_scan_record *record)
{
	/* a task that is ending, or the descriptor of the iterator */
	if (record->pid <= 0 || !record->table || (record->pid == r->self && record->fd == r->fd))
		return 0;
	struct bpf_fd f = from_record(record);
	return r->each(r->data, &f);
}

/* Passes on every complete record, and moves the rest to the front. */
static int pass_on_all(struct record_reader *r)
{
	size_t at = 0;

	while (r->have - at >= BPF_SCAN_RECORD_MIN) {
		const struct bpf_scan_record *record = (const void *)(r->buf + at);
		if (record->size > r->have - at)
			break;
		int done = pass_on(r, record);
		if (done)
			return done;
		at += record->size;
	}
	r->have -= at;
	memmove(r->buf, r->buf + at, r->have);
	return 0;
}

static int read_all(struct record_reader *r, const char **why)
{
	for (;;) {
		ssize_t n = read(r->fd, r->buf + r->have, sizeof(r->buf) - r->have);
		if (n == 0)
			return 0;
		/* EAGAIN: the iterator passed a million descriptors without a record */
		if (n < 0 && errno != EAGAIN && errno != EINTR) {
			*why = "the kernel stopped before the end";
			return -1;
		}
		r->have += n > 0 ? (size_t)n : 0;
		int done = pass_on_all(r);
		if (done)
			return done;
	}
}

int bpf_scan_each(unsigned need, int (*each)(void *data, const struct bpf_fd *), void *data,
	const char **why)
{
	struct record_reader r = {.self = getpid(), .each = each, .data = data};

	*why = "";
	if (libbpf_need(why) < 0)
		return -1;
	r.fd = open_iterator(need);
	if (r.fd < 0) {
		*why = libbpf_explain(errno);
		return -1;
	}
	int done = read_all(&r, why);
	fd_close(&r.fd);
	return done;
}

#endif
