/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every descriptor of every process, by BPF: see bpf-scan.h.
 *
 * The kernel runs lib/look/bpf-scan.bpf.c, which the Makefile compiles and names in
 * BPF_SCAN_OBJECT; without that macro, bpf_scan_each only fails. libbpf is opened at run time,
 * since only an inspection of the whole machine needs it.
 */
#include "lib/look/bpf-scan.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"

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
#include "lib/look/bpf-scan-record.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Global, so that with -flto another part of the program finds it; hidden for everybody else. */
__asm__(".pushsection .rodata\n"
	".balign 8\n"
	".globl bpf_scan_object, bpf_scan_object_end\n"
	".hidden bpf_scan_object, bpf_scan_object_end\n"
	"bpf_scan_object: .incbin \"" BPF_SCAN_OBJECT "\"\n"
	"bpf_scan_object_end: .popsection\n");
extern const char bpf_scan_object[], bpf_scan_object_end[] __attribute__((visibility("hidden")));

#define LIBRARY "libbpf.so.1"
DL_NOTE(LIBRARY, "inspect as root looks at all processes at once", "suggested");

#define FUNCTIONS(f)                                                                               \
	f(libbpf_set_print) f(libbpf_version_string) f(bpf_object__open_mem)                       \
	f(bpf_object__load) f(bpf_object__close) f(bpf_object__find_map_by_name)                   \
	f(bpf_object__find_program_by_name) f(bpf_map__set_initial_value)                          \
	f(bpf_program__attach_iter) f(bpf_link__fd) f(bpf_link__destroy) f(bpf_iter_create)

#define DECLARE(name) static __typeof__(name) *sym_##name;
FUNCTIONS(DECLARE)

static bool load_library(void)
{
#define ENTRY(name) {#name, (void **)&sym_##name},
	static const struct dl_symbol names[] = {FUNCTIONS(ENTRY)};
	static bool open;

	if (!open) {
		open = dl_open(LIBRARY, names, ARRAY_SIZE(names));
		if (open)
			sym_libbpf_set_print(NULL); /* errors are reported here, not by libbpf */
	}
	return open;
}

const char *bpf_scan_library_version(void)
{
	const char *version = load_library() ? sym_libbpf_version_string() : NULL;

	return version && *version == 'v' ? version + 1 : version;
}

/* --- starting the iterator --------------------------------------------------- */

static int attach(struct bpf_object *o)
{
	struct bpf_program *program = sym_bpf_object__find_program_by_name(o, "descriptor");
	struct bpf_link *link = sym_bpf_program__attach_iter(program, NULL);

	if (!link)
		return -1;
	int fd = sym_bpf_iter_create(sym_bpf_link__fd(link));
	int saved = errno;
	sym_bpf_link__destroy(link); /* the iterator's descriptor keeps the program */
	errno = saved;
	return fd;
}

static int load_and_attach(struct bpf_object *o, unsigned need)
{
	const struct bpf_scan_opts opts = {
		.names = need & BPF_SCAN_NAME,
		.cloexec = need & BPF_SCAN_CLOEXEC,
	};
	struct bpf_map *constants = sym_bpf_object__find_map_by_name(o, ".rodata");

	if (sym_bpf_map__set_initial_value(constants, &opts, sizeof(opts)) < 0)
		return -1;
	return sym_bpf_object__load(o) < 0 ? -1 : attach(o);
}

/* Returns a descriptor to read the records from, or -1 with errno. */
static int open_iterator(unsigned need)
{
	struct bpf_object *o = sym_bpf_object__open_mem(
		bpf_scan_object, (size_t)(bpf_scan_object_end - bpf_scan_object), NULL);

	if (!o)
		return -1;
	int fd = load_and_attach(o, need);
	int saved = errno;
	sym_bpf_object__close(o);
	errno = saved;
	return fd;
}

static const char *explain(int err)
{
	static char words[128];

	if (err == EPERM) /* EACCES comes from the verifier */
		return "it takes CAP_BPF and CAP_PERFMON";
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		return "the kernel does not describe itself (/sys/kernel/btf/vmlinux)";
	snprintf(words, sizeof(words), "the kernel does not take the program (%s)",
		names_errno(err));
	return words;
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

	return (struct bpf_fd){
		.pid = r->pid,
		.tid = r->tid,
		.parent = r->parent,
		.session = r->session,
		.command = r->command,
		.table = r->table,
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
	if (!load_library()) {
		*why = dl_fault();
		errno = ENOENT;
		return -1;
	}
	r.fd = open_iterator(need);
	if (r.fd < 0) {
		*why = explain(errno);
		return -1;
	}
	int done = read_all(&r, why);
	fd_close(&r.fd);
	return done;
}

#endif
