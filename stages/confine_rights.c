/* SPDX-License-Identifier: Apache-2.0 */
#include <cap-ng.h>
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "stages/confine.h"

/*
 * The bounding set stays as it is: to lower it takes CAP_SETPCAP, which a scan with only CAP_NET_RAW has not, and after
 * no_new_privs no execve() can draw from it. The kernel clears ambient capabilities with the permitted ones.
 */
int confine_rights(struct error *e)
{
	capng_clear(CAPNG_SELECT_CAPS);
	if (capng_apply(CAPNG_SELECT_CAPS) != 0)
		return error_set(e, -EPERM, "cannot drop the capabilities that are not needed any more");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1UL, 0UL, 0UL, 0UL) < 0)
		return error_set(e, -errno, "cannot set no_new_privs: %s", strerror(errno));
	return 0;
}
