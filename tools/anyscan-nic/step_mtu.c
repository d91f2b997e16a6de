/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/anyscan-nic/nic.h"
#include "tools/device/xdp_mtu.h"

static int call(const struct nic *nic, unsigned long request, int *mtu)
{
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { .ifr_mtu = *mtu };
	int rc = 0;

	if (fd < 0)
		return -errno;
	memcpy(r.ifr_name, nic->device.name, sizeof(r.ifr_name));
	if (ioctl(fd, request, &r) < 0)
		rc = -errno;
	close(fd);
	*mtu = r.ifr_mtu;
	return rc;
}

struct json_object *mtu_read(const struct nic *nic, int *rc)
{
	int mtu = 0;

	*rc = call(nic, SIOCGIFMTU, &mtu);
	return *rc == 0 ? json_object_new_int64(mtu) : NULL;
}

int mtu_want(struct nic *nic, struct json_object *now, struct json_object **wanted, struct error *e)
{
	const char *text = nic->config->mtu;
	unsigned int mtu;

	if (strcmp(text, "keep") == 0)
		return 0;
	if (strcmp(text, "xdp") == 0) {
		if (json_object_get_int64(now) > XDP_MTU_SAFE)
			*wanted = json_object_new_int64(XDP_MTU_SAFE);
		return 0;
	}
	if (!parse_number(text, &mtu))
		return error_set(e, -EINVAL, "--mtu: \"%s\" is no number; write 1500, xdp or keep", text);
	if (mtu < nic->device.mtu_least || (nic->device.mtu_most != 0 && mtu > nic->device.mtu_most))
		return error_set(e, -ERANGE, "--mtu %s: the driver of %s takes %u to %u", text,
				 nic->device.name, nic->device.mtu_least, nic->device.mtu_most);
	*wanted = json_object_new_int64(mtu);
	return 0;
}

int mtu_write(const struct nic *nic, struct json_object *value)
{
	int mtu = json_object_get_int(value);

	return call(nic, SIOCSIFMTU, &mtu);
}
