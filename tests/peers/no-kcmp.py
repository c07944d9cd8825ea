#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""no-kcmp.py PROGRAM [ARG]...: becomes PROGRAM, for which kcmp(2) fails with EPERM."""

import ctypes
import os
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
KCMP = {"x86_64": 312, "aarch64": 272}[os.uname().machine]

code = b"".join(
    struct.pack("HBBI", *row)
    for row in (
        (0x20, 0, 0, 0),  # load the number of the system call
        (0x15, 0, 1, KCMP),
        (0x06, 0, 0, 0x00050001),  # SECCOMP_RET_ERRNO | EPERM
        (0x06, 0, 0, 0x7FFF0000),  # SECCOMP_RET_ALLOW
    )
)
buffer = ctypes.create_string_buffer(code)
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(buffer)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
filtered = libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.c_void_p(ctypes.addressof(program)))
assert filtered == 0
os.execvp(sys.argv[1], sys.argv[1:])
