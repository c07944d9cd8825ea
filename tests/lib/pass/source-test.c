/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/times.h"
#include "lib/pass/source.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

static struct source s;
static const struct source_opts as_it_is = {.mode = -1};

static void parse(const char *word, enum source_kind kind)
{
	const char *fault = source_parse(word, &s);

	if (fault)
		test_fail(__FILE__, __LINE__, "\"%s\" %s", word, fault);
	if (s.kind != kind)
		test_fail(__FILE__, __LINE__, "\"%s\" is of kind %d", word, (int)s.kind);
	CHECK_STR(s.word, word);
}

/* --- the words ------------------------------------------------------------ */

TEST(paths)
{
	static const char *const words[] = {"notes.txt", "/dev/null", "./eventfd:", "./fd:3", "a:b",
		"12:34:56", "12:", ":34", "12:x", "x12:34", "-1:2", "0:3", "99999999999:1",
		"12:99999999999", "eventfd", "fd", "Eventfd:", "12"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		parse(words[i], SOURCE_PATH);
		CHECK_STR(s.path, words[i]);
	}
}

TEST(descriptors_here_and_elsewhere)
{
	parse("fd:0", SOURCE_FD);
	CHECK_INT(s.fd, 0);
	parse("fd:2147483647", SOURCE_FD);
	CHECK_INT(s.fd, 2147483647);
	parse("1234:5", SOURCE_PID_FD);
	CHECK_INT(s.pid, 1234);
	CHECK_INT(s.fd, 5);
}

TEST(what_is_made_here)
{
	parse("eventfd:", SOURCE_EVENTFD);
	CHECK_INT(s.count, 0);
	parse("eventfd:4294967294", SOURCE_EVENTFD);
	CHECK_INT(s.count, 4294967294U);
	parse("timerfd:250ms", SOURCE_TIMERFD);
	CHECK_INT(s.period, 250 * NS_PER_MS);
	parse("memfd:", SOURCE_MEMFD);
	CHECK_STR(s.path, "fdtool");
	parse("memfd:a label", SOURCE_MEMFD);
	CHECK_STR(s.path, "a label");
	parse("mypoll:", SOURCE_MYPOLL);
	CHECK_INT(s.period, NS_PER_S);
	parse("mypoll:2s", SOURCE_MYPOLL);
	CHECK_INT(s.period, 2 * NS_PER_S);
	parse("mypoll:0", SOURCE_MYPOLL);
	CHECK_INT(s.period, 0);
}

