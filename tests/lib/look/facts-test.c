/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The facts of each type, in this process and in a child that holds the same descriptor. */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/base/proc.h"
#include "lib/base/times.h"
#include "lib/base/uapi.h"
#include "lib/look/facts.h"
#include "lib/out/json-words.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/netlink.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/io_uring.h> /* after sys/mount.h, with an older glibc */
#include <linux/vm_sockets.h> /* after sys/socket.h */

/* The facts as JSON, sorted by key. Valid until the next call. */
static const char *json_of(pid_t pid, int fd)
{
	static char *text;
	struct desc d;
	struct facts *f = facts_new();
	int before = fd_count();

	CHECK_OK(desc_look(pid, fd, &d));
	json_t *facts = facts_of(f, pid, fd, &d);
	json_object_del(facts, "mnt_id");
	free(text);
	text = json_dumps(facts, JSON_SORT_KEYS | JSON_COMPACT);
	json_decref(facts);
	facts_free(f);
	CHECK_INT(fd_count(), before);
	return text;
}

static const char *text_of(int fd)
{
	static char *text;
	struct desc d;
	struct facts *f = facts_new();

	CHECK_OK(desc_look(0, fd, &d));
	json_t *facts = facts_of(f, 0, fd, &d);
	json_object_del(facts, "mnt_id");
	free(text);
	text = json_words(facts);
	json_decref(facts);
	facts_free(f);
	return text;
}

/* A child that holds all descriptors of this process, until release. */
static int holder_pipe[2];

static pid_t hold(void)
{
	char c;

	test_pipe(holder_pipe);
	pid_t pid = test_fork();
	if (pid == 0) {
		close(holder_pipe[1]);
		CHECK_INT(read(holder_pipe[0], &c, 1), 0);
		_exit(0);
	}
	return pid;
}

static void release(pid_t pid)
{
	close(holder_pipe[0]);
	close(holder_pipe[1]);
	test_join(pid);
}

/* The facts are the same in this process and in a child. */
static void check_facts(int fd, const char *want)
{
	CHECK_OK(fd);
	CHECK_STR(json_of(0, fd), want);
	CHECK_STR(json_of(getpid(), fd), want);
	pid_t pid = hold();
	CHECK_STR(json_of(pid, fd), want);
	release(pid);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		test_fail(__FILE__, __LINE__, "\"%s\" is not in %s", part, text);
}

/* The same for a part of the text. */
static void check_part(int fd, const char *part)
{
	CHECK_OK(fd);
	has(json_of(0, fd), part);
	pid_t pid = hold();
	has(json_of(pid, fd), part);
	release(pid);
}

/* --- files ------------------------------------------------------------------- */

TEST(the_size_of_a_file_and_that_it_is_deleted)
{
	int fd = test_file("file", "123456789012", O_RDONLY);

	check_part(fd, "\"size\":12");
	CHECK_OK(unlink("file"));
	check_part(fd, "\"deleted\":true");
	has(text_of(fd), "size 12, allocated ");
	fd_close(&fd);
}

TEST(the_locks_of_a_file)
{
	char want[128];
	int fd = test_file("file", "123456789012", O_RDWR);
	int other = CHECK_OK(open("file", O_RDWR | O_CLOEXEC));
	struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 20, .l_len = 3};

	CHECK_OK(flock(fd, LOCK_EX));
	snprintf(want, sizeof(want), "\"locks\":[{\"access\":\"WRITE\",\"kind\":\"FLOCK\",\"pid\":%d}]",
		getpid());
	check_part(fd, want);
	snprintf(want, sizeof(want), "locks FLOCK WRITE by %d", getpid());
	has(text_of(fd), want);
	snprintf(want, sizeof(want),
		"\"other_locks\":[{\"access\":\"WRITE\",\"kind\":\"FLOCK\",\"pid\":%d}]", getpid());
	check_part(other, want);
	CHECK_OK(fcntl(other, F_OFD_SETLK, &range));
	check_part(other, "\"locks\":[{\"access\":\"WRITE\",\"from\":20,\"kind\":\"OFDLCK\",\"to\":22}]");
	fd_close(&fd);
	fd_close(&other);
}

