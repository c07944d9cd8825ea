/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --install [-s] DIR: see install.h. */
#include "cmd/install.h"
#include "lib/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether an earlier --install made it: a symlink to a fdtool, or a hard link to this program. */
static bool is_ours(int dir, const char *name, const char *self)
{
	struct stat there, here;
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target) - 1);

	if (n > 0) {
		target[n] = '\0';
		const char *slash = strrchr(target, '/');
		return strncmp(slash ? slash + 1 : target, "fdtool", 6) == 0;
	}
	return fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && stat(self, &here) == 0 &&
	       there.st_dev == here.st_dev && there.st_ino == here.st_ino;
}

static int make_link(int dir, const char *name, const char *self, bool symbolic)
{
	if (symbolic)
		return symlinkat(self, dir, name);
	return linkat(AT_FDCWD, self, dir, name, 0);
}

static enum status link_one(int dir, const char *command, const char *self, bool symbolic)
{
	char name[80];

	snprintf(name, sizeof(name), "fdtool-%s", command);
	int done = make_link(dir, name, self, symbolic);
	int err = errno;
	if (done < 0 && err == EEXIST && is_ours(dir, name, self)) {
		unlinkat(dir, name, 0);
		done = make_link(dir, name, self, symbolic);
		err = errno;
	}
	if (done == 0)
		return STATUS_OK;
	report(STATUS_FAIL, name, "link", err);
	if (err == EXDEV)
		report_hint("DIR is on another file system; use -s for symlinks");
	else if (err == EPERM || err == EMLINK)
		report_hint("the file system refuses the hard link; use -s for symlinks");
	return STATUS_FAIL;
}

enum status install(int argc, char **argv)
{
	bool symbolic = argc > 0 && strcmp(argv[0], "-s") == 0;
	char self[PATH_MAX];

	if (argc != 1 + symbolic)
		return report_usage("--install takes [-s] and one directory");
	const char *where = argv[symbolic];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n < 0)
		return report(STATUS_FAIL, "/proc/self/exe", "readlink", errno);
	self[n] = '\0';
	int dir = open(where, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return report(STATUS_FAIL, where, "open", errno);
	enum status st = STATUS_OK;
	for (const struct cmd *const *c = cmd_table; *c && st == STATUS_OK; c++)
		if (!cmd_is_hidden((*c)->name))
			st = link_one(dir, (*c)->name, self, symbolic);
	fd_close(&dir);
	return st;
}
