/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fdtool --install [-s] DIR. */
#ifndef FDTOOL_CMD_INSTALL_H
#define FDTOOL_CMD_INSTALL_H

#include "cmd/cli/command.h"

/*
 * Links DIR/fdtool-COMMAND to this program for every command, by symlinks with
 * -s. A link of ours that is there is replaced; anything else is left, and said.
 */
enum status install(int argc, char **argv);

#endif
