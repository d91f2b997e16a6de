/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the registers of a NIC are mapped. ENA's low-latency queues are written by the CPU into BAR 2: write-combined, a
 * descriptor costs a few stores; uncached, each of them waits for the bus (amzn-drivers, userspace/dpdk/README, section
 * 6). vfio-pci of mainline maps it uncached.
 */
#ifndef DEVICE_REGISTERS_H
#define DEVICE_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>

#define REGISTERS_ENA_VENDOR 0x1d0f
#define REGISTERS_WC_REMEDY \
	"vfio-pci with the patch enav2-vfio-patch of amzn-drivers, or igb_uio with wc_activate=1"

/*
 * The type that the kernel's table of mappings has for a BAR: "write-combining", "uncached-minus". False: nobody has it
 * mapped now, or the table (of debugfs, for root) cannot be read. root is before /sys.
 */
bool registers_mapped(const char *root, const char *pci, int bar, char *type, size_t size);

#endif
