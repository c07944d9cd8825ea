# SPDX-License-Identifier: GPL-2.0-only
# An open takes no reference to the device, so after an unbind it uses freed memory.
/^\tkref_get(&mypoll->ref);$/d
/^static int mypoll_release(/,/^}/{/kref_put(/d}
