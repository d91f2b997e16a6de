/* SPDX-License-Identifier: Apache-2.0 */
/* Which driver of DPDK (PMD) a NIC needs: distributions pack each by itself, and without it the EAL finds no port. */
#ifndef ANYSCAN_DOCTOR_PMD_H
#define ANYSCAN_DOCTOR_PMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pmd {
	const char *name; /* "ena" of librte_net_ena.so */
	uint16_t vendor;
	const char *devices; /* hexadecimal, four digits each */
	bool bifurcated; /* works beside the driver of the kernel, which keeps the NIC */
};

/* NULL: none that is known here. */
const struct pmd *pmd_for(uint16_t vendor, uint16_t device);

/* Debian's and Ubuntu's: librte-net-ena23, librte-net-mlx5-23. */
void pmd_package(const struct pmd *, unsigned int abi, char *out, size_t size);

#endif