TEST(the_locks_of_a_file_on_overlayfs)
{
	test_own_mounts();
	CHECK_OK(mkdir("low", 0700));
	close(test_file("low/file", "x", O_RDONLY));
	CHECK_OK(mkdir("up", 0700));
	CHECK_OK(mkdir("all", 0700));
	CHECK_OK(mount("up", "up", "tmpfs", 0, NULL)); /* so that the layers are on two devices */
	CHECK_OK(mkdir("up/files", 0700));
	CHECK_OK(mkdir("up/work", 0700));
	if (mount("all", "all", "overlay", 0, "lowerdir=low,upperdir=up/files,workdir=up/work") < 0)
		test_skip("this kernel has no overlayfs");
	int fd = CHECK_OK(open("all/file", O_RDONLY | O_CLOEXEC));
	int other = CHECK_OK(open("all/file", O_RDONLY | O_CLOEXEC));
	CHECK_OK(flock(fd, LOCK_EX));
	check_part(other, "\"other_locks\":[{\"access\":\"WRITE\",\"kind\":\"FLOCK\",");
	fd_close(&fd);
	fd_close(&other);
	CHECK_OK(umount("all"));
	CHECK_OK(umount("up"));
}

TEST(a_memfd_and_its_seals)
{
	int fd = CHECK_OK(memfd_create("x", MFD_CLOEXEC | MFD_ALLOW_SEALING));

	CHECK_INT(write(fd, "1234567", 7), 7);
	CHECK_OK(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
	check_part(fd, "\"seals\":[\"F_SEAL_SHRINK\",\"F_SEAL_GROW\"],\"size\":7");
	has(text_of(fd), "seals F_SEAL_SHRINK|F_SEAL_GROW");
	fd_close(&fd);
	fd = CHECK_OK(memfd_create("x", MFD_CLOEXEC));
	check_part(fd, "\"seals\":[\"F_SEAL_SEAL\"]");
	fd_close(&fd);
}

TEST(a_file_that_is_called_like_a_memfd_is_not_taken)
{
	struct facts *f = facts_new();
	struct desc d;
	int fd = test_file("file", "", O_RDONLY);
	pid_t pid = hold();

	CHECK_OK(desc_look(pid, fd, &d));
	strcpy(d.path, "/memfd:x (deleted)");
	strcpy(d.type, "memfd");
	json_t *facts = facts_of(f, pid, fd, &d);
	CHECK(json_is_null(json_object_get(facts, "seals")));
	json_decref(facts);
	facts_free(f);
	release(pid);
	fd_close(&fd);
}

/* --- pipes ------------------------------------------------------------------- */

TEST(what_waits_in_a_pipe)
{
	int pair[2], size = 2 * getpagesize();
	char *facts = must_printf("{\"capacity\":%d,\"waiting\":5}", size);
	char *text = must_printf("waiting 5, capacity %d", size);

	test_pipe(pair);
	CHECK_INT(write(pair[1], "hello", 5), 5);
	CHECK_INT(fcntl(pair[1], F_SETPIPE_SZ, size), size);
	check_facts(pair[0], facts);
	check_facts(pair[1], facts);
	CHECK_STR(text_of(pair[0]), text);
	fd_close_all(pair, 2);
	free(facts);
	free(text);
}

TEST(a_pipe_that_does_not_answer)
{
	int stuck[2], other[2];
	struct desc d;

	test_need_root();
	test_pipe(stuck);
	test_pipe(other);
	CHECK_INT(write(stuck[1], "hello", 5), 5);
	pid_t pid = test_hold_pipe(stuck[0]);
	int pipes[] = {stuck[1], other[1], stuck[0], other[0]};
	for (int looks = 0; looks < 3; looks++) {
		struct facts *f = facts_new();
		for (int i = 0; i < 4; i++) {
			CHECK_OK(desc_look(0, pipes[i], &d));
			json_t *facts = facts_of(f, 0, pipes[i], &d);
			CHECK(json_is_null(json_object_get(facts, "capacity")) == (i % 2 == 0));
			CHECK(json_is_null(json_object_get(facts, "waiting")) == (i % 2 == 0));
			json_decref(facts);
		}
		facts_free(f);
	}
	CHECK_OK(kill(pid, SIGKILL)); /* then the child that is stuck ends, too */
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	CHECK_OK(waitpid(-1, NULL, 0));
	CHECK_ERR(waitpid(-1, NULL, 0), ECHILD); /* one was stuck, however often it was looked at */
	fd_close_all(stuck, 2);
	fd_close_all(other, 2);
}

TEST(what_may_not_be_known_is_null)
{
	int pair[2];

	test_need_root();
	test_pipe(pair);
	pid_t pid = hold();
	pid_t asker = test_fork();
	if (asker == 0) {
		struct facts *f = facts_new();
		struct desc d;
		CHECK_OK(desc_look(pid, pair[0], &d));
		test_become(test_uid());
		json_t *facts = facts_of(f, pid, pair[0], &d);
		char *text = json_dumps(facts, JSON_SORT_KEYS | JSON_COMPACT);
		CHECK_STR(text, "{\"capacity\":null,\"fdinfo\":null,\"waiting\":null}");
		free(text);
		text = json_words(facts);
		CHECK_STR(text, "fdinfo unknown, waiting unknown, capacity unknown");
		free(text);
		json_decref(facts);
		facts_free(f);
		exit(0);
	}
	test_join(asker);
	release(pid);
	fd_close_all(pair, 2);
}

TEST(a_number_that_means_another_file_by_now)
{
	struct facts *f = facts_new();
	struct desc d;
	int pair[2];

	int file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	test_pipe(pair);
	CHECK_OK(desc_look(0, pair[0], &d));
	d.ino++;
	CHECK(facts_of(f, 0, pair[0], &d) == NULL);
	CHECK_OK(desc_look(0, file, &d));
	d.ino++;
	CHECK(facts_of(f, 0, file, &d) == NULL);
	fd_close_all(pair, 2);
	fd_close(&file);
	d.path[0] = '\0'; /* of what has none, fdinfo tells that it is gone */
	CHECK(facts_of(f, 0, pair[0], &d) == NULL);
	facts_free(f);
}

TEST(of_a_pipe_whose_bytes_are_known_nothing_is_asked)
{
	struct facts *f = facts_new();
	struct desc d;
	int pair[2];

	test_pipe(pair);
	CHECK_OK(desc_look(0, pair[0], &d));
	d.waiting = 5;
	d.capacity = 4096;
	json_t *facts = facts_of(f, 0, pair[0], &d);
	CHECK_INT(json_integer_value(json_object_get(facts, "waiting")), 5);
	CHECK_INT(json_integer_value(json_object_get(facts, "capacity")), 4096);
	json_decref(facts);
	facts_free(f);
	fd_close_all(pair, 2);
}

/* --- sockets ----------------------------------------------------------------- */

static ino_t inode(int fd)
{
	struct stat st;

	CHECK_OK(fstat(fd, &st));
	return st.st_ino;
}

TEST(a_pair_with_bytes_and_a_descriptor_in_flight)
{
	char want[256];
	int pair[2];

	test_pair(pair);
	struct iovec iov = {(char[]){"hi"}, 2};
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &(int){STDERR_FILENO}, sizeof(int));
	CHECK_INT(sendmsg(pair[0], &m, 0), 2);
	snprintf(want, sizeof(want),
		"{\"family\":\"AF_UNIX\",\"in_flight\":1,\"local\":\"\",\"peer_inode\":%lu,"
		"\"protocol\":\"UNIX\",\"receive_queued\":2,\"remote\":\"\",\"send_queued\":0,"
		"\"state\":\"ESTABLISHED\",\"type\":\"SOCK_SEQPACKET\"}",
		(unsigned long)inode(pair[0]));
	check_facts(pair[1], want);
	check_part(pair[0], "\"in_flight\":0");
	fd_close_all(pair, 2);
}

