/* SPDX-License-Identifier: Apache-2.0 */
/* The engines that this build has. One row per folder under io/; the first is the default. */
#include <string.h>

#include "io/engines.h"
#include "io/module.h"

const struct io_ops *const io_engines[] = {
	&af_packet_ops, &af_xdp_ops,
#ifdef ANYSCAN_DPDK
	&dpdk_listed,
#endif
	&sim_ops,	&null_ops,   &pcap_ops, NULL,
};

const struct io_ops *io_find(const char *name)
{
	for (size_t i = 0; io_engines[i] != NULL; i++)
		if (strcmp(io_engines[i]->name, name) == 0)
			return io_engines[i];
	return NULL;
}
