/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --version. */
#ifndef FDTOOL_CMD_VERSION_H
#define FDTOOL_CMD_VERSION_H

/* Prints the version, those of the libraries, and the kernel's. */
void version(void);

#endif
