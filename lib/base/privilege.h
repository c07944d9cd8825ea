/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up privileges, for good. */
#ifndef FDTOOL_LIB_BASE_PRIVILEGE_H
#define FDTOOL_LIB_BASE_PRIVILEGE_H

#include <pwd.h>

/*
 * Becomes the user: supplementary groups, and the real, effective and saved gid and uid.
 * Drops all capabilities, those of the bounding set too where CAP_SETPCAP allows that, and
 * sets no_new_privs, so that exec(2) gives none. Enters a session keyring of its own. Returns 0,
 * or -1 with errno; then some of this may be done already, and the caller must exit. EPERM
 * also if a capability is left, or uid 0 can be regained.
 */
int privilege_drop(const struct passwd *);

#endif
