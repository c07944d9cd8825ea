/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a descriptor can do: see limits.h. */
#include "lib/look/limits.h"
#include "lib/base/child.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/look/desc.h"

#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define PROBE_TIMEOUT (500 * NS_PER_MS)

/* --- harmless calls, for what only the kernel can tell ------------------------------ */

static int probe_lseek(int fd)
{
	int64_t at;

	return desc_seek(fd, 0, SEEK_CUR, &at) < 0 ? errno : 0;
}

static int probe_epoll(int fd)
{
	struct epoll_event e = {.events = EPOLLIN};
	int epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0 ? errno : 0;

	fd_close(&epoll);
	return err;
}

static int probe_mmap(int fd)
{
	void *at = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return errno;
	munmap(at, 1);
	return 0;
}

/* access(2) checks the permissions as open(2) does, without an open, which others may notice. */
static int probe_reopen(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	/* before 2.33, glibc computes it from the mode, or takes the real user for the effective one */
	long done = syscall(__NR_faccessat2, AT_FDCWD, path, W_OK, AT_EACCESS);
	if (done < 0 && errno == ENOSYS) /* Linux 5.8 */
		done = faccessat(AT_FDCWD, path, W_OK, AT_EACCESS);
	return done < 0 ? errno : 0;
}

enum probe { PROBE_LSEEK, PROBE_EPOLL, PROBE_MMAP, PROBE_REOPEN, PROBES };

static int (*const probes[PROBES])(int fd) = {
	[PROBE_LSEEK] = probe_lseek,
	[PROBE_EPOLL] = probe_epoll,
	[PROBE_MMAP] = probe_mmap,
	[PROBE_REOPEN] = probe_reopen,
};

enum { NO_ANSWER = -1 };

/* In the child: the probes from *first on, an answer each. */
static void probe_from(int sock, int fd, const void *first)
{
	for (int i = (int)*(const enum probe *)first; i < PROBES; i++) {
		int err = probes[i](fd);
		if (send(sock, &err, sizeof(err), MSG_NOSIGNAL) != sizeof(err))
			return;
	}
}

/* The answers that come in time; a probe may hang, and those after it have none, either. */
static void probe_all(int fd, enum probe first, int answers[PROBES])
{
	int64_t deadline = time_after(PROBE_TIMEOUT);
	struct child c;

	for (int i = 0; i < PROBES; i++)
		answers[i] = NO_ANSWER;
	if (child_start(&c, fd, probe_from, &first) < 0)
		return;
	for (int i = (int)first; i < PROBES; i++)
		if (!child_wait(&c, deadline) ||
			recv(c.sock, &answers[i], sizeof(int), MSG_DONTWAIT) != sizeof(int))
			break;
	child_stop(&c, fd);
}

/* --- the rows ----------------------------------------------------------------------- */

struct op_table {
	struct limit *rows;
	int n;
	int fd;
	struct desc d;
	int answers[PROBES];
	bool readable, writable;
	bool file;   /* regular, or memory: data at offsets, in pages */
	bool stored; /* a file, or a block device */
};

static void add_row(struct op_table *t, const char *operation, enum limit_verdict v, int err,
	const char *reason)
{
	t->rows[t->n++] = (struct limit){operation, v, err, reason};
}

static void works(struct op_table *t, const char *operation, const char *reason)
{
	add_row(t, operation, LIMIT_WORKS, 0, reason);
}

static void fails(struct op_table *t, const char *operation, int err, const char *reason)
{
	add_row(t, operation, LIMIT_FAILS, err, reason);
}

static void unknown(struct op_table *t, const char *operation, const char *reason)
{
	add_row(t, operation, LIMIT_UNKNOWN, 0, reason);
}

/* Whether the type is one of these words; each has a space on either side. */
static bool has_type(const struct op_table *t, const char *types)
{
	char type[sizeof(t->d.type) + 2];

	snprintf(type, sizeof(type), " %s ", t->d.type);
	return strstr(types, type) != NULL;
}

static void row_read(struct op_table *t)
{
	if (!t->readable)
		fails(t, "read", EBADF, "the description was opened without read access");
	else if (has_type(t, " directory "))
		fails(t, "read", EISDIR, "its entries are listed (getdents), not read");
	else if (has_type(t, " epoll pidfd "))
		fails(t, "read", EINVAL, "this type is not read");
	else if (t->stored)
		works(t, "read", "it moves the offset of every holder");
	else if (has_type(t, " char unknown "))
		unknown(t, "read", "the driver decides");
	else
		works(t, "read", "data that one holder reads, the others do not get");
}

static bool is_sealed(const struct op_table *t, int any)
{
	int seals = has_type(t, " memfd ") ? fcntl(t->fd, F_GET_SEALS) : 0;

	return seals > 0 && (seals & any) != 0;
}

