/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the prompt that show who else has the description. */
#include "cmd/draw/picture.h"
#include "cmd/prompt/verbs.h"
#include "cmd/draw/scene.h"
#include "cmd/view/sharing.h"
#include "lib/look/label.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum status look(struct session *s, unsigned need, struct share *share)
{
	const struct share_target self = {getpid(), s->fd}, *fault;
	const struct share_request ask = {.targets = &self, .n_targets = 1, .related = true, .need = need};

	if (share_look(&ask, share, &fault) == 0)
		return STATUS_OK;
	int err = errno;
	share_free(share);
	errno = err;
	return report_look(s->name, "look for its holders");
}

enum status verb_inspect(struct session *s, const struct operands *o)
{
	struct sharing_opts opts = {0};
	struct share share;

	(void)o;
	sharing_default(&opts);
	enum status st = look(s, sharing_need(&opts), &share);
	if (st != STATUS_OK)
		return st;
	sharing_label(&share, &opts);
	st = sharing_table(&share, &opts);
	if (st == STATUS_OK)
		sharing_details(&share, stdout);
	fflush(stdout);
	report_unknowns(&share);
	share_free(&share);
	return st;
}

enum status verb_picture(struct session *s, const struct operands *o)
{
	struct share share;

	(void)o;
	enum status st = look(s, SHARE_NAME | SHARE_STATUS | SHARE_INODE, &share);
	if (st != STATUS_OK)
		return st;
	share_label(&share, &(struct label_opts){.ascii = !scene_utf8(), .by_inode = true});
	picture_print(stdout, &share, &(struct picture_opts){0});
	share_free(&share);
	return STATUS_OK;
}

enum status verb_why_shared(struct session *s)
{
	struct share share;
	enum status st = look(s, 0, &share);

	if (st != STATUS_OK)
		return st;
	const struct share_description *d = &share.descriptions[0];
	char *evidence = share_evidence(&share, d);
	if (evidence)
		printf("%s\n", evidence);
	else if (d->n > 1)
		puts("it is shared, and nothing shows why");
	else
		puts(share_complete(&share, d) ? "it is not shared"
					       : "no other holder is seen; some processes could not be inspected");
	free(evidence);
	share_free(&share);
	return STATUS_OK;
}
