/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/addr.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char long_word[200];

/* A word of n letters. Valid until the next call. */
static const char *word_of(size_t n)
{
	memset(long_word, 'x', sizeof(long_word));
	long_word[n] = '\0';
	return long_word;
}

static struct addr parsed(const char *word)
{
	struct addr a;
	const char *fault = addr_parse(word, &a);

	if (fault)
		test_fail(__FILE__, __LINE__, "\"%s\" %s", word, fault);
	return a;
}

TEST(a_name_is_of_few_characters)
{
	for (int c = 1; c < 256; c++) {
		const char word[] = {'a', (char)c, '\0'};
		bool good = c < 128 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
					      "0123456789._+-", c);
		if (good != (addr_name_fault(word) == NULL))
			test_fail(__FILE__, __LINE__, "byte %d", c);
	}
}

TEST(a_name_has_a_length)
{
	CHECK_STR(addr_name_fault(""), "is empty");
	CHECK(!addr_name_fault("x"));
	CHECK(!addr_name_fault(word_of(99)));
	CHECK_STR(addr_name_fault(word_of(100)), "is longer than 99 bytes");
	CHECK_STR(addr_name_fault("a/b"), "has a '/' in it");
	CHECK(addr_name_fault("a b"));
}

TEST(a_name_is_an_abstract_socket)
{
	struct addr a = parsed("notes.txt");

	CHECK(!addr_is_path(&a));
	CHECK_STR(a.word, "notes.txt");
	CHECK(memcmp(a.un.sun_path, "\0fdtool/notes.txt", 17) == 0);
	CHECK_INT(a.len, offsetof(struct sockaddr_un, sun_path) + 17);
}

TEST(an_at_sign_is_any_abstract_socket)
{
	struct addr a = parsed("@other/thing here");

	CHECK(!addr_is_path(&a));
	CHECK(memcmp(a.un.sun_path, "\0other/thing here", 17) == 0);
	CHECK_INT(a.len, offsetof(struct sockaddr_un, sun_path) + 17);
}

TEST(a_slash_is_a_path)
{
	static const char *const words[] = {"/run/x", "./x", "a/b", "/", "x/"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct addr a = parsed(words[i]);
		CHECK(addr_is_path(&a));
		CHECK_STR(a.un.sun_path, words[i]);
		CHECK_INT(a.len, offsetof(struct sockaddr_un, sun_path) + strlen(words[i]) + 1);
	}
}

TEST(words_that_are_no_address)
{
	struct addr a;
	char raw[110] = "@", path[110] = "/";

	CHECK_STR(addr_parse("", &a), "is empty");
	CHECK_STR(addr_parse("@", &a), "is empty after the '@'");
	CHECK(addr_parse("a b", &a));
	CHECK(addr_parse("a\n", &a));
	CHECK(addr_parse(word_of(100), &a));
	memcpy(raw + 1, word_of(108), 109);
	CHECK_STR(addr_parse(raw, &a), "is longer than 107 bytes");
	memcpy(path + 1, word_of(107), 108);
	CHECK(addr_parse(path, &a));
}

TEST(the_longest_of_each_form_binds)
{
	char raw[110] = "@", path[110] = "./", name[100];

	snprintf(name, sizeof(name), "%s-", test_name());
	memset(name + strlen(name), 'n', sizeof(name) - 1 - strlen(name));
	name[99] = '\0';
	memcpy(raw + 1, word_of(107), 108);
	memcpy(raw + 1, name, 99);
	memcpy(path + 2, word_of(105), 106);
	const char *const words[] = {name, raw, path};
	for (size_t i = 0; i < 3; i++) {
		struct addr a = parsed(words[i]);
		CHECK(a.len >= sizeof(a.un) - 2);
		int sock = CHECK_OK(addr_bind(&a));
		CHECK_OK(listen(sock, 1));
		int client = CHECK_OK(addr_connect(&a, NEVER));
		addr_unbind(&a);
		fd_close(&client);
		fd_close(&sock);
	}
}

/* --- bind ----------------------------------------------------------------- */

static int listener(struct addr *a, int backlog)
{
	int sock = CHECK_OK(addr_bind(a));

	CHECK_OK(listen(sock, backlog));
	return sock;
}

TEST(bind_gives_a_seqpacket_socket_that_does_not_listen)
{
	struct addr a = parsed(test_name());
	int sock = CHECK_OK(addr_bind(&a)), type = 0, listens = 1;
	socklen_t len = sizeof(int);

	CHECK(test_is_cloexec(sock));
	CHECK_OK(getsockopt(sock, SOL_SOCKET, SO_TYPE, &type, &len));
	CHECK_INT(type, SOCK_SEQPACKET);
	CHECK_OK(getsockopt(sock, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len));
	CHECK_INT(listens, 0);
	CHECK_ERR(addr_connect(&a, NEVER), ECONNREFUSED);
	fd_close(&sock);
}

