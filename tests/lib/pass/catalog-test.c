/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/pass/catalog.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct catalog c;

/* A socket of that type, bound to the abstract name fdtool/NAME, that listens or not. */
static int bound(const char *name, int type, bool listens)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int len = snprintf(un.sun_path + 1, sizeof(un.sun_path) - 1, "fdtool/%s", name);
	int sock = CHECK_OK(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));

	CHECK_OK(bind(sock, (const struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)));
	if (listens)
		CHECK_OK(listen(sock, 1));
	return sock;
}

static const struct catalog_entry *find(const char *name)
{
	catalog_free(&c);
	CHECK_OK(catalog_names(&c));
	return catalog_find(&c, name);
}

TEST(a_name_that_is_listened_on_is_in_it)
{
	const char *name = test_name();
	int sock = bound(name, SOCK_SEQPACKET, false);

	CHECK(!find(name));
	CHECK_OK(listen(sock, 1));
	const struct catalog_entry *e = find(name);
	CHECK(e);
	CHECK_STR(e->name, name);
	CHECK(e->inode != 0);
	CHECK_INT(e->pid, 0); /* before catalog_owners */
	CHECK(e->uid_known);
	CHECK_INT(e->uid, geteuid());
	CHECK_INT(e->fd, -1);
	fd_close(&sock);
	CHECK(!find(name));
	catalog_free(&c);
}

TEST(to_look_is_not_to_be_a_client)
{
	const char *name = test_name();
	int sock = bound(name, SOCK_SEQPACKET, true);

	CHECK(find(name));
	catalog_owners(&c);
	CHECK_INT(test_poll(sock, POLLIN, 20), 0);
	fd_close(&sock);
	catalog_free(&c);
}

TEST(a_connection_is_no_second_offer)
{
	const char *name = test_name();
	struct addr a;
	int sock = bound(name, SOCK_SEQPACKET, true), n = 0;

	CHECK(!addr_parse(name, &a));
	int client = CHECK_OK(addr_connect(&a, NEVER));
	int server = CHECK_OK(accept4(sock, NULL, NULL, SOCK_CLOEXEC));
	CHECK(find(name));
	for (size_t i = 0; i < c.n; i++)
		n += strcmp(c.entries[i].name, name) == 0;
	CHECK_INT(n, 1);
	fd_close(&client);
	fd_close(&server);
	fd_close(&sock);
	catalog_free(&c);
}

TEST(what_is_no_offer_is_not_in_it)
{
	char name[64], spaced[80], escape[80];

	snprintf(name, sizeof(name), "%s", test_name());
	snprintf(spaced, sizeof(spaced), "%s with space", name);
	snprintf(escape, sizeof(escape), "%s\033[m", name);
	int socks[] = {bound(name, SOCK_STREAM, true), bound(spaced, SOCK_SEQPACKET, true),
		bound(escape, SOCK_SEQPACKET, true), bound("", SOCK_SEQPACKET, true)};
	CHECK(!find(name));
	for (size_t i = 0; i < c.n; i++)
		CHECK(!addr_name_fault(c.entries[i].name));
	fd_close_all(socks, 4);
	catalog_free(&c);
}

TEST(a_newline_in_a_name_forges_no_second_one)
{
	char name[64], forged[108];

	snprintf(name, sizeof(name), "%s", test_name());
	snprintf(forged, sizeof(forged), "x\n0: 2 0 00010000 0005 01 99 @fdtool/%s", name);
	int sock = bound(forged, SOCK_SEQPACKET, true);
	CHECK(!find(name));
	fd_close(&sock);
	catalog_free(&c);
}

/* From now on socket(2) fails for AF_NETLINK, as in a kernel without it. */
static void forbid_netlink(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = {ARRAY_SIZE(code), code};

	CHECK_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	CHECK_OK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter));
	CHECK_ERR(socket(AF_NETLINK, SOCK_DGRAM, 0), EAFNOSUPPORT);
}

TEST(without_unix_diag_the_names_are_those_of_proc)
{
	char name[64], stream[80], mute[80];

	snprintf(name, sizeof(name), "%s", test_name());
	snprintf(stream, sizeof(stream), "%s-stream", name);
	snprintf(mute, sizeof(mute), "%s-mute", name);
	int socks[] = {bound(name, SOCK_SEQPACKET, true), bound(stream, SOCK_STREAM, true),
		bound(mute, SOCK_SEQPACKET, false)};
	forbid_netlink();
	const struct catalog_entry *e = find(name);
	CHECK(e);
	CHECK(!e->uid_known); /* /proc/net/unix has no uid */
	CHECK(!catalog_find(&c, stream));
	CHECK(!catalog_find(&c, mute));
	ino_t inode = e->inode;
	catalog_owners(&c);
	CHECK_INT(catalog_find(&c, name)->pid, getpid());
	char path[64], link[64] = "";
	snprintf(path, sizeof(path), "/proc/self/fd/%d", socks[0]);
	CHECK(readlink(path, link, sizeof(link) - 1) > 0);
	snprintf(path, sizeof(path), "socket:[%ju]", (uintmax_t)inode);
	CHECK_STR(link, path);
	fd_close_all(socks, 3);
	catalog_free(&c);
}

TEST(a_catalog_that_cannot_be_made)
{
	test_leave_room(0);
	CHECK_ERR(catalog_names(&c), EMFILE);
	test_room_again();
	catalog_free(&c);
}

