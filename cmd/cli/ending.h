/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a command ends that a signal ended, and which signals end none. */
#ifndef FDTOOL_CMD_CLI_ENDING_H
#define FDTOOL_CMD_CLI_ENDING_H

#include <stdbool.h>

/*
 * Flushes stdout, then ends the process by the signal, as its default disposition does:
 * so the caller's shell sees how it ended. For a signal that a loop has taken, after
 * loop_free. 0 is no signal: does nothing.
 */
void end_by_signal(int signo);

/* Whether the signal is ignored, as SIGHUP is under nohup(1). */
bool signal_is_ignored(int signo);

#endif
