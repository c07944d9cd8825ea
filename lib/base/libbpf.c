/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libbpf, opened at run time: see libbpf.h. */
#ifdef HAVE_BPF

#include "lib/base/libbpf.h"
#include "lib/base/dl.h"
#include "lib/base/memory.h"
#include "lib/base/names.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define LIBRARY "libbpf.so.1"
DL_NOTE(LIBRARY, "as root, inspect looks at all processes at once, and trace sees all", "suggested");

struct libbpf libbpf;

bool libbpf_open(void)
{
#define ENTRY(name) {#name, (void **)&libbpf.name},
	static const struct dl_symbol names[] = {LIBBPF_FUNCTIONS(ENTRY)};
	static bool open;

	if (!open) {
		open = dl_open(LIBRARY, names, ARRAY_SIZE(names));
		if (open)
			libbpf.libbpf_set_print(NULL); /* errors are reported here, not by libbpf */
	}
	return open;
}

int libbpf_need(const char **why)
{
	if (libbpf_open())
		return 0;
	*why = dl_fault();
	errno = ENOENT;
	return -1;
}

const char *libbpf_explain(int err)
{
	static char words[128];

	if (err == EPERM) /* EACCES comes from the verifier */
		return "it takes CAP_BPF and CAP_PERFMON";
	if (access("/sys/kernel/btf/vmlinux", R_OK) < 0)
		return "the kernel does not describe itself (/sys/kernel/btf/vmlinux)";
	snprintf(words, sizeof(words), "the kernel does not take the program (%s)",
		names_errno(err));
	return words;
}

#endif