TEST(the_longest_name_is_whole)
{
	char name[ADDR_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s-", test_name());
	memset(name + strlen(name), 'n', ADDR_NAME_MAX - strlen(name));
	name[ADDR_NAME_MAX] = '\0';
	int sock = bound(name, SOCK_SEQPACKET, true);
	CHECK(find(name));
	fd_close(&sock);
	catalog_free(&c);
}

TEST(names_are_in_order_and_the_nearest_is_found)
{
	char name[64], other[80], near[80];

	snprintf(name, sizeof(name), "%s", test_name());
	snprintf(other, sizeof(other), "%s-other", name);
	snprintf(near, sizeof(near), "%sx", name);
	int socks[] = {bound(other, SOCK_SEQPACKET, true), bound(name, SOCK_SEQPACKET, true)};
	CHECK(find(name) && catalog_find(&c, other));
	CHECK(catalog_find(&c, name) < catalog_find(&c, other));
	for (size_t i = 1; i < c.n; i++)
		CHECK(strcmp(c.entries[i - 1].name, c.entries[i].name) <= 0);
	CHECK_STR(catalog_nearest(&c, near), name);
	CHECK(!catalog_nearest(&c, "Q"));
	CHECK(!catalog_nearest(&c, ""));
	fd_close_all(socks, 2);
	catalog_free(&c);
}

TEST(an_empty_catalog)
{
	const struct catalog none = {0};

	CHECK(!catalog_find(&none, "x"));
	CHECK(!catalog_nearest(&none, "x"));
	c = none;
	catalog_owners(&c);
	catalog_free(&c);
}

/* --- the owners ------------------------------------------------------------ */

static const struct catalog_entry *owners_of(const char *name)
{
	CHECK(find(name));
	catalog_owners(&c);
	return catalog_find(&c, name);
}

TEST(the_owner_is_who_has_the_socket)
{
	const char *name = test_name();
	int sock = bound(name, SOCK_SEQPACKET, true), before = fd_count();
	const struct catalog_entry *e = owners_of(name);

	CHECK_INT(e->pid, getpid());
	CHECK(e->uid_known);
	CHECK_INT(e->uid, geteuid());
	CHECK_INT(e->fd, -1); /* our title names no descriptor */
	CHECK_INT(fd_count(), before);
	fd_close(&sock);
	catalog_free(&c);
}

/*
 * Starts a process of that uid with the title of a server, with or without the socket. It
 * runs until its standard input ends.
 */
static pid_t titled(const char *name, int sock, int *release, uid_t uid)
{
	char title[128];
	int pair[2];

	snprintf(title, sizeof(title), "%s other=3 %s=17 more", ADDR_SERVER_TITLE, name);
	test_pipe(pair);
	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_OK(dup2(pair[0], STDIN_FILENO));
		if (sock >= 0)
			CHECK_OK(fcntl(sock, F_SETFD, 0));
		if (uid != geteuid())
			test_become(uid);
		execl("/bin/cat", title, (char *)NULL);
		_exit(1);
	}
	fd_close(&pair[0]);
	*release = pair[1];
	return pid;
}

/* Waits until the title can be read: then exec(2) has closed its other descriptors. */
static void wait_for_title(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	while (strncmp(test_contents(path), ADDR_SERVER_TITLE, strlen(ADDR_SERVER_TITLE)) != 0)
		time_sleep(NS_PER_MS);
}

static void end_titled(pid_t pid, int *release)
{
	fd_close(release);
	test_join(pid);
}

TEST(the_title_of_who_has_the_socket_names_the_descriptor)
{
	const char *name = test_name();
	int release, sock = bound(name, SOCK_SEQPACKET, true);
	pid_t pid = titled(name, sock, &release, geteuid());

	wait_for_title(pid);
	fd_close(&sock);
	const struct catalog_entry *e = owners_of(name);
	CHECK_INT(e->pid, pid);
	CHECK_INT(e->fd, 17);
	end_titled(pid, &release);
	catalog_free(&c);
}

TEST(the_title_of_who_has_not_the_socket_is_not_believed)
{
	const char *name = test_name();
	int release, sock = bound(name, SOCK_SEQPACKET, true);
	pid_t pid = titled(name, -1, &release, geteuid());

	wait_for_title(pid);
	const struct catalog_entry *e = owners_of(name);
	CHECK_INT(e->pid, getpid());
	CHECK_INT(e->fd, -1);
	end_titled(pid, &release);
	fd_close(&sock);
	catalog_free(&c);
}

/* A user who may not read the server's descriptors must find that pid and fd. */
static void check_as_stranger(const char *name, int sock, pid_t pid, int fd)
{
	pid_t stranger = test_fork();

	if (stranger == 0) {
		fd_close(&sock); /* or catalog_owners would find this process */
		test_become(test_uid() + 2);
		const struct catalog_entry *e = owners_of(name);
		CHECK(e->uid_known);
		CHECK_INT(e->uid, 0);
		CHECK_INT(e->pid, test_proc_hides_root() ? 0 : pid);
		CHECK_INT(e->fd, test_proc_hides_root() ? -1 : fd);
		catalog_free(&c);
		exit(0);
	}
	test_join(stranger);
}

TEST(a_stranger_believes_the_title_of_the_sockets_user)
{
	test_need_root();
	const char *name = test_name();
	int release, sock = bound(name, SOCK_SEQPACKET, true);
	pid_t pid = titled(name, sock, &release, 0);

	wait_for_title(pid);
	fd_close(&sock);
	check_as_stranger(name, -1, pid, 17);
	end_titled(pid, &release);
}

TEST(a_stranger_does_not_believe_the_title_of_another_user)
{
	test_need_root();
	const char *name = test_name();
	int release, sock = bound(name, SOCK_SEQPACKET, true);
	pid_t liar = titled(name, -1, &release, test_uid());

	wait_for_title(liar);
	check_as_stranger(name, sock, 0, -1);
	end_titled(liar, &release);
	fd_close(&sock);
}
