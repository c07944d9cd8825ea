/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a signal means for a call that waits. A command of fdtool ends by the signal, or handles it in
 * its loop, so a call that was interrupted is made again. In a shell, whose process goes on, it is
 * given up.
 */
#ifndef FDTOOL_LIB_BASE_INTERRUPT_H
#define FDTOOL_LIB_BASE_INTERRUPT_H

#include <stdbool.h>

/* Whether the user wants to stop, asked after EINTR; NULL, as in every command: never. */
extern bool (*interrupt_asked)(void);

/* Whether the call that failed with EINTR is to be given up. */
bool interrupted(void);

#endif
