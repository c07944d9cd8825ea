/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Prints what reads of a device returned: see printer.h. */
#include "cmd/view/printer.h"
#include "cmd/view/decode.h"
#include "lib/base/memory.h"
#include "lib/base/text.h"
#include "lib/base/times.h"
#include "lib/loop/record.h"
#include "lib/out/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A time of CLOCK_MONOTONIC by the wall clock. Returns false where that is out of range. */
static bool wall_clock(int64_t mono_ns, int64_t *wall_ns)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	int64_t since_boot = ts.tv_sec * NS_PER_S + ts.tv_nsec - time_now();
	return !__builtin_add_overflow(mono_ns, since_boot, wall_ns);
}

static void print_iso(int64_t mono_ns)
{
	char text[64], zone[16];
	int64_t wall;
	struct tm tm;

	if (!wall_clock(mono_ns, &wall)) {
		fputs("? ", stdout); /* a device's clock may say anything */
		return;
	}
	time_t s = (time_t)(wall / NS_PER_S);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", localtime_r(&s, &tm));
	strftime(zone, sizeof(zone), "%z", &tm);
	printf("%s.%06" PRId64 "%s ", text, wall % NS_PER_S / 1000, zone);
}

static void print_stamp(struct printer *p, int64_t mono_ns)
{
	int64_t ns = mono_ns >= 0 ? mono_ns : time_now();

	if (p->stamp == STAMP_DELTA)
		printf("%+.6f ", p->seen > 1 ? (double)(ns - p->last_ns) / (double)NS_PER_S : 0.0);
	else if (p->stamp == STAMP_ISO)
		print_iso(ns);
	p->last_ns = ns;
}

/* Returns the number of events that were missed before this one. */
static uint64_t count_record(struct printer *p, const struct record *r)
{
	uint64_t missed = 0;

	/* a number that is not higher comes from another device, which counts anew */
	if (p->counting && r->event > p->last_event)
		missed = r->event - p->last_event - 1;
	p->counting = true;
	p->last_event = r->event;
	if (__builtin_add_overflow(p->missed, missed, &p->missed))
		p->missed = UINT64_MAX;
	p->seen++;
	return missed;
}

static void print_record(struct printer *p, const struct record *r, uint64_t missed)
{
	if (p->json) {
		json_line(json_pack("{s:o, s:s, s:o, s:o}", "event", json_number(r->event), "source",
			r->source, "mono_ns", json_maybe(r->mono_ns, -1), "missed", json_number(missed)));
		return;
	}
	print_stamp(p, r->mono_ns);
	printf("event=%" PRIu64 " source=%s", r->event, r->source);
	if (r->mono_ns >= 0)
		printf(" mono_ns=%" PRId64, r->mono_ns);
	if (missed)
		printf(" missed=%" PRIu64, missed);
	putchar('\n');
}

static void print_text(struct printer *p, const char *line, size_t len)
{
	if (p->json) {
		json_line(json_pack("{s:o}", "text", json_bytes_of(line, len)));
		return;
	}
	print_stamp(p, -1);
	while (len > 0) {
		const char *tab = memchr(line, '\t', len);
		size_t n = tab ? (size_t)(tab - line) : len;
		char *text = text_escape(line, n);
		printf("%s%s", text, tab ? "\t" : ""); /* a tab does no harm to a terminal */
		free(text);
		n += tab != NULL;
		line += n;
		len -= n;
	}
	putchar('\n');
}

static void print_hex(struct printer *p, const char *bytes, size_t len)
{
	char *hex = hex_text(bytes, len, !p->json);

	if (p->json) {
		json_line(json_pack("{s:s}", "hex", hex));
	} else {
		print_stamp(p, -1);
		puts(hex);
	}
	free(hex);
}

bool printer_enough(const struct printer *p)
{
	return p->count && p->seen >= (uint64_t)p->count;
}

static void print_line(struct printer *p, const char *line, size_t len)
{
	struct record r;

	if (printer_enough(p))
		return;
	if (p->format != FORMAT_TEXT && !p->continues && record_parse(line, len, &r)) {
		print_record(p, &r, count_record(p, &r));
	} else if (p->format != FORMAT_EVENT) {
		p->seen++;
		print_text(p, line, len);
	}
}

void printer_end(struct printer *p)
{
	if (p->npartial)
		print_line(p, p->partial, p->npartial);
	p->npartial = 0;
	p->continues = false;
}

/* The length without a character of UTF-8 that is cut at the end. */
static size_t without_cut(const char *bytes, size_t len)
{
	size_t lead = len - 1;

	while (lead > len - 4 && (bytes[lead] & 0xc0) == 0x80)
		lead--;
	unsigned char c = (unsigned char)bytes[lead];
	size_t needed = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
	return len - lead < needed ? lead : len;
}

static void print_part(struct printer *p)
{
	size_t n = without_cut(p->partial, p->npartial), rest = p->npartial - n;

	print_line(p, p->partial, n);
	memmove(p->partial, p->partial + n, rest);
	p->npartial = rest;
	p->continues = true;
}

/* A line that is longer than the buffer is printed in parts that fill it. */
static void keep_partial(struct printer *p, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t room = sizeof(p->partial) - p->npartial;
		size_t n = len < room ? len : room;
		memcpy(p->partial + p->npartial, bytes, n);
		p->npartial += n;
		bytes += n;
		len -= n;
		if (len > 0)
			print_part(p);
	}
}

/* Takes the first line, or the part of one that is there. Returns its length in bytes. */
static size_t take_line(struct printer *p, const char *bytes, size_t len)
{
	const char *end = memchr(bytes, '\n', len);
	size_t n = end ? (size_t)(end - bytes) : len;

	if (!end || p->npartial)
		keep_partial(p, bytes, n);
	else
		print_line(p, bytes, n);
	if (end)
		printer_end(p);
	return n + (end != NULL);
}

/*
 * Takes the records at the beginning, which most often are all there is. They are parsed for
 * their numbers, but printed together as they came, unless something has to be added to one.
 * Returns their length in bytes.
 */
static size_t take_records(struct printer *p, const char *bytes, size_t len)
{
	bool as_they_came = !p->json && p->stamp == STAMP_NONE;
	size_t printed = 0, done = 0, n;
	struct record r;

	if (p->npartial || p->format == FORMAT_TEXT || p->format == FORMAT_HEX)
		return 0;
	while (!printer_enough(p) && (n = record_take(bytes + done, len - done, &r)) > 0) {
		uint64_t missed = count_record(p, &r);
		if (missed || !as_they_came) {
			fwrite(bytes + printed, 1, done - printed, stdout);
			print_record(p, &r, missed);
			printed = done + n;
		}
		done += n;
	}
	fwrite(bytes + printed, 1, done - printed, stdout);
	return done;
}

void printer_read(struct printer *p, const char *bytes, size_t len)
{
	size_t done = take_records(p, bytes, len);

	if (p->format == FORMAT_HEX ||
		(p->format == FORMAT_AUTO && !text_is(bytes + done, len - done))) {
		if (!printer_enough(p)) {
			p->seen++;
			print_hex(p, bytes + done, len - done);
		}
		return;
	}
	while (done < len) {
		done += take_line(p, bytes + done, len - done);
		done += take_records(p, bytes + done, len - done);
	}
}
