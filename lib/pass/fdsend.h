/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where fdsend and fdrecv of util-linux meet: fdrecv listens on a SOCK_STREAM socket, fdsend connects
 * and sends one descriptor with one byte, a blank.
 */
#ifndef FDTOOL_LIB_PASS_FDSEND_H
#define FDTOOL_LIB_PASS_FDSEND_H

#include "lib/base/addr.h"

/*
 * As addr_parse, but a word that is neither "@RAW" (their option -a) nor a path is a socket in the
 * directory "fdsend" of $XDG_RUNTIME_DIR, else of /run/user/UID, for root of /run.
 */
const char *fdsend_parse(const char *word, struct addr *);

/* Makes that directory, if the word is such a name: fdrecv makes it, too. */
void fdsend_make_directory(const char *word);

#endif
