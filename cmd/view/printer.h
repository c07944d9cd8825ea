/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a device gave, as lines: events, text, or bytes in hexadecimal. */
#ifndef FDTOOL_CMD_VIEW_PRINTER_H
#define FDTOOL_CMD_VIEW_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINTER_LINE_MAX = 65536 }; /* what is longer is printed in parts */

struct printer {
	enum { FORMAT_AUTO, FORMAT_EVENT, FORMAT_TEXT, FORMAT_HEX } format;
	enum { STAMP_NONE, STAMP_ISO, STAMP_DELTA } stamp;
	bool json;
	long count; /* print so many and no more; 0: all */

	uint64_t seen, missed;
	uint64_t last_event; /* 0: another open begins, and what it did not see is no gap */
	int64_t last_ns;
	char partial[PRINTER_LINE_MAX]; /* a line whose end has not come yet */
	size_t npartial;
};

/* Prints what one read gave: lines, the last of which may not be whole, or bytes. */
void printer_read(struct printer *, const char *bytes, size_t len);

/* Prints a last line that has no end. */
void printer_end(struct printer *);

/* True once `count` have been printed. */
bool printer_enough(const struct printer *);

#endif
