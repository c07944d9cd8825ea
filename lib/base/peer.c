/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer of a socket, and the policy: see peer.h. */
#include "lib/base/peer.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/uapi.h"

#include <bsd/stdlib.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int peer_of(int sock, struct peer *p)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return -1;
	*p = (struct peer){cred.pid, cred.uid, cred.gid};
	return 0;
}

int peer_pidfd(int sock)
{
	int pidfd = -1;
	socklen_t len = sizeof(pidfd);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) < 0)
		return -1;
	return pidfd; /* every pidfd is close-on-exec */
}

bool peer_alive(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	/* a pidfd is readable when its process has ended, and stays so after it was reaped */
	return pidfd >= 0 && poll(&p, 1, 0) == 0;
}

void peer_comm(int sock, const struct peer *p, char comm[PEER_COMM_MAX])
{
	int pidfd = peer_pidfd(sock);
	bool known = p->pid > 0 && peer_alive(pidfd) && !proc_fault() && proc_command(p->pid, comm) &&
		     peer_alive(pidfd);

	if (!known)
		snprintf(comm, PEER_COMM_MAX, "?");
	fd_close(&pidfd);
}

static bool in_groups(const struct policy *policy, const gid_t *groups, size_t n)
{
	for (size_t i = 0; i < policy->ngids; i++)
		for (size_t j = 0; j < n; j++)
			if (policy->gids[i] == groups[j])
				return true;
	return false;
}

static bool peer_in_groups(const struct policy *policy, int sock, const struct peer *p)
{
	gid_t few[64], *groups = few;
	socklen_t len = sizeof(few);

	if (policy->ngids == 0)
		return false;
	if (in_groups(policy, &p->gid, 1))
		return true;
	int got = getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, groups, &len);
	if (got < 0 && errno == ERANGE) { /* len is now the size that is needed */
		groups = must_calloc(1, len);
		got = getsockopt(sock, SOL_SOCKET, SO_PEERGROUPS, groups, &len);
	}
	bool in = got == 0 && in_groups(policy, groups, len / sizeof(gid_t));
	if (groups != few)
		free(groups);
	return in;
}

bool policy_allows(const struct policy *policy, int sock, const struct peer *p)
{
	if (policy->any)
		return true;
	if (p->uid == PEER_OVERFLOW_ID) /* may be anyone of another user namespace */
		return peer_in_groups(policy, sock, p);
	if (p->uid == 0 || p->uid == geteuid())
		return true;
	for (size_t i = 0; i < policy->nuids; i++)
		if (policy->uids[i] == p->uid)
			return true;
	return peer_in_groups(policy, sock, p);
}

/* Returns false if the word is not a number. */
static bool parse_id(const char *word, unsigned int *id)
{
	const char *fault;
	long long n = strtonum(word, 0, UINT_MAX - 1, &fault);

	*id = (unsigned int)n;
	return fault == NULL;
}

static const char overflow_fault[] =
	"is nobody's identity: the kernel shows it for every id that it cannot map";

struct passwd *peer_find_user(const char *user)
{
	unsigned int id;
	struct passwd *pw = getpwnam(user);

	return pw || !parse_id(user, &id) ? pw : getpwuid(id);
}

/* --- names of users ------------------------------------------------------------------ */

/* The names that were looked up so far. */
static struct user_name {
	uid_t uid;
	char *name;
} *known;
static size_t n_known;
static bool only_known;

static const char *known_name(uid_t uid)
{
	for (size_t i = 0; i < n_known; i++)
		if (known[i].uid == uid)
			return known[i].name;
	return NULL;
}

static const char *remember(uid_t uid, const char *name)
{
	known = must_grow(known, n_known, sizeof(*known));
	known[n_known] = (struct user_name){uid, must_strdup(name)};
	return known[n_known++].name;
}

const char *policy_add_user(struct policy *policy, const char *user)
{
	unsigned int id;
	struct passwd *pw = getpwnam(user);

	if (pw)
		id = pw->pw_uid;
	else if (!parse_id(user, &id))
		return "is not in the user database";
	if (id == PEER_OVERFLOW_ID)
		return overflow_fault;
	policy->uids = must_grow(policy->uids, policy->nuids, sizeof(uid_t));
	policy->uids[policy->nuids++] = id;
	if (pw)
		remember(id, pw->pw_name);
	return NULL;
}

const char *policy_add_group(struct policy *policy, const char *group)
{
	unsigned int id;
	struct group *gr = getgrnam(group);

	if (gr)
		id = gr->gr_gid;
	else if (!parse_id(group, &id))
		return "is not in the group database";
	if (id == PEER_OVERFLOW_ID)
		return overflow_fault;
	policy->gids = must_grow(policy->gids, policy->ngids, sizeof(gid_t));
	policy->gids[policy->ngids++] = id;
	return NULL;
}

void policy_free(struct policy *policy)
{
	free(policy->uids);
	free(policy->gids);
	*policy = (struct policy){0};
}

void peer_know_users(void)
{
	FILE *f = fopen("/etc/passwd", "re");

	for (struct passwd *pw = f ? fgetpwent(f) : NULL; pw; pw = fgetpwent(f))
		remember(pw->pw_uid, pw->pw_name);
	if (f)
		fclose(f);
	only_known = true;
}

const char *peer_user(uid_t uid)
{
	static char numbers[4][16];
	static unsigned int next;
	const char *name = known_name(uid);
	struct passwd *pw = name || only_known ? NULL : getpwuid(uid);

	if (name)
		return name;
	if (pw)
		return remember(uid, pw->pw_name);
	char *number = numbers[next++ % 4];
	snprintf(number, sizeof(numbers[0]), "%u", uid);
	return number;
}