TEST(names_of_unix_sockets)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX, .sun_path = "listener"};
	int fd = CHECK_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));

	CHECK_OK(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	CHECK_OK(listen(fd, 7));
	int client = CHECK_OK(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
	CHECK_OK(connect(client, (struct sockaddr *)&at, sizeof(at)));
	check_part(fd, "\"backlog\":7");
	check_part(fd, "\"to_accept\":1");
	check_part(fd, "\"local\":\"listener\"");
	check_part(fd, "\"state\":\"LISTEN\"");
	int server = CHECK_OK(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
	check_part(client, "\"remote\":\"listener\"");
	fd_close(&server);
	fd_close(&client);
	fd_close(&fd);
}

static int inet_socket(int type, struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = CHECK_OK(socket(AF_INET, type | SOCK_CLOEXEC, 0));

	*at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	CHECK_OK(bind(fd, (struct sockaddr *)at, len));
	CHECK_OK(getsockname(fd, (struct sockaddr *)at, &len));
	return fd;
}

TEST(a_listener_and_a_pair_of_tcp)
{
	struct sockaddr_in at, from;
	char want[256];
	int fd = inet_socket(SOCK_STREAM, &at), client = inet_socket(SOCK_STREAM, &from);

	CHECK_OK(listen(fd, 9));
	CHECK_OK(connect(client, (struct sockaddr *)&at, sizeof(at)));
	int server = CHECK_OK(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
	CHECK_INT(write(client, "hello", 5), 5);
	CHECK(test_poll(server, POLLIN, 1000) & POLLIN);
	snprintf(want, sizeof(want),
		"{\"backlog\":9,\"family\":\"AF_INET\",\"local\":\"127.0.0.1:%d\",\"protocol\":\"TCP\","
		"\"remote\":\"\",\"state\":\"LISTEN\",\"to_accept\":0,\"type\":\"SOCK_STREAM\"}",
		ntohs(at.sin_port));
	check_facts(fd, want);
	snprintf(want, sizeof(want),
		"{\"family\":\"AF_INET\",\"local\":\"127.0.0.1:%d\",\"protocol\":\"TCP\","
		"\"receive_queued\":5,\"remote\":\"127.0.0.1:%d\",\"send_queued\":0,"
		"\"state\":\"ESTABLISHED\",\"type\":\"SOCK_STREAM\"}",
		ntohs(at.sin_port), ntohs(from.sin_port));
	check_facts(server, want);
	fd_close(&server);
	fd_close(&client);
	fd_close(&fd);
}

TEST(udp_and_sockets_that_are_in_no_table)
{
	struct sockaddr_in at;
	char want[64];
	int fd = inet_socket(SOCK_DGRAM, &at);

	snprintf(want, sizeof(want), "\"local\":\"127.0.0.1:%d\"", ntohs(at.sin_port));
	check_part(fd, want);
	check_part(fd, "\"type\":\"SOCK_DGRAM\"");
	fd_close(&fd);
	fd = CHECK_OK(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
	check_facts(fd, "{\"family\":\"AF_INET6\",\"local\":\"\",\"protocol\":\"TCPv6\","
			"\"receive_queued\":null,\"remote\":\"\",\"send_queued\":null,"
			"\"state\":\"CLOSE\",\"type\":\"SOCK_STREAM\"}");
	fd_close(&fd);
	fd = CHECK_OK(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
	struct sockaddr_nl any = {.nl_family = AF_NETLINK};
	CHECK_OK(bind(fd, (struct sockaddr *)&any, sizeof(any)));
	check_part(fd, "\"netlink\":\"NETLINK_ROUTE\"");
	fd_close(&fd);
}

/* Of protocols that are not TCP, nor UDP, but have ports as these do. */
static void check_protocol(int family, int type, int protocol, const char *name)
{
	char want[160];
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at = {.in6 = {.sin6_family = (sa_family_t)family}};
	socklen_t len = sizeof(at);
	int fd = socket(family, type | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		test_skip("this kernel has no MPTCP, SCTP, DCCP or UDP-Lite");
	CHECK_OK(bind(fd, &at.any, family == AF_INET ? sizeof(at.in) : sizeof(at.in6)));
	CHECK_OK(getsockname(fd, &at.any, &len));
	if (type == SOCK_STREAM)
		CHECK_OK(listen(fd, 9));
	snprintf(want, sizeof(want), "\"local\":\"%s:%d\",\"protocol\":\"%s\",",
		family == AF_INET ? "0.0.0.0" : "[::]", ntohs(at.in.sin_port), name);
	check_part(fd, want);
	check_part(fd, family == AF_INET ? "\"family\":\"AF_INET\"" : "\"family\":\"AF_INET6\"");
	check_part(fd, type == SOCK_STREAM ? "\"state\":\"LISTEN\"" : "\"state\":\"CLOSE\"");
	check_part(fd, type == SOCK_STREAM ? "\"backlog\":9" : "\"receive_queued\":0");
	fd_close(&fd);
}

TEST(mptcp_has_addresses)
{
	check_protocol(AF_INET, SOCK_STREAM, IPPROTO_MPTCP, "MPTCP");
	check_protocol(AF_INET6, SOCK_STREAM, IPPROTO_MPTCP, "MPTCPv6");
}

TEST(udplite_has_addresses)
{
	check_protocol(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, "UDP-Lite");
	check_protocol(AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE, "UDPLITEv6");
}

TEST(a_socket_that_is_in_no_table_is_asked_itself)
{
	struct sockaddr_vm at = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = 1};
	socklen_t len = sizeof(at);
	char want[32];
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		test_skip("this kernel has no AF_VSOCK");
	check_part(fd, "\"local\":\"\"");
	at.svm_port = VMADDR_PORT_ANY;
	CHECK_OK(bind(fd, (struct sockaddr *)&at, sizeof(at)));
	CHECK_OK(getsockname(fd, (struct sockaddr *)&at, &len));
	snprintf(want, sizeof(want), "\"local\":\"*:%u\"", at.svm_port);
	check_part(fd, want);
	check_part(fd, "\"family\":\"AF_VSOCK\"");
	check_part(fd, "\"type\":\"SOCK_STREAM\"");
	fd_close(&fd);
}

TEST(a_socket_of_another_network_namespace)
{
	struct sockaddr_in at;
	char want[64];
	int out[2], fd = -1;

	test_need_namespaces();
	test_pair(out);
	pid_t pid = test_fork();
	if (pid == 0) { /* where another socket has the same address */
		CHECK_OK(unshare(CLONE_NEWNET));
		fd = CHECK_OK(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
		at = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(7)};
		CHECK_OK(bind(fd, (struct sockaddr *)&at, sizeof(at)));
		CHECK_OK(listen(fd, 3));
		CHECK_INT(write(out[1], &fd, sizeof(fd)), sizeof(fd));
		CHECK_INT(read(out[1], &fd, sizeof(fd)), sizeof(fd));
		exit(0);
	}
	CHECK_INT(read(out[0], &fd, sizeof(fd)), sizeof(fd));
	snprintf(want, sizeof(want), "\"process_namespace\":\"net:[");
	has(json_of(pid, fd), want);
	has(json_of(pid, fd), "\"local\":\"0.0.0.0:7\"");
	has(json_of(pid, fd), "\"state\":\"LISTEN\"");
	has(json_of(pid, fd), "\"backlog\":null");
	CHECK_INT(write(out[0], &fd, sizeof(fd)), sizeof(fd));
	test_join(pid);
	fd_close_all(out, 2);
}

/* A child that makes number 9 one pipe and the other in turn, as fast as it can. */
static pid_t flip(const int pipes[2])
{
	pid_t pid = test_fork();

	if (pid == 0)
		for (;;) {
			dup2(pipes[0], 9);
			dup2(pipes[1], 9);
		}
	return pid;
}

TEST(a_number_that_flips_is_never_taken_for_the_other_file)
{
	int small[2], large[2], right = 0, page = getpagesize();
	int64_t end = time_after(10 * NS_PER_S);
	struct desc d;

	test_pipe(small);
	test_pipe(large);
	CHECK_INT(fcntl(small[0], F_SETPIPE_SZ, page), page);
	CHECK_INT(fcntl(large[0], F_SETPIPE_SZ, 16 * page), 16 * page);
	ino_t is_small = inode(small[0]);
	pid_t pid = flip((int[]){small[0], large[0]});
	struct facts *f = facts_new();
	while (right < 2000 && time_now() < end) {
		if (desc_look(pid, 9, &d) < 0)
			continue; /* not yet */
		json_t *facts = facts_of(f, pid, 9, &d);
		json_t *capacity = json_object_get(facts, "capacity");
		if (json_is_integer(capacity)) {
			CHECK_INT(json_integer_value(capacity), d.ino == is_small ? page : 16 * page);
			right++;
		}
		json_decref(facts);
	}
	facts_free(f);
	CHECK(right > 0);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	fd_close_all(small, 2);
	fd_close_all(large, 2);
}

/* --- anonymous inodes ---------------------------------------------------------- */

/* Since Linux 6.2. */
static bool tells_semaphores(int fd)
{
	char path[64], text[512];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	CHECK(proc_read(path, text, sizeof(text)) > 0);
	return strstr(text, "eventfd-semaphore:");
}

TEST(an_eventfd_has_a_count)
{
	int fd = CHECK_OK(eventfd(7, EFD_SEMAPHORE | EFD_CLOEXEC));

	check_part(fd, "{\"count\":7,\"id\":");
	bool tells = tells_semaphores(fd);
	if (tells)
		check_part(fd, "\"semaphore\":true}");
	fd_close(&fd);
	fd = CHECK_OK(eventfd(0, EFD_CLOEXEC));
	CHECK_INT(write(fd, &(uint64_t){UINT64_MAX - 1}, 8), 8);
	check_part(fd, "\"count\":\"18446744073709551614\""); /* too large for an integer in JSON */
	if (tells)
		has(text_of(fd), "not semaphore");
	fd_close(&fd);
}

TEST(a_timerfd_armed_and_not)
{
	int fd = CHECK_OK(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
	struct itimerspec in = {.it_interval = {2, 500}, .it_value = {1000, 0}};

	check_facts(fd, "{\"armed\":false,\"clock\":\"CLOCK_MONOTONIC\",\"it_interval_ns\":0,"
			"\"it_value_ns\":0,\"settime_flags\":[],\"ticks\":0}");
	CHECK_OK(timerfd_settime(fd, 0, &in, NULL));
	check_part(fd, "\"armed\":true");
	check_part(fd, "\"it_interval_ns\":2000000500,\"it_value_ns\":99");
	has(text_of(fd), "it interval 2.000000500 s");
	CHECK_OK(timerfd_settime(fd, TFD_TIMER_ABSTIME, &in, NULL));
	check_part(fd, "\"settime_flags\":[\"TFD_TIMER_ABSTIME\"]");
	fd_close(&fd);
}

TEST(the_signals_of_a_signalfd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGRTMIN + 3);
	int fd = CHECK_OK(signalfd(-1, &set, SFD_CLOEXEC));
	check_facts(fd, "{\"signals\":[\"SIGUSR1\",\"SIGTERM\",\"SIGRTMIN+3\"]}");
	CHECK_STR(text_of(fd), "signals SIGUSR1|SIGTERM|SIGRTMIN+3");
	fd_close(&fd);
}

TEST(the_entries_of_an_epoll)
{
	int fd = CHECK_OK(epoll_create1(EPOLL_CLOEXEC));
	int a = CHECK_OK(eventfd(0, EFD_CLOEXEC)), b = CHECK_OK(eventfd(0, EFD_CLOEXEC));
	int other = CHECK_OK(fcntl(b, F_DUPFD_CLOEXEC, 50)), closed = b;
	struct epoll_event e = {.events = EPOLLIN | EPOLLET, .data.u64 = UINT64_MAX};
	char want[128];

	check_facts(fd, "{\"entries\":[]}");
	CHECK_OK(epoll_ctl(fd, EPOLL_CTL_ADD, a, &e));
	CHECK_OK(epoll_ctl(fd, EPOLL_CTL_ADD, b, &e));
	e.data.u64 = 3;
	CHECK_OK(epoll_ctl(fd, EPOLL_CTL_ADD, other, &e));
	fd_close(&b); /* the entry stays: its description lives on as `other` */
	snprintf(want, sizeof(want), "\"fd\":%d,", closed);
	check_part(fd, want);
	check_part(fd, "\"data\":\"0xffffffffffffffff\"");
	check_part(fd, "\"data\":\"0x3\",\"dev\":\"0:");
	check_part(fd, "\"events\":[\"EPOLLIN\",\"EPOLLERR\",\"EPOLLHUP\",\"EPOLLET\"]");
	fd_close(&a);
	fd_close(&other);
	fd_close(&fd);
}

TEST(thousands_of_entries)
{
	enum { MANY = 900 };
	int fd = CHECK_OK(epoll_create1(EPOLL_CLOEXEC)), of[MANY];
	struct epoll_event e = {.events = EPOLLIN};
	struct facts *f = facts_new();
	struct desc d;

	of[0] = CHECK_OK(eventfd(0, EFD_CLOEXEC));
	for (int i = 1; i < MANY; i++)
		of[i] = CHECK_OK(fcntl(of[0], F_DUPFD_CLOEXEC, 0));
	for (int i = 0; i < MANY; i++)
		CHECK_OK(epoll_ctl(fd, EPOLL_CTL_ADD, of[i], &e));
	CHECK_OK(desc_look(0, fd, &d));
	json_t *facts = facts_of(f, 0, fd, &d);
	CHECK_INT(json_array_size(json_object_get(facts, "entries")), MANY);
	CHECK_INT(json_object_size(facts), 1);
	char *text = json_words(facts);
	has(text, "; and 892 more");
	free(text);
	json_decref(facts);
	facts_free(f);
	fd_close_all(of, MANY);
	fd_close(&fd);
}

TEST(the_watches_of_an_inotify)
{
	char want[256], path[16];
	struct stat st;
	int fd = CHECK_OK(inotify_init1(IN_CLOEXEC));

	for (int i = 1; i <= 12; i++) {
		snprintf(path, sizeof(path), "%d", i);
		CHECK_OK(mkdir(path, 0755));
		CHECK_INT(inotify_add_watch(fd, path, IN_DELETE | IN_ONESHOT), i);
	}
	CHECK_OK(stat("12", &st));
	snprintf(want, sizeof(want), "\"ino\":%lu,\"mask\":[\"IN_DELETE\",\"IN_ONESHOT\"],\"wd\":12}",
		(unsigned long)st.st_ino);
	check_part(fd, want);
	snprintf(want, sizeof(want), "\"dev\":\"%u:%u\"", major(st.st_dev), minor(st.st_dev));
	check_part(fd, want);
	fd_close(&fd);
}

TEST(a_pidfd_alive_and_dead)
{
	char want[96];
	pid_t pid = test_fork();

	if (pid == 0) {
		pause();
		_exit(0);
	}
	int fd = CHECK_OK(pidfd_open(pid, 0));
	snprintf(want, sizeof(want), "\"pid\":%d}", pid);
	check_part(fd, want);
	CHECK_OK(kill(pid, SIGKILL));
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	check_part(fd, "\"dead\":true");
	check_part(fd, "\"pid\":-1");
	fd_close(&fd);
}

TEST(an_io_uring_has_entries)
{
	struct io_uring_params params = {0};
	int fd = (int)syscall(SYS_io_uring_setup, 4, &params);

	if (fd < 0)
		test_skip("this kernel has no io_uring");
	check_part(fd, "\"cq_entries\":8,\"sq_entries\":4");
	fd_close(&fd);
}

TEST(a_map_of_bpf)
{
	union bpf_attr attr = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8,
		.max_entries = 16};
	int fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));

	if (fd < 0) /* forbidden, or missing: then there is none to look at */
		return;
	check_part(fd, "\"map_type\":\"BPF_MAP_TYPE_ARRAY\"");
	check_part(fd, "\"max_entries\":16");
	check_part(fd, "\"object\":\"map\"");
	fd_close(&fd);
}

/* --- devices, namespaces --------------------------------------------------------- */

TEST(devices_and_their_drivers)
{
	int fd = CHECK_OK(open("/dev/null", O_RDONLY | O_CLOEXEC));

	check_facts(fd, "{\"device\":\"1:3\",\"driver\":\"mem\",\"node\":\"null\"}");
	fd_close(&fd);
}

TEST(the_master_of_a_pseudoterminal)
{
	char want[64];
	int fd = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));

	snprintf(want, sizeof(want), "\"master_of\":\"%s\"", ptsname(fd));
	check_part(fd, want);
	check_part(fd, "\"tty\":true");
	CHECK_OK(unlockpt(fd));
	int slave = CHECK_OK(open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC));
	check_part(slave, "\"device\":\"136:");
	check_part(slave, "\"driver\":\"pty_slave\"");
	fd_close(&slave);
	fd_close(&fd);
}

