/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of find.h share: each kind of word adds the targets that it names. */
#ifndef FDTOOL_CMD_CLIENT_FIND_INTERNAL_H
#define FDTOOL_CMD_CLIENT_FIND_INTERNAL_H

#include "cmd/cli/report.h"
#include "lib/look/share.h"

struct targets;

/* Adds a target that the i-th word names. */
void find_add(struct targets *, struct share_target, size_t i);

/* The path of file:PATH, or NULL. */
const char *find_file_path(const char *word);

/* Each adds the targets of the i-th word. Anything but STATUS_OK has been reported. */
enum status find_offer(struct targets *, size_t i);
enum status find_file(struct targets *, size_t i);
enum status find_port(struct targets *, size_t i);

/* Reports that the kernel's tables show the socket of @RAW, or of a path, but not what it offers. */
enum status find_only_server_knows(const char *word);

#endif
