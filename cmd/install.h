/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --install [-s] DIR. */
#ifndef FDTOOL_CMD_INSTALL_H
#define FDTOOL_CMD_INSTALL_H

#include "cmd/cli/command.h"

/*
 * Links DIR/fdtool-COMMAND to this program for every command; with -s by symlinks. Replaces
 * the links of an earlier call; any other file stays, and is reported. argv: the words
 * after --install.
 */
enum status install(int argc, char **argv);

#endif
