/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one broker hands over to another, besides its offers: HANDOVER of fdtool-protocol(7). */
#ifndef FDTOOL_LIB_PASS_HANDOVER_H
#define FDTOOL_LIB_PASS_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/pass/protocol.h"

/* The order is that of the words in handover.c. */
enum handover_kind { HANDOVER_ADDRESS, HANDOVER_LISTENER, HANDOVER_SENDER };

/* A HANDOVER, which has one descriptor. */
struct handover {
	enum handover_kind kind;
	long more;      /* that follow, each after a TAKEN */
	long kept;      /* ADDRESS: descriptors that are kept in all */
	uid_t owner;    /* LISTENER: who gave what is offered there; the OFFER follows at once */
	int64_t expire; /* LISTENER: in ns from now; 0: never */
};

/* Sends one with fd (borrowed). Never waits. Returns as msg_send. */
int handover_send(int sock, const struct handover *, int fd);

/* Whether the message is one. */
bool handover_parse(const struct protocol_in *, struct handover *);

/* Receives an answer, never waits. Returns 1 if it is TAKEN, 0 if the peer left, -1 otherwise. */
int handover_answer(int sock);

#endif
