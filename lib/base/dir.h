/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories whose entries are numbers: processes, threads, descriptors. */
#ifndef FDTOOL_LIB_BASE_DIR_H
#define FDTOOL_LIB_BASE_DIR_H

#include <dirent.h>
#include <stdbool.h>

/*
 * The next entry of the directory that is a number. Returns its name, or NULL with errno: 0 at the
 * end of the directory, ENOENT in /proc if the process has ended.
 */
const char *dir_next_number(DIR *dir, int *number);

/*
 * Calls each() for every entry of the directory that is a number, until it returns false. Returns
 * 0, or -1 with the errno of opendir(3) or readdir(3).
 */
int dir_each_number(const char *path, bool (*each)(void *data, int number), void *data);

#endif
