/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sched_runtime of a SCHED_OTHER thread is its slice since Linux 6.12: Documentation/scheduler/sched-eevdf.rst there.
 * The system calls by number, and not <sched.h>: glibc has names for them since 2.41, and that header clashes with
 * the kernel's before.
 */
#include "stages/slice.h"

#include <errno.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SLICE_NS 100000 /* the least that the kernel grants; a thread has 0.7 to 2.8 ms by default */

int slice_shorten(void)
{
	struct sched_attr attr = { .size = sizeof(attr) };

	/* Read first: the call sets the class and the nice value too. */
	if (syscall(SYS_sched_getattr, 0, &attr, sizeof(attr), 0U) < 0)
		return -errno;
	if (attr.sched_policy != SCHED_NORMAL)
		return 0;
	attr.sched_runtime = SLICE_NS;
	return syscall(SYS_sched_setattr, 0, &attr, 0U) < 0 ? -errno : 0;
}
