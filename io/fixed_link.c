/* SPDX-License-Identifier: Apache-2.0 */
#include "io/fixed_link.h"

#include <errno.h>
#include <string.h>

int fixed_link(const char *name, const char *kind, unsigned int tx_queues, unsigned int rx_queues,
	       struct io_link *out, struct error *error)
{
	if (strlen(name) >= sizeof(out->name))
		return error_set(error, -ENAMETOOLONG,
				 "%s: the name is longer than %zu bytes: give a shorter path", name,
				 sizeof(out->name) - 1);
	*out = (struct io_link){
		.mac = { 0x02, 0, 0, 0, 0, 0x01 },
		.gateway_mac = { 0x02, 0, 0, 0, 0, 0x02 },
		.gateway_mac_known = true,
		.addr = FIXED_LINK_ADDR,
		.gateway = FIXED_LINK_GATEWAY,
		.onlink_net = 0, /* no target is a neighbour */
		.onlink_mask = 0xffffffff,
		.mtu = 1500,
		.tx_queues = tx_queues,
		.rx_queues = rx_queues,
	};
	memcpy(out->name, name, strlen(name) + 1);
	strncpy(out->kind, kind, sizeof(out->kind) - 1);
	return 0;
}
