/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --version. */
#ifndef FDTOOL_CMD_VERSION_H
#define FDTOOL_CMD_VERSION_H

/* Prints the versions of fdtool, its libraries and the kernel. */
void version(void);

#endif
