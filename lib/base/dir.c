/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Directories whose entries are numbers: see dir.h. */
#include "lib/base/dir.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <limits.h>

const char *dir_next_number(DIR *dir, int *number)
{
	struct dirent *e;
	const char *fault = "none yet";

	do {
		errno = 0; /* only this tells a failure from the end */
		e = readdir(dir);
		if (e)
			*number = (int)strtonum(e->d_name, 0, INT_MAX, &fault);
	} while (e && fault);
	return e ? e->d_name : NULL;
}

int dir_each_number(const char *path, bool (*each)(void *data, int number), void *data)
{
	DIR *dir = opendir(path);
	bool going = true;
	int number;

	if (!dir)
		return -1;
	while (going && dir_next_number(dir, &number))
		going = each(data, number);
	int err = going ? errno : 0;
	closedir(dir);
	errno = err;
	return err ? -1 : 0;
}
