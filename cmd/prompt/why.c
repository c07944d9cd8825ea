/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * why: the reason of a failure, for this descriptor.
 *
 * A row is an errno, the calls it is about, the condition on the descriptor under which this is
 * the reason, and the text. The first row that fits is printed. tests/cmd/prompt.bats checks each
 * against the kernel.
 */
#include "cmd/prompt/why.h"
#include "cmd/cli/wrap.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"
#include "lib/base/text.h"
#include "lib/look/desc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static bool read_only(const struct desc *d)
{
	return (d->flags & O_ACCMODE) == O_RDONLY;
}

static bool write_only(const struct desc *d)
{
	return (d->flags & O_ACCMODE) == O_WRONLY;
}

static bool is_path(const struct desc *d)
{
	return (d->flags & O_PATH) != 0;
}

static bool no_offset(const struct desc *d)
{
	return d->pos == DESC_NO_POS;
}

static bool nonblocking(const struct desc *d)
{
	return (d->flags & O_NONBLOCK) != 0;
}

static bool never_written(const struct desc *d)
{
	return strcmp(d->type, "timerfd") == 0 || strcmp(d->type, "signalfd") == 0 ||
	       strcmp(d->type, "epoll") == 0;
}

static bool is_eventfd(const struct desc *d)
{
	return strcmp(d->type, "eventfd") == 0;
}

static bool is_directory(const struct desc *d)
{
	return strcmp(d->type, "directory") == 0;
}

static bool is_socket(const struct desc *d)
{
	return strcmp(d->type, "socket") == 0;
}

static bool is_direct(const struct desc *d)
{
	return (d->flags & O_DIRECT) != 0;
}

static bool any(const struct desc *d)
{
	(void)d;
	return true;
}

static const struct reason {
	int err;
	const char *calls; /* separated by blanks; "": all calls */
	bool (*holds)(const struct desc *);
	const char *text;
} reasons[] = {
	{EBADF, "", is_path,
		"It was opened with O_PATH: such a descriptor names a file and cannot read or write it."},
	{EBADF, "write pwrite", read_only,
		"The description was opened O_RDONLY. The access mode is the description's own: it came "
		"with the descriptor, F_SETFL cannot change it, and no permission of yours adds to it."},
	{EBADF, "read pread", write_only,
		"The description was opened O_WRONLY. The access mode is the description's own: it came "
		"with the descriptor, and F_SETFL cannot change it."},
	{ESPIPE, "", no_offset,
		"It has no offset: pipes, sockets and most devices are streams, which cannot be rewound."},
	{EAGAIN, "", nonblocking,
		"It would have had to wait, and O_NONBLOCK is set. The flag belongs to the description: a "
		"holder, here or in another process, sets it for all holders ('flags -nonblock' clears it)."},
	{EPERM, "epoll_ctl epoll_wait", any,
		"epoll takes only files that can tell when they are ready. This one is always ready: a read "
		"may take long, but it does not wait for another process."},
	{EPERM, "fcntl", any,
		"Only the owner of the file may set O_NOATIME, and nobody may clear the "
		"O_APPEND of an append-only file."},
	{EPERM, "F_ADD_SEALS", read_only, "Only a description that is open for writing can add seals."},
	{EPERM, "F_ADD_SEALS", any, "F_SEAL_SEAL is set: no more seals can be added."},
	{EPERM, "write pwrite ftruncate", any, "It is sealed against writing (fcntl F_ADD_SEALS), or immutable."},
	{EINVAL, "ftruncate", read_only,
		"The description was opened O_RDONLY: ftruncate(2) says EINVAL where write(2) says EBADF."},
	{EINVAL, "ftruncate", any, "Only regular files and memory have a size that can be set."},
	{EINVAL, "F_ADD_SEALS F_GET_SEALS", any, "Only memory can be sealed, such as a memfd."},
	{ENOTSOCK, "", any, "It is no socket: read and write are for it."},
	{EMSGSIZE, "", any, "The message is longer than the socket takes at once; it keeps messages whole."},
	{EINVAL, "read write", is_eventfd,
		"An eventfd is read and written in whole numbers of 8 bytes, nothing shorter."},
	{EINVAL, "read write pread pwrite", is_direct,
		"With O_DIRECT length, offset and memory have to be multiples of the device's block."},
	{EINVAL, "lseek", any,
		"The offset would have been negative, or this file does not know the whence."},
	{EINVAL, "write", never_written,
		"This type cannot be written: other calls set it."},
	{EINVAL, "write", any, "The device takes other words (mypoll takes \"trigger\\n\") or other lengths."},
	{EINVAL, "read", any, "The device returns whole records only, and this length is too short for one."},
	{ENXIO, "", is_socket, "A socket cannot be opened again: sockets have no open(2)."},
	{ENXIO, "lseek", any,
		"There is no data, or no hole, from that offset on: it is at or past the end of the file, "
		"or in the hole that the file ends with."},
	{EISDIR, "", is_directory, "It is a directory: entries are listed (getdents), not read."},
	{EPIPE, "", any, "Nobody holds the other end any more, so nobody could read it."},
	{EACCES, "", any,
		"The call checks the permissions of the inode, which deny it to this user. They allowed the "
		"user whose open(2) made this description."},
	{EINTR, "", any, "It was waiting, and Ctrl-C ended the wait; nothing was read or written."},
	{ENODEV, "", any, "The device has gone. The description stays, but no device answers its calls."},
	{ENOSPC, "", any, "The file system, or the quota, is full."},
	{EFBIG, "", any, "The file would become larger than RLIMIT_FSIZE or its file system allows."},
	{ENOTCONN, "", is_socket, "The socket is not connected."},
};

void why_each(void (*each)(void *data, const char *errname), void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		each(data, names_errno(reasons[i].err));
}

static bool is_about(const struct reason *r, const char *call)
{
	if (!*r->calls || !*call)
		return true;
	size_t len = strlen(call);
	for (const char *p = strstr(r->calls, call); p; p = strstr(p + 1, call))
		if ((p == r->calls || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
			return true;
	return false;
}

static void explain(int err, const char *call, const struct desc *d)
{
	printf("%s%s%s: %s\n", names_errno(err), *call ? " of " : "", call, strerror(err));
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++) {
		const struct reason *r = &reasons[i];
		if (r->err == err && is_about(r, call) && r->holds(d)) {
			wrap_print(0, 0, r->text);
			return;
		}
	}
	puts("Nothing that can be seen of this descriptor explains it.");
}

enum status why_explain(struct session *s, int err)
{
	struct desc d;

	err = err ? err : s->err;
	if (!err) {
		puts("Nothing has failed yet.");
		return STATUS_OK;
	}
	if (desc_look(0, s->fd, &d) < 0)
		return report_look(s->name, "look at the descriptor");
	explain(err, err == s->err ? s->failed : "", &d);
	return STATUS_OK;
}
