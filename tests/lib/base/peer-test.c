/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/addr.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/peer.h"
#include "lib/base/times.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sys/syscall.h>
#include <unistd.h>

TEST(the_peer_of_a_pair_is_who_made_it)
{
	int pair[2];
	struct peer p;

	test_pair(pair);
	CHECK_OK(peer_of(pair[0], &p));
	CHECK_INT(p.pid, getpid());
	CHECK_INT(p.uid, geteuid());
	CHECK_INT(p.gid, getegid());
	fd_close_all(pair, 2);
}

TEST(what_has_no_peer)
{
	int fd = test_file("file", "", O_RDONLY);
	struct peer p;

	CHECK_ERR(peer_of(fd, &p), ENOTSOCK);
	CHECK_ERR(peer_of(-1, &p), EBADF);
	CHECK_ERR(peer_pidfd(fd), ENOTSOCK);
	fd_close(&fd);
}

/* --- clients of other users ------------------------------------------------ */

static void become_with_groups(uid_t uid, const gid_t *groups, size_t n)
{
	CHECK_OK(setgroups(n, groups));
	CHECK_OK(setresgid(uid, uid, uid));
	CHECK_OK(setresuid(uid, uid, uid));
}

struct visitor {
	int sock;
	pid_t client; /* runs until the socket is closed */
};

/* A connection from a process with that uid, the gid of the same number, and these groups. */
static struct visitor connected(uid_t uid, const gid_t *groups, size_t n)
{
	struct addr a;
	char c;

	CHECK(!addr_parse(test_name(), &a));
	int listener = CHECK_OK(addr_bind(&a));
	CHECK_OK(listen(listener, 1));
	pid_t pid = test_fork();
	if (pid == 0) {
		fd_close(&listener);
		if (uid != geteuid() || n > 0)
			become_with_groups(uid, groups, n);
		int sock = CHECK_OK(addr_connect(&a, NEVER));
		CHECK_INT(read(sock, &c, 1), 0);
		fd_close(&sock);
		exit(0);
	}
	struct visitor k = {CHECK_OK(accept4(listener, NULL, NULL, SOCK_CLOEXEC)), pid};
	fd_close(&listener);
	return k;
}

static void disconnect(struct visitor *k)
{
	fd_close(&k->sock);
	test_join(k->client);
}

TEST(the_peer_of_an_accepted_socket_is_who_connected)
{
	struct visitor k = connected(geteuid(), NULL, 0);
	struct peer p;

	CHECK_OK(peer_of(k.sock, &p));
	CHECK_INT(p.pid, k.client);
	CHECK_INT(p.uid, geteuid());
	disconnect(&k);
}

TEST(a_peer_has_the_uid_and_gid_that_it_connected_with)
{
	test_need_root();
	uid_t uid = test_uid();
	struct visitor k = connected(uid, NULL, 0);
	struct peer p;

	CHECK_OK(peer_of(k.sock, &p));
	CHECK_INT(p.uid, uid);
	CHECK_INT(p.gid, uid);
	disconnect(&k);
}

TEST(a_server_has_the_identity_that_it_listened_with)
{
	test_need_root();
	struct addr a;
	struct peer p;

	CHECK(!addr_parse(test_name(), &a));
	int listener = CHECK_OK(addr_bind(&a)); /* still as root */
	CHECK_OK(seteuid(test_uid()));
	CHECK_OK(listen(listener, 1));
	CHECK_OK(seteuid(0));
	int sock = CHECK_OK(addr_connect(&a, NEVER));
	CHECK_OK(peer_of(sock, &p));
	CHECK_INT(p.uid, test_uid());
	CHECK_INT(p.pid, getpid());
	fd_close(&sock);
	fd_close(&listener);
}

/* --- pidfds --------------------------------------------------------------- */

static int pidfd_or_skip(int sock)
{
	int pidfd = peer_pidfd(sock);

	if (pidfd < 0 && errno == ENOPROTOOPT)
		test_skip("needs Linux 6.5");
	return CHECK_OK(pidfd);
}