TEST(a_terminal_knows_who_is_in_the_foreground)
{
	char want[64];
	int fd = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));

	CHECK_OK(unlockpt(fd));
	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_OK(setsid());
		int slave = CHECK_OK(open(ptsname(fd), O_RDWR | O_CLOEXEC));
		snprintf(want, sizeof(want), "\"foreground\":%d,", getpid());
		has(json_of(0, slave), want);
		fd_close(&slave);
		signal(SIGHUP, SIG_IGN); /* sent when the master is closed */
		exit(0);
	}
	test_join(pid);
	fd_close(&fd);
}

/* A master of another instance of devpts whose number is that of the given one. */
static int other_master(const char *number)
{
	int masters[256], n = 0;

	for (;;) {
		CHECK(n < 256);
		masters[n] = CHECK_OK(open("pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
		if (strcmp(strrchr(ptsname(masters[n]), '/') + 1, number) == 0)
			break;
		n++;
	}
	fd_close_all(masters, (size_t)n);
	return masters[n];
}

static int open_slave(const char *directory, const char *number, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", directory, number);
	return CHECK_OK(open(path, O_RDWR | O_CLOEXEC | flags));
}

static void check_slave(int master, const char *directory, const char *number)
{
	char want[PATH_MAX + 64];

	CHECK_OK(unlockpt(master));
	snprintf(want, sizeof(want), "\"master_of\":\"%s/%s\"", directory, number);
	has(json_of(0, master), want);
}

/* The controlling terminal is in pts/, and there is another of that number in /dev/pts. */
static void check_instances(void)
{
	char want[64], here[PATH_MAX], unknown[] = "\"foreground\":null,";

	CHECK_OK(mkdir("pts", 0700));
	CHECK_OK(mount("devpts", "pts", "devpts", 0, "newinstance,ptmxmode=0666"));
	CHECK(realpath("pts", here));
	int common = CHECK_OK(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC));
	char *number = strdup(strrchr(ptsname(common), '/') + 1);
	int own = other_master(number);
	check_slave(common, "/dev/pts", number);
	check_slave(own, here, number);

	int slave = open_slave("pts", number, 0);
	int stranger = open_slave("/dev/pts", number, O_NOCTTY);
	has(json_of(0, slave), unknown);
	has(json_of(0, stranger), unknown);
	fd_close(&stranger);
	fd_close(&common);
	snprintf(want, sizeof(want), "\"foreground\":%d,", getpid());
	has(json_of(0, slave), want);
	CHECK_OK(umount2("pts", MNT_DETACH));
	has(json_of(0, slave), unknown);
	has(json_of(0, own), "\"master_of\":null");
	fd_close(&slave);
	fd_close(&own);
	free(number);
}

TEST(a_terminal_of_another_devpts_with_the_same_number_is_not_taken_for_it)
{
	test_own_mounts();
	pid_t pid = test_fork();
	if (pid == 0) {
		CHECK_OK(setsid());
		signal(SIGHUP, SIG_IGN); /* sent when the master is closed */
		check_instances();
		exit(0);
	}
	test_join(pid);
}

TEST(a_namespace_has_a_kind)
{
	char want[128];
	int fd = CHECK_OK(open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC));

	snprintf(want, sizeof(want), "{\"id\":%lu,\"kind\":\"uts\",\"ours\":true}",
		(unsigned long)inode(fd));
	check_part(fd, want);
	fd_close(&fd);
}
