/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/test.h"
#include "lib/base/privilege.h"

#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A user outside the database, with a uid that no other run of the tests uses. */
static struct passwd somebody(void)
{
	static char name[] = "fdtool-unit-nobody-such";

	return (struct passwd){.pw_name = name, .pw_uid = test_uid(), .pw_gid = test_uid() + 1};
}

static void check_status(const char *line)
{
	char all[8192];

	snprintf(all, sizeof(all), "%s", test_contents("/proc/self/status"));
	if (!strstr(all, line))
		test_fail(__FILE__, __LINE__, "\"%s\" is not in /proc/self/status", line);
}

static void check_no_capabilities(void)
{
	check_status("\nCapInh:\t0000000000000000\n");
	check_status("\nCapPrm:\t0000000000000000\n");
	check_status("\nCapEff:\t0000000000000000\n");
	check_status("\nCapAmb:\t0000000000000000\n");
	check_status("\nNoNewPrivs:\t1\n");
}

TEST(all_ids_are_the_users)
{
	test_need_root();
	struct passwd pw = somebody();
	uid_t uid[3];
	gid_t gid[3], groups[8] = {0};
	const gid_t before[] = {0, 1, 2, 3};

	CHECK_OK(setgroups(4, before));
	CHECK_OK(privilege_drop(&pw));
	CHECK_OK(getresuid(&uid[0], &uid[1], &uid[2]));
	CHECK_OK(getresgid(&gid[0], &gid[1], &gid[2]));
	for (int i = 0; i < 3; i++) {
		CHECK_INT(uid[i], pw.pw_uid);
		CHECK_INT(gid[i], pw.pw_gid);
	}
	CHECK_INT(getgroups(8, groups), 1);
	CHECK_INT(groups[0], pw.pw_gid);
	check_no_capabilities();
	check_status("\nCapBnd:\t0000000000000000\n");
}

TEST(there_is_no_way_back)
{
	test_need_root();
	struct passwd pw = somebody();

	CHECK_OK(privilege_drop(&pw));
	CHECK_ERR(setuid(0), EPERM);
	CHECK_ERR(setreuid(0, 0), EPERM);
	CHECK_ERR(setgid(0), EPERM);
	CHECK_ERR(setgroups(0, NULL), EPERM);
}

TEST(capabilities_that_a_change_of_uid_would_leave_go_too)
{
	test_need_root();
	struct passwd pw = somebody();
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];

	CHECK_OK((int)syscall(SYS_capget, &head, caps));
	caps[0].inheritable = caps[0].permitted & (1U << CAP_KILL | 1U << CAP_SETUID);
	CHECK_OK((int)syscall(SYS_capset, &head, caps));
	CHECK_OK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0));
	CHECK_OK(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS));
	CHECK_OK(privilege_drop(&pw));
	check_no_capabilities();
	CHECK_ERR(setuid(0), EPERM);
}

TEST(root_without_capabilities)
{
	test_need_root();
	struct passwd pw = {.pw_name = (char *)"root"};

	CHECK_OK(privilege_drop(&pw));
	CHECK_INT(geteuid(), 0);
	check_no_capabilities();
	CHECK_ERR(setuid(test_uid()), EPERM);
}

TEST(the_keys_of_before_are_out_of_reach)
{
	test_need_root();
	struct passwd pw = somebody();
	char text[8];

	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0)
		test_skip("this kernel has no keyrings");
	long key = syscall(SYS_add_key, "user", "fdtool-unit", "secret", 6, KEY_SPEC_SESSION_KEYRING);
	CHECK_OK((int)key);
	CHECK_INT(syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)), 6);
	CHECK_OK(privilege_drop(&pw));
	CHECK_ERR((int)syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text)), EACCES);
}

TEST(who_may_drop_no_capability_of_the_bounding_set)
{
	test_need_root();
	struct passwd pw = somebody();
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3] = {0};

	caps[0].permitted = caps[0].effective = 1U << CAP_SETUID | 1U << CAP_SETGID;
	CHECK_OK((int)syscall(SYS_capset, &head, caps));
	CHECK_OK(privilege_drop(&pw));
	check_no_capabilities();
}

TEST(who_may_not_is_told)
{
	if (geteuid() == 0)
		test_become(test_uid());
	struct passwd root = {.pw_name = (char *)"root"};

	CHECK_ERR(privilege_drop(&root), EPERM);
}
