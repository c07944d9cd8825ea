/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libbpf, opened when the first BPF program is loaded: its functions, with "libbpf." for the
 * prefix, and the objects that the Makefile compiled. Only for files that are built with HAVE_BPF,
 * since the headers of libbpf may be missing.
 */
#ifndef FDTOOL_LIB_BASE_LIBBPF_H
#define FDTOOL_LIB_BASE_LIBBPF_H

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdbool.h>

#define LIBBPF_FUNCTIONS(f)                                                                        \
	f(libbpf_set_print) f(libbpf_version_string) f(bpf_object__open_mem)                       \
	f(bpf_object__load) f(bpf_object__close) f(bpf_object__find_map_by_name)                   \
	f(bpf_object__find_program_by_name) f(bpf_map__set_initial_value) f(bpf_map__fd)           \
	f(bpf_map_update_elem) f(bpf_map_lookup_elem) f(bpf_program__attach)                       \
	f(bpf_program__attach_iter) f(bpf_link__fd) f(bpf_link__destroy) f(bpf_iter_create)        \
	f(ring_buffer__new) f(ring_buffer__consume) f(ring_buffer__epoll_fd) f(ring_buffer__free)

extern struct libbpf {
#define LIBBPF_MEMBER(name) __typeof__(name) *name;
	LIBBPF_FUNCTIONS(LIBBPF_MEMBER)
#undef LIBBPF_MEMBER
} libbpf;

/* Opens the library. Returns false where it is not installed: then dl_fault() says why. */
bool libbpf_open(void);

/* The same: returns 0, or -1 with ENOENT and with *why in words. */
int libbpf_need(const char **why);

/* Why bpf(2) failed with that errno, in words, which are valid until the next call. */
const char *libbpf_explain(int err);

/*
 * Includes the object file, a string, as `const char name[], name_end[]`: global, so that with
 * -flto another part of the program finds it; hidden for everybody else.
 */
#define LIBBPF_OBJECT(name, file)                                                                  \
	__asm__(".pushsection .rodata\n"                                                           \
		".balign 8\n"                                                                      \
		".globl " #name ", " #name "_end\n"                                                \
		".hidden " #name ", " #name "_end\n" #name ": .incbin \"" file "\"\n" #name        \
		"_end: .popsection\n");                                                            \
	extern const char name[], name##_end[] __attribute__((visibility("hidden")))

#endif
