/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/inode.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

TEST(the_same_by_path_and_by_descriptor)
{
	int fd = test_file("file", "hello", O_RDONLY);
	int dir = CHECK_OK(open(".", O_PATH | O_DIRECTORY | O_CLOEXEC));
	struct statx path, ours, of_pid;
	struct stat st;

	CHECK_OK(fstat(fd, &st));
	CHECK_OK(inode_look(dir, "file", STATX_BASIC_STATS, &path));
	CHECK_OK(inode_look_fd(0, fd, &ours));
	CHECK_OK(inode_look_fd(getpid(), fd, &of_pid));
	CHECK(path.stx_ino == st.st_ino && ours.stx_ino == st.st_ino && of_pid.stx_ino == st.st_ino);
	CHECK(inode_dev(&path) == st.st_dev && inode_dev(&of_pid) == st.st_dev);
	CHECK_INT(ours.stx_size, 5);
	fd_close(&fd);
	fd_close(&dir);
}

TEST(the_device_of_a_node)
{
	struct statx sx;

	CHECK_OK(inode_look(AT_FDCWD, "/dev/null", STATX_BASIC_STATS, &sx));
	CHECK(inode_rdev(&sx) == makedev(1, 3));
}

TEST(what_is_missing)
{
	struct statx sx;

	CHECK_ERR(inode_look(AT_FDCWD, "missing", STATX_INO, &sx), ENOENT);
	CHECK_ERR(inode_look_fd(0, 12345, &sx), EBADF);
	CHECK_ERR(inode_look_fd(getpid(), 12345, &sx), ENOENT);
}

TEST(a_set)
{
	struct inode_set set = inode_set_new(3);

	CHECK(!inode_set_has(&set, 1, 1));
	inode_set_add(&set, 2, 1);
	inode_set_add(&set, 1, 9);
	inode_set_add(&set, 1, 9);
	inode_set_sort(&set);
	CHECK(inode_set_has(&set, 2, 1) && inode_set_has(&set, 1, 9));
	CHECK(!inode_set_has(&set, 1, 1) && !inode_set_has(&set, 2, 9));
	inode_set_free(&set);
}

TEST(a_server_is_possible_where_no_block_device_is)
{
	int pair[2], proc = CHECK_OK(open("/proc/self/status", O_RDONLY | O_CLOEXEC));
	int null = CHECK_OK(open("/dev/null", O_RDONLY | O_CLOEXEC));

	test_pipe(pair);
	CHECK(inode_may_have_server(proc));
	CHECK(!inode_may_have_server(null));
	CHECK(!inode_may_have_server(pair[0]));
	CHECK(inode_may_have_server(-1));
	fd_close(&proc);
	fd_close(&null);
	fd_close_all(pair, 2);
}

TEST(a_file_in_memory_has_none)
{
	test_own_mounts();
	CHECK_OK(mkdir("memory", 0700));
	CHECK_OK(mount("memory", "memory", "tmpfs", 0, NULL));
	int fd = test_file("memory/file", "", O_RDONLY);
	CHECK(!inode_may_have_server(fd));
	CHECK_OK(umount2("memory", MNT_DETACH));
	CHECK(inode_may_have_server(fd)); /* of a mount that we do not see */
	fd_close(&fd);
}