TEST(a_living_peer_is_alive)
{
	struct visitor k = connected(geteuid(), NULL, 0);
	int pidfd = pidfd_or_skip(k.sock);

	CHECK(peer_alive(pidfd));
	CHECK(test_is_cloexec(pidfd));
	fd_close(&pidfd);
	disconnect(&k);
}

TEST(a_dead_peer_is_not_alive)
{
	struct visitor k = connected(geteuid(), NULL, 0);
	struct peer p;
	char comm[PEER_COMM_MAX];
	int before, pidfd = pidfd_or_skip(k.sock);

	CHECK_OK(peer_of(k.sock, &p));
	CHECK_OK(kill(k.client, SIGKILL));
	CHECK_INT(test_poll(pidfd, POLLIN, 5000), POLLIN);
	CHECK(!peer_alive(pidfd)); /* a zombie */
	CHECK_INT(waitpid(k.client, NULL, 0), k.client);
	CHECK(!peer_alive(pidfd)); /* reaped */
	fd_close(&pidfd);

	before = fd_count();
	pidfd = peer_pidfd(k.sock); /* fails with ESRCH, or gives a pidfd of an ended process */
	CHECK(!peer_alive(pidfd));
	fd_close(&pidfd);
	peer_comm(k.sock, &p, comm);
	CHECK_STR(comm, "?");
	CHECK_INT(fd_count(), before);
	fd_close(&k.sock);
}

TEST(no_pidfd_is_nobody_alive)
{
	CHECK(!peer_alive(-1));
}

TEST(a_peer_has_a_name)
{
	int pair[2], before;
	struct peer p;
	char comm[PEER_COMM_MAX];

	test_pair(pair);
	before = fd_count();
	CHECK_OK(prctl(PR_SET_NAME, "unit (test) x"));
	CHECK_OK(peer_of(pair[0], &p));
	int pidfd = pidfd_or_skip(pair[0]);
	fd_close(&pidfd);
	peer_comm(pair[0], &p, comm);
	CHECK_STR(comm, "unit (test) x");
	p.pid = 0; /* in another pid namespace */
	peer_comm(pair[0], &p, comm);
	CHECK_STR(comm, "?");
	CHECK_INT(fd_count(), before);
	fd_close_all(pair, 2);
}

/* --- the policy ----------------------------------------------------------- */

static bool allows(const struct policy *policy, int sock)
{
	struct peer p;

	CHECK_OK(peer_of(sock, &p));
	return policy_allows(policy, sock, &p);
}

static void add_number(const char *(*to)(struct policy *, const char *), struct policy *policy,
	unsigned int id)
{
	char word[16];

	snprintf(word, sizeof(word), "%u", id);
	CHECK(!to(policy, word));
}

TEST(root_and_oneself_are_allowed)
{
	const struct policy none = {0};
	int pair[2];

	test_pair(pair);
	CHECK(allows(&none, pair[0]));
	const struct peer root = {1, 0, 0}, stranger = {1, test_uid(), test_uid()};
	CHECK(policy_allows(&none, pair[0], &root));
	CHECK(!policy_allows(&none, pair[0], &stranger));
	fd_close_all(pair, 2);
}

TEST(a_user_may_be_allowed)
{
	test_need_root();
	uid_t uid = test_uid();
	struct visitor k = connected(uid, NULL, 0);
	struct policy policy = {0};

	CHECK(!allows(&policy, k.sock));
	add_number(policy_add_user, &policy, uid + 1);
	CHECK(!allows(&policy, k.sock));
	add_number(policy_add_user, &policy, uid);
	CHECK(allows(&policy, k.sock));
	policy_free(&policy);
	CHECK(!allows(&policy, k.sock));
	policy.any = true;
	CHECK(allows(&policy, k.sock));
	disconnect(&k);
}

TEST(a_group_may_be_allowed)
{
	test_need_root();
	uid_t uid = test_uid();
	struct visitor k = connected(uid, NULL, 0);
	struct policy policy = {0};

	add_number(policy_add_group, &policy, uid + 1);
	CHECK(!allows(&policy, k.sock));
	add_number(policy_add_group, &policy, uid);
	CHECK(allows(&policy, k.sock));
	policy_free(&policy);
	disconnect(&k);
}

