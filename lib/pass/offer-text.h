/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of an OFFER, the same whether a server grants it or a sender gives it. */
#ifndef FDTOOL_LIB_PASS_OFFER_TEXT_H
#define FDTOOL_LIB_PASS_OFFER_TEXT_H

#include <stdbool.h>

#include "lib/pass/protocol.h"

/*
 * Begins an OFFER of one descriptor, and describes it. narrow: it is read-only for whoever gets it.
 * Returns 0, or -1 with the errno of desc_look.
 */
int offer_text(struct protocol_out *, const char *name, int fd, bool narrow);

/*
 * The same of a group of n descriptors, each with a name of its own. Fails with EMSGSIZE too, if
 * the names do not fit in a message.
 */
int offer_text_group(struct protocol_out *, const char *name, const int *fds, char *const *names, size_t n);

#endif