TEST(an_abstract_name_is_one_sockets)
{
	struct addr a = parsed(test_name());
	int sock = CHECK_OK(addr_bind(&a)), before = fd_count();

	CHECK_ERR(addr_bind(&a), EADDRINUSE);
	CHECK_INT(fd_count(), before);
	addr_unbind(&a); /* nothing to remove */
	CHECK_ERR(addr_bind(&a), EADDRINUSE);
	fd_close(&sock);
	sock = CHECK_OK(addr_bind(&a));
	fd_close(&sock);
}

TEST(a_path_left_behind_is_taken_over)
{
	struct addr old = parsed("./sock"), new = old;
	int sock = listener(&old, 1);

	fd_close(&sock);
	CHECK_ERR(addr_connect(&old, NEVER), ECONNREFUSED);
	sock = listener(&new, 1);
	CHECK(new.ino != 0);
	int client = CHECK_OK(addr_connect(&new, NEVER));
	fd_close(&client);
	fd_close(&sock);
	addr_unbind(&new);
	CHECK_ERR(access("./sock", F_OK), ENOENT);
}

TEST(while_another_takes_a_path_over_it_is_in_use)
{
	struct addr a = parsed("./sock");
	int sock = CHECK_OK(addr_bind(&a));

	fd_close(&sock);
	int lock = CHECK_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	CHECK_OK(flock(lock, LOCK_EX));
	CHECK_ERR(addr_bind(&a), EADDRINUSE);
	fd_close(&lock);
	sock = CHECK_OK(addr_bind(&a));
	fd_close(&sock);
}

TEST(a_live_path_is_in_use_and_its_server_sees_nothing)
{
	struct addr a = parsed("./sock"), again = a;
	int sock = listener(&a, 5), before = fd_count();

	CHECK_ERR(addr_bind(&again), EADDRINUSE);
	CHECK_INT(fd_count(), before);
	CHECK_INT(again.ino, 0);
	CHECK_INT(test_poll(sock, POLLIN, 50), 0);
	int client = CHECK_OK(addr_connect(&a, NEVER));
	CHECK_INT(test_poll(sock, POLLIN, 0), POLLIN);
	fd_close(&client);
	fd_close(&sock);
}

TEST(a_path_that_is_bound_but_not_listening_is_in_use)
{
	struct addr a = parsed("./sock"), again = a;
	int sock = CHECK_OK(addr_bind(&a));

	CHECK_ERR(addr_bind(&again), EADDRINUSE);
	CHECK_OK(access("./sock", F_OK));
	fd_close(&sock);
}

