/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constants of the kernel that the headers of older systems lack. */
#ifndef FDTOOL_LIB_BASE_UAPI_H
#define FDTOOL_LIB_BASE_UAPI_H

#include <fcntl.h>
#include <linux/unix_diag.h>
#include <sys/pidfd.h>
#include <sys/socket.h>

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77 /* Linux 6.5 */
#endif

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* Linux 6.16 */
#endif

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL /* Linux 6.9 */
#endif

#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020 /* Linux 6.3 */
#endif

#ifndef UDIAG_SHOW_UID /* Linux 5.3 */
#define UDIAG_SHOW_UID 0x40
#define UNIX_DIAG_UID  7
#endif

#endif
