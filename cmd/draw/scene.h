/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What every drawing of who shares what consists of: three columns of boxes
 * (descriptor tables, open file descriptions, inodes), their places, and the
 * sentences below. The renderers (picture, graph, svg) only draw it.
 *
 * All text in it is escaped for a terminal. A renderer adds the escapes of its
 * file format.
 */
#ifndef FDTOOL_CMD_DRAW_SCENE_H
#define FDTOOL_CMD_DRAW_SCENE_H

#include "lib/look/fold.h"
#include "lib/look/share.h"

/*
 * A process with its descriptor table, or the first of many processes that are alike. id stands
 * apart, so that cutting a long command keeps it.
 */
struct scene_table {
	char *command;
	/*
	 * "1234"; "1234/1236": a thread's own table; "1234 +2": two more tasks have it. With
	 * others that are alike, title has their number as well: "×41 from 1234"; of a process that
	 * is there because of this look, "1234 (this pipe)".
	 */
	char *id, *title;
};

/* A descriptor, or several of one table and one description: where a line begins. */
struct scene_port {
	size_t table, description; /* indices into the scene's */
	int fd;                    /* the first */
	char *label;               /* "fd 3", "fd 0-2,7" */
	size_t row;
};

/* A descriptor table; in a banded scene, its descriptors of one description. */
struct scene_box {
	size_t table;
	size_t first, n;    /* into scene.ports */
	size_t top, bottom; /* rows of its edges */
};

struct scene_description {
	size_t index; /* into share.descriptions */
	const struct share_description *d;
	char *letter; /* "A", or "A?" if another may be the same one */
	char **lines; /* "mode rw", "pos 120", "O_APPEND", … */
	size_t n_lines;
	size_t inode;		 /* into scene.inodes */
	size_t top, bottom, row; /* row: where its lines arrive and leave */
	size_t from, to;	 /* the rows that its lines from descriptors cover */
	size_t lane; /* of scene.lanes, where their vertical parts are; unused if from == to */
};

/*
 * An inode. A description without an inode of its own (an eventfd, say) has a stand-in, which
 * no other description has.
 */
struct scene_inode {
	char *type, *name, *number; /* number: "inode 7 on 8:1", or "" */
	size_t first, n;	    /* into scene.descriptions */
	size_t top, bottom, row;    /* row: of its first description */
};

struct scene {
	const struct share *share;
	struct fold fold;
	struct scene_table *tables; /* in the order of share.tables */
	struct scene_port *ports;
	size_t n_ports;
	struct scene_box *boxes;
	size_t n_boxes;
	struct scene_description *descriptions; /* sorted by inode */
	struct scene_inode *inodes;
	size_t n_inodes;
	size_t rows, lanes;
	bool banded; /* a process may have more than one box */
};

struct scene_opts {
	bool ascii;
	bool each; /* nothing is folded */
	bool joined; /* many boxes, one below the other, share their edges */
	/* the most vertical lines side by side: if they are too few, it is banded; 0: no lanes */
	size_t lanes_max;
};

/* Never fails: out of memory ends the process. Borrows the share. Free with scene_free. */
struct scene *scene_new(const struct share *, const struct scene_opts *);
void scene_free(struct scene *);

/* Assigns the rows and lanes: scene-place.c. scene_new calls it. */
void scene_place(struct scene *, const struct scene_opts *);

/*
 * A paragraph, without a newline, that says what is shared, what is a second open, and what
 * is unknown. The caller frees.
 */
char *scene_words(const struct scene *);

/* Calls each with a sentence, without a full stop, for each thing that is unknown. */
void scene_unknowns(
	const struct share *, void (*each)(void *data, const char *sentence), void *data);

/* Sets LC_CTYPE from the environment. Returns whether it is UTF-8. */
bool scene_utf8(void);

/* The columns: "descriptor tables", "open file descriptions", "inodes". */
enum { SCENE_TABLES, SCENE_DESCRIPTIONS, SCENE_INODES, SCENE_COLUMNS };
extern const char *const scene_headings[SCENE_COLUMNS];

#endif
