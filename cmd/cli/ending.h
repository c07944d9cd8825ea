/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ends a command by the signal that stopped it; and which signals stop none. */
#ifndef FDTOOL_CMD_CLI_ENDING_H
#define FDTOOL_CMD_CLI_ENDING_H

#include <stdbool.h>

/*
 * Flushes stdout, then lets the default disposition of the signal end the process, so that the
 * shell sees the signal. Where that is impossible, it exits with 128 + the signal. Call it after
 * loop_free, with the signal that the loop got; 0, no signal, does nothing.
 */
void end_by_signal(int signo);

/* Whether the signal is ignored, as SIGHUP is under nohup(1). */
bool signal_is_ignored(int signo);

#endif
