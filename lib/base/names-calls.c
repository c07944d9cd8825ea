/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the arguments of system calls: see names.h. */
#include "lib/base/names.h"
#include "lib/base/names-row.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct bitname names_whence[] = {BIT(SEEK_SET), BIT(SEEK_CUR), BIT(SEEK_END),
	BIT(SEEK_DATA), BIT(SEEK_HOLE), {0, NULL}};

const struct bitname names_epoll_ctl[] = {
	BIT(EPOLL_CTL_ADD), BIT(EPOLL_CTL_MOD), BIT(EPOLL_CTL_DEL), {0, NULL}};

/* F_GETLK and so on have the kernel's numbers: those of the C library may be for other structures. */
const struct bitname names_fcntl[] = {BIT(F_DUPFD), BIT(F_GETFD), BIT(F_SETFD),
	BIT(F_GETFL), BIT(F_SETFL), {5, "F_GETLK"}, {6, "F_SETLK"}, {7, "F_SETLKW"},
	{12, "F_GETLK64"}, {13, "F_SETLK64"}, {14, "F_SETLKW64"},
	BIT(F_SETOWN), BIT(F_GETOWN), BIT(F_SETSIG), BIT(F_GETSIG), BIT(F_SETOWN_EX),
	BIT(F_GETOWN_EX), BIT(F_OFD_GETLK), BIT(F_OFD_SETLK), BIT(F_OFD_SETLKW),
	BIT(F_SETLEASE), BIT(F_GETLEASE), BIT(F_NOTIFY), BIT(F_DUPFD_CLOEXEC),
	BIT(F_SETPIPE_SZ), BIT(F_GETPIPE_SZ), BIT(F_ADD_SEALS), BIT(F_GET_SEALS),
	BIT(F_GET_RW_HINT), BIT(F_SET_RW_HINT), BIT(F_GET_FILE_RW_HINT),
	BIT(F_SET_FILE_RW_HINT), {0, NULL}};

const struct bitname names_ioctl[] = {BIT(FIONBIO), BIT(FIOASYNC), BIT(FIONREAD),
	BIT(FIOCLEX), BIT(FIONCLEX), BIT(TCGETS), BIT(TCSETS), BIT(TCSETSW), BIT(TCSETSF),
	BIT(TCFLSH), BIT(TIOCGWINSZ), BIT(TIOCSWINSZ), BIT(TIOCGPGRP), BIT(TIOCSPGRP),
	BIT(TIOCSCTTY), BIT(TIOCNOTTY), BIT(TIOCSTI), BIT(TIOCGPTN), BIT(TIOCSPTLCK),
	BIT(TIOCPKT), {0, NULL}};

const struct bitname names_lock[] = {
	BIT(F_RDLCK), BIT(F_WRLCK), BIT(F_UNLCK), {0, NULL}};

const struct bitname names_flock[] = {
	BIT(LOCK_SH), BIT(LOCK_EX), BIT(LOCK_UN), BIT(LOCK_NB), {0, NULL}};

const struct bitname names_clone[] = {BIT(CLONE_VM), BIT(CLONE_FS), BIT(CLONE_FILES),
	BIT(CLONE_SIGHAND), BIT(CLONE_PIDFD), BIT(CLONE_PTRACE), BIT(CLONE_VFORK),
	BIT(CLONE_PARENT), BIT(CLONE_THREAD), BIT(CLONE_NEWNS), BIT(CLONE_SYSVSEM),
	BIT(CLONE_SETTLS), BIT(CLONE_PARENT_SETTID), BIT(CLONE_CHILD_CLEARTID),
	BIT(CLONE_UNTRACED), BIT(CLONE_CHILD_SETTID), BIT(CLONE_NEWCGROUP), BIT(CLONE_NEWUTS),
	BIT(CLONE_NEWIPC), BIT(CLONE_NEWUSER), BIT(CLONE_NEWPID), BIT(CLONE_NEWNET),
	BIT(CLONE_IO), {0, NULL}};
