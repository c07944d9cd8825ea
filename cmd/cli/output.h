/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Standard output of a command that has a loop. Signals come by the loop, so a write that waits for
 * a reader would make the command deaf to them, and to its own deadline. Between output_begin and
 * output_end stdout is an outlet's stream, and nothing that is printed waits.
 */
#ifndef FDTOOL_CMD_CLI_OUTPUT_H
#define FDTOOL_CMD_CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/cli/report.h"
#include "lib/loop/loop.h"

/* Begins it. lost, which may be NULL, prints that n lines were not shown: see output_takes. */
enum status output_begin(struct loop *, void (*lost)(void *data, size_t n), void *data);

/*
 * Whether a line about an event may be printed. Where the reader is far behind, it may not, and is
 * counted; without output_begin it always may.
 */
bool output_takes(void);

/* Whether the reader has not taken all that was flushed. */
bool output_is_behind(void);

/* Writes what the reader takes now. Returns STATUS_OK; or STATUS_FAIL, reported, for good. */
enum status output_flush(void);

/*
 * Waits until the reader has taken all, or the loop is stopped. Meanwhile of the loop only signals
 * and timers run, so that no more input comes. Returns as output_flush does.
 */
enum status output_drain(void);

/*
 * Ends it: writes what the reader takes now, and says how much it left. Returns as output_flush
 * does. Call it before loop_free.
 */
enum status output_end(void);

#endif
