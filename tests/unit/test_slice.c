/* SPDX-License-Identifier: Apache-2.0 */
/* Each in a child of its own, as a thread's class and nice value have no way back for who has no rights. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stages/slice.h"

static int status_of(int (*child)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static struct sched_attr own(void)
{
	struct sched_attr attr = { 0 };

	if (syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0U) < 0)
		_exit(100);
	return attr;
}

static bool kernel_knows(void)
{
	struct utsname u;
	int major = 0, minor = 0;

	return uname(&u) == 0 && sscanf(u.release, "%d.%d", &major, &minor) == 2 &&
	       (major > 6 || (major == 6 && minor >= 12));
}

static int shortens(void)
{
	struct sched_attr attr;

	if (setpriority(PRIO_PROCESS, 0, 3) != 0 || slice_shorten() != 0)
		return 1;
	attr = own();
	if (attr.sched_policy != SCHED_NORMAL || attr.sched_nice != 3)
		return 2;
	return kernel_knows() && attr.sched_runtime != 100000 ? 3 : 0;
}

Test(slice, a_tenth_of_a_millisecond_and_the_nice_value_stays)
{
	cr_expect_eq(status_of(shortens), 0);
}

static int other_class(void)
{
	struct sched_attr before = own(), after;

	before.sched_policy = SCHED_BATCH;
	if (syscall(SYS_sched_setattr, 0, &before, 0U) != 0)
		return 1;
	before = own();
	if (slice_shorten() != 0)
		return 2;
	after = own();
	return after.sched_policy != SCHED_BATCH || after.sched_runtime != before.sched_runtime;
}

Test(slice, another_class_is_left_alone)
{
	cr_expect_eq(status_of(other_class), 0);
}
