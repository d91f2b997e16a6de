/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/refusal.h"

#include <errno.h>

#include "tools/device/guard.h"

bool refuse(const struct nic *nic, struct error *e)
{
	char why[256];
	int rc;

	if (nic->config->force != NULL) /* main.c has seen to it that it names this interface */
		return false;
	rc = guard_check(nic->device.ifindex, why, sizeof(why), e);
	if (rc > 0)
		error_set(
			e, -EPERM,
			"%s %s: setting it up interrupts that for a moment, or for good; name another interface, or, "
			"from a console, add --force %s",
			nic->device.name, why, nic->device.name);
	return rc != 0;
}
