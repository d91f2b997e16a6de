/* SPDX-License-Identifier: Apache-2.0 */
/* DPDK as this host has it installed. It is loaded, not started. */
#ifndef ANYSCAN_DOCTOR_DPDK_H
#define ANYSCAN_DOCTOR_DPDK_H

#include <limits.h>
#include <stdbool.h>

#include "tools/anyscan-doctor/doctor.h"

struct dpdk_library {
	unsigned int abi; /* 23 of librte_eal.so.23, DPDK 22.11 to 23.07 */
	char version[64]; /* "DPDK 22.11.11" */
	char pmds[PATH_MAX]; /* the folder that the EAL loads its drivers from */
};

/* The one that anyscan-pipe was built with; where it tells of none, the newest there is. */
bool dpdk_library_find(struct json_object *kernel, struct dpdk_library *);

/* Whether the EAL would load librte_net_NAME from that folder. */
bool dpdk_pmd_installed(const struct dpdk_library *, const char *name);

/* Of an ENA that a driver for DPDK has: whether what the CPU pushes to it is combined. Adds "registers" to the NIC. */
void look_at_registers(struct json_object *nic, const char *address, const char *driver);

#endif