static void check_supplementary(size_t n)
{
	uid_t uid = test_uid();
	gid_t groups[200];
	struct policy policy = {0};

	for (size_t i = 0; i < n; i++)
		groups[i] = 1000000 + (gid_t)i;
	struct visitor k = connected(uid, groups, n);
	add_number(policy_add_group, &policy, 1000000 + (unsigned int)n);
	CHECK(!allows(&policy, k.sock));
	add_number(policy_add_group, &policy, 1000000 + (unsigned int)n - 1);
	CHECK(allows(&policy, k.sock));
	policy_free(&policy);
	disconnect(&k);
}

TEST(a_supplementary_group_may_be_allowed)
{
	test_need_root();
	check_supplementary(1);
	check_supplementary(64);
	check_supplementary(200); /* the first call fails with ERANGE */
}

TEST(nobody_is_not_allowed_by_number)
{
	test_need_root();
	gid_t group = 1000000;
	struct visitor k = connected(PEER_OVERFLOW_ID, &group, 1);
	uid_t nobody = PEER_OVERFLOW_ID;
	struct policy policy = {.uids = &nobody, .nuids = 1};

	CHECK(!allows(&policy, k.sock));
	CHECK_OK(seteuid(PEER_OVERFLOW_ID)); /* not even if we are nobody */
	CHECK(!allows(&policy, k.sock));
	CHECK_OK(seteuid(0));
	policy = (struct policy){0};
	/* but by a group, for which the kernel vouches */
	add_number(policy_add_group, &policy, group);
	CHECK(allows(&policy, k.sock));
	policy_free(&policy);
	disconnect(&k);
}

TEST(nobody_cannot_be_added)
{
	struct policy policy = {0};

	CHECK(strstr(policy_add_user(&policy, "65534"), "nobody's identity"));
	CHECK(strstr(policy_add_user(&policy, "nobody"), "nobody's identity"));
	CHECK(strstr(policy_add_group(&policy, "65534"), "nobody's identity"));
	CHECK_INT((policy.nuids + policy.ngids), 0);
}

TEST(users_and_groups_by_name_and_number)
{
	struct policy policy = {0};

	CHECK(!policy_add_user(&policy, "root"));
	CHECK(!policy_add_user(&policy, "4294967294"));
	CHECK(!policy_add_group(&policy, "root"));
	CHECK(!policy_add_group(&policy, "12"));
	CHECK_INT(policy.nuids, 2);
	CHECK_INT(policy.uids[0], 0);
	CHECK_INT(policy.uids[1], 4294967294U);
	CHECK_INT(policy.ngids, 2);
	CHECK_INT(policy.gids[1], 12);
	policy_free(&policy);
	CHECK_INT((policy.nuids + policy.ngids), 0);
}

TEST(what_is_no_user)
{
	static const char *const words[] = {
		"", "no-such-user-here", "-1", "4294967295", "4294967296", "1x", " "};
	struct policy policy = {0};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		CHECK_STR(policy_add_user(&policy, words[i]), "is not in the user database");
		CHECK_STR(policy_add_group(&policy, words[i]), "is not in the group database");
	}
}

TEST(a_user_is_found_by_name_and_number)
{
	CHECK_STR(peer_find_user("root")->pw_name, "root");
	CHECK_STR(peer_find_user("0")->pw_name, "root");
	CHECK(!peer_find_user("no-such-user-here"));
	CHECK(!peer_find_user("4242424"));
	CHECK(!peer_find_user("-1"));
	CHECK(!peer_find_user(""));
}

TEST(a_user_without_a_name_is_a_number)
{
	const char *root = peer_user(0), *other = peer_user(4242424);

	CHECK_STR(other, "4242424");
	CHECK_STR(root, "root");
}

TEST(users_are_known_without_a_name_service)
{
	struct policy p = {0};

	CHECK(!policy_add_user(&p, "daemon"));
	test_forbid(SYS_connect, ECONNREFUSED); /* as of a name service that has gone */
	peer_know_users();
	CHECK_STR(peer_user(0), "root");
	CHECK_STR(peer_user(p.uids[0]), "daemon");
	CHECK_STR(peer_user(4000000000), "4000000000");
	policy_free(&p);
}
