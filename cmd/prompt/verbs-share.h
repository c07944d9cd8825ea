/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt that show who else has the description. */
#ifndef FDTOOL_CMD_PROMPT_VERBS_SHARE_H
#define FDTOOL_CMD_PROMPT_VERBS_SHARE_H

#include "cmd/prompt/session.h"

/* Its holders, and other opens of the same inode, as a table. */
enum status verbs_inspect(struct session *);

/* The same as boxes. */
enum status verbs_picture(struct session *);

/* The evidence why it is shared: "why shared". */
enum status verbs_why_shared(struct session *);

#endif
