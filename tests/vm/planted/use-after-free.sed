# SPDX-License-Identifier: GPL-2.0-only
# An open does not count as a user of the device: what is used of it after an unbind is freed memory.
/^\tkref_get(&mypoll->ref);$/d
/^static int mypoll_release(/,/^}/{/kref_put(/d}
