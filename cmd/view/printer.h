/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what reads of a device returned: events, lines of text, or bytes in hexadecimal. */
#ifndef FDTOOL_CMD_VIEW_PRINTER_H
#define FDTOOL_CMD_VIEW_PRINTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRINTER_LINE_MAX = 65536 }; /* what is longer is printed in parts */

struct printer {
	/* both in the order of the choices of the option rows in mypoll-tail.c */
	enum { FORMAT_AUTO, FORMAT_EVENT, FORMAT_TEXT, FORMAT_HEX } format;
	enum { STAMP_NONE, STAMP_ISO, STAMP_DELTA } stamp;
	bool json;
	long count; /* the most to print; 0: all */

	uint64_t seen, missed;
	bool counting;       /* false until the first event of an open: nothing is missed before */
	uint64_t last_event;
	int64_t last_ns;
	char partial[PRINTER_LINE_MAX]; /* a line whose end has not been read yet */
	size_t npartial;
	bool continues; /* the line's first part was printed: what follows is no event */
};

/* Prints the bytes of one read. The last line may be incomplete: the next read continues it. */
void printer_read(struct printer *, const char *bytes, size_t len);

/* Prints the last line, if its end was never read. */
void printer_end(struct printer *);

/* True once `count` have been printed. */
bool printer_enough(const struct printer *);

#endif
