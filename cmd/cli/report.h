/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a command ends, and what it says on stderr: the only place that words an error. The
 * first line says what failed, the second, if there is one, what to do.
 */
#ifndef FDTOOL_CMD_CLI_REPORT_H
#define FDTOOL_CMD_CLI_REPORT_H

/* The exit status. */
enum status {
	STATUS_OK = 0,
	STATUS_FAIL = 1,
	STATUS_USAGE = 2,
	STATUS_REFUSED = 3, /* by the server's or the client's policy */
	STATUS_NOBODY = 4,  /* nobody offers it; no such process or descriptor */
	STATUS_TIMEOUT = 124,
	STATUS_CANNOT_RUN = 126,
	STATUS_NOT_FOUND = 127
};

/*
 * Sets the command that the beginning of each message names: "fdtool serve: ". NULL, as at the
 * start, is none: "fdtool: ". Borrows the name.
 */
void report_as(const char *name);

/* The program's name in messages; "fdtool" unless this sets another. Borrows it. */
void report_program(const char *name);

/* That name. */
const char *report_command(void);

/*
 * Prints "fdtool serve: OBJECT: WHAT: EBADF (Bad file descriptor)", where WHAT is what failed;
 * with err 0 without the last part. Escapes the object. Returns the status.
 */
enum status report(enum status, const char *object, const char *what, int err);

/*
 * The same after a look at a descriptor or a process has failed with errno; if /proc is to blame, it
 * is reported instead. Returns STATUS_FAIL.
 */
enum status report_look(const char *object, const char *what);

/* Reports that execvp(3) of the program has failed. Returns STATUS_NOT_FOUND or STATUS_CANNOT_RUN. */
enum status report_not_run(const char *program, int err);

/* Prints the second line, which says what to do. */
void report_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints what is wrong with the command line, and a pointer to --help. Returns STATUS_USAGE. */
enum status report_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a line that is not an error, with the command's name in front. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Reports that stdout could not be written, the first time. Returns STATUS_FAIL. */
enum status report_output(int err);

/*
 * Flushes stdout. Returns STATUS_OK; or STATUS_FAIL, and reports the first such failure.
 * main does it after every command; only one that runs for long needs it earlier.
 */
enum status report_flush(void);

#endif
