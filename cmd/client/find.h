/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * TARGETs to look at: PID, PID:FD, fd:N, the ADDRESS of an offer; and file:PATH, tcp:[HOST:]PORT and
 * so on, which any process may have open. Nothing is taken: the kernel's tables show who offers a name, so no server
 * sees a client, and no grant is used up.
 */
#ifndef FDTOOL_CMD_CLIENT_FIND_H
#define FDTOOL_CMD_CLIENT_FIND_H

#include "cmd/cli/command.h"
#include "lib/look/port.h"
#include "lib/look/share.h"

/* How words other than names, numbers and paths begin, for completion. */
#define TARGET_WORDS "file: " PORT_WORDS

/* Starts as {0}; free with targets_free. */
struct targets {
	struct words words;     /* as the user wrote them */
	struct share_target *v; /* what they name; a word may name several */
	size_t *word;           /* of each of v, its word */
	size_t n;
};

/* Adds a word. Returns NULL, or why it cannot be a TARGET. */
const char *targets_add(struct targets *, const char *word);

/* Finds what the words name, anew. Anything but STATUS_OK has been reported. */
enum status targets_find(struct targets *);

/* The same for ports only, without a report: connections come and go. */
void targets_refresh(struct targets *);

/* Whether a word is a port. */
bool targets_have_port(const struct targets *);

/* Whether some word names an inode: the descriptors of it are not known before a snapshot. */
bool targets_have_inodes(const struct targets *);

/* Reports each word whose inodes nobody has open in the snapshot. Returns STATUS_NOBODY then. */
enum status targets_unheld(const struct targets *, const struct share *);

/*
 * Replaces the inodes by descriptors, one of each description that has the inode now. Anything
 * but STATUS_OK has been reported.
 */
enum status targets_resolve(struct targets *);

/* The word that names it. */
const char *targets_word(const struct targets *, const struct share_target *);

void targets_free(struct targets *);

/* Reports, by errno, that a snapshot failed, at this word. Returns the status. */
enum status target_unseen(const char *word);

#endif
