/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Facts about files: their size, and the seals of a memfd. */
#include "lib/base/fd.h"
#include "lib/base/names.h"
#include "lib/look/facts-internal.h"
#include "lib/out/json-value.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

/*
 * Only memfds are on the kernel's internal mount of tmpfs; the name alone proves nothing, since
 * any file may have it.
 */
static bool is_really_memfd(const struct subject *s)
{
	struct stat st;

	if (!s->facts->memfds) {
		int fd = memfd_create("", MFD_CLOEXEC);
		if (fd >= 0 && fstat(fd, &st) == 0)
			s->facts->memfds = st.st_dev;
		fd_close(&fd);
	}
	return s->facts->memfds && s->d->dev == s->facts->memfds;
}

/*
 * tmpfs has no flush operation. A memfd of huge pages is on another mount, and is not duplicated
 * from another process.
 */
void facts_add_memfd(const struct subject *s)
{
	int taken = -1, seals = -1;
	int fd = !s->pid || is_really_memfd(s) ? facts_borrow(s, &taken) : -1;

	if (fd >= 0)
		seals = fcntl(fd, F_GET_SEALS);
	fd_close(&taken);
	facts_put(s, "seals",
		seals < 0 ? json_null() : json_bits(names_seals, (unsigned int)seals));
}

void facts_add_size(const struct subject *s)
{
	struct statx sx;
	bool known = facts_inode(s, &sx);

	facts_put(s, "size", known ? json_number(sx.stx_size) : json_null());
	facts_put(s, "allocated", known ? json_number(sx.stx_blocks * 512) : json_null());
	if (known && sx.stx_nlink == 0)
		facts_put(s, "deleted", json_true());
}
