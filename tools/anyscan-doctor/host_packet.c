/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/if_packet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"

/* Protocol 0: the socket is never hooked into the receive path. */
void probe_af_packet(struct json_object *kernel)
{
	const int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), version = TPACKET_V3, one = 1;
	int rc;

	if (fd < 0) {
		rc = -errno;
		cannot(kernel, "af_packet",
		       rc == -EAFNOSUPPORT ? "use a kernel with CONFIG_PACKET, or load the module af_packet" :
					     GRANT_RAW,
		       "a packet socket: %s", because(rc));
		return;
	}
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version, sizeof(version)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) < 0)
		cannot(kernel, "af_packet", "use a kernel that has TPACKET_V3 and PACKET_QDISC_BYPASS",
		       "a packet socket is granted, its options are not: %s", because(-errno));
	else
		can(kernel, "af_packet");
	close(fd);
}
