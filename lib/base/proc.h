/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading files of proc(5), whose size is known only at their end, and of which one
 * read(2) may return a part; and walks over the processes and threads in it.
 */
#ifndef FDTOOL_LIB_BASE_PROC_H
#define FDTOOL_LIB_BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * What is wrong with the /proc that is mounted here, as the end of a sentence: "is not mounted",
 * "shows another pid namespace…", where its numbers are those of other processes than ours; or
 * NULL. What /proc/self has is right even so.
 */
const char *proc_fault(void);

/*
 * Sets errno after ENOENT for something in /proc/PID itself: ESRCH if there is no such process;
 * EACCES if there is one, which /proc hides (hidepid); ENOENT where proc_fault. Returns -1.
 */
int proc_missing(pid_t pid);

/*
 * Reads the file into out, up to size - 1 bytes, and adds a NUL. Returns the length, or
 * -1 with the errno of open(2) or read(2): ESRCH if the process has ended meanwhile.
 */
ssize_t proc_read(const char *path, char *out, size_t size);

/*
 * The same with a single read(2), for callers that need only the beginning of the file.
 * dir is as in openat(2).
 */
ssize_t proc_read_once(int dir, const char *path, char *out, size_t size);

/*
 * Reads the whole file and adds a NUL. Returns the text, which the caller frees, and its
 * length in *len, or NULL with errno.
 */
char *proc_read_all(const char *path, size_t *len);

enum { PROC_COMMAND = 16 }; /* bytes */

/* The name of a process, or of a thread, unescaped. Returns false, and leaves out, if there is none. */
bool proc_command(pid_t tid, char out[PROC_COMMAND]);

/* The number of a field of /proc/TID/status, such as "Tgid", or -1 with errno. */
long proc_status(pid_t tid, const char *field);

/* Whether it has ended, all its threads, and its parent has not waited for it yet. */
bool proc_is_zombie(pid_t);

/*
 * Calls each() for every process that /proc shows, until it returns false. Returns 0, or
 * -1 with errno if there is no /proc.
 */
int proc_each(bool (*each)(void *data, pid_t pid), void *data);

/* The same for every thread of a process, with the main thread; ENOENT if it has ended. */
int proc_each_thread(pid_t pid, bool (*each)(void *data, pid_t tid), void *data);

#endif
