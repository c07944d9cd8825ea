/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of facts.h have in common: each adds the facts of some types to an object. */
#ifndef FDTOOL_LIB_LOOK_FACTS_INTERNAL_H
#define FDTOOL_LIB_LOOK_FACTS_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "lib/base/child.h"
#include "lib/base/inode.h"
#include "lib/look/desc.h"
#include "lib/look/diag.h"

struct facts {
	struct diag_sockets sockets[DIAG_TABLES];
	bool *listens;                /* for each port of TCP; NULL: not looked at yet */
	char *locks, *devices, *ttys; /* of /proc; NULL: not read yet */
	dev_t memfds;                 /* the device of memfds; 0: not known yet */
	struct child asked;           /* of facts_ask */
};

/* The descriptor whose facts are collected. */
struct subject {
	struct facts *facts;
	pid_t pid; /* 0: this process */
	int fd;
	const struct desc *d;
	json_t *out;
};

/* --- facts-subject.c -------------------------------------------------------------- */

/* Sets a value of the result, which takes the reference. */
void facts_put(const struct subject *, const char *key, json_t *value);

/* The same in any object; a second value for a key makes an array of both. */
void facts_put_more(json_t *object, const char *key, json_t *value);

/*
 * Appends to an array in any object. It is made when it is first needed; a value that has the key
 * and is no array is then its first.
 */
void facts_append(json_t *object, const char *key, json_t *value);

/* Writes "/proc/PID/NAME" into out. */
void facts_path(const struct subject *, const char *name, char *out, size_t size);

/* The text of a file of /proc, read once into *text; "" where it cannot be read. */
const char *facts_read_cached(char **text, const char *path);

/* Returns false also where the number has come to mean another file meanwhile. */
bool facts_inode(const struct subject *, struct statx *);

/*
 * The descriptor itself, for a call on it, or -1. Of another process it is a duplicate, also in
 * *taken, which the caller closes; else *taken is -1. Only for types that the kernel itself is
 * sure to implement: closing a duplicate runs the flush operation of its file. Returns -1 also
 * where the number has come to mean another file meanwhile.
 */
int facts_borrow(const struct subject *, int *taken);

/*
 * Lets a child run the query, which may hang, on the descriptor, borrowed as above. Returns true
 * if it gave its answer, of size bytes (up to FACTS_ANSWER_MAX), in time.
 */
enum { FACTS_ANSWER_MAX = 512 };
bool facts_ask(const struct subject *, void (*query)(int fd, void *answer), void *answer,
	size_t size);

/* --- the facts, a file for each kind ------------------------------------------------- */

/* Returns false where there is no such descriptor any more, or it is seen to be another. */
bool facts_add_fdinfo(const struct subject *);
/* Adds what a text of fdinfo has, which it changes. */
void facts_parse_fdinfo(const struct subject *, char *text);

void facts_add_size(const struct subject *);
void facts_add_memfd(const struct subject *);
void facts_add_socket(const struct subject *);

void facts_add_device(const struct subject *);
void facts_add_terminal(const struct subject *);
void facts_add_pipe(const struct subject *);

/* The locks on the same file that are not held through this descriptor. */
void facts_add_other_locks(const struct subject *);

/* A lock in the format of fdinfo and /proc/locks. */
json_t *facts_parse_lock(const char *text);

#endif