TEST(sockets_and_their_places)
{
	static const char *const good[] = {"tcp:8080", "tcp:0", "tcp:http", "tcp:localhost:http",
		"tcp:127.0.0.1:65535", "tcp:[::1]:8080", "tcp:[fe80::1%eth0]:80", "tcp:*:1", "udp:53",
		"tcp::80"};
	static const char *const bad[] = {"tcp:", "tcp:65536", "tcp:000080", "tcp:[::1]", "tcp:[::1]80",
		"tcp:[]:80", "tcp:::1:80", "tcp:a:b:80", "udp:host:"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		parse(good[i], good[i][0] == 't' ? SOURCE_TCP : SOURCE_UDP);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (!source_parse(bad[i], &s))
			test_fail(__FILE__, __LINE__, "\"%s\" is taken", bad[i]);
	parse("unix:sock", SOURCE_UNIX);
	CHECK(addr_is_path(&s.addr));
	parse("unix:@name", SOURCE_UNIX);
	CHECK(!addr_is_path(&s.addr));
}

TEST(signals_by_name_and_number)
{
	parse("signalfd:USR1,SIGHUP,RTMIN+1,15", SOURCE_SIGNALFD);
	CHECK(sigismember(&s.signals, SIGUSR1) && sigismember(&s.signals, SIGHUP));
	CHECK(sigismember(&s.signals, SIGRTMIN + 1) && sigismember(&s.signals, SIGTERM));
	CHECK(!sigismember(&s.signals, SIGINT));
}

TEST(words_that_are_no_source)
{
	static const char *const words[] = {"", "fd:", "fd:x", "fd:-1", "fd:2147483648", "fd:1 ",
		"eventfd:x", "eventfd:-1", "eventfd:4294967295", "timerfd:", "timerfd:0",
		"timerfd:soon", "mypoll:x", "mypoll:-1", "signalfd:", "signalfd:USR1,,HUP", "signalfd:0",
		"signalfd:65", "signalfd:KILL", "signalfd:RTMIN+31", "pidfd:", "pidfd:0", "inotify:",
		"pair:raw", "pipe:x", "unix:", "unix:@"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!source_parse(words[i], &s))
			test_fail(__FILE__, __LINE__, "\"%s\" is taken", words[i]);
}

TEST(a_label_has_the_length_that_the_kernel_takes)
{
	char word[300] = "memfd:";

	memset(word + 6, 'x', sizeof(word) - 6);
	word[6 + 249] = '\0';
	parse(word, SOURCE_MEMFD);
	int fd = CHECK_OK(source_open(&s, &as_it_is));
	fd_close(&fd);
	word[6 + 249] = 'x';
	word[6 + 250] = '\0';
	CHECK(source_parse(word, &s));
}

TEST(names_where_none_is_given)
{
	static const char *const rows[][2] = {{"notes.txt", "notes.txt"},
		{"/var/log/x.log", "x.log"}, {"./eventfd:", "eventfd:"}, {"dir/", ""},
		{"fd:7", "fd"}, {"12:34", "12"},
		{"eventfd:3", "eventfd"}, {"memfd:label", "memfd"}, {"mypoll:1s", "mypoll"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(!source_parse(rows[i][0], &s));
		char *name = source_name(&s);
		CHECK_STR(name, rows[i][1]);
		free(name);
	}
}

/* --- opening -------------------------------------------------------------- */

static int open_as(const char *word, int mode, int flags)
{
	const struct source_opts opts = {mode, flags, 0640};

	CHECK(!source_parse(word, &s));
	return source_open(&s, &opts);
}

static int mode_of(int fd)
{
	return CHECK_OK(fcntl(fd, F_GETFL)) & O_ACCMODE;
}

TEST(a_path_is_opened_as_asked)
{
	struct stat st;

	CHECK_ERR(open_as("new", -1, 0), ENOENT);
	int fd = CHECK_OK(open_as("new", O_WRONLY, O_CREAT | O_EXCL | O_APPEND | O_NONBLOCK));
	CHECK(test_is_cloexec(fd));
	const int asked = O_WRONLY | O_APPEND | O_NONBLOCK;
	CHECK_INT(fcntl(fd, F_GETFL) & (O_ACCMODE | asked), asked);
	CHECK_OK(fstat(fd, &st));
	CHECK_INT(st.st_mode & 0777, 0640);
	CHECK_ERR(open_as("new", O_WRONLY, O_CREAT | O_EXCL), EEXIST);
	fd_close(&fd);
	fd = CHECK_OK(open_as("new", -1, 0));
	CHECK_INT(mode_of(fd), O_RDONLY);
	fd_close(&fd);
	fd = CHECK_OK(open_as("new", O_RDWR, 0));
	CHECK_INT(mode_of(fd), O_RDWR);
	fd_close(&fd);
}

TEST(a_descriptor_becomes_a_duplicate)
{
	int fd = test_file("file", "", O_RDONLY);
	char word[32];

	CHECK_OK(fcntl(fd, F_SETFD, 0));
	snprintf(word, sizeof(word), "fd:%d", fd);
	int copy = CHECK_OK(open_as(word, -1, 0));
	CHECK(copy != fd && copy > 2);
	CHECK(test_same(fd, copy));
	CHECK(test_is_cloexec(copy));
	fd_close(&copy);
	copy = CHECK_OK(open_as(word, O_RDONLY, 0));
	fd_close(&copy);
	int before = fd_count();
	CHECK_ERR(open_as(word, O_RDWR, 0), EINVAL);
	CHECK_ERR(open_as("fd:9999", -1, 0), EBADF);
	CHECK_OK(fcntl(fd, F_SETFD, FD_CLOEXEC)); /* now it counts as our own, not inherited */
	CHECK_ERR(open_as(word, -1, 0), EBADF);
	CHECK_INT(fd_count(), before);
	fd_close(&fd);
}

TEST(a_descriptor_of_another_process)
{
	int pair[2], fd = test_file("file", "", O_WRONLY);
	char word[32], c;

	test_pipe(pair);
	pid_t pid = test_fork();
	if (pid == 0) {
		fd_close(&pair[1]);
		CHECK_INT(read(pair[0], &c, 1), 0);
		exit(0);
	}
	snprintf(word, sizeof(word), "%d:%d", pid, fd);
	int got = CHECK_OK(open_as(word, -1, 0));
	CHECK(test_same(fd, got));
	fd_close(&got);
	int before = fd_count();
	CHECK_ERR(open_as(word, O_RDONLY, 0), EINVAL);
	snprintf(word, sizeof(word), "%d:9999", pid);
	CHECK_ERR(open_as(word, -1, 0), EBADF);
	CHECK_INT(fd_count(), before);
	fd_close(&pair[1]);
	test_join(pid);
	snprintf(word, sizeof(word), "%d:0", pid);
	CHECK_ERR(open_as(word, -1, 0), ESRCH);
	fd_close(&pair[0]);
	fd_close(&fd);
}

TEST(an_eventfd_has_its_count)
{
	eventfd_t count;
	int fd = CHECK_OK(open_as("eventfd:3", -1, 0));

	CHECK(test_is_cloexec(fd));
	CHECK_INT(mode_of(fd), O_RDWR);
	CHECK_OK(eventfd_read(fd, &count));
	CHECK_INT(count, 3);
	fd_close(&fd);
	int before = fd_count();
	CHECK_ERR(open_as("eventfd:", O_RDONLY, 0), EINVAL);
	CHECK_INT(fd_count(), before);
}

TEST(a_timerfd_ticks)
{
	struct itimerspec spec;
	uint64_t expirations = 0;
	int fd = CHECK_OK(open_as("timerfd:1500ms", -1, 0));

	CHECK(test_is_cloexec(fd));
	CHECK_OK(timerfd_gettime(fd, &spec));
	CHECK_INT(spec.it_interval.tv_sec, 1);
	CHECK_INT(spec.it_interval.tv_nsec, 500 * NS_PER_MS);
	CHECK(spec.it_value.tv_sec || spec.it_value.tv_nsec);
	fd_close(&fd);
	fd = CHECK_OK(open_as("timerfd:1ms", -1, 0));
	CHECK_INT(read(fd, &expirations, sizeof(expirations)), sizeof(expirations));
	CHECK(expirations >= 1);
	fd_close(&fd);
}

TEST(a_memfd_may_be_less_than_it_is)
{
	char c;
	int fd = CHECK_OK(open_as("memfd:x", -1, 0));

	CHECK_INT(mode_of(fd), O_RDWR);
	CHECK_INT(write(fd, "y", 1), 1);
	fd_close(&fd);
	fd = CHECK_OK(open_as("memfd:x", O_RDONLY, 0));
	CHECK(test_is_cloexec(fd));
	CHECK_ERR(write(fd, "y", 1), EBADF);
	fd_close(&fd);
	fd = CHECK_OK(open_as("memfd:x", O_WRONLY, 0));
	CHECK_ERR(read(fd, &c, 1), EBADF);
	fd_close(&fd);
}

TEST(a_socket_listens_close_on_exec)
{
	int yes = 0;
	socklen_t len = sizeof(yes);
	int fd = CHECK_OK(open_as("tcp:127.0.0.1:0", -1, O_NONBLOCK));

	CHECK(test_is_cloexec(fd));
	CHECK_INT(fcntl(fd, F_GETFL), O_RDWR | O_NONBLOCK);
	CHECK_OK(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &len));
	CHECK_INT(yes, 1);
	fd_close(&fd);
	int before = fd_count();
	CHECK_ERR(open_as("tcp:127.0.0.1:0", O_RDONLY, 0), EINVAL);
	CHECK_ERR(open_as("udp:192.0.2.1:1", -1, 0), EADDRNOTAVAIL);
	CHECK_STR(s.failed, "bind");
	CHECK_ERR(open_as("tcp:127.0.0.1:no-such-service", -1, 0), EADDRNOTAVAIL);
	CHECK_STR(s.failed, "getaddrinfo");
	CHECK_INT(fd_count(), before);
}

TEST(a_socket_of_a_path_is_removed_if_unused)
{
	struct stat st;
	int fd = CHECK_OK(open_as("unix:sock", -1, 0));

	addr_unbind_unused(&s.addr);
	CHECK_OK(lstat("sock", &st));
	fd_close(&fd);
	addr_unbind_unused(&s.addr);
	CHECK_ERR(lstat("sock", &st), ENOENT);
	CHECK_ERR(open_as("unix:sock", O_RDONLY, 0), EINVAL);
	CHECK_ERR(lstat("sock", &st), ENOENT);
}

TEST(both_ends)
{
	static const char *const words[] = {"pair:", "pair:stream", "pair:dgram", "pipe:"};
	char c;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		int fd = CHECK_OK(open_as(words[i], -1, 0));
		CHECK(test_is_cloexec(fd) && test_is_cloexec(s.kept));
		CHECK_INT(write(s.kept, "x", 1), 1);
		CHECK_INT(read(fd, &c, 1), 1);
		fd_close(&fd);
		fd_close(&s.kept);
	}
	int before = fd_count();
	CHECK_ERR(open_as("pair:", O_RDONLY, 0), EINVAL);
	CHECK_ERR(open_as("pipe:", O_RDWR, 0), EINVAL);
	CHECK_INT(fd_count(), before);
}

TEST(mypoll_needs_somebody_to_make_its_events)
{
	CHECK_ERR(open_as("mypoll:", -1, 0), EINVAL);
}

/* --- hazards -------------------------------------------------------------- */

static void check_hazard(int fd, const char *want)
{
	const char *hazard;

	CHECK_OK(source_hazard(CHECK_OK(fd), &hazard));
	CHECK_STR(hazard ? hazard : "none", want);
	fd_close(&fd);
}

TEST(what_gives_away_more_than_itself)
{
	int pair[2];

	test_pair(pair);
	check_hazard(pair[0], "unix");
	check_hazard(pair[1], "unix");
	check_hazard(open(".", O_RDONLY | O_DIRECTORY), "directory");
	check_hazard(open(".", O_PATH), "o_path");
	check_hazard(test_file("file", "", O_PATH), "o_path");
	check_hazard(test_file("file", "", O_RDWR), "none");
	check_hazard(socket(AF_INET, SOCK_DGRAM, 0), "none");
	check_hazard(eventfd(0, 0), "none");
}

TEST(what_cannot_be_looked_at_is_not_taken_for_harmless)
{
	const char *hazard;

	CHECK_ERR(source_hazard(9999, &hazard), EBADF);
}