static void row_write(struct op_table *t)
{
	if (!t->writable)
		fails(t, "write", EBADF, "the description was opened without write access");
	else if (has_type(t, " timerfd signalfd epoll inotify pidfd "))
		fails(t, "write", EINVAL, "this type is not written");
	else if (is_sealed(t, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		fails(t, "write", EPERM, "the memory is sealed");
	else if (t->stored)
		works(t, "write", t->d.flags & O_APPEND ? "O_APPEND: always at the end" : "");
	else if (has_type(t, " char unknown "))
		unknown(t, "write", "the driver decides");
	else
		works(t, "write", "");
}

static void row_pread(struct op_table *t)
{
	/* the kernel checks for an offset first, then the access mode */
	if (has_type(t, " pipe socket ") || t->answers[PROBE_LSEEK] == ESPIPE)
		fails(t, "pread", ESPIPE, "it is a stream, without offsets");
	else if (!t->readable)
		fails(t, "pread", EBADF, "the description was opened without read access");
	else if (has_type(t, " directory "))
		fails(t, "pread", EISDIR, "its entries are listed (getdents), not read");
	else if (t->stored)
		works(t, "pread", "without moving the offset");
	else
		unknown(t, "pread", "the type decides");
}

static void row_answered(struct op_table *t, const char *operation, enum probe p,
	const char *if_works, const char *if_fails)
{
	int err = t->answers[p];

	if (err == NO_ANSWER)
		unknown(t, operation, "the file did not answer in time");
	else if (err)
		fails(t, operation, err, if_fails);
	else
		works(t, operation, if_works);
}

static void row_truncate(struct op_table *t)
{
	if (!t->file)
		fails(t, "ftruncate", EINVAL, "only files have a length to set");
	else if (!t->writable)
		fails(t, "ftruncate", EINVAL, "the description was opened without write access");
	else if (is_sealed(t, F_SEAL_GROW | F_SEAL_SHRINK))
		fails(t, "ftruncate", EPERM, "the memory is sealed against another length");
	else
		works(t, "ftruncate", "");
}

/* Mapping a device runs its driver, so only files are mapped. */
static void row_mmap(struct op_table *t)
{
	if (t->file)
		row_answered(t, "mmap shared, writable", PROBE_MMAP,
			"later changes of the flags do not affect it",
			"it needs a description open for reading and writing");
	else if (has_type(t, " char block unknown "))
		unknown(t, "mmap shared, writable", "the driver decides");
	else
		fails(t, "mmap shared, writable", t->readable && t->writable ? ENODEV : EACCES,
			"this type is not mapped");
}

/* The owner may, whatever the access mode. */
static void row_chmod(struct op_table *t)
{
	if (!t->stored && !has_type(t, " directory pipe socket char "))
		unknown(t, "fchmod", "nothing checks the permissions of this type");
	else if (geteuid() == 0)
		works(t, "fchmod", "root may, even with a read-only description");
	else if (geteuid() == t->d.uid)
		works(t, "fchmod", "you own the file; a read-only description does not matter");
	else
		fails(t, "fchmod", EPERM, "the file belongs to another user");
}

static void row_reopen(struct op_table *t)
{
	bool named = t->stored || has_type(t, " pipe char directory socket ");

	if (!named && geteuid() != 0) /* anonymous inodes belong to root, and have mode 0600 */
		fails(t, "reopen for writing", EACCES,
			"its inode belongs to root, and root would get ENXIO");
	else if (!t->stored && !has_type(t, " pipe char directory "))
		fails(t, "reopen for writing", ENXIO, "this type is not opened by a path");
	else if (has_type(t, " directory "))
		fails(t, "reopen for writing", EISDIR, "directories are not written");
	else
		row_answered(t, "reopen for writing", PROBE_REOPEN,
			t->writable ? "the file's permissions let you"
				    : "the file's permissions let you, in spite of the description's mode",
			"the file's permissions or its file system refuse it");
}

static void row_sendfile(struct op_table *t)
{
	if (!t->readable)
		fails(t, "sendfile from it", EBADF,
			"the description was opened without read access");
	else if (t->stored)
		works(t, "sendfile from it", "");
	else if (has_type(t, " char unknown socket "))
		unknown(t, "sendfile from it", "the driver or the protocol decides");
	else
		fails(t, "sendfile from it", EINVAL, "it takes files");
}

static void add_path_rows(struct op_table *t)
{
	static const char *const operations[] = {"read", "write", "pread", "lseek", "ftruncate",
		"mmap shared, writable", "fchmod", "flock", "epoll", "sendfile from it",
		"F_SETFL O_APPEND", "F_SETFL O_NONBLOCK"};

	for (size_t i = 0; i < ARRAY_SIZE(operations); i++)
		fails(t, operations[i], EBADF, "O_PATH: it only names a file");
	row_reopen(t);
}

static void add_rows(struct op_table *t)
{
	row_read(t);
	row_write(t);
	row_pread(t);
	row_answered(t, "lseek", PROBE_LSEEK,
		t->d.pos == DESC_NO_POS ? "but it moves nothing"
					: "it moves the offset of every holder",
		"it is a stream, without an offset");
	row_truncate(t);
	row_mmap(t);
	row_chmod(t);
	works(t, "flock", "the lock is the description's: any holder can drop it");
	row_answered(t, "epoll", PROBE_EPOLL, "",
		"it is always ready, so there is nothing to wait for");
	row_reopen(t);
	row_sendfile(t);
	works(t, "F_SETFL O_APPEND", "for every holder");
	works(t, "F_SETFL O_NONBLOCK", "for every holder");
}

int limits_of(int fd, struct limit out[LIMITS_MAX])
{
	struct op_table t = {.rows = out, .fd = fd};

	if (desc_look(0, fd, &t.d) < 0)
		return -1;
	t.readable = (t.d.flags & O_ACCMODE) == O_RDONLY || (t.d.flags & O_ACCMODE) == O_RDWR;
	t.writable = (t.d.flags & O_ACCMODE) == O_WRONLY || (t.d.flags & O_ACCMODE) == O_RDWR;
	t.file = has_type(&t, " regular memfd ");
	t.stored = t.file || has_type(&t, " block ");
	/* no lseek where the type implies an offset: it would wait for a holder that reads */
	bool known = t.stored || has_type(&t, " directory ");
	probe_all(fd, known ? PROBE_LSEEK + 1 : PROBE_LSEEK, t.answers);
	if (known)
		t.answers[PROBE_LSEEK] = 0;
	if (t.d.flags & O_PATH)
		add_path_rows(&t);
	else
		add_rows(&t);
	return t.n;
}
