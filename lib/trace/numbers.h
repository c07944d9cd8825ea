/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SYS_read and so on, also those that this architecture does not have, or that the kernel's
 * headers here do not know: -1.
 */
#ifndef FDTOOL_LIB_TRACE_NUMBERS_H
#define FDTOOL_LIB_TRACE_NUMBERS_H

#include <sys/syscall.h>

#ifndef SYS_accept
#define SYS_accept (-1)
#endif
#ifndef SYS_cachestat
#define SYS_cachestat (-1)
#endif
#ifndef SYS_dup2
#define SYS_dup2 (-1)
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 (-1)
#endif
#ifndef SYS_epoll_wait
#define SYS_epoll_wait (-1)
#endif
#ifndef SYS_fadvise64
#define SYS_fadvise64 (-1)
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 (-1)
#endif
#ifndef SYS_file_getattr
#define SYS_file_getattr (-1)
#endif
#ifndef SYS_file_setattr
#define SYS_file_setattr (-1)
#endif
#ifndef SYS_fork
#define SYS_fork (-1)
#endif
#ifndef SYS_futimesat
#define SYS_futimesat (-1)
#endif
#ifndef SYS_getdents
#define SYS_getdents (-1)
#endif
#ifndef SYS_getxattrat
#define SYS_getxattrat (-1)
#endif
#ifndef SYS_kexec_file_load
#define SYS_kexec_file_load (-1)
#endif
#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule (-1)
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self (-1)
#endif
#ifndef SYS_listxattrat
#define SYS_listxattrat (-1)
#endif
#ifndef SYS_mmap
#define SYS_mmap (-1)
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr (-1)
#endif
#ifndef SYS_newfstatat
#define SYS_newfstatat (-1)
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr (-1)
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise (-1)
#endif
#ifndef SYS_process_mrelease
#define SYS_process_mrelease (-1)
#endif
#ifndef SYS_quotactl_fd
#define SYS_quotactl_fd (-1)
#endif
#ifndef SYS_removexattrat
#define SYS_removexattrat (-1)
#endif
#ifndef SYS_renameat
#define SYS_renameat (-1)
#endif
#ifndef SYS_sendfile
#define SYS_sendfile (-1)
#endif
#ifndef SYS_setxattrat
#define SYS_setxattrat (-1)
#endif
#ifndef SYS_signalfd
#define SYS_signalfd (-1)
#endif
#ifndef SYS_sync_file_range
#define SYS_sync_file_range (-1)
#endif
#ifndef SYS_vfork
#define SYS_vfork (-1)
#endif

#endif
