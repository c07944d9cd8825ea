/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program inherits: see program.h. */
#include "lib/base/program.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/uapi.h"

#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define PID_FS 0x50494446 /* PID_FS_MAGIC of linux/magic.h, Linux 6.9 */

static bool children_were_ignored;

void program_wait_for_children(void)
{
	children_were_ignored = signal(SIGCHLD, SIG_DFL) == SIG_IGN;
}

static bool names_descriptors(const char *variable)
{
	static const char *const starts[] = {
		"FDTOOL_FD_", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=", "LISTEN_PIDFDID=",
		"NGINX=", "SERVER_STARTER_PORT=", "EINHORN_FD"};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (strncmp(variable, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

uint64_t program_pidfd_id(void)
{
	struct statfs fs;
	struct stat st = {0};
	int fd = sizeof(long) == 8 ? pidfd_open(getpid(), 0) : -1;

	if (fd >= 0 && (fstatfs(fd, &fs) < 0 || fs.f_type != PID_FS || fstat(fd, &st) < 0))
		st.st_ino = 0;
	fd_close(&fd);
	return st.st_ino;
}

void program_inherits(void)
{
	char **to = environ;

	for (char **from = environ; from && *from; from++)
		if (!names_descriptors(*from))
			*to++ = *from;
	if (to)
		*to = NULL;
	fd_restore_limit();
	if (children_were_ignored)
		signal(SIGCHLD, SIG_IGN);
}
