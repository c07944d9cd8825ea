/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TARGET, a description to look at: PID, PID:FD, fd:N, or the ADDRESS of an offer. Nothing is taken:
 * the kernel's tables show who offers a name, so no server sees a client, and no grant is used up.
 */
#ifndef FDTOOL_CMD_CLIENT_FIND_H
#define FDTOOL_CMD_CLIENT_FIND_H

#include "cmd/cli/command.h"
#include "lib/look/share.h"

/* Returns NULL, or why the word cannot be such a TARGET. */
const char *target_find_fault(const char *word);

/* Finds it; fd is -1 for a PID. Anything but STATUS_OK has been reported. */
enum status target_find(const char *word, struct share_target *of);

/* Reports, by errno, that a snapshot failed, at this word. Returns the status. */
enum status target_unseen(const char *word);

#endif
