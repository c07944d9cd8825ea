/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * minimal-client NAME PROGRAM [ARG]...: does the least that a client can do to become
 * PROGRAM with a descriptor at 3. NAME is the name of an abstract socket. It checks neither
 * who the server is nor what it received: a lower bound for measuring, not a client to use.
 */
#include <err.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int connect_to(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = strlen(name);

	if (len > sizeof(un.sun_path) - 1)
		errx(1, "%s: too long", name);
	memcpy(un.sun_path + 1, name, len);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + len);
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (const struct sockaddr *)&un, size) < 0)
		err(1, "%s", name);
	return sock;
}

static int receive(int sock)
{
	char text[4096];
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, sizeof(text)};
	struct msghdr h = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	int fd;

	if (recvmsg(sock, &h, MSG_CMSG_CLOEXEC) < 0 || !CMSG_FIRSTHDR(&h))
		err(1, "recvmsg");
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&h)), sizeof(fd));
	return fd;
}

int main(int argc, char **argv)
{
	if (argc < 3)
		errx(2, "usage: minimal-client NAME PROGRAM [ARG]...");
	if (dup2(receive(connect_to(argv[1])), 3) < 0)
		err(1, "dup2");
	execvp(argv[2], argv + 2);
	err(127, "%s", argv[2]);
}
