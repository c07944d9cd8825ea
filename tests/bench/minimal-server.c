/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * minimal-server NAME FILE: does the least that a server can do: accept, send the
 * descriptor of FILE, close, for ever. NAME is the name of an abstract socket. It prints a
 * newline when it listens. It does not check who the client is, keeps no connection, and
 * blocks on a client that does not read: a lower bound for measuring, not a server to use.
 */
#include <err.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_at(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = strlen(name);

	if (len > sizeof(un.sun_path) - 1)
		errx(1, "%s: too long", name);
	memcpy(un.sun_path + 1, name, len);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0 || bind(sock, (const struct sockaddr *)&un, size) < 0 ||
		listen(sock, SOMAXCONN) < 0)
		err(1, "%s", name);
	return sock;
}

static void serve(int listener, int fd)
{
	static char text[] = "FDTOOL/1 OFFER\n";
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {text, sizeof(text) - 1};
	struct msghdr h = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&h);

	*cmsg = (struct cmsghdr){CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	for (;;) {
		int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (sock < 0)
			err(1, "accept4");
		sendmsg(sock, &h, MSG_NOSIGNAL); /* ignore a client that has left */
		close(sock);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: minimal-server NAME FILE");
	int fd = open(argv[2], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", argv[2]);
	int listener = listen_at(argv[1]);
	if (write(STDOUT_FILENO, "\n", 1) != 1)
		err(1, "stdout");
	serve(listener, fd);
}
