/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every drawing of who shares what is made of: three columns of boxes
 * (descriptor tables, open file descriptions, inodes), which stands where, and
 * the sentences below. The renderers (picture, graph, svg) only draw it.
 *
 * All text in it is escaped for a terminal; what a file format needs beyond
 * that, its renderer does.
 */
#ifndef FDTOOL_CMD_DRAW_SCENE_H
#define FDTOOL_CMD_DRAW_SCENE_H

#include "lib/look/share.h"

/* Who has a descriptor table. Apart, so that a long command does not cost the pid. */
struct scene_table {
	char *command;
	char *id; /* "1234", "1234/1236": a thread's own, "1234 +2": others have it too */
};

/* A descriptor: where a line begins. */
struct scene_port {
	size_t table, description; /* their places in the scene */
	int fd;
	size_t row;
};

/* A descriptor table, or in a banded scene that part of it which one description needs. */
struct scene_box {
	size_t table;
	size_t first, n;    /* into scene.ports */
	size_t top, bottom; /* rows of its edges */
};

struct scene_description {
	size_t index; /* into share.descriptions */
	const struct share_description *d;
	char *letter; /* "A", or "A?" where another may be the same one */
	char **lines; /* "mode rw", "pos 120", "O_APPEND", … */
	size_t n_lines;
	size_t inode;		 /* into scene.inodes */
	size_t top, bottom, row; /* row: where lines come in and go out */
	size_t from, to;	 /* the rows that its lines from descriptors cover */
	size_t lane; /* in which of scene.lanes they run up and down; no matter where from is to */
};

/* An inode; of what has none of its own (eventfd and its like) a stand-in for each description. */
struct scene_inode {
	char *type, *name, *number; /* number: "inode 7 on 8:1", or "" */
	size_t first, n;	    /* its descriptions, side by side */
	size_t top, bottom, row;    /* row: that of its first description */
};

struct scene {
	const struct share *share;
	struct scene_table *tables; /* in share's order */
	struct scene_port *ports;
	struct scene_box *boxes;
	size_t n_boxes;
	struct scene_description *descriptions; /* by inode */
	struct scene_inode *inodes;
	size_t n_inodes;
	size_t rows, lanes;
	bool banded; /* a process may be drawn more than once */
};

struct scene_opts {
	bool ascii;
	bool joined; /* where there are many boxes, one below the other have an edge in common */
	/* so many lines may run side by side, else it is banded; 0: no lanes are wanted */
	size_t lanes_max;
};

/* Never fails: out of memory ends the process. The share has to outlive it. Free with scene_free.
 */
struct scene *scene_new(const struct share *, const struct scene_opts *);
void scene_free(struct scene *);

/* Finds rows and lanes for what is in the columns: scene-place.c. scene_new calls it. */
void scene_place(struct scene *, const struct scene_opts *);

/*
 * What is shared, what is a second open, and what is not known, in words: a
 * paragraph, without a newline. The caller frees.
 */
char *scene_words(const struct scene *);

/* Each thing that is not known, as a sentence without a full stop. */
void scene_unknowns(const struct share *, void (*each)(void *data, const char *sentence), void *data);

/*
 * The next line of a text that is broken at blanks, its length in bytes into
 * *len: at most so many columns, unless a word is longer. NULL at the end. *text
 * is moved to what follows.
 */
const char *scene_line(const char **text, size_t columns, size_t *len);

/* Whether the user's locale is one of UTF-8; it is set from then on. */
bool scene_utf8(void);

/* "descriptor tables", "open file descriptions", "inodes": what is in the columns. */
enum { SCENE_TABLES, SCENE_DESCRIPTIONS, SCENE_INODES, SCENE_COLUMNS };
extern const char *const scene_headings[SCENE_COLUMNS];

#endif
