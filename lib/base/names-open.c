/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The names of the flags of open(2): see names.h. In a file of its own, with the kernel's numbers
 * for this architecture, as fdinfo and F_GETFL have them: libc's O_LARGEFILE may be 0.
 */
#include "lib/base/names.h"
#include "lib/base/names-row.h"

#include <asm/fcntl.h>
#include <stddef.h>


const unsigned int names_o_largefile = O_LARGEFILE;

const struct bitname names_open[] = {
	BIT(O_CREAT), BIT(O_EXCL), BIT(O_NOCTTY), BIT(O_TRUNC), BIT(O_APPEND), BIT(O_NONBLOCK),
	BIT(O_TMPFILE), BIT(O_SYNC), BIT(O_DSYNC), {FASYNC, "O_ASYNC"}, BIT(O_DIRECT),
	BIT(O_LARGEFILE), BIT(O_DIRECTORY), BIT(O_NOFOLLOW), BIT(O_NOATIME), BIT(O_PATH),
	{0, NULL},
};
