/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up privileges, for good. */
#ifndef FDTOOL_LIB_BASE_PRIVILEGE_H
#define FDTOOL_LIB_BASE_PRIVILEGE_H

#include <pwd.h>

/*
 * Becomes the user: groups, gid and uid, all three of each, no capability left,
 * and none to be had by exec (no_new_privs). Returns 0, or -1 with errno; then
 * the process is in between, and is to end. EPERM also where the kernel would
 * let the old uid come back.
 */
int privilege_drop(const struct passwd *);

#endif
