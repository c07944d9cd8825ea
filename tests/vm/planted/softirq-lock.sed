# SPDX-License-Identifier: GPL-2.0-only
# A reader takes the lock that the timer takes in softirq context, without disabling softirqs.
/^static int mypoll_peek(/,/^}/s/_bh(/(/