TEST(a_live_datagram_socket_is_in_use)
{
	struct addr a = parsed("./sock"), again = a;
	int sock = CHECK_OK(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	CHECK_OK(bind(sock, (const struct sockaddr *)&a.un, a.len));
	CHECK_ERR(addr_bind(&again), EADDRINUSE);
	fd_close(&sock);
	sock = CHECK_OK(addr_bind(&again));
	fd_close(&sock);
}

TEST(a_path_that_is_no_socket_stays)
{
	struct addr file = parsed("./file"), link = parsed("./link"), dir = parsed("./dir");
	int fd = test_file("file", "precious", O_RDONLY);

	CHECK_OK(symlink("file", "link"));
	CHECK_OK(mkdir("dir", 0755));
	CHECK_ERR(addr_bind(&file), EADDRINUSE);
	CHECK_ERR(addr_bind(&link), EADDRINUSE);
	CHECK_ERR(addr_bind(&dir), EADDRINUSE);
	CHECK_STR(test_contents("file"), "precious");
	CHECK_OK(access("dir", F_OK));
	fd_close(&fd);
}

TEST(bind_says_what_bind_says)
{
	struct addr a = parsed("./missing/sock");
	int before = fd_count();

	CHECK_ERR(addr_bind(&a), ENOENT);
	CHECK_INT(fd_count(), before);
	test_leave_room(0);
	CHECK_ERR(addr_bind(&a), EMFILE);
	test_room_again();
}

/* --- unbind --------------------------------------------------------------- */

TEST(unbind_leaves_what_took_its_place)
{
	struct addr mine = parsed("./sock"), other = parsed("./other");
	int sock = listener(&mine, 1), theirs = listener(&other, 1);

	CHECK_OK(rename("other", "sock"));
	addr_unbind(&mine);
	CHECK_OK(access("sock", F_OK));
	int client = CHECK_OK(addr_connect(&mine, NEVER));
	CHECK_INT(test_poll(theirs, POLLIN, 0), POLLIN);
	fd_close(&client);
	fd_close(&sock);
	fd_close(&theirs);
}

TEST(unbind_leaves_what_bind_did_not_make)
{
	struct addr mine = parsed("./sock"), never_bound = mine;
	int sock = listener(&mine, 1);

	errno = ENOTTY;
	addr_unbind(&never_bound);
	CHECK_INT(errno, ENOTTY);
	CHECK_OK(access("sock", F_OK));
	addr_unbind(&mine);
	CHECK_ERR(access("sock", F_OK), ENOENT);
	addr_unbind(&mine);
	fd_close(&sock);
}

/* --- connect -------------------------------------------------------------- */

TEST(connect_to_nobody)
{
	struct addr name = parsed(test_name()), path = parsed("./nothing"), file = parsed("./file");
	int fd = test_file("file", "", O_RDONLY), before = fd_count();

	CHECK_ERR(addr_connect(&name, NEVER), ECONNREFUSED);
	CHECK_ERR(addr_connect(&path, NEVER), ENOENT);
	CHECK_ERR(addr_connect(&file, NEVER), ECONNREFUSED);
	CHECK_INT(fd_count(), before);
	fd_close(&fd);
}

TEST(connect_gives_a_close_on_exec_socket)
{
	struct addr a = parsed(test_name());
	int sock = listener(&a, 1), client = CHECK_OK(addr_connect(&a, NEVER));

	CHECK(test_is_cloexec(client));
	fd_close(&client);
	fd_close(&sock);
}

TEST(connect_needs_write_permission_on_a_path)
{
	test_need_root();
	struct addr a = parsed("./sock");
	int sock = listener(&a, 1);
	CHECK_OK(chmod("sock", 0600));
	test_become(test_uid());
	CHECK_ERR(addr_connect(&a, NEVER), EACCES);
	fd_close(&sock);
}

/* Connects until the backlog is full. Returns the number of sockets in fds. */
static size_t fill_backlog(const struct addr *a, int *fds, size_t max)
{
	for (size_t n = 0; n < max; n++) {
		fds[n] = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		CHECK_OK(fds[n]);
		if (connect(fds[n], (const struct sockaddr *)&a->un, a->len) < 0) {
			CHECK_INT(errno, EAGAIN);
			fd_close(&fds[n]);
			return n;
		}
	}
	test_fail(__FILE__, __LINE__, "the backlog has no end");
}

TEST(a_full_backlog_costs_the_deadline)
{
	struct addr a = parsed(test_name());
	int sock = listener(&a, 1), fds[16];
	size_t n = fill_backlog(&a, fds, 16);
	int before = fd_count();
	int64_t start = time_now();

	CHECK_ERR(addr_connect(&a, time_after(50 * NS_PER_MS)), ETIMEDOUT);
	CHECK(time_now() - start >= 45 * NS_PER_MS); /* the kernel counts the time in ticks */
	CHECK_ERR(addr_connect(&a, time_now() - NS_PER_S), ETIMEDOUT);
	CHECK_ERR(addr_connect(&a, 0), ETIMEDOUT);
	CHECK(time_now() - start < 10 * NS_PER_S);
	CHECK_INT(fd_count(), before);
	fd_close_all(fds, n);
	fd_close(&sock);
}

TEST(a_wait_for_room_goes_on_after_a_stop)
{
	struct addr a = parsed(test_name());
	int sock = listener(&a, 1), fds[16], status;
	size_t n = fill_backlog(&a, fds, 16);

	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_ERR(addr_connect(&a, time_after(NS_PER_S / 2)), ETIMEDOUT);
		exit(0);
	}
	for (int i = 0; i < 5; i++) {
		time_sleep(20 * NS_PER_MS);
		CHECK_OK(kill(pid, SIGSTOP));
		CHECK_INT(waitpid(pid, &status, WUNTRACED), pid);
		CHECK(WIFSTOPPED(status));
		CHECK_OK(kill(pid, SIGCONT));
	}
	test_join(pid);
	fd_close_all(fds, n);
	fd_close(&sock);
}

TEST(a_backlog_that_gets_room_lets_the_waiting_in)
{
	struct addr a = parsed(test_name());
	int sock = listener(&a, 1), fds[16];
	size_t n = fill_backlog(&a, fds, 16);
	pid_t pid = test_fork();

	if (pid == 0) {
		int client = CHECK_OK(addr_connect(&a, NEVER));
		fd_close(&client);
		exit(0);
	}
	for (size_t i = 0; i <= n; i++) {
		int accepted = CHECK_OK(accept4(sock, NULL, NULL, SOCK_CLOEXEC));
		fd_close(&accepted);
	}
	test_join(pid);
	fd_close_all(fds, n);
	fd_close(&sock);
}
