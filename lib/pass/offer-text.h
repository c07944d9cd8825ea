/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of an OFFER, the same whether a server grants it or a sender gives it. */
#ifndef FDTOOL_LIB_PASS_OFFER_TEXT_H
#define FDTOOL_LIB_PASS_OFFER_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pass/protocol.h"

/* What the one that gives says of it. */
struct offer_terms {
	int more;       /* descriptors that follow */
	int64_t expire; /* in ms; 0: never */
	bool replace;
};

/*
 * Makes the OFFER of one descriptor, and describes it. narrow: it is read-only for whoever gets
 * it. terms: NULL for a server. A path that is too long leaves out none of them. Returns 0, or -1
 * with the errno of desc_look.
 */
int offer_text(struct protocol_out *, const char *name, int fd, bool narrow,
	const struct offer_terms *terms);

/*
 * The same of a group of n descriptors, each with a name of its own. Fails with EMSGSIZE too, if
 * the names do not fit in a message.
 */
int offer_text_group(struct protocol_out *, const char *name, const int *fds, char *const *names, size_t n);

#endif
