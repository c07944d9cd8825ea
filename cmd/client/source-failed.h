/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reports why a SOURCE that is not a path could not be opened, and what to do. */
#ifndef FDTOOL_CMD_CLIENT_SOURCE_FAILED_H
#define FDTOOL_CMD_CLIENT_SOURCE_FAILED_H

#include "cmd/cli/report.h"
#include "lib/pass/source.h"

/* source_open failed with that errno. */
enum status source_failed(const struct source *, int err);

#endif
