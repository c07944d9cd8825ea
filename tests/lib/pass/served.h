/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server (server.h) in a child process, and real clients (client.h), for the tests of both. */
#ifndef FDTOOL_SERVED_H
#define FDTOOL_SERVED_H

#include "tests/unit/test.h"
#include "lib/base/times.h"
#include "lib/pass/client.h"
#include "lib/pass/server.h"

#define SOON (10 * NS_PER_S)

struct test_server {
	struct addr addr;
	char name[64];
	struct server_rules rules;
	bool narrow;
	bool full;  /* its descriptor table has no room after it listens */
	long refused; /* a system call that fails with refused_with after it listens; 0: none */
	int refused_with;
	uid_t user; /* the user that it becomes; 0: none */
	int fd;     /* the offered descriptor in the test's process */
	int events; /* a line for each event */
	pid_t pid;
};

/* Prepares a server that offers the new file "offered". Fields may be changed until the start. */
void served_init(struct test_server *);

/* Starts the server and waits until it listens. */
void served_start(struct test_server *);

/* The server's next event as a line. Valid until the next call. */
const char *served_event(const struct test_server *);

/* Waits until the server ends. Fails if there are events that served_event has not given. */
void served_join(struct test_server *);

/* Ends the server, otherwise as served_join. */
void served_stop(struct test_server *);

/* client_acquire; and the same, which must not fail. */
enum client_fault served_acquire(const struct test_server *, struct client *);
struct client served_client(const struct test_server *);

/* client_same must be that; without SO_PEERPIDFD, before Linux 6.5, nobody can know. */
void served_check_same(const struct client *, enum desc_same same);

/* Acquires and closes. */
void served_check_grant(const struct test_server *);

/* The next two events are those of a single client that has come and gone. */
void served_check_granted_and_left(const struct test_server *);

/* Tries to acquire; must be denied for that reason. */
void served_check_denied(const struct test_server *, const char *reason);

/* The server must close the connection of this client. */
void served_check_hangup(const struct client *);

#endif
