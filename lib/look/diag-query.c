/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a socket says of itself: diag_query of diag.h. */
#include "lib/look/diag.h"

#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_vm vm;
	struct sockaddr_un un;
	struct sockaddr_storage room;
};

/* "2:1024", "*:1024" */
static void vsock_name(char out[DIAG_NAME_MAX], const struct sockaddr_vm *vm)
{
	if (vm->svm_cid == VMADDR_CID_ANY)
		snprintf(out, DIAG_NAME_MAX, "*:%u", vm->svm_port);
	else
		snprintf(out, DIAG_NAME_MAX, "%u:%u", vm->svm_cid, vm->svm_port);
}

/* "" also for a socket that is not bound */
static void name(char out[DIAG_NAME_MAX], const union address *a, size_t size)
{
	if (a->any.sa_family == AF_UNIX && size > offsetof(struct sockaddr_un, sun_path))
		diag_unix_name(out, a->un.sun_path, size - offsetof(struct sockaddr_un, sun_path));
	else if (a->any.sa_family == AF_INET && a->in.sin_port)
		diag_inet_name(out, AF_INET, &a->in.sin_addr, ntohs(a->in.sin_port));
	else if (a->any.sa_family == AF_INET6 && a->in6.sin6_port)
		diag_inet_name(out, AF_INET6, &a->in6.sin6_addr, ntohs(a->in6.sin6_port));
	else if (a->any.sa_family == AF_VSOCK && a->vm.svm_port != VMADDR_PORT_ANY)
		vsock_name(out, &a->vm);
}

static int option(int fd, int level, int which)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, level, which, &value, &size) == 0 ? value : 0;
}

/* As sock_diag has it; 0 where the socket does not say. */
static int state_of(int fd, int type, bool connected)
{
	struct tcp_info info;
	socklen_t size = sizeof(info.tcpi_state);

	if (option(fd, SOL_SOCKET, SO_ACCEPTCONN))
		return TCP_LISTEN;
	if (type == SOCK_STREAM && getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
		return info.tcpi_state;
	return connected ? TCP_ESTABLISHED : type == SOCK_DGRAM ? TCP_CLOSE : 0;
}

void diag_query(int fd, void *answer)
{
	struct diag_socket *out = answer;
	union address local = {0}, remote = {0};
	socklen_t size = sizeof(local), peer_size = sizeof(remote);

	*out = (struct diag_socket){.family = option(fd, SOL_SOCKET, SO_DOMAIN),
		.type = option(fd, SOL_SOCKET, SO_TYPE),
		.protocol = option(fd, SOL_SOCKET, SO_PROTOCOL)};
	if (getsockname(fd, &local.any, &size) == 0)
		name(out->local, &local, size);
	bool connected = getpeername(fd, &remote.any, &peer_size) == 0;
	if (connected)
		name(out->remote, &remote, peer_size);
	out->state = state_of(fd, out->type, connected);
}
