/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is at the other end of an AF_UNIX socket, as the kernel says, and
 * whether that may be. Nothing here believes what the peer says of itself.
 */
#ifndef FDTOOL_LIB_BASE_PEER_H
#define FDTOOL_LIB_BASE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct passwd;

enum { PEER_COMM_MAX = 64 };

/* The id that stands for everyone the kernel cannot name in this user namespace. */
#define PEER_OVERFLOW_ID ((uid_t)65534)

struct peer {
	pid_t pid; /* 0: in a pid namespace that is not ours */
	uid_t uid; /* effective, at connect(2); for a server at listen(2) */
	gid_t gid;
};

/* Asks SO_PEERCRED. Returns 0, or -1 with errno. */
int peer_of(int sock, struct peer *);

/*
 * A pidfd for the peer (SO_PEERPIDFD, Linux 6.5). Returns it, or -1 with errno:
 * ENOPROTOOPT where the kernel has none, ESRCH for one that has ended. While it
 * says "alive" the peer's pid is the peer's.
 */
int peer_pidfd(int sock);

/* True until the process behind the pidfd has ended. */
bool peer_alive(int pidfd);

/*
 * The peer's command name into comm. Read between two looks at its pidfd, so it
 * is never that of a later process with the same pid; "?" where it cannot be told.
 */
void peer_comm(int sock, const struct peer *, char comm[PEER_COMM_MAX]);

/* Who may, beside this process's own effective uid and root. */
struct policy {
	bool any;
	uid_t *uids;
	size_t nuids;
	gid_t *gids;
	size_t ngids;
};

/* True if the peer may. Groups are those of the peer's credentials (SO_PEERGROUPS). */
bool policy_allows(const struct policy *, int sock, const struct peer *);

/*
 * A user or group by name or number, into the policy. Returns NULL, or why not:
 * "is no user here", and "is nobody's identity…" for 65534.
 */
const char *policy_add_user(struct policy *, const char *user);
const char *policy_add_group(struct policy *, const char *group);
void policy_free(struct policy *);

/* The entry of a user by name or number; NULL where there is none. Valid until the next call. */
struct passwd *peer_find_user(const char *user);

/* The user's name, or the number where it has none. Valid until 4 calls later. */
const char *peer_user(uid_t uid);

#endif
