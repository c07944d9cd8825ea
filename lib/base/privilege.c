/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Giving up privileges, for good: see privilege.h. */
#include "lib/base/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int set_capabilities(const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3])
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};

	return (int)syscall(SYS_capset, &head, data);
}

static bool has_any_capability(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &head, data) < 0)
		return true;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		if (data[i].effective | data[i].permitted | data[i].inheritable)
			return true;
	return false;
}

/* Dropping them takes CAP_SETPCAP. Without it they stay, but with no_new_privs nothing adds one. */
static int drop_bounding_set(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno != EPERM)
			return -1;
	return 0;
}

/* Who possesses the session keyring of root may use its keys, whatever his uid. */
static int leave_session_keyring(void)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) >= 0)
		return 0;
	return errno == ENOSYS || errno == EPERM ? 0 : -1; /* there, no call on a key succeeds */
}

int privilege_drop(const struct passwd *pw)
{
	static const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	if (drop_bounding_set() < 0 || initgroups(pw->pw_name, pw->pw_gid) < 0 ||
		setresgid(pw->pw_gid, pw->pw_gid, pw->pw_gid) < 0 ||
		setresuid(pw->pw_uid, pw->pw_uid, pw->pw_uid) < 0 || leave_session_keyring() < 0)
		return -1;
	/* a change of uid keeps the inheritable set, and with some securebits all sets */
	if (set_capabilities(none) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	if (has_any_capability() || (pw->pw_uid != 0 && setresuid((uid_t)-1, 0, (uid_t)-1) == 0)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}
