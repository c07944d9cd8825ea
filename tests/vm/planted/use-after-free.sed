# SPDX-License-Identifier: GPL-2.0-only
# An open does not count as a user of the device: what is read after an unbind is freed memory.
/^\tkref_get(&mypoll->ref);$/d
