/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/fd.h"
#include "lib/base/memory.h"
#include "lib/look/port-internal.h"
#include "lib/look/port.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

static struct port parsed(const char *word)
{
	struct port p;
	const char *fault = port_parse(word, &p);

	CHECK_STR(fault ? fault : "", "");
	return p;
}

static void check_host(const struct port *p, const char *host)
{
	struct in6_addr at;

	CHECK_INT(inet_pton(AF_INET6, host, &at), 1);
	CHECK_INT(p->n_hosts, 1);
	CHECK(memcmp(&p->hosts[0], &at, sizeof(at)) == 0);
}

TEST(words)
{
	struct port p = parsed("tcp:8080");

	CHECK_INT(p.protocol, IPPROTO_TCP);
	CHECK_INT(p.number, 8080);
	CHECK_INT(p.n_hosts, 0);
	p = parsed("udp:*:53");
	CHECK_INT(p.protocol, IPPROTO_UDP);
	CHECK_INT(p.n_hosts, 0);
	p = parsed("tcp:127.0.0.1:65535");
	CHECK_INT(p.number, 65535);
	check_host(&p, "::ffff:127.0.0.1");
	p = parsed("tcp:[::1]:1");
	check_host(&p, "::1");
	CHECK_STR(parsed("unix:./sock").name, "./sock");
	CHECK_STR(parsed("unix:@a").name, "@a");
	CHECK(port_is("sctp:1") && !port_is("tcp") && !port_is("./tcp:1"));
}

TEST(words_that_are_none)
{
	static const char *const words[] = {"tcp:", "tcp:0", "tcp:65536", "tcp:-1", "tcp:1x", "tcp::1",
		"tcp:[]:1", "tcp:127.0.0.1:", "unix:", "unix:@", "tcp:nohost.invalid:1"};
	struct port p;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		CHECK(port_parse(words[i], &p) != NULL);
}

static size_t add_line(const char *word, const char *text, struct diag_sockets *s)
{
	const struct port p = parsed(word);
	char line[512];

	snprintf(line, sizeof(line), "%s", text);
	port_add_line(&p, s, line);
	return s->n;
}

/* The kernel writes addresses as numbers in the byte order of the machine. */
TEST(lines_of_proc)
{
	struct diag_sockets s = {0};
	char line[512];

	CHECK_INT(add_line("tcp:8080", "  sl  local_address rem_address   st tx_queue rx_queue", &s), 0);
	CHECK_INT(add_line("tcp:8080", "", &s), 0);
	snprintf(line, sizeof(line), "   0: %08X:1F90 00000000:0000 0A 00000005:00000002 00:00000000 "
		"00000000  1000        0 12345 1 0000000000000000 100 0 0 10 0", htonl(INADDR_LOOPBACK));
	CHECK_INT(add_line("tcp:8081", line, &s), 0);
	CHECK_INT(add_line("tcp:127.0.0.2:8080", line, &s), 0);
	CHECK_INT(add_line("tcp:127.0.0.1:8080", line, &s), 1);
	CHECK_INT(add_line("tcp:8080", line, &s), 1); /* once */
	CHECK_INT(s.of[0].ino, 12345);
	CHECK_INT(s.of[0].state, TCP_LISTEN);
	CHECK_INT(s.of[0].uid, 1000);
	CHECK_INT(s.of[0].receive, 2);
	CHECK_STR(s.of[0].local, "127.0.0.1:8080");
	CHECK_STR(s.of[0].remote, "");
	snprintf(line, sizeof(line), "   1: 0000000000000000%08X%08X:1F90 0000000000000000%08X%08X:0050 01 "
		"00000000:00000000 00:00000000 00000000     0        0 7 1 0", htonl(0xffff),
		htonl(INADDR_LOOPBACK), 0, htonl(1));
	CHECK_INT(add_line("tcp:127.0.0.1:8080", line, &s), 2);
	CHECK_STR(s.of[1].local, "[::ffff:127.0.0.1]:8080");
	CHECK_STR(s.of[1].remote, "[::1]:80");
	diag_free(&s);
	CHECK_INT(add_line("unix:@a b", "0000000000000000: 00000002 00000000 00010000 0001 01 42 @a b", &s), 1);
	CHECK_INT(s.of[0].state, TCP_LISTEN);
	CHECK_INT(add_line("unix:@a", "0000000000000000: 00000002 00000000 00010000 0001 01 43 @a b", &s), 1);
	CHECK_INT(add_line("unix:@a", "0000000000000000: 00000002 00000000 00010000 0001 01 44", &s), 1);
	diag_free(&s);
}

static unsigned int number_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	CHECK_OK(getsockname(fd, (struct sockaddr *)&at, &len));
	return ntohs(at.sin_port);
}

TEST(the_listener_comes_before_its_connections)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int client = socket(AF_INET, SOCK_STREAM, 0), listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in at = any;
	struct diag_sockets s;
	struct stat st;
	char word[32];

	CHECK_OK(bind(listener, (const struct sockaddr *)&any, sizeof(any)));
	CHECK_OK(listen(listener, 1));
	at.sin_port = htons((uint16_t)number_of(listener));
	CHECK_OK(connect(client, (const struct sockaddr *)&at, sizeof(at)));
	int accepted = accept(listener, NULL, NULL);
	snprintf(word, sizeof(word), "tcp:%u", number_of(listener));
	const struct port p = parsed(word);
	CHECK_OK(port_find(&p, &s));
	CHECK_INT(s.n, 2);
	CHECK_OK(fstat(listener, &st));
	CHECK_INT(s.of[0].ino, st.st_ino);
	CHECK_INT(port_device(), st.st_dev);
	CHECK(port_listens(&s.of[0]) && !port_listens(&s.of[1]));
	CHECK_OK(fstat(accepted, &st));
	CHECK_INT(s.of[1].ino, st.st_ino);
	diag_free(&s);
	fd_close_all((int[]){client, listener, accepted}, 3);
}
