# SPDX-License-Identifier: GPL-2.0-only
# A reader takes the lock that the timer takes in softirq context, and leaves softirqs on.
/^static int mypoll_peek(/,/^}/s/_bh(/(/
