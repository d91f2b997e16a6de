/* SPDX-License-Identifier: Apache-2.0 */
/* What -i, -S, -G and --source-mac say, taken apart. */
#ifndef ANYSCAN_PIPE_INTERFACE_LIST_H
#define ANYSCAN_PIPE_INTERFACE_LIST_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/io.h"
#include "stages/pipeline.h"
#include "tools/anyscan-pipe/options.h"

struct interface_name {
	char name[IO_NAME_MAX];
	unsigned int queues; /* asked for; 0: planned */
};

/*
 * "ens1", "ens1,ens2", "ens1:0-7": fills up to PIPELINE_PORTS_MAX names, each once. Returns how many, or
 * -EINVAL with *e. The queues asked for are those of every interface.
 */
int interface_names(const struct text_list *, struct interface_name *out, struct error *e);

/* Whether a name of theirs is a device of DPDK's: a PCI address, one with arguments, or net_NAME that no kernel has. */
bool interface_of_dpdk(const char *name);

/* Lists of values for interfaces in order; one value serves all. Return how many, or -EINVAL with *e. */
int interface_addresses(const char *option, const struct text_list *, uint32_t *out, unsigned int ports,
			struct error *e);
int interface_macs(const char *option, const struct text_list *, uint8_t (*out)[6], unsigned int ports,
		   struct error *e);

#endif
