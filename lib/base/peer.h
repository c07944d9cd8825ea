/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The process at the other end of an AF_UNIX socket, as the kernel reports it, and the
 * policy that allows or denies it. Nothing here relies on what the peer sends.
 */
#ifndef FDTOOL_LIB_BASE_PEER_H
#define FDTOOL_LIB_BASE_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct passwd;

enum { PEER_COMM_MAX = 64 };

/* The kernel shows this id for all ids that are not mapped in this user namespace. */
#define PEER_OVERFLOW_ID ((uid_t)65534)

struct peer {
	pid_t pid; /* 0: in a pid namespace that we do not see */
	uid_t uid; /* uid and gid: the effective ones at connect(2); of a server at listen(2) */
	gid_t gid;
};

/* Gets the peer by SO_PEERCRED. Returns 0, or -1 with the errno of getsockopt(2). */
int peer_of(int sock, struct peer *);

/*
 * Returns a pidfd of the peer (SO_PEERPIDFD, Linux 6.5), or -1 with errno: ENOPROTOOPT
 * from an older kernel, ESRCH if the peer has ended. As long as peer_alive, no other
 * process has the peer's pid.
 */
int peer_pidfd(int sock);

/* True until the process behind the pidfd has ended. */
bool peer_alive(int pidfd);

/*
 * Writes the peer's command name into comm, or "?" if it is not known. The peer was alive
 * before and after the name was read, so it is not the name of a later process with that pid.
 */
void peer_comm(int sock, const struct peer *, char comm[PEER_COMM_MAX]);

/* The peers that are allowed besides root and this process's effective uid. */
struct policy {
	bool any; /* everyone */
	uid_t *uids;
	size_t nuids;
	gid_t *gids;
	size_t ngids;
};

/*
 * Whether the peer is allowed. Its groups are those of its credentials (SO_PEERGROUPS).
 * PEER_OVERFLOW_ID is allowed by `any` or a group only, even if it is our own uid.
 */
bool policy_allows(const struct policy *, int sock, const struct peer *);

/*
 * Adds a user or group, by name or number. Returns NULL, or the fault as the end of a
 * sentence: "is not in the user database", "is nobody's identity…" for 65534.
 */
const char *policy_add_user(struct policy *, const char *user);
const char *policy_add_group(struct policy *, const char *group);

/* Frees what policy_add_user and policy_add_group have allocated. */
void policy_free(struct policy *);

/* The entry of a user, by name or number, or NULL. Valid until the next call. */
struct passwd *peer_find_user(const char *user);

/*
 * Looks up users no more from now on, except in what was looked up already and in
 * /etc/passwd, which this reads: a name service may hang, and a server must not.
 */
void peer_know_users(void);

/*
 * The user's name, or the number if it has no name or cannot be looked up any more. Valid
 * for the next 3 calls.
 */
const char *peer_user(uid_t uid);

#endif
